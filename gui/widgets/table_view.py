"""The images as a table: the same model and selection as the grid."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QIcon, QMouseEvent, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView, QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget,
)

from core.text import text
from gui import theme
from gui.widgets.image_model import TILE_ROLE, Column, ImageModel
from gui.widgets.class_style import shown_color, sign_icon
from gui.widgets.file_drag import FileDrag
from gui.widgets.label_keys import LabelKeys
from gui.widgets.selection import ImageSelectionModel, show_model
from gui.widgets.sort_header import SortHeader
from gui.widgets.thumbnails import ThumbnailCache, ThumbnailRequester

WIDTHS_PX = {
    Column.LABEL: 140, Column.PREDICTION: 140, Column.CONFIDENCE: 96, Column.LOSS: 72, Column.SPLIT: 72,
    Column.SIZE: 112, Column.TAGS: 140,
}
LEAST_NAME_PX, LEAST_CLASS_PX, ARROW_PX = 180, 112, 24
GIVING_WAY = (Column.TAGS, Column.SIZE, Column.SPLIT, Column.LOSS)
"""Hidden in this order where names would have no room; what they say is in the tooltip."""

ROW_PADDING_PX, THUMBNAIL_PX = 10, 36
LEAST_CHARACTERS = 12
"""Room for so many in every column; with large text the table scrolls sideways."""

# room around texts, which Fusion keeps at three pixels; a styled header must be told its colours too
SHEET = """
QTableView { outline: 0; }
QTableView::item { padding: 0 8px; border: none; }
QHeaderView::section { padding: 4px 11px; border: none; border-bottom: 1px solid palette(mid);
    background: palette(window); color: palette(window-text); }
QHeaderView::up-arrow, QHeaderView::down-arrow { width: 8px; subcontrol-origin: margin;
    subcontrol-position: center right; }
"""


class TableView(QTableView):
    """Rows of an `ImageModel`, selected through a shared `ImageSelectionModel`.

    A click on a header is announced by the model (`sort_requested`).

    Args:
        model, selection: What is shown.
        thumbnails: Shown before the names.
        asked_side_px: The size in which they are asked for: another than the grid's would compete with it.

    Attributes:
        keys: Hears the keys that label.
    """

    def __init__(
        self, model: ImageModel, selection: ImageSelectionModel, thumbnails: ThumbnailCache, *,
        asked_side_px: Callable[[], int] = lambda: THUMBNAIL_PX, parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._images, self._thumbnails = model, thumbnails
        self.setAccessibleName(text("widgets.images"))
        show_model(self, model, selection)
        self._set_up_view()
        self._set_up_headers()
        self.keys = LabelKeys(self)
        self._drag = FileDrag(self, model, selection, thumbnails)
        self._asker = ThumbnailRequester(
            model, thumbnails, visible_rows=self.visible_rows, side_px=asked_side_px, parent=self)
        for changed in (self.verticalScrollBar().valueChanged, model.modelReset, model.dataChanged):
            changed.connect(self._asker.ask_soon)
        thumbnails.arrived.connect(self._on_thumbnails_arrived)

    def show_order(self, column: Column | None, *, is_descending: bool) -> None:
        """Say by which column the images are ordered, if by any."""
        header = self.horizontalHeader()
        with QSignalBlocker(header):
            down = Qt.SortOrder.DescendingOrder if is_descending else Qt.SortOrder.AscendingOrder
            header.setSortIndicator(-1 if column is None else int(column), down)
        header.viewport().update()

    def visible_rows(self) -> range:
        """Rows that are at least partly in sight."""
        height_px = max(self.verticalHeader().defaultSectionSize(), 1)
        first = self.verticalScrollBar().value() // height_px
        n_seen = self.viewport().height() // height_px + 2
        return range(min(first, self._images.rowCount()), min(first + n_seen, self._images.rowCount()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._asker.ask_soon()
        self._fit_columns(event.size().width())

    def _fit_columns(self, room_px: int) -> None:
        """Hide what matters least where the names would have no room, and at last make the classes narrower."""
        for column in GIVING_WAY:
            self.setColumnHidden(column, False)
        for column in (Column.LABEL, Column.PREDICTION):
            self.setColumnWidth(column, WIDTHS_PX[column])
        for column in (*GIVING_WAY, Column.LABEL, Column.PREDICTION):
            if LEAST_NAME_PX + sum(self.columnWidth(other) for other in WIDTHS_PX) <= room_px:
                return
            if column in GIVING_WAY:
                self.setColumnHidden(column, True)
            else:
                self.setColumnWidth(column, LEAST_CLASS_PX)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._asker.ask_soon()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._drag.press(event)
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._drag.move(event):
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._drag.release():
            super().mouseReleaseEvent(event)

    def _on_thumbnails_arrived(self, _: frozenset[bytes]) -> None:
        if self.isVisible():
            self.viewport().update()

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
        self.setIconSize(QSize(THUMBNAIL_PX, THUMBNAIL_PX))
        self.setItemDelegateForColumn(Column.NAME, _NameDelegate(self._thumbnails, self))
        self.setItemDelegateForColumn(Column.LABEL, _ClassDelegate(self, is_label=True))
        self.setItemDelegateForColumn(Column.PREDICTION, _ClassDelegate(self, is_label=False))

    def _set_up_headers(self) -> None:
        self.setHorizontalHeader(SortHeader(self))
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        # one height for all, or the header measures a million rows
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(max(self.fontMetrics().height() + ROW_PADDING_PX, THUMBNAIL_PX + theme.INSIDE))
        columns.setHighlightSections(False)
        columns.setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)
        columns.setMinimumSectionSize(LEAST_CHARACTERS * self.fontMetrics().averageCharWidth())
        for column, width in WIDTHS_PX.items():
            self.setColumnWidth(column, max(width, columns.sectionSizeHint(column) + ARROW_PX))
        columns.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)


class _NameDelegate(QStyledItemDelegate):
    """Puts the thumbnail before the name, as soon as it is there; names stand below each other in any case."""

    def __init__(self, thumbnails: ThumbnailCache, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        tile = index.data(TILE_ROLE)
        thumbnail = self._thumbnails.get(tile.content_hash) if tile is not None else None
        option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
        option.decorationSize = QSize(THUMBNAIL_PX, THUMBNAIL_PX)
        option.decorationAlignment = Qt.AlignmentFlag.AlignCenter
        option.icon = QIcon(thumbnail.pixmap) if thumbnail is not None else QIcon()


class _ClassDelegate(QStyledItemDelegate):
    """Puts the sign of a class in its colour before its name: of the label, or of the prediction."""

    def __init__(self, parent: QWidget, *, is_label: bool) -> None:
        super().__init__(parent)
        self._is_label = is_label

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        tile, role = index.data(TILE_ROLE), QPalette.ColorRole
        if tile is None:
            return
        sign, color = (tile.sign, tile.color) if self._is_label else (tile.prediction_sign, tile.prediction_color)
        if not sign:
            return
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        shown = shown_color(color, option.palette, role.Highlight if is_selected else role.Base)
        option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
        option.decorationSize = QSize(option.fontMetrics.height(), option.fontMetrics.height())
        option.icon = sign_icon(sign, shown, option.font, option.widget.devicePixelRatioF())
