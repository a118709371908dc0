"""A scroll bar that keeps its place and is seen only where there is something to scroll.

One that comes and goes changes the width of what it scrolls, with that its height, and so on until the stack is full.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea, QScrollBar


class QuietScrollBar(QScrollBar):
    """Paints nothing while all is in view."""

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.maximum() > self.minimum():
            super().paintEvent(event)


def scroll_quietly(area: QAbstractScrollArea) -> None:
    """Give an area a vertical scroll bar that keeps its place."""
    area.setVerticalScrollBar(QuietScrollBar(Qt.Orientation.Vertical, area))
    area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
