"""The picture of the loupe: fitted or zoomed, moved with the mouse."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme
from gui.widgets.full_images import Pyramid
from gui.colors import text_on

ZOOM_STEP = 1.25
MAX_SCALE = 32.0
MAX_FIT_SCALE = 8.0
BLOCKY_FROM = 8.0
"""From this scale on single pixels are shown as squares: then one looks at pixels, not at the picture."""

NOTCH = 120


class LoupeCanvas(QWidget):
    """Draws one picture. A scale of 1 is one pixel of the picture on one pixel of the screen.

    Signals:
        scale_changed(): the picture is shown at another scale.
    """

    scale_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pyramid: Pyramid | None = None
        self._placeholder: QPixmap | None = None
        self._message = ""
        self._zoom: float | None = None  # None while fitted
        self._center = QPointF()  # the point of the picture in the middle of the widget
        self._drag_from: QPointF | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(200, 150)

    def show_picture(self, pyramid: Pyramid) -> None:
        """Show a picture, fitted."""
        self._pyramid, self._placeholder, self._message = pyramid, None, ""
        self.fit()

    def show_placeholder(self, thumbnail: QPixmap | None) -> None:
        """Show the thumbnail, or nothing, until the picture is there."""
        self._pyramid, self._placeholder, self._message = None, thumbnail, ""
        self.fit()

    def show_message(self, message: str) -> None:
        """Show a sentence instead of a picture."""
        self._pyramid, self._placeholder, self._message = None, None, message
        self.fit()

    @property
    def is_fitted(self) -> bool:
        return self._zoom is None

    @property
    def scale(self) -> float:
        """Screen pixels a picture pixel, > 0."""
        return self._zoom if self._zoom is not None else self._fit_scale()

    def fit(self) -> None:
        """Show the whole picture, as large as possible."""
        size = self._picture_size()
        self._center = QPointF(size.width() / 2, size.height() / 2)
        self._set_zoom(None)

    def show_actual_size(self) -> None:
        """One pixel of the picture on one of the screen."""
        self.zoom_to(1.0)

    def zoom_by(self, factor: float, about: QPointF | None = None) -> None:
        """Zoom and keep the point of the picture at the widget position `about` (None: the middle) in place."""
        self.zoom_to(self.scale * factor, about)

    def zoom_to(self, scale: float, about: QPointF | None = None) -> None:
        """Show at a scale; never smaller than fitted or 1, never larger than 32."""
        if self._pyramid is None:
            return
        scale = min(max(scale, min(self._fit_scale(), 1.0)), MAX_SCALE)
        away = (about if about is not None else self._middle()) - self._middle()
        ratio = self.devicePixelRatioF()
        self._center += away * (ratio / self.scale - ratio / scale)
        self._set_zoom(scale)

    def _set_zoom(self, zoom: float | None) -> None:
        self._zoom = zoom
        self._hold_inside()
        self.setCursor(Qt.CursorShape.OpenHandCursor if self._can_move() else Qt.CursorShape.ArrowCursor)
        self.update()
        self.scale_changed.emit()

    def _picture_size(self) -> QSizeF:
        if self._pyramid is not None:
            return QSizeF(self._pyramid.size)
        return QSizeF(self._placeholder.size()) if self._placeholder is not None else QSizeF(1, 1)

    def _fit_scale(self) -> float:
        size, ratio = self._picture_size(), self.devicePixelRatioF()
        scale = min(self.width() * ratio / size.width(), self.height() * ratio / size.height())
        return scale if self._placeholder is not None else min(scale, MAX_FIT_SCALE)

    def _middle(self) -> QPointF:
        return QPointF(self.width() / 2, self.height() / 2)

    def _half_view(self) -> QSizeF:
        """Half of what is in sight, in pixels of the picture."""
        factor = self.devicePixelRatioF() / self.scale / 2
        return QSizeF(self.width() * factor, self.height() * factor)

    def _can_move(self) -> bool:
        view, size = self._half_view() * 2, self._picture_size()
        return self._pyramid is not None and (view.width() < size.width() - 1 or view.height() < size.height() - 1)

    def _hold_inside(self) -> None:
        """Keep the picture's edges from coming further in than the window's."""
        half, size = self._half_view(), self._picture_size()
        self._center = QPointF(
            _held(self._center.x(), half.width(), size.width()),
            _held(self._center.y(), half.height(), size.height()),
        )

    def _target(self) -> QRectF:
        """The whole picture in widget coordinates; may reach far beyond the widget."""
        factor, size = self.scale / self.devicePixelRatioF(), self._picture_size()
        return QRectF(self._middle() - self._center * factor, size * factor)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            painter.fillRect(self.rect(), theme.current().tile)
            self._paint(painter)
        finally:
            painter.end()

    def _paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.scale < BLOCKY_FROM)
        if self._pyramid is not None:
            self._paint_picture(painter, self._pyramid)
        elif self._placeholder is not None:
            painter.drawPixmap(self._target(), self._placeholder, QRectF(self._placeholder.rect()))
        elif self._message:
            painter.setPen(text_on(theme.current().tile, self.palette()))
            box = self.rect().adjusted(theme.MARGIN, theme.MARGIN, -theme.MARGIN, -theme.MARGIN)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._message)

    def _paint_picture(self, painter: QPainter, pyramid: Pyramid) -> None:
        target = self._target()
        shown = target & QRectF(self.rect())
        level = pyramid.level_for(self.scale)
        x, y = level.width() / target.width(), level.height() / target.height()
        source = QRectF(
            (shown.left() - target.left()) * x, (shown.top() - target.top()) * y,
            shown.width() * x, shown.height() * y,
        )
        painter.drawImage(shown, level, source)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._hold_inside()
        self.scale_changed.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom_by(ZOOM_STEP ** (event.angleDelta().y() / NOTCH), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._can_move():
            self._drag_from = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag_from is None:
            return
        self._center -= (event.position() - self._drag_from) * (self.devicePixelRatioF() / self.scale)
        self._drag_from = event.position()
        self._hold_inside()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drag_from is not None:
            self._drag_from = None
            self.setCursor(Qt.CursorShape.OpenHandCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Between fitted and actual size, about the pointer."""
        self.zoom_to(1.0, event.position()) if self.is_fitted else self.fit()


def _held(center: float, half_view: float, size: float) -> float:
    if 2 * half_view >= size:
        return size / 2
    return min(max(center, half_view), size - half_view)
