"""The embedding map as a widget: points to zoom, pan, hover, click, and select by lasso or rectangle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QPixmap, QPolygonF, QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from gui import theme
from gui.colors import mix
from gui.map.point_painter import PointStyle, paint_points
from gui.map.projection import Projection

Ids = NDArray[np.int64]

WHEEL_FACTOR, KEY_FACTOR, KEY_STEP_PX = 1.0015, 1.4, 60
HIT_PX = 9
"""A point within so many pixels is meant."""

DRAG_PX = 5
FILL_ALPHA = 40
THUMBNAIL_PX, MOST_WITH_THUMBNAILS = 56, 250
"""Side of the thumbnails in the map; with more points in sight there are none."""

RING_PX = 8


class Tool(StrEnum):
    """What dragging with the left button does."""

    PAN = "pan"
    LASSO = "lasso"
    RECTANGLE = "rectangle"


class ScatterView(QWidget):
    """Points by place in an array; knows no images.

    Args:
        thumbnails: From places of points to the pixmaps that are there; asks for those that are not.

    Attributes:
        tool: What dragging does; with Space held, or the middle button, it pans.

    Signals:
        hovered(int place): the pointer is over a point; −1 for none.
        clicked(int place): a point was clicked; −1 beside all.
        opened(int place): a point was double-clicked, or Enter was pressed on the current one.
        chosen(object places, bool adds): a lasso or rectangle was drawn around these, (n,) int64; may be none.
        cleared(): Esc was pressed while nothing was drawn.
    """

    hovered = Signal(int)
    clicked = Signal(int)
    opened = Signal(int)
    chosen = Signal(object, bool)
    cleared = Signal()

    def __init__(
        self, thumbnails: Callable[[list[int]], dict[int, QPixmap]] = lambda places: {},
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.projection, self.tool = Projection(), Tool.LASSO
        self._xy = np.zeros((0, 2), np.float32)
        self._of_point, self._styles = np.zeros(0, np.int64), tuple[PointStyle, ...]()
        self._is_lit = self._is_selected = np.zeros(0, bool)
        self._order = np.zeros(0, np.int64)
        self._current = self._hovered = -1
        self._image: QImage | None = None
        self._in_order: tuple[NDArray[np.float32], NDArray[np.float32], Ids, int] | None = None
        self._x = self._y = np.zeros(0, np.float32)
        self._drawn: list[QPointF] = []
        self._pressed: QPoint | None = None
        self._last, self._is_panning, self._has_space = QPoint(), False, False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # ── what is shown ────────────────────────────────────────────────────

    @property
    def n_points(self) -> int:
        return len(self._xy)

    @property
    def current(self) -> int:
        """Place of the current point, −1 for none."""
        return self._current

    @property
    def hovered_place(self) -> int:
        """Place of the point under the pointer, −1 for none."""
        return self._hovered

    def set_points(self, xy: NDArray[np.float32]) -> None:
        """Show these points, (n, 2) float32; the same number keeps colours and selection."""
        if len(xy) != len(self._xy):
            self._of_point, self._styles = np.zeros(len(xy), np.int64), ()
            self._is_lit, self._is_selected = np.ones(len(xy), bool), np.zeros(len(xy), bool)
            self._order = np.random.default_rng(0).permutation(len(xy))  # so that no group covers another
            self._current = self._hovered = -1
        self._xy = xy
        self._x, self._y = np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1])
        self._in_order = None
        if self.projection.is_fitted:
            self.projection.fit(xy)
        self._renew()

    def set_groups(self, of_point: Ids, styles: Sequence[PointStyle]) -> None:
        """Colour the points: style of each, (n,) int64."""
        self._of_point, self._styles, self._in_order = of_point, tuple(styles), None
        self._renew()

    def set_lit(self, is_lit: NDArray[np.bool_]) -> None:
        """The others step back, (n,) bool."""
        self._is_lit, self._in_order = is_lit, None
        self._renew()

    def set_selected(self, is_selected: NDArray[np.bool_]) -> None:
        """These have a ring, (n,) bool."""
        self._is_selected = is_selected
        self.update()

    def set_current(self, place: int) -> None:
        """This one has a larger ring; −1 for none."""
        self._current = place
        self.update()

    def fit(self) -> None:
        """Show everything."""
        self.projection.fit(self._xy)
        self._renew()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Enlarge around a pixel, by default the middle."""
        where = self.projection.size / 2 if at is None else np.array([at.x(), at.y()])
        self.projection.zoom(factor, where)
        self._renew()

    def renew(self) -> None:
        """Paint anew, because thumbnails arrived or the theme is another."""
        self._renew()

    def place_at(self, position: QPointF) -> int:
        """The lit point that is nearest to a pixel and near enough; −1 for none."""
        if not len(self._xy):
            return -1
        x, y = self.projection.to_columns(self._x, self._y)
        x, y = x - np.float32(position.x()), y - np.float32(position.y())
        near = np.flatnonzero((np.abs(x) <= HIT_PX) & (np.abs(y) <= HIT_PX) & self._is_lit)
        return int(near[(x[near] ** 2 + y[near] ** 2).argmin()]) if len(near) else -1

    def position_of(self, place: int) -> QPointF:
        """Where a point is on the widget."""
        x, y = self.projection.to_pixels(self._xy[place:place + 1])[0].tolist()
        return QPointF(x, y)

    def places_inside(self, outline: QPolygonF) -> Ids:
        """The points within an outline, lit or not, (n,) int64."""
        mask = QImage(self.size(), QImage.Format.Format_Grayscale8)
        mask.fill(0)
        with QPainter(mask) as painter:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(255, 255, 255))
            painter.drawPolygon(outline, Qt.FillRule.OddEvenFill)
        rows = np.frombuffer(mask.constBits(), np.uint8).reshape(mask.height(), mask.bytesPerLine())
        places = self._in_sight(lit_only=False)
        x, y = self.projection.to_columns(self._x[places], self._y[places])
        found: Ids = places[rows[y.astype(np.int64), x.astype(np.int64)] > 0]
        return found

    def _in_sight(self, *, lit_only: bool = True) -> Ids:
        """The points within the widget, (n,) int64."""
        x, y = self.projection.to_columns(self._x, self._y)
        is_there = (x >= 0) & (x < self.width()) & (y >= 0) & (y < self.height())
        return np.flatnonzero(is_there & self._is_lit if lit_only else is_there)

    def sizeHint(self) -> QSize:
        return QSize(480, 420)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, 160)

    # ── painting ─────────────────────────────────────────────────────────

    def _renew(self) -> None:
        self._image = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image is None:
            self._image = self._paint_points()
        with QPainter(self) as painter:
            painter.drawImage(0, 0, self._image)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_rings(painter)
            self._paint_outline(painter)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme.current().accent, 1))
                painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_points(self) -> QImage:
        ratio = self.devicePixelRatioF()
        size = (max(round(self.width() * ratio), 1), max(round(self.height() * ratio), 1))
        ground = self.palette().color(QPalette.ColorRole.Base)
        faint = PointStyle(mix(ground, theme.current().caption, 0.35))
        styles = [faint, *(self._styles or (PointStyle(theme.current().caption),))]
        self._in_order = self._in_order or self._put_in_order()
        x, y, of_point, n_below = self._in_order
        x, y = self.projection.to_columns(x, y)
        image = paint_points(
            x * np.float32(ratio), y * np.float32(ratio), of_point, styles, size, ground, n_below=n_below)
        image.setDevicePixelRatio(ratio)
        self._paint_thumbnails(image)
        return image

    def _put_in_order(self) -> tuple[NDArray[np.float32], NDArray[np.float32], Ids, int]:
        """Points in the order in which they are painted: columns, styles (0 for faint), how many are faint."""
        is_lit = self._is_lit[self._order]
        order = np.concatenate([self._order[~is_lit], self._order[is_lit]])
        of_point = np.where(self._is_lit, self._of_point + 1, 0)[order]
        return self._x[order], self._y[order], of_point, len(order) - int(is_lit.sum())

    def _paint_thumbnails(self, image: QImage) -> None:
        """Where few enough points are in sight, as many thumbnails as do not lie over each other."""
        if self.projection.is_fitted:
            return
        places = self._in_sight()
        if not 0 < len(places) <= MOST_WITH_THUMBNAILS:
            return
        pixels = self.projection.to_pixels(self._xy)
        chosen = list[int]()
        for place in places.tolist():
            if not chosen or np.abs(pixels[chosen] - pixels[place]).max(axis=1).min() >= THUMBNAIL_PX + 2:
                chosen.append(place)
        found = self._thumbnails(chosen)
        with QPainter(image) as painter:
            for place in chosen:
                if place in found:
                    self._paint_thumbnail(painter, found[place], place)

    def _paint_thumbnail(self, painter: QPainter, pixmap: QPixmap, place: int) -> None:
        """A thumbnail over its point with a foot in the colour of its group."""
        width, height = pixmap.width(), pixmap.height()
        scale = THUMBNAIL_PX / max(width, height, 1)
        shown = QRectF(0, 0, width * scale, height * scale)
        shown.moveCenter(self.position_of(place))
        painter.drawPixmap(shown, pixmap, QRectF(pixmap.rect()))
        if self._styles:
            painter.fillRect(QRectF(shown.left(), shown.bottom() - 3, shown.width(), 3),
                             self._styles[self._of_point[place]].color)

    def _paint_rings(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        places = np.flatnonzero(self._is_selected)
        if len(places) > 1:
            painter.setPen(QPen(theme.current().accent, 1.5))
            for x, y in self.projection.to_pixels(self._xy[places[:2_000]]).tolist():
                painter.drawEllipse(QPointF(x, y), RING_PX - 2, RING_PX - 2)
        for place, width in ((self._current, 2.5), (self._hovered, 1.5)):
            if 0 <= place < len(self._xy):
                painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Text), width))
                painter.drawEllipse(self.position_of(place), RING_PX, RING_PX)

    def _paint_outline(self, painter: QPainter) -> None:
        outline = self._outline()
        if outline is not None:
            fill = QColor(theme.current().accent)
            fill.setAlpha(FILL_ALPHA)
            painter.setPen(QPen(theme.current().accent, 1.5))
            painter.setBrush(fill)
            painter.drawPolygon(outline)

    def _outline(self) -> QPolygonF | None:
        """What is being drawn; None while nothing is."""
        if len(self._drawn) < 2:
            return None
        if self.tool is Tool.RECTANGLE:
            return QPolygonF(QRectF(self._drawn[0], self._drawn[-1]).normalized())
        return QPolygonF(self._drawn)

    # ── hearing ──────────────────────────────────────────────────────────

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.projection.size = np.array([self.width(), self.height()], np.float64)
        if self.projection.is_fitted:
            self.projection.fit(self._xy)
        self._renew()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(WHEEL_FACTOR ** event.angleDelta().y(), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            super().mousePressEvent(event)
            return
        self._pressed = self._last = event.position().toPoint()
        is_middle = event.button() is Qt.MouseButton.MiddleButton
        self._is_panning = is_middle or self._has_space or self.tool is Tool.PAN
        self._drawn = []
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position()
        if self._pressed is None:
            self._hover(self.place_at(position))
        elif self._is_panning:
            step = position.toPoint() - self._last
            self._last = position.toPoint()
            self.projection.pan(np.array([step.x(), step.y()], np.float64))
            self._renew()
        elif self._drawn or (position.toPoint() - self._pressed).manhattanLength() > DRAG_PX:
            self._drawn = self._drawn or [QPointF(self._pressed)]
            self._drawn.append(position)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, outline = self._pressed, self._outline()
        self._pressed, self._drawn = None, []
        self.update()
        if pressed is None:
            return
        adds = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if outline is not None:
            self.chosen.emit(self.places_inside(outline), adds)
        elif (event.position().toPoint() - pressed).manhattanLength() <= DRAG_PX:
            if event.button() is Qt.MouseButton.LeftButton:
                self.clicked.emit(self.place_at(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if place >= 0:
            self.opened.emit(place)

    def leaveEvent(self, event: object) -> None:
        self._hover(-1)

    def _hover(self, place: int) -> None:
        if place != self._hovered:
            self._hovered = place
            self.update()
            self.hovered.emit(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: (1, 0), Qt.Key.Key_Right: (-1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
        key = Qt.Key(event.key())
        if key in steps:
            self.projection.pan(np.array(steps[key], np.float64) * KEY_STEP_PX)
            self._renew()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.zoom(1 / KEY_FACTOR if key is Qt.Key.Key_Minus else KEY_FACTOR)
        elif key in (Qt.Key.Key_0, Qt.Key.Key_Home):
            self.fit()
        elif key is Qt.Key.Key_Escape:
            self._give_up()
        elif key is Qt.Key.Key_Space:
            self._has_space = True
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current >= 0:
            self.opened.emit(self._current)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._has_space = False
        super().keyReleaseEvent(event)

    def _give_up(self) -> None:
        """Esc ends what is being drawn, else takes the selection away."""
        if self._pressed is not None:
            self._pressed, self._drawn = None, []
            self.update()
        else:
            self.cleared.emit()
