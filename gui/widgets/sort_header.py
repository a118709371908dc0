"""A header whose arrow points up where the smallest comes first, as beside the images.

Qt's own points down there, as some desktops have it: the same order would have two arrows in one window.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QStyleOptionHeader, QWidget

Arrow = QStyleOptionHeader.SortIndicator
_OTHER = {Arrow.SortDown: Arrow.SortUp, Arrow.SortUp: Arrow.SortDown}


class SortHeader(QHeaderView):
    """The header above the columns of a table that is sorted by clicks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)

    def initStyleOptionForIndex(self, option: QStyleOptionHeader, logicalIndex: int) -> None:
        super().initStyleOptionForIndex(option, logicalIndex)
        option.sortIndicator = _OTHER.get(option.sortIndicator, option.sortIndicator)
