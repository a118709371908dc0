"""Draws one tile of the grid: image on mid-grey, class-coloured foot, caption, selection.

Everything that does not depend on the image (fonts, tones, heights) is worked out once a
palette, font or size; see `gui.widgets.tile_caption` for the words.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from gui import theme
from gui.widgets.grid_geometry import FOOT_PX
from gui.widgets.tag_signs import SignPainter
from gui.widgets.thumbnails import Thumbnail, ThumbnailCache
from gui.widgets.tile import Tile
from gui.widgets.tile_heat import TileHeat
from gui.colors import text_on
from gui.widgets.tile_caption import CaptionPainter, Captions

FRAME_PX = 3
BADGE_PX = 16
CROSS_HEIGHT_PX = 28
NOTE_GAP_PX = 4

FADED = 0.3
"""Opacity of an excluded image on its grey."""
STROKE = (QPoint(3, 3), QPoint(BADGE_PX - 3, BADGE_PX - 3))
TICK = (QPointF(3.5, 8.5), QPointF(6.5, 11.5), QPointF(12.5, 4.5))
SMALL_SIDE_PX = 96
"""Below this side a tile has no room for the reason of an unreadable image."""


class TilePainter:
    """Draws tiles in the font and palette of a widget; make a new one when either changes, or the captions."""

    def __init__(
        self, widget: QWidget, thumbnails: ThumbnailCache, captions: Captions = Captions(),
        heat: TileHeat | None = None,
    ) -> None:
        self._palette, self._thumbnails, self._heat = widget.palette(), thumbnails, heat or TileHeat(None)
        self.font = theme.tabular(theme.scaled_font(widget.font(), theme.CAPTION_SCALE))
        self.caption = CaptionPainter(self.font, self._palette, captions)
        self.caption_height = self.caption.height
        self._grey = theme.current().tile
        self._doubt = theme.current().amber
        self._text = self._palette.color(QPalette.ColorRole.Text)
        self._page = self._palette.color(QPalette.ColorRole.Base)
        self._accent = self._palette.color(QPalette.ColorRole.Highlight)
        self._on_accent = self._palette.color(QPalette.ColorRole.HighlightedText)
        self._on_grey = text_on(self._grey, self._palette)
        self._signs = SignPainter(self._page, self._text)

    def paint(
        self, painter: QPainter, rect: QRect, tile: Tile, *, is_selected: bool = False, is_current: bool = False,
        n_shared: int = 0,
    ) -> None:
        """Draw one tile.

        Args:
            painter: Open on the viewport, with `self.font` set.
            rect: The tile, without the gap around it; frames reach 3 pixels beyond.
            tile: What is shown.
            is_selected: It has a frame and a tick.
            is_current: It is framed; only where the view has the keyboard.
            n_shared: How much of the start of its name its neighbours share.
        """
        thumbnail, reason = self._thumbnails.get(tile.content_hash), self._thumbnails.reason(tile.content_hash)
        square = QRect(rect.left(), rect.top(), rect.width(), rect.width())
        painter.fillRect(square, self._grey)
        if reason or tile.is_unreadable:
            self._paint_reason(painter, square, reason or str(tile.reason or ""))
        elif thumbnail is not None:
            painter.setOpacity(FADED if tile.excluded is not None else 1.0)
            draw_fitted(painter, square, self._heat.over(tile, thumbnail))
            painter.setOpacity(1.0)
        if tile.doubt:
            self._paint_doubt(painter, square)
        elif tile.note:
            self._paint_note(painter, square, tile.note)
        if tile.excluded is not None:
            self._paint_excluded(painter, square)
        if tile.flags or tile.tags:
            room = square.width() - 8 - (BADGE_PX + 4) * (tile.excluded is not None)
            self._signs.paint(painter, square.bottomRight() - QPoint(3, 3), tile.flags, has_tags=bool(tile.tags),
                              room_px=room)
        foot = QRect(rect.left(), square.bottom() + 1, rect.width(), FOOT_PX)
        painter.fillRect(foot, self.caption.shown_color(tile.color) if tile.color else self._grey)
        words = QRect(rect.left(), foot.bottom() + 1, rect.width(), self.caption_height)
        self.caption.paint(
            painter, words, tile, is_unreadable=bool(reason) or tile.is_unreadable, n_shared=n_shared)
        self._paint_state(painter, rect, is_selected=is_selected, is_current=is_current)

    def _paint_reason(self, painter: QPainter, square: QRect, reason: str) -> None:
        painter.setPen(self._on_grey)
        inner = square.adjusted(8, 8, -8, -8)
        if square.width() < SMALL_SIDE_PX:
            self._paint_cross(painter, square.center(), 8)
            return
        flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
        below = inner.adjusted(0, CROSS_HEIGHT_PX, 0, 0)
        spare = max(below.height() - painter.boundingRect(below, flags, reason).height(), 0)
        self._paint_cross(painter, QPoint(square.center().x(), inner.top() + spare // 2 + 8), 8)
        painter.drawText(below.adjusted(0, spare // 2, 0, 0), flags, reason)

    def _paint_cross(self, painter: QPainter, center: QPoint, radius: int) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._on_grey, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        x, y, r = center.x(), center.y(), radius
        painter.drawLine(x - r, y - r, x + r, y + r)
        painter.drawLine(x - r, y + r, x + r, y - r)
        painter.restore()

    def _paint_doubt(self, painter: QPainter, square: QRect) -> None:
        """A question mark in the upper left corner."""
        badge = QRect(square.left() + 4, square.top() + 4, BADGE_PX, BADGE_PX)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._doubt, 2))
        painter.setBrush(self._page)
        painter.drawEllipse(badge)
        painter.drawText(badge, int(Qt.AlignmentFlag.AlignCenter), "?")
        painter.restore()

    def _paint_note(self, painter: QPainter, square: QRect, note: str) -> None:
        """A few words in the upper left corner, as far as they fit beside the tick."""
        room = square.width() - BADGE_PX - 3 * NOTE_GAP_PX
        metrics = painter.fontMetrics()
        words = metrics.elidedText(note, Qt.TextElideMode.ElideRight, room - 2 * NOTE_GAP_PX)
        width = metrics.horizontalAdvance(words) + 2 * NOTE_GAP_PX
        ground = QRect(square.left() + NOTE_GAP_PX, square.top() + NOTE_GAP_PX, width, metrics.height() + 2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._page)
        painter.drawRoundedRect(ground, NOTE_GAP_PX, NOTE_GAP_PX)
        painter.setPen(self._text)
        painter.drawText(ground, int(Qt.AlignmentFlag.AlignCenter), words)
        painter.restore()

    def _paint_excluded(self, painter: QPainter, square: QRect) -> None:
        """A circle with a stroke through it in the lower left corner."""
        badge = QRect(square.left() + 4, square.bottom() - BADGE_PX - 4, BADGE_PX, BADGE_PX)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._text, 2))
        painter.setBrush(self._page)
        painter.drawEllipse(badge)
        painter.drawLine(badge.topLeft() + STROKE[0], badge.topLeft() + STROKE[1])
        painter.restore()

    def _paint_state(self, painter: QPainter, rect: QRect, *, is_selected: bool, is_current: bool) -> None:
        if is_selected:
            frame = rect.adjusted(-FRAME_PX, -FRAME_PX, FRAME_PX, FRAME_PX)
            for side in _sides(frame, FRAME_PX):
                painter.fillRect(side, self._accent)
            self._paint_tick(painter, rect)
        if is_current:
            painter.setPen(QPen(self._text, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(-1, -1, 0, 0))

    def _paint_tick(self, painter: QPainter, rect: QRect) -> None:
        badge = QRect(rect.right() - BADGE_PX - 3, rect.top() + 4, BADGE_PX, BADGE_PX)
        painter.fillRect(badge, self._accent)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._on_accent, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        corner = QPointF(badge.topLeft())
        painter.drawPolyline(QPolygonF([corner + point for point in TICK]))
        painter.restore()


def draw_fitted(painter: QPainter, square: QRect, thumbnail: Thumbnail) -> None:
    """Draw a thumbnail in the middle of a square: pixel by pixel if it has the right size, scaled if not."""
    ratio = painter.device().devicePixelRatio()
    side, pixmap = square.width(), thumbnail.pixmap
    if ratio == 1 and thumbnail.side_px == side:
        left, top = square.left() + (side - pixmap.width()) // 2, square.top() + (side - pixmap.height()) // 2
        painter.drawPixmap(left, top, pixmap)
        return
    scale = 1 / ratio if thumbnail.side_px == round(side * ratio) else side / thumbnail.side_px
    width, height = pixmap.width() * scale, pixmap.height() * scale
    # whole device pixels, or a plain copy becomes a slow and blurred one
    x = square.left() + round((side - width) / 2 * ratio) / ratio
    y = square.top() + round((side - height) / 2 * ratio) / ratio
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale != 1 / ratio)
    painter.drawPixmap(QRectF(x, y, width, height), pixmap, QRectF(pixmap.rect()))


def _sides(frame: QRect, width: int) -> tuple[QRect, QRect, QRect, QRect]:
    left, top, w, h = frame.left(), frame.top(), frame.width(), frame.height()
    return (
        QRect(left, top, w, width),
        QRect(left, top + h - width, w, width),
        QRect(left, top + width, width, h - 2 * width),
        QRect(left + w - width, top + width, width, h - 2 * width),
    )
