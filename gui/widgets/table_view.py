"""The images as a table: the same model and selection as the grid."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QAbstractItemView, QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget,
)

from core.text import text
from gui import theme
from gui.widgets.image_model import TILE_ROLE, Column, ImageModel
from gui.widgets.class_style import shown_color, sign_icon
from gui.widgets.label_keys import LabelKeys
from gui.widgets.selection import ImageSelectionModel, show_model

WIDTHS_PX = {
    Column.LABEL: 140, Column.PREDICTION: 140, Column.CONFIDENCE: 96, Column.LOSS: 72, Column.SPLIT: 72,
    Column.SIZE: 112,
}
ROW_PADDING_PX = 10
LEAST_CHARACTERS = 12
"""Room for so many in every column; with large text the table scrolls sideways."""

# room around texts, which Fusion keeps at three pixels; a styled header must be told its colours too
SHEET = """
QTableView { outline: 0; }
QTableView::item { padding: 0 8px; border: none; }
QHeaderView::section { padding: 4px 11px; border: none; border-bottom: 1px solid palette(mid);
    background: palette(window); color: palette(window-text); }
"""


class TableView(QTableView):
    """Rows of an `ImageModel`, selected through a shared `ImageSelectionModel`.

    A click on a header is announced by the model (`sort_requested`).

    Attributes:
        keys: Hears the keys that label.
    """

    def __init__(self, model: ImageModel, selection: ImageSelectionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(text("widgets.images"))
        show_model(self, model, selection)
        self._set_up_view()
        self._set_up_headers()
        self.keys = LabelKeys(self)

    def keyboardSearch(self, search: str) -> None:
        """No type-ahead: digits and letters give labels."""

    def _set_up_view(self) -> None:
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QAbstractItemView.Shape.NoFrame)
        self.setFont(theme.tabular(self.font()))
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setStyleSheet(SHEET)
        self.setItemDelegateForColumn(Column.LABEL, _LabelDelegate(self))

    def _set_up_headers(self) -> None:
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        # one height for all, or the header measures a million rows
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().height() + ROW_PADDING_PX)
        columns.setHighlightSections(False)
        columns.setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)
        columns.setMinimumSectionSize(LEAST_CHARACTERS * self.fontMetrics().averageCharWidth())
        for column, width in WIDTHS_PX.items():
            self.setColumnWidth(column, max(width, columns.sectionSizeHint(column)))
        columns.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)


class _LabelDelegate(QStyledItemDelegate):
    """Puts the sign of the class in its colour before its name."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        tile, role = index.data(TILE_ROLE), QPalette.ColorRole
        if tile is None or not tile.sign:
            return
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        shown = shown_color(tile.color, option.palette, role.Highlight if is_selected else role.Base)
        option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
        option.icon = sign_icon(tile.sign, shown, option.font, option.widget.devicePixelRatioF())
