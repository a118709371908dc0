"""Which part of a plane is shown where on a widget: fit, zoom at a place, pan."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MARGIN_PX = 24
LEAST_ZOOM, MOST_ZOOM = 0.5, 4_000.0
"""Beside the scale that shows everything."""


class Projection:
    """From a plane whose second axis points up to pixels.

    Attributes:
        scale: Pixels a unit.
        middle: Point of the plane in the middle of the widget, (2,) float64.
        size: Of the widget in pixels, (2,) float64.
        is_fitted: Everything is shown, and shall be when points or size change.
    """

    def __init__(self) -> None:
        self.scale, self._fitted_scale = 1.0, 1.0
        self.middle, self.size = np.zeros(2), np.ones(2)
        self.is_fitted = True

    def fit(self, xy: NDArray[np.float32]) -> None:
        """Show all points, (n, 2), as large as they find room."""
        self.is_fitted = True
        if not len(xy):
            return
        low, high = xy.min(axis=0).astype(np.float64), xy.max(axis=0).astype(np.float64)
        room = np.maximum(self.size - 2 * MARGIN_PX, 1.0)
        span = np.maximum(high - low, 1e-9)
        self.middle, self.scale = (low + high) / 2, float((room / span).min())
        if not span.max() > 1e-6:  # all points are one
            self.scale = 1.0
        self._fitted_scale = self.scale

    def zoom(self, factor: float, at: NDArray[np.float64]) -> None:
        """Enlarge by a factor; what is shown at a pixel, (2,), stays there."""
        before = self.to_plane(at)
        low, high = LEAST_ZOOM * self._fitted_scale, MOST_ZOOM * self._fitted_scale
        self.scale = float(np.clip(self.scale * factor, low, high))
        self.middle = self.middle + before - self.to_plane(at)
        self.is_fitted = False

    def pan(self, by: NDArray[np.float64]) -> None:
        """Move what is shown by so many pixels, (2,)."""
        self.middle = self.middle - by * (1, -1) / self.scale
        self.is_fitted = False

    def to_pixels(self, xy: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, 2) points → (n, 2) float32 pixels."""
        return np.stack(self.to_columns(xy[:, 0], xy[:, 1]), axis=1)

    def to_columns(
        self, x: NDArray[np.float32], y: NDArray[np.float32],
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The same by columns, each (n,): ten times as fast, for numpy goes through pairs one by one."""
        right, down = (self.size / 2 - self.middle * (self.scale, -self.scale)).tolist()
        scale = np.float32(self.scale)
        return x * scale + np.float32(right), y * -scale + np.float32(down)

    def to_plane(self, at: NDArray[np.float64]) -> NDArray[np.float64]:
        """(2,) pixel → (2,) point."""
        return np.asarray(self.middle + (at - self.size / 2) * (1, -1) / self.scale)
