"""Colours that follow from two others: class colours made visible on the page, text readable on a ground."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette

from gui.colors import contrast


def mix(first: QColor, second: QColor, share: float) -> QColor:
    """`first` with a share (0 … 1) of `second`."""
    pairs = ((first.red(), second.red()), (first.green(), second.green()), (first.blue(), second.blue()))
    return QColor(*(round(a + (b - a) * share) for a, b in pairs))


def text_on(ground: QColor, palette: QPalette) -> QColor:
    """Of the palette's page and text colours the one that is better read on `ground`."""
    candidates = (palette.color(QPalette.ColorRole.Text), palette.color(QPalette.ColorRole.Base))
    return max(candidates, key=lambda color: contrast(color.name(), ground.name()))


def visible(color: QColor, ground: QColor, toward: QColor, *, ratio: float) -> QColor:
    """`color`, moved toward another no further than it must to stand out from `ground` by a contrast of `ratio`."""
    for step in range(10):
        moved = mix(color, toward, step / 10)
        if contrast(moved.name(), ground.name()) >= ratio:
            return moved
    return toward
