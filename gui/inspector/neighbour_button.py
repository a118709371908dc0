"""One neighbour: its thumbnail, the sign of its label and how similar it is; a button for mouse and keys."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton

from core.text import text
from core.text.numbers import format_float
from gui import theme
from gui.widgets.class_style import ClassStyle
from gui.widgets.thumbnails import Thumbnail
from gui.widgets.tile import Tile
from gui.widgets.tile_painter import draw_fitted

FOOT_PX = 2
CAPTION_PX = FOOT_PX + 2


class NeighbourButton(QAbstractButton):
    """A bare grey place until it is given a neighbour.

    Signals:
        double_clicked()
    """

    double_clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._tile: Tile | None = None
        self._style = ClassStyle(None, "")
        self._thumbnail: Thumbnail | None = None
        self.setFont(theme.tabular(theme.scaled_font(self.font(), theme.CAPTION_SCALE)))
        self.clear()

    @property
    def image_id(self) -> int | None:
        return self._tile.id if self._tile is not None else None

    @property
    def content_hash(self) -> bytes:
        return self._tile.content_hash if self._tile is not None else b""

    @property
    def has_picture(self) -> bool:
        return self._thumbnail is not None

    def clear(self) -> None:
        """Show nothing, and be no button."""
        self._tile, self._thumbnail = None, None
        self.setText("")
        self.setToolTip("")
        self.setAccessibleName("")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.update()

    def show_neighbour(self, tile: Tile, similarity: float, thumbnail: Thumbnail | None) -> None:
        self._tile, self._thumbnail = tile, thumbnail
        self._style = ClassStyle(None, tile.label, tile.color, tile.sign)
        self.setText(format_float(similarity, ".2f"))
        label = tile.label or text("window_inspector.no_label")
        said = text("window_inspector.similarity", similarity=similarity)
        self.setToolTip("\n".join((tile.name, label, said)))
        self.setAccessibleName(
            text("window_inspector.similar_image", name=tile.name, label=label, similarity=similarity))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.update()

    def show_thumbnail(self, thumbnail: Thumbnail | None) -> None:
        self._thumbnail = thumbnail
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            self._paint(painter)
        finally:
            painter.end()

    def _paint(self, painter: QPainter) -> None:
        square = QRect(0, 0, self.width(), self.width())
        painter.fillRect(square, theme.current().tile)
        if self._thumbnail is not None:
            draw_fitted(painter, square, self._thumbnail)
        if self._tile is None:
            return
        painter.fillRect(QRect(0, square.height(), self.width(), FOOT_PX), self._style.shown_color(self.palette()))
        top = square.height() + FOOT_PX
        self._paint_caption(painter, QRect(0, top, self.width(), self.height() - top))
        if self.hasFocus() or self.underMouse():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.current().accent, 2))
            painter.drawRect(QRectF(square).adjusted(1, 1, -1, -1))

    def _paint_caption(self, painter: QPainter, rect: QRect) -> None:
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setPen(self._style.shown_color(self.palette()))
        painter.drawText(rect, int(left), self._style.sign)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), self.text())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit()
            event.accept()
