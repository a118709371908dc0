"""Cutting labelled images into folds: stratified, seeded, exact duplicates kept together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def assign_folds(labels: np.ndarray, groups: np.ndarray, *, n_folds: int, seed: int) -> np.ndarray:
    """Give each image a fold so that every fold holds about the same share of every class.

    Images of one group never part: a copy of a training image among the images that judge the
    model would flatter it. Where groups are single images, the sizes of a class in two folds, and
    the sizes of two folds, differ by one at most.

    Args:
        labels: Class index of each image, (n_images,) int, 0 or more.
        groups: Group of each image, (n_images,) int; see `hash_groups`.
        n_folds: 2 or more.
        seed: The same seed gives the same folds.

    Returns:
        Fold of each image, (n_images,) int64, 0 … n_folds - 1.

    Raises:
        ValueError: Fewer than two folds, or arrays of different lengths.
    """
    if n_folds < 2 or len(labels) != len(groups):
        raise ValueError(f"expected n_folds >= 2 and as many groups as labels, received {n_folds}, "
                         f"{len(groups)} groups and {len(labels)} labels")
    rng = np.random.default_rng(seed)
    folds = np.full(len(labels), -1, dtype=np.int64)
    if not len(labels):
        return folds
    counts = np.zeros((int(labels.max()) + 1, n_folds), dtype=np.int64)
    _, inverse, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    _deal_groups(labels, inverse, sizes, folds, counts, rng)
    singles = np.flatnonzero(folds < 0)
    for label in np.unique(labels[singles]):
        members = rng.permutation(singles[labels[singles] == label])
        folds[members] = rng.permutation(_fill(counts, int(label), len(members), rng))
    return folds


def hash_groups(content_hashes: Sequence[bytes]) -> np.ndarray:
    """Group numbers, (n_images,) int64: equal for images with equal content."""
    seen: dict[bytes, int] = {}
    return np.fromiter((seen.setdefault(h, len(seen)) for h in content_hashes), np.int64, len(content_hashes))


def _deal_groups(
    labels: np.ndarray, inverse: np.ndarray, sizes: np.ndarray, folds: np.ndarray, counts: np.ndarray,
    rng: np.random.Generator,
) -> None:
    """Put groups of several images, largest first, where their classes are rarest so far."""
    several = np.flatnonzero(sizes > 1)
    several = rng.permutation(several)
    several = several[np.argsort(-sizes[several], kind="stable")]
    order = np.argsort(inverse, kind="stable")
    starts = np.concatenate(([0], np.cumsum(sizes)))
    for group in several:
        members = order[starts[group] : starts[group + 1]]
        own = np.bincount(labels[members], minlength=len(counts))
        load = (counts[own > 0] * own[own > 0, None]).sum(axis=0)
        fold = int(np.lexsort((counts.sum(axis=0), load))[0])
        folds[members] = fold
        counts[:, fold] += own


def _fill(counts: np.ndarray, label: int, n: int, rng: np.random.Generator) -> np.ndarray:
    """Folds for `n` single images of a class, levelling what the folds hold; updates `counts`."""
    row, n_folds = counts[label], counts.shape[1]
    level = _water_level(row, n)
    need = np.maximum(level - row, 0)
    rest = n - int(need.sum())
    # the odd ones go where the fold as a whole is smallest, so that small classes do not all start in fold 0
    can_take = np.flatnonzero(row + need == level)
    tie = rng.permutation(n_folds)[can_take]
    need[can_take[np.lexsort((tie, counts.sum(axis=0)[can_take] + need[can_take]))][:rest]] += 1
    counts[label] += need
    return np.repeat(np.arange(n_folds), need)


def _water_level(row: np.ndarray, n: int) -> int:
    """The highest level to which `n` more can fill all folds that lie below it."""
    heights = np.sort(row)
    for i in range(len(heights), 0, -1):
        level = (n + int(heights[:i].sum())) // i
        if level >= heights[i - 1]:
            return level
    return int(heights[0])
