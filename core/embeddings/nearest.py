"""Exact nearest neighbours among many points, and where new points lie in a layout of the known ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Progress = Callable[[int, int], None]
"""Hears how many points of how many are done; may raise to end the work."""

BYTES_AT_ONCE = 64 * 1024**2
"""Of distances that are held at once."""

N_AROUND = 10
"""Neighbours that tell where a new point lies."""

LEAST = 1e-12


def nearest_neighbours(
    points: NDArray[np.float32], among: NDArray[np.float32], n_neighbours: int, *, is_same: bool = False,
    progress: Progress = lambda done, total: None,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The nearest of some points by Euclidean distance, found by comparing with all.

    Args:
        points: (n_points, n_axes) float32, whose neighbours are sought.
        among: (n_among, n_axes) float32, where they are sought.
        n_neighbours: 1 … n_among, one less with `is_same`.
        is_same: `points` are `among`; none is its own neighbour.
        progress: Called between blocks.

    Returns:
        Places in `among` and distances, nearest first, each (n_points, n_neighbours).
    """
    n_points = len(points)
    places = np.empty((n_points, n_neighbours), np.int64)
    distances = np.empty((n_points, n_neighbours), np.float32)
    n_at_once = max(BYTES_AT_ONCE // (4 * max(len(among), 1)), 1)
    squares = np.einsum("ij,ij->i", among, among)
    for start in range(0, n_points, n_at_once):
        progress(start, n_points)
        block = points[start:start + n_at_once]
        rows = np.arange(len(block))
        # the square of the point itself is the same in each row and does not change the order
        compared = squares[None] - 2 * block @ among.T
        if is_same:
            compared[rows, start + rows] = np.inf
        best = np.argpartition(compared, n_neighbours - 1, axis=1)[:, :n_neighbours]
        exact = np.linalg.norm(among[best] - block[:, None], axis=2)
        order = np.argsort(exact, axis=1, kind="stable")
        places[start:start + len(block)] = np.take_along_axis(best, order, 1)
        distances[start:start + len(block)] = np.take_along_axis(exact, order, 1)
    progress(n_points, n_points)
    return places, distances


def place_among(
    points: NDArray[np.float32], known: NDArray[np.float32], layout: NDArray[np.float32], *,
    progress: Progress = lambda done, total: None,
) -> NDArray[np.float32]:
    """Where new points lie in a layout of known ones: the median of their nearest neighbours' places there.

    The median, as in openTSNE's `initialization.median`, and not the mean: between two groups a point would lie in
    the empty middle, where no image like it is.

    Args:
        points: (n_points, n_axes) float32.
        known: (n_known, n_axes) float32 of the same axes, n_known ≥ 1.
        layout: (n_known, 2) float32, where the known ones lie.

    Returns:
        (n_points, 2) float32.
    """
    if not len(points):
        return np.zeros((0, 2), np.float32)
    places, distances = nearest_neighbours(points, known, min(N_AROUND, len(known)), progress=progress)
    found = np.median(layout[places], axis=1).astype(np.float32)
    is_same = distances[:, 0] <= LEAST
    found[is_same] = layout[places[is_same, 0]]
    return np.asarray(found)
