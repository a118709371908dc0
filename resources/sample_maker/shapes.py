"""Plane outlines as point lists: curves, strokes, discs.

Points are (n, 2) float64 in object units, x to the right and y down; outlines are closed
by whoever draws them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]


def outline(*points: tuple[float, float]) -> Points:
    """Corner points as an array of shape (n, 2)."""
    return np.asarray(points, dtype=np.float64)


def disc(x: float, y: float, radius: float, *, radius_y: float | None = None, n: int = 28) -> Points:
    """An ellipse around (x, y); shape (n, 2)."""
    angles = np.linspace(0, 2 * np.pi, n, endpoint=False)
    vertical = radius if radius_y is None else radius_y
    return np.stack([x + radius * np.cos(angles), y + vertical * np.sin(angles)], 1)


def curve(*points: tuple[float, float], is_closed: bool = True, per_span: int = 7) -> Points:
    """A Catmull-Rom curve through `points`; shape (n, 2)."""
    p = np.asarray(points, dtype=np.float64)
    p = np.concatenate([p[-1:], p, p[:2]]) if is_closed else np.concatenate([p[:1], p, p[-1:]])
    t = np.linspace(0, 1, per_span, endpoint=False)[:, None]
    spans = [_span(p[i], p[i + 1], p[i + 2], p[i + 3], t) for i in range(len(p) - 3)]
    return np.concatenate(spans if is_closed else [*spans, p[-2:-1]])


def _span(a: Points, b: Points, c: Points, d: Points, t: Points) -> Points:
    bend = 2 * a - 5 * b + 4 * c - d
    return 0.5 * (2 * b + (c - a) * t + bend * t**2 + (3 * b - a - 3 * c + d) * t**3)


def stroke(points: ArrayLike, width: float | Sequence[float]) -> Points:
    """The outline of a line drawn with a pen of `width` units (one width, or one a point)."""
    p = np.asarray(points, dtype=np.float64)
    along = np.gradient(p, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    across = np.stack([-along[:, 1], along[:, 0]], 1) * np.broadcast_to(width, len(p))[:, None] / 2
    return np.concatenate([p + across, (p - across)[::-1]])


def capsule(start: tuple[float, float], end: tuple[float, float], r0: float, r1: float) -> Points:
    """A finger-like outline from `start` (radius r0) to `end` (radius r1)."""
    a, b = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    heading = np.arctan2(b[1] - a[1], b[0] - a[0])
    back = heading + np.linspace(np.pi / 2, 3 * np.pi / 2, 9)
    front = heading + np.linspace(-np.pi / 2, np.pi / 2, 9)
    rear = a + r0 * np.stack([np.cos(back), np.sin(back)], 1)
    return np.concatenate([rear, b + r1 * np.stack([np.cos(front), np.sin(front)], 1)])
