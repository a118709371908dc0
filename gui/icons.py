"""Icons of one family by what they mean, always in the colours of the palette in force.

The colour is looked up when an icon is painted, so a change of theme needs no bookkeeping:
the repaint that it causes anyway is enough. The signs are those of the package qtawesome; it is not
imported, for it brings a layer over all of Qt that takes a third of a second at every start.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QToolButton, QWidget

from gui import theme

NAMES = {
    "about": "info", "add": "plus", "app": "aperture", "cancel": "x-circle", "chart": "chart-line",
    "check": "check", "class": "tag", "close": "x", "copy": "copy", "done": "circle", "doubt": "warning",
    "excluded": "prohibit", "export": "export", "flag_ask_later": "clock", "flag_checked": "check-circle",
    "flag_hard": "barbell", "flag_label_issue": "warning-circle", "flag_star": "star", "hash": "hash",
    "present": "arrow-right",
    "fault": "bug", "filter": "funnel", "folder": "folder", "folder-open": "folder-open",
    "folder-plus": "folder-plus", "grid": "dots-nine", "health": "heartbeat", "heat": "fire",
    "help": "question", "history": "clock-counter-clockwise", "image": "image", "inspector": "layout",
    "key": "keyboard", "label": "tag",
    "library": "squares-four", "list": "list", "loupe": "magnifying-glass-plus", "map": "circles-four",
    "messages": "bell", "mistake": "x-square",
    "similar": "intersect",
    "more": "dots-three", "note": "info", "palette": "command", "quit": "sign-out", "redo": "arrow-u-up-right",
    "remove": "trash", "review": "eye", "run": "play", "runs": "flag", "sample": "flower",
    "search": "magnifying-glass", "settings": "gear", "sort": "sort-ascending", "suggestion": "sparkle",
    "theme": "circle-half", "train": "graduation-cap", "undo": "arrow-u-up-left", "welcome": "house",
    "wrong": "warning-octagon", "back": "arrow-left", "forward": "arrow-right",
    "scatter": "circles-three", "lasso": "scribble-loop", "rectangle": "selection", "pan": "hand",
    "fit": "arrows-out", "zoom-in": "magnifying-glass-plus", "zoom-out": "magnifying-glass-minus",
    "compare": "scales", "swap": "arrows-left-right",
}
"""What an icon means → its name in the Phosphor family."""

_SIGN_TO_SIDE = 0.9625
"""Height of the font beside that of the icon; a little air is left around the sign."""


def icon(name: str, *, role: str = "text") -> QIcon:
    """An icon that follows the theme.

    Args:
        name: A key of `NAMES`.
        role: A field of `gui.colors.Colors`: "text", "caption", "accent", "on_accent", "amber", "red".
    """
    return QIcon(_ThemedEngine(NAMES[name], role))


def icon_button(
    name: str, words: str, act: Callable[..., object] | None = None, *, shown: str = "", side_px: int = 28,
) -> QToolButton:
    """A flat button whose `words` are its tooltip.

    Args:
        name: A key of `NAMES`, or "" for none.
        words: What it does.
        act: Called by a click.
        shown: Text on it.
        side_px: Least width and height.
    """
    button = QToolButton()
    button.setText(shown)
    button.setToolTip(words)
    button.setAccessibleName(words)
    button.setAutoRaise(True)
    if name:
        button.setIcon(icon(name))
    button.setIconSize(QSize(theme.SMALL_ICON_PX, theme.SMALL_ICON_PX))
    button.setMinimumSize(side_px, side_px)
    if act is not None:
        button.clicked.connect(act)
    return button


class IconLabel(QWidget):
    """An icon that stands beside text and cannot be clicked.

    It paints without a `QIcon`: one that belongs to a widget which the garbage collector destroys ended the process
    with a segmentation fault where its engine, a Python object too, went first (PySide 6.11.3).
    """

    def __init__(self, name: str, *, role: str = "text", side_px: int = theme.ICON_PX) -> None:
        super().__init__()
        self.setFixedSize(side_px, side_px)
        self._painted = (name, role)

    def set_icon(self, name: str, *, role: str = "text") -> None:
        self._painted = (name, role)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        name, role = self._painted
        mode = QIcon.Mode.Normal if self.isEnabled() else QIcon.Mode.Disabled
        with QPainter(self) as painter:
            _paint_sign(painter, self.rect(), NAMES[name], role, mode)


class _ThemedEngine(QIconEngine):
    """Paints one sign of the icon font in a colour of the theme."""

    def __init__(self, sign: str, role: str) -> None:
        super().__init__()
        self._sign, self._role = sign, role

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        _paint_sign(painter, rect, self._sign, self._role, mode)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        return pixmap

    def clone(self) -> QIconEngine:
        return _ThemedEngine(self._sign, self._role)


def _paint_sign(painter: QPainter, rect: QRect, sign: str, role: str, mode: QIcon.Mode) -> None:
    shown = "disabled" if mode is QIcon.Mode.Disabled else role
    painter.save()
    painter.setPen(QColor(getattr(theme.current().colors, shown)))
    painter.setFont(_font(round(_SIGN_TO_SIDE * rect.height())))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, _characters()[sign])
    painter.restore()


@cache
def _characters() -> dict[str, str]:
    """The character of each sign of the family."""
    codes = json.loads(_family_file("json").read_text(encoding="utf-8"))
    return {name: chr(int(code, 16)) for name, code in codes.items()}


def _font(height_px: int) -> QFont:
    font = QFont(_font_family())
    font.setPixelSize(max(height_px, 1))
    return font


@cache
def _font_family() -> str:
    number = QFontDatabase.addApplicationFont(str(_family_file("ttf")))
    return QFontDatabase.applicationFontFamilies(number)[0]


def _family_file(ending: str) -> Path:
    spec = find_spec("qtawesome")
    assert spec is not None and spec.origin is not None, "the icons are not installed"
    return next((Path(spec.origin).parent / "fonts").glob(f"phosphor-*.{ending}"))
