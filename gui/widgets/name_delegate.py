"""Paints names in a table column, cut where needed so that they can be told from those above and below."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui.widgets.cut_names import cut_name, shared_starts

GAP = "  "
"""Between a sign and a name in one cell."""


class NameDelegate(QStyledItemDelegate):
    """Cells hold a name, or a sign, `GAP` and a name."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        sign, gap, name = option.text.rpartition(GAP)
        margin = option.widget.style().pixelMetric(
            QStyle.PixelMetric.PM_FocusFrameHMargin, option, option.widget) + 1
        room = option.rect.width() - 2 * margin - option.fontMetrics.horizontalAdvance(sign + gap)
        if option.fontMetrics.horizontalAdvance(name) > room:
            around = [str(index.sibling(row, index.column()).data() or "").rpartition(GAP)[2]
                      for row in (index.row() - 1, index.row(), index.row() + 1)]
            cut = cut_name(option.fontMetrics, name, shared_starts(around)[1], room)
            option.text = sign + gap + cut
