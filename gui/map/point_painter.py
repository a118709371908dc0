"""Paints many points as an image: signs as small masks that numpy writes into the pixels, thousands at once.

One call of QPainter a point would take a second for 100,000. Few points are painted so all the same, for that smooths
their edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QPixmap, QPolygonF

from core.review.map_picture import SHAPES, half_side

ROUND = 2
"""Place among `SHAPES` of the sign of points that have none."""

LARGEST_PX, SMALLEST_PX = 5.5, 1.5
"""Half sides of a point: of few, and of many."""

SIGNS_FROM_PX = 2.0
"""Of smaller points nobody would tell the sign; they are round."""

FEW = 1_500
"""So many points in sight are painted one by one."""


@dataclass(frozen=True, slots=True)
class PointStyle:
    """How the points of one group look.

    Attributes:
        color: As it can be seen on the ground.
        sign: Place among `SHAPES`; −1 for none.
    """

    color: QColor
    sign: int = -1

    @property
    def shape(self) -> int:
        return self.sign % len(SHAPES) if self.sign >= 0 else ROUND


def paint_points(
    x: NDArray[np.float32], y: NDArray[np.float32], of_point: NDArray[np.int64], styles: Sequence[PointStyle],
    size: tuple[int, int], ground: QColor, *, n_below: int = 0,
) -> QImage:
    """Points on a ground.

    Args:
        x, y: Where they lie in pixels, (n,) float32 each; the last ones lie on top.
        of_point: Style of each, (n,) int64.
        styles: By number.
        size: Width and height of the image.
        n_below: So many of the first ones lie below all others, whatever their signs.
    """
    width, height = size
    margin = int(LARGEST_PX) + 2
    is_inside = (x > -margin) & (x < width + margin) & (y > -margin) & (y < height + margin)
    if not is_inside.all():
        inside = np.flatnonzero(is_inside)
        n_below = int(np.searchsorted(inside, n_below))
        x, y, of_point = x[inside], y[inside], of_point[inside]
    half = half_side(len(x), width * height, LARGEST_PX, SMALLEST_PX)
    if len(x) <= FEW:
        return _paint_few(x, y, of_point, styles, size, ground, half)
    return _paint_many(x, y, of_point, styles, size, ground, half, n_below)


def _paint_few(
    x: NDArray[np.float32], y: NDArray[np.float32], of_point: NDArray[np.int64], styles: Sequence[PointStyle],
    size: tuple[int, int], ground: QColor, half: float,
) -> QImage:
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(ground)
    sprites = [_sprite(style.shape, round(half * 4), style.color.rgba(), ground.rgba()) for style in styles]
    with QPainter(image) as painter:
        for right, down, style in zip(x.tolist(), y.tolist(), of_point.tolist(), strict=True):
            sprite = sprites[style]
            painter.drawPixmap(round(right) - sprite.width() // 2, round(down) - sprite.height() // 2, sprite)
    return image


@lru_cache(maxsize=2048)
def _sprite(shape: int, quarters: int, color: int, edge: int) -> QPixmap:
    """A sign with smooth edges and a fine rim of the ground's colour."""
    half = quarters / 4
    side = 2 * int(half * 1.3 + 2) + 1
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor.fromRgba(edge), 1))
        painter.setBrush(QBrush(QColor.fromRgba(color)))
        painter.drawPolygon(_outline(shape, half, side / 2))
    return pixmap


def _outline(shape: int, half: float, middle: float) -> QPolygonF:
    return QPolygonF([QPointF(middle + half * x, middle + half * y) for x, y in SHAPES[shape]])


def _paint_many(
    x: NDArray[np.float32], y: NDArray[np.float32], of_point: NDArray[np.int64], styles: Sequence[PointStyle],
    size: tuple[int, int], ground: QColor, half: float, n_below: int,
) -> QImage:
    width, height = size
    edge = int(LARGEST_PX * 1.3) + int(LARGEST_PX) + 5
    wide = width + 2 * edge  # a margin around it spares the question whether a pixel lies inside
    words = np.full((height + 2 * edge) * wide, ground.rgb(), np.uint32)
    places = np.rint(y + edge).astype(np.int64) * wide + np.rint(x + edge).astype(np.int64)
    colors = np.array([style.color.rgb() for style in styles], np.uint32)[of_point]
    shapes = np.array([ROUND if half < SIGNS_FROM_PX else style.shape for style in styles], np.int8)
    for part in (slice(0, n_below), slice(n_below, None)):
        at, color = places[part], colors[part]
        if len(set(shapes.tolist())) == 1:
            _stamp(words, at, color, _mask(ROUND, round(half * 4)), wide)
            continue
        of_shape = shapes[of_point[part]]
        for shape in sorted(set(shapes.tolist())):
            which = np.flatnonzero(of_shape == shape)
            _stamp(words, at[which], color[which], _mask(shape, round(half * 4)), wide)
    inner = np.ascontiguousarray(words.reshape(-1, wide)[edge:edge + height, edge:edge + width])
    return QImage(inner.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()


def _stamp(
    words: NDArray[np.uint32], at: NDArray[np.int64], color: NDArray[np.uint32], mask: tuple[tuple[int, int], ...],
    wide: int,
) -> None:
    """Write a sign around each of some places, pixel by pixel of the sign."""
    for down, right in mask:
        words[at + (down * wide + right)] = color


@lru_cache(maxsize=256)
def _mask(shape: int, quarters: int) -> tuple[tuple[int, int], ...]:
    """The pixels of a sign as steps (down, right) from its middle."""
    half = quarters / 4
    reach = int(half * 1.3) + 1
    side = 2 * reach + 1
    image = QImage(side, side, QImage.Format.Format_Grayscale8)
    image.fill(0)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(255, 255, 255))
        painter.drawPolygon(_outline(shape, half, side / 2))
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(side, image.bytesPerLine())[:, :side]
    steps = np.argwhere(rows >= 128) - reach
    return tuple((int(dy), int(dx)) for dy, dx in steps) or ((0, 0),)
