"""Two pictures drawn with whole numbers only, the same on every computer and in every version."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def gratings(side_px: int) -> NDArray[np.uint8]:
    """(2, side, side, 3) uint8."""
    y, x, c, n = np.meshgrid(*(np.arange(size) for size in (side_px, side_px, 3, 2)), indexing="ij")
    pixels = (x * (3 + n) + y * 5 * (c + 1) + (x * y) // (7 + 4 * n)) % 256
    return np.ascontiguousarray(pixels.transpose(3, 0, 1, 2)).astype(np.uint8)
