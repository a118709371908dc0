"""All pairs of similar vectors above a threshold, and the groups that linked images form.

Comparing all pairs grows with the square of their number, so a cheap bound goes first. Along a
few main directions P of the rows, x·y = Px·Py + (rest of x)·(rest of y) ≤ Px·Py + |rest of x| |rest of y|
(Cauchy–Schwarz): a product of some 48 numbers in place of 1,280 tells which pairs cannot be alike, and
none that is alike is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from core.jobs import JobContext
from core.text import Message

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

BLOCK = 1_024
TILE = 512
MAX_PAIRS = 2_000_000
"""More pairs than this are not gathered: the images are then all alike, and pairs tell nothing."""

MOST_DIRECTIONS = 48
WORTH_A_BOUND = 4
"""The bound is used where it has this many times fewer numbers than a row."""

N_SAMPLE = 1_024
"""Rows that the main directions are taken from; other directions only make the bound less sharp."""

FEW_PAIRS = 4_000**2
"""So few pairs are compared at once; looking for the directions would take longer."""

N_ROUNDS = 3
"""Rounds of subspace iteration; more make the directions a little better and the bound no more right."""

ROUNDING = 1e-4
"""The bound may be too low by this much, because float32 is used."""

BATCH = 65_536
CROWDED = 0.02
"""If the bound leaves more than this share of a block, the block is compared as a whole."""

STAGE = Message("jobs.comparing_images")


@dataclass(frozen=True, slots=True)
class SimilarPairs:
    """Pairs of rows whose inner product reaches a threshold, in order of the rows.

    Attributes:
        left, right: (n_pairs,) int64 rows of either side.
        likeness: (n_pairs,) float32 inner products.
        is_complete: False if there were more than `MAX_PAIRS`, and the others were left out.
    """

    left: Ints
    right: Ints
    likeness: Floats
    is_complete: bool = True


def unit_rows(vectors: NDArray[np.floating]) -> Floats:
    """Rows scaled to length 1, float32; a row of zeros stays zero."""
    rows = vectors.astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    units: Floats = rows / np.maximum(lengths, 1e-12)
    return units


def similar_pairs(
    left: Floats, right: Floats, *, at_least: float, context: JobContext, is_same_set: bool = False
) -> SimilarPairs:
    """All pairs whose inner product reaches a threshold.

    Args:
        left, right: (n, n_features) and (m, n_features) float32.
        at_least: Threshold on the inner product.
        context: Progress counts rows of `left`.
        is_same_set: Both are the same rows: keep only pairs with left < right.

    Raises:
        JobCancelled: The caller asked the job to end.
    """
    found: list[tuple[Ints, Ints, Floats]] = []
    n_pairs = 0
    # products of tiles are so short that BLAS's threads would wait for each other, by spinning
    with threadpool_limits(limits=1, user_api="blas"):
        bounds = _bounds(left, right)
        for start in range(0, len(left), BLOCK):
            context.progress(start, len(left), stage=STAGE)
            first = start if is_same_set and len(left) == len(right) else 0
            rows, columns = _candidates((left, right), bounds, (start, start + BLOCK, first), at_least)
            if is_same_set:
                rows, columns = rows[rows < columns], columns[rows < columns]
            found += _confirm(left, right, rows, columns, at_least)
            n_pairs = sum(len(part[0]) for part in found)
            if n_pairs > MAX_PAIRS:
                break
    context.progress(len(left), len(left), stage=STAGE)
    nothing = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))
    rows, columns, likeness = (np.concatenate(parts) for parts in zip(nothing, *found, strict=True))
    return SimilarPairs(rows, columns, likeness, n_pairs <= MAX_PAIRS)


def _candidates(
    sides: tuple[Floats, Floats], bounds: tuple[Floats, Floats], block: tuple[int, int, int], at_least: float
) -> tuple[Ints, Ints]:
    """Rows and columns of the pairs of a block that the bound leaves, in order.

    In tiles that stay in the processor's cache: products of so few numbers cost less than writing them to memory.
    """
    start, stop, first = block
    found = []
    for at in range(first, len(sides[1]), TILE):
        products = bounds[0][start:stop] @ bounds[1][at:at + TILE].T
        if products.max() < at_least - ROUNDING:
            continue
        is_candidate = products >= at_least - ROUNDING
        if np.count_nonzero(is_candidate) > CROWDED * is_candidate.size:
            is_candidate = sides[0][start:stop] @ sides[1][at:at + TILE].T >= at_least - ROUNDING
        rows, columns = np.divmod(np.flatnonzero(is_candidate), is_candidate.shape[1])
        found.append((rows + start, columns + at))
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    rows, columns = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.argsort(rows, kind="stable")
    return rows[order], columns[order]


def group_ids(n_images: int, left: Ints, right: Ints) -> Ints:
    """Number the groups that links form (union-find); an image without a link is a group of its own.

    Args:
        n_images: How many images there are.
        left, right: (n_links,) rows that belong together.

    Returns:
        (n_images,) int64 group of each image, numbered from 0.
    """
    from scipy.sparse import coo_array  # takes time, and kept results are read without it
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(n_images, n_images))
    _, ids = connected_components(graph, directed=False)
    groups: Ints = ids.astype(np.int64)
    return groups


def groups_of(ids: Ints) -> tuple[Ints, ...]:
    """Rows of each group with at least two images, largest group first."""
    order = np.argsort(ids, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(ids[order])) + 1)
    return tuple(sorted((p for p in parts if len(p) > 1), key=lambda p: (-len(p), int(p[0]))))


def _bounds(left: Floats, right: Floats) -> tuple[Floats, Floats]:
    """Short rows whose inner products are never below those of the long rows, but for rounding."""
    n_directions = min(MOST_DIRECTIONS, right.shape[1] // WORTH_A_BOUND)
    if n_directions < 1 or len(right) < 2 * n_directions or len(left) * len(right) < FEW_PAIRS:
        return left, right
    sample = right[:: max(1, len(right) // N_SAMPLE)][:N_SAMPLE]
    directions = _main_directions(sample, n_directions)
    short = []
    for rows in (left,) if left is right else (left, right):
        along = rows @ directions
        rest = np.sqrt(np.maximum((rows * rows).sum(axis=1) - (along * along).sum(axis=1), 0.0))
        short.append(np.column_stack([along, rest]).astype(np.float32))
    return short[0], short[-1]


def _main_directions(sample: Floats, n_directions: int) -> Floats:
    """Orthonormal columns, (n_features, n_directions) float32, along which the rows are about longest.

    Subspace iteration from random directions (Halko, Martinsson & Tropp 2011).
    """
    directions = np.random.default_rng(0).normal(size=(sample.shape[1], n_directions)).astype(np.float32)
    for _ in range(N_ROUNDS):
        directions, _ = np.linalg.qr(sample.T @ (sample @ directions))
    return np.ascontiguousarray(directions, np.float32)


def _confirm(
    left: Floats, right: Floats, rows: Ints, columns: Ints, at_least: float
) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Of the candidates those whose inner product does reach the threshold."""
    for start in range(0, len(rows), BATCH):
        a, b = rows[start:start + BATCH], columns[start:start + BATCH]
        products = np.einsum("ij,ij->i", left[a], right[b])
        keep = products >= at_least
        yield a[keep], b[keep], products[keep]
