"""One image, fitted or zoomed and moved with the mouse: its thumbnail at once, sharp as soon as it is decoded."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPaintEvent, QPainter, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme
from gui.colors import text_on
from gui.widgets.decoded_images import DecodedImages, Pyramid, key_of
from gui.widgets.heat_painter import GreyCopies, Overlay, draw_overlay
from gui.widgets.thumbnails import ImageKey, ThumbnailCache
from gui.widgets.tile import Tile

ZOOM_STEP = 1.25
MAX_SCALE = 32.0
MAX_FIT_SCALE = 8.0
BLOCKY_FROM = 8.0
"""From this scale on single pixels are shown as squares: then one looks at pixels, not at the image."""

NOTCH = 120


class ImageView(QWidget):
    """Draws one image. A scale of 1 is one pixel of the image on one pixel of the screen.

    Args:
        can_zoom: By wheel and double click; without it a double click is announced.
        max_fit_scale: A small image is fitted no larger than this.

    Signals:
        scale_changed(): the image is shown at another scale.
        double_clicked(): where it cannot be zoomed.
    """

    scale_changed = Signal()
    double_clicked = Signal()

    def __init__(
        self, parent: QWidget | None = None, *, can_zoom: bool = True, max_fit_scale: float = MAX_FIT_SCALE,
    ) -> None:
        super().__init__(parent)
        self._can_zoom, self._max_fit_scale = can_zoom, max_fit_scale
        self._pyramid: Pyramid | None = None
        self._placeholder: QPixmap | None = None
        self._natural_px = 0
        self._message = ""
        self._zoom: float | None = None  # None while fitted
        self._center = QPointF()  # the point of the image in the middle of the widget
        self._drag_from: QPointF | None = None
        self._overlay: Overlay | None = None
        self._greys = GreyCopies()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(200, 150)

    def show_image(self, pyramid: Pyramid, natural_px: int = 0) -> None:
        """Show an image, fitted; `natural_px` is its longer side where it was decoded smaller or larger."""
        self._show(pyramid, None, "", natural_px)

    def show_placeholder(self, thumbnail: QPixmap | None, natural_px: int = 0) -> None:
        """Show the thumbnail of an image whose longer side is `natural_px`, or bare ground, until the image comes."""
        self._show(None, thumbnail, "", natural_px)

    def show_message(self, message: str) -> None:
        """Show a sentence instead of an image."""
        self._show(None, None, message, 0)

    def set_overlay(self, overlay: Overlay | None) -> None:
        """Draw a heat map over whatever image is shown; None for none."""
        self._overlay = overlay
        self.update()

    @property
    def overlay(self) -> Overlay | None:
        """The heat map over the image."""
        return self._overlay

    def _show(self, pyramid: Pyramid | None, placeholder: QPixmap | None, message: str, natural_px: int) -> None:
        self._pyramid, self._placeholder, self._message = pyramid, placeholder, message
        self._natural_px = natural_px
        self.fit()

    @property
    def is_sharp(self) -> bool:
        """Whether the image itself is shown, and not its thumbnail."""
        return self._pyramid is not None

    @property
    def has_image(self) -> bool:
        return self._pyramid is not None or self._placeholder is not None

    @property
    def is_fitted(self) -> bool:
        return self._zoom is None

    @property
    def scale(self) -> float:
        """Screen pixels an image pixel, > 0."""
        return self._zoom if self._zoom is not None else self._fit_scale()

    def fit(self) -> None:
        """Show the whole image, as large as possible."""
        size = self._image_size()
        self._center = QPointF(size.width() / 2, size.height() / 2)
        self._set_zoom(None)

    def zoom_by(self, factor: float, about: QPointF | None = None) -> None:
        """Zoom and keep the point of the image at the widget position `about` (None: the middle) in place."""
        self.zoom_to(self.scale * factor, about)

    def zoom_to(self, scale: float, about: QPointF | None = None) -> None:
        """Show at a scale; never smaller than fitted or 1, never larger than 32."""
        if self._pyramid is None or not self._can_zoom:
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

    def _image_size(self) -> QSizeF:
        shown = self._pyramid.size if self._pyramid is not None else None
        if shown is None:
            shown = self._placeholder.size() if self._placeholder is not None else QSize(1, 1)
        factor = self._natural_px / max(shown.width(), shown.height()) if self._natural_px else 1.0
        return QSizeF(shown) * factor

    def _fit_scale(self) -> float:
        size, ratio = self._image_size(), self.devicePixelRatioF()
        scale = min(self.width() * ratio / size.width(), self.height() * ratio / size.height())
        is_size_known = self._pyramid is not None or self._natural_px > 0
        return min(scale, self._max_fit_scale) if is_size_known else scale

    def _middle(self) -> QPointF:
        return QPointF(self.width() / 2, self.height() / 2)

    def _half_view(self) -> QSizeF:
        """Half of what is in sight, in pixels of the image."""
        factor = self.devicePixelRatioF() / self.scale / 2
        return QSizeF(self.width() * factor, self.height() * factor)

    def _can_move(self) -> bool:
        view, size = self._half_view() * 2, self._image_size()
        return self._pyramid is not None and (view.width() < size.width() - 1 or view.height() < size.height() - 1)

    def _hold_inside(self) -> None:
        """Keep the image's edges from coming further in than the window's."""
        half, size = self._half_view(), self._image_size()
        self._center = QPointF(
            _held(self._center.x(), half.width(), size.width()),
            _held(self._center.y(), half.height(), size.height()),
        )

    def _target(self) -> QRectF:
        """The whole image in widget coordinates; may reach far beyond the widget."""
        ratio = self.devicePixelRatioF()
        factor, size = self.scale / ratio, self._image_size()
        place = QRectF(self._middle() - self._center * factor, size * factor)
        if not self.is_fitted:
            return place
        # whole device pixels, so that an image that was decoded in this very size is copied and not resampled
        parts = (place.x(), place.y(), place.width(), place.height())
        x, y, width, height = (round(value * ratio) / ratio for value in parts)
        return QRectF(x, y, max(width, 1 / ratio), max(height, 1 / ratio))

    def fitted_side_px(self, width: int, height: int) -> int:
        """Longer side, in device pixels, of an image of that shape as it is fitted here, ≥ 1."""
        ratio = self.devicePixelRatioF()
        scale = min(self.width() * ratio / width, self.height() * ratio / height, self._max_fit_scale)
        return max(round(max(width, height) * scale), 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.current().tile)
            self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.scale < BLOCKY_FROM)
        if self._pyramid is not None:
            self._paint_image(painter, self._pyramid)
        elif self._placeholder is not None:
            whole = QRectF(self._placeholder.rect())
            painter.drawPixmap(self._target(), self._placeholder, whole)
            if self._overlay is not None:
                draw_overlay(painter, self._target(), self._greys.of(self._placeholder), whole, self._overlay)
        elif self._message:
            painter.setPen(text_on(theme.current().tile, self.palette()))
            box = self.rect().adjusted(theme.MARGIN, theme.MARGIN, -theme.MARGIN, -theme.MARGIN)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._message)

    def _paint_image(self, painter: QPainter, pyramid: Pyramid) -> None:
        target = self._target()
        shown = target & QRectF(self.rect())
        level = pyramid.level_for(self.scale)
        x, y = level.width() / target.width(), level.height() / target.height()
        source = QRectF(
            (shown.left() - target.left()) * x, (shown.top() - target.top()) * y,
            shown.width() * x, shown.height() * y,
        )
        painter.drawImage(shown, level, source)
        if self._overlay is not None:
            draw_overlay(painter, shown, self._greys.of(level), source, self._overlay)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._hold_inside()
        self.scale_changed.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self._can_zoom:
            event.ignore()
            return
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
        if self._can_zoom:
            self.toggle_fit(event.position())
        elif event.button() == Qt.MouseButton.LeftButton and self.has_image:
            self.double_clicked.emit()

    def toggle_fit(self, about: QPointF | None = None) -> None:
        """Between the whole image and every pixel of it."""
        self.zoom_to(1.0, about) if self.is_fitted else self.fit()


class TileView(ImageView):
    """Shows the image of a tile and decodes it and its neighbours.

    Args:
        thumbnails: What is shown until the image is decoded.
    """

    def __init__(self, thumbnails: ThumbnailCache, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._decoded = DecodedImages(parent=self)
        self._decoded.arrived.connect(self._on_decoded_arrived)
        self._tile: Tile | None = None

    def show_tile(self, tile: Tile | None) -> None:
        """Show this image; the same one again keeps its zoom, None forgets it."""
        before, self._tile = self._tile, tile
        if tile is not None and (before is None or key_of(before) != key_of(tile)):
            self._show_tile(tile)

    def decode(self, tiles: Sequence[Tile]) -> None:
        """Decode these, the first one first; the others are likely to be wanted next."""
        self._decoded.ask([key_of(tile) for tile in tiles if tile.content_hash])

    def forget_reasons(self) -> None:
        """Try again images that could not be read; their files may be others now."""
        self._decoded.forget_reasons()

    def close_files(self) -> None:
        """End the decoding thread; must be called before the program ends."""
        self._decoded.close()

    def _show_tile(self, tile: Tile) -> None:
        key = key_of(tile)
        pyramid = self._decoded.get(key)
        reason = self._decoded.reason(key) or (str(tile.reason or "") if tile.is_unreadable else "")
        thumbnail = self._thumbnails.get(tile.content_hash)
        if pyramid is not None:
            self.show_image(pyramid)
        elif reason:
            self.show_message(reason)
        else:
            self.show_placeholder(thumbnail.pixmap if thumbnail is not None else None, max(tile.width, tile.height))

    def _on_decoded_arrived(self, key: ImageKey) -> None:
        if self._tile is not None and key == key_of(self._tile):
            self._show_tile(self._tile)


def _held(center: float, half_view: float, size: float) -> float:
    if 2 * half_view >= size:
        return size / 2
    return min(max(center, half_view), size - half_view)
