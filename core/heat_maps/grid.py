"""The grid of a heat map: evidence is spread from the cells of any view over it without loss; shares of its mass.

A heat map is (GRID, GRID) over the whole image, whatever its shape: rows from top to bottom, columns from left to
right. Each cell holds a part of the class's score, so that the sum of the map is the score.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

GRID = 32
"""Cells along each side: finer than the last maps of the networks (7 … 10), coarser than their first."""

PER_CELL = 8
"""Samples along a side by which a cell's evidence is spread."""

BAND = 4
"""Cells of the grid that the border is wide on each side: about one cell of the last map of a network."""

BORDER_AREA = 1 - (1 - 2 * BAND / GRID) ** 2
"""Share of the image that the border takes, 0 … 1."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Box:
    """Where a view lies: the image is 0 … 1 both ways; what a network sees may reach beyond it."""

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0

    def inner(self, share: float, across: float = 0.5, down: float = 0.5) -> Box:
        """A part of it; see `core.images.reading.View`."""
        width, height = self.right - self.left, self.bottom - self.top
        left, top = self.left + width * (1 - share) * across, self.top + height * (1 - share) * down
        return Box(left, top, left + width * share, top + height * share)


WHOLE = Box()


def spread(cells: Floats, box: Box = WHOLE) -> Floats:
    """Spread evidence over the grid: linear between the middles of cells, and the sum stays what it was.

    Args:
        cells: (n_rows, n_columns, …) float32, evidence of each cell of a view.
        box: Where the view lies. What lies outside the image is lost, which is what was seen in padding.

    Returns:
        (GRID, GRID, …) float32.
    """
    down = _weights(cells.shape[0], box.top, box.bottom)
    across = _weights(cells.shape[1], box.left, box.right)
    turned = np.tensordot(across, np.tensordot(down, cells, axes=(1, 0)), axes=(1, 1))
    return np.ascontiguousarray(turned.swapaxes(0, 1))


@lru_cache(maxsize=256)
def _weights(n_cells: int, low: float, high: float) -> Floats:
    """Share of each cell of a view that each line of the grid takes, (GRID, n_cells); a column sums to 1 inside."""
    size = high - low
    # whole lines of the grid beyond its edges as well, so that no share is lost before it is cut off
    first, last = int(np.floor(low * GRID)), int(np.ceil(high * GRID))
    samples = (np.arange(first * PER_CELL, last * PER_CELL) + 0.5) / (GRID * PER_CELL)
    is_inside = (samples > low) & (samples < high)
    at = np.clip((samples - low) / size * n_cells - 0.5, 0, n_cells - 1)
    before = np.minimum(at.astype(int), n_cells - 1)
    after = np.minimum(before + 1, n_cells - 1)
    fine = np.zeros((len(samples), n_cells))
    rows = np.arange(len(samples))
    np.add.at(fine, (rows, before), (1 - (at - before)) * is_inside)
    np.add.at(fine, (rows, after), (at - before) * is_inside)
    lines = fine.reshape(last - first, PER_CELL, n_cells).sum(axis=1)
    total = lines.sum(axis=0)
    lines /= np.where(total > 0, total, 1)
    found = np.zeros((GRID, n_cells))
    shown = slice(max(first, 0), min(last, GRID))
    found[shown] = lines[shown.start - first:shown.stop - first]
    return found.astype(np.float32)


def border_share(heat: Floats) -> float:
    """Share of the evidence for a class that lies in the border, 0 … 1; `BORDER_AREA` where there is none."""
    positive = np.maximum(heat, 0)
    total = float(positive.sum())
    inner = float(positive[BAND:-BAND, BAND:-BAND].sum())
    return 1 - inner / total if total > 0 else BORDER_AREA


def share_inside(heat: Floats, box: Box) -> float:
    """Share of the evidence for a class that lies in a box, 0 … 1; 0 where there is none."""
    positive = np.maximum(heat, 0)
    total = float(positive.sum())
    rows, columns = (slice(round(low * GRID), round(high * GRID)) for low, high in (
        (box.top, box.bottom), (box.left, box.right)))
    return float(positive[rows, columns].sum()) / total if total > 0 else 0.0
