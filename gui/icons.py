"""Icons of one family by what they mean, always in the colours of the palette in force.

The colour is looked up when an icon is painted, so a change of theme needs no bookkeeping:
the repaint that it causes anyway is enough.
"""

from __future__ import annotations

import qtawesome
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from gui import theme

NAMES = {
    "about": "info", "add": "plus", "app": "aperture", "cancel": "x-circle", "chart": "chart-line",
    "check": "check", "class": "tag", "close": "x", "copy": "copy", "doubt": "warning", "export": "export",
    "fault": "bug", "filter": "funnel", "folder": "folder", "folder-open": "folder-open",
    "folder-plus": "folder-plus", "grid": "dots-nine", "health": "heartbeat", "help": "question",
    "image": "image", "inspector": "layout", "key": "keyboard", "label": "tag", "library": "squares-four",
    "list": "list", "loupe": "magnifying-glass-plus", "map": "circles-four", "mistake": "x-square",
    "more": "dots-three", "note": "info", "palette": "command", "quit": "sign-out", "redo": "arrow-u-up-right",
    "remove": "trash", "review": "eye", "run": "play", "runs": "flag", "sample": "flower",
    "search": "magnifying-glass", "settings": "gear", "sort": "sort-ascending", "suggestion": "sparkle",
    "theme": "circle-half", "train": "graduation-cap", "undo": "arrow-u-up-left", "welcome": "house",
    "wrong": "warning-octagon",
}
"""What an icon means → its name in the Phosphor family."""


def icon(name: str, *, role: str = "text") -> QIcon:
    """An icon that follows the theme.

    Args:
        name: A key of `NAMES`.
        role: A field of `gui.colors.Colors`: "text", "caption", "accent", "on_accent", "amber", "red".
    """
    return QIcon(_ThemedEngine(f"ph.{NAMES[name]}", role))


class IconLabel(QWidget):
    """An icon that stands beside text and cannot be clicked."""

    def __init__(self, name: str, *, role: str = "text", side_px: int = theme.ICON_PX) -> None:
        super().__init__()
        self.setFixedSize(side_px, side_px)
        self._icon = icon(name, role=role)

    def set_icon(self, name: str, *, role: str = "text") -> None:
        self._icon = icon(name, role=role)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            self._icon.paint(painter, self.rect())
        finally:
            painter.end()


class _ThemedEngine(QIconEngine):
    """Paints one sign of the icon font in a colour of the theme."""

    def __init__(self, sign: str, role: str) -> None:
        super().__init__()
        self._sign, self._role = sign, role

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        colors = theme.current().colors
        role = "disabled" if mode is QIcon.Mode.Disabled else self._role
        sign = qtawesome.icon(self._sign, color=QColor(getattr(colors, role)), scale_factor=1.1)
        sign.paint(painter, rect)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        try:
            self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        finally:
            painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _ThemedEngine(self._sign, self._role)
