"""Which colours a picture holds: the one thing that a network's embedding tells badly and its sketch well.

A histogram with soft bins (each cell counts for its eight nearest colours, in proportion), so that a
little more light moves a little of the weight only. Where things lie in the picture does not matter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.checks.pixel_cues import CHROMA_PX, SKETCH_PX

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

N_BINS = 7
"""Bins along light, blue and red difference each; 7 to 13 without light do about as well."""

LEAST, MOST = 64.0, 192.0
"""Blue and red differences of photographs, 0 … 255; what lies beyond counts at the edge."""


def colour_shares(grey: Bytes, chroma: Bytes) -> Floats:
    """How much of each picture has which colour.

    Args:
        grey: (n_images, 48, 48) uint8 sketches.
        chroma: (n_images, 2, 8, 8) uint8 sketches.

    Returns:
        (n_images, 343) float32, rows sum to 1.
    """
    n_images, n_cells, side = len(grey), CHROMA_PX**2, SKETCH_PX // CHROMA_PX
    light = grey.reshape(n_images, CHROMA_PX, side, CHROMA_PX, side).mean(axis=(2, 4), dtype=np.float32)
    differences = np.clip((chroma.astype(np.float32) - LEAST) / (MOST - LEAST), 0.0, 1.0)
    colours = np.concatenate([light[:, None] / 255, differences], axis=1).reshape(n_images, 3, n_cells)
    shares = np.zeros((n_images, N_BINS**3), np.float32)
    for place, weight in _nearest_bins(colours * (N_BINS - 1)):
        flat = place + N_BINS**3 * np.arange(n_images)[:, None]
        shares += np.bincount(flat.ravel(), weight.ravel(), shares.size).reshape(shares.shape).astype(np.float32)
    parts: Floats = (shares / n_cells).astype(np.float32)
    return parts


def _nearest_bins(at: Floats) -> list[tuple[NDArray[np.int64], Floats]]:
    """The eight bins around each colour and their weights, (n_images, n_cells) each.

    Args:
        at: (n_images, 3, n_cells), 0 … N_BINS − 1 along each axis.
    """
    low = np.minimum(at.astype(np.int64), N_BINS - 2)
    beyond = at - low
    found = []
    for corner in np.ndindex(2, 2, 2):
        up = np.array(corner)[None, :, None]
        weight = np.where(up == 1, beyond, 1 - beyond).prod(axis=1)
        place = low + up
        found.append(((place[:, 0] * N_BINS + place[:, 1]) * N_BINS + place[:, 2], weight))
    return found
