"""Which pictures belong together: all pairs of alike vectors, and groups of linked pictures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from core.jobs import JobContext

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

BLOCK = 2_048
MAX_PAIRS = 2_000_000
"""More pairs than this are not gathered: the pictures are then all alike, and pairs tell nothing."""

STAGE = "Comparing pictures"


def unit_rows(vectors: NDArray[np.floating]) -> Floats:
    """Rows scaled to length 1, float32; a row of zeros stays zero."""
    rows = vectors.astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    units: Floats = rows / np.maximum(lengths, 1e-12)
    return units


def alike_pairs(
    left: Floats, right: Floats, *, at_least: float, context: JobContext, is_same_set: bool = False
) -> tuple[Ints, Ints, Floats]:
    """All pairs whose inner product reaches a threshold, by blocks of matrix products.

    20,000 × 20,000 of 144 numbers take about two seconds on two cores, 1,280 numbers about ten.

    Args:
        left, right: (n, n_features) and (m, n_features) float32.
        at_least: Threshold on the inner product.
        context: Progress counts rows of `left`.
        is_same_set: Both are the same rows: keep only pairs with left < right.

    Returns:
        Rows of `left`, rows of `right`, and products, each (n_pairs,), in order of the rows.

    Raises:
        JobCancelled: The caller asked the job to end.
    """
    found: list[tuple[Ints, Ints, Floats]] = []
    n_pairs = 0
    for start, stop, first in _blocks(len(left), len(right), is_same_set):
        context.progress(start, len(left), stage=STAGE)
        products = left[start:stop] @ right[first:].T
        rows, columns = np.nonzero(products >= at_least)
        values = products[rows, columns]
        rows, columns = rows + start, columns + first
        if is_same_set:
            keep = rows < columns
            rows, columns, values = rows[keep], columns[keep], values[keep]
        found.append((rows, columns, values))
        n_pairs += len(rows)
        if n_pairs > MAX_PAIRS:
            break
    context.progress(len(left), len(left), stage=STAGE)
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32)
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))  # type: ignore[return-value]


def group_ids(n_images: int, left: Ints, right: Ints) -> Ints:
    """Number the groups that links form (union-find); an image without a link is a group of its own.

    Args:
        n_images: How many images there are.
        left, right: (n_links,) rows that belong together.

    Returns:
        (n_images,) int64 group of each image, numbered from 0.
    """
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(n_images, n_images))
    _, ids = connected_components(graph, directed=False)
    groups: Ints = ids.astype(np.int64)
    return groups


def groups_of(ids: Ints) -> tuple[Ints, ...]:
    """Rows of each group with at least two images, largest group first."""
    order = np.argsort(ids, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(ids[order])) + 1)
    return tuple(sorted((p for p in parts if len(p) > 1), key=lambda p: (-len(p), int(p[0]))))


def _blocks(n_left: int, n_right: int, is_same_set: bool) -> Iterator[tuple[int, int, int]]:
    """Start and stop on the left, and where to begin on the right."""
    for start in range(0, n_left, BLOCK):
        yield start, min(start + BLOCK, n_left), start if is_same_set and n_left == n_right else 0
