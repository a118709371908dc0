"""A strip of thumbnails on the Label page: the image before, the current one and the next ones."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.text import text
from gui import theme
from gui.widgets.grid_geometry import FOOT_PX
from gui.widgets.grid_view import LOOK_CHANGES
from gui.widgets.image_model import ImageModel
from gui.widgets.selection import ImageSelectionModel
from gui.widgets.thumbnails import ThumbnailRequester, ThumbnailCache
from gui.widgets.tile_painter import FRAME_PX, TilePainter

SIDE_PX = 72
N_BEFORE = 1
"""So many images that were passed stay in sight."""


class FilmStrip(QWidget):
    """Follows and moves the current image of a selection model.

    Args:
        model: The images.
        selection: Whose current image is framed.
        thumbnails: The one pool.
    """

    def __init__(
        self, model: ImageModel, selection: ImageSelectionModel, thumbnails: ThumbnailCache,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._images, self._selection, self._thumbnails = model, selection, thumbnails
        self._painter = TilePainter(self, thumbnails)
        self._asker = ThumbnailRequester(
            model, thumbnails, visible_rows=self.visible_rows, side_px=lambda: SIDE_PX, parent=self)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text("window_label.next_images"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        thumbnails.arrived.connect(self._on_thumbnails_arrived)
        for changed in (model.modelReset, model.dataChanged, selection.currentChanged):
            changed.connect(self._refresh)

    def _on_thumbnails_arrived(self) -> None:
        self.update()

    def visible_rows(self) -> range:
        """Rows of the model that are shown."""
        n, current = self._images.rowCount(), self._selection.currentIndex().row()
        first = max(min(current - N_BEFORE, n - self._n_slots()), 0)
        return range(first, min(first + self._n_slots(), n))

    def row_at(self, point: QPoint) -> int:
        """The row under a point, −1 for none."""
        return next((row for row in self.visible_rows() if self._rect(row).contains(point)), -1)

    def sizeHint(self) -> QSize:
        height = SIDE_PX + FOOT_PX + self._painter.caption_height + 2 * FRAME_PX
        return QSize(SIDE_PX, height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        rows, current = self.visible_rows(), self._selection.currentIndex().row()
        with QPainter(self) as painter, self._thumbnails.paused():
            painter.setFont(self._painter.font)
            for row, tile in zip(rows, self._images.tiles(rows.start, rows.stop - 1), strict=True):
                self._painter.paint(painter, self._rect(row), tile, is_current=row == current)

    def _rect(self, row: int) -> QRect:
        place = row - self.visible_rows().start
        used = self._n_slots() * (SIDE_PX + theme.BETWEEN) - theme.BETWEEN
        # a full strip stands in the middle; one that is not full begins at the left
        left = max((self.width() - used) // 2, FRAME_PX) + place * (SIDE_PX + theme.BETWEEN)
        return QRect(left, FRAME_PX, SIDE_PX, SIDE_PX + FOOT_PX + self._painter.caption_height)

    def _n_slots(self) -> int:
        return max(1, (self.width() - 2 * FRAME_PX + theme.BETWEEN) // (SIDE_PX + theme.BETWEEN))

    def _refresh(self) -> None:
        self.update()
        self._asker.ask_soon()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._asker.ask_soon()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in LOOK_CHANGES:
            self._painter = TilePainter(self, self._thumbnails)
            self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self.row_at(event.pos())
            index = self._images.index(row, 0) if row >= 0 else QModelIndex()
            QToolTip.showText(event.globalPos(), str(index.data(Qt.ItemDataRole.ToolTipRole) or ""), self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and row >= 0:
            self._selection.set_current_row(row)
