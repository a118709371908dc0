"""Cut labelled images into parts: every class in each part, copies and twins never apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import block_array, coo_array
from scipy.sparse.csgraph import connected_components

from core.errors import TrainingDataError
from core.project.splits import hash_groups

TRAIN, VALIDATION, HELD_BACK = 0, 1, 2

TWINS_PARTED = "Pictures that are alike were not kept together: a class consists of too few others."


def keep_together(hashes: Sequence[bytes], twins: Sequence[int] | NDArray[np.int64] = ()) -> NDArray[np.int64]:
    """Groups of images that must never lie on both sides of learning and judging.

    Args:
        hashes: Of each image's file; copies are always together.
        twins: Equal numbers mark images that are alike in another way, one for each image; empty for none.

    Returns:
        (n_images,) int64, equal for images that stay together, also through a third one.
    """
    copies = hash_groups(hashes)
    if not len(twins):
        return copies
    numbers = np.unique(np.asarray(twins, np.int64), return_inverse=True)[1]
    links = coo_array((np.ones(len(copies)), (copies, numbers)), shape=(copies.max() + 1, numbers.max() + 1))
    both = block_array([[None, links], [links.T, None]])
    found: NDArray[np.int64] = connected_components(both, directed=False)[1][copies].astype(np.int64)
    return found


def choose_groups(
    labels: NDArray[np.int64], hashes: Sequence[bytes], twins: Sequence[int] | NDArray[np.int64], *, n_parts: int,
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Groups for `cut_in_parts`, and a note where only copies were kept together because of a class without enough.

    Args:
        labels: (n_images,) int64, at least one image.
        hashes, twins: See `keep_together`.
        n_parts: Parts that each class must reach into.
    """
    groups = keep_together(hashes, twins)
    _, first = np.unique(groups, return_index=True)
    copies = hash_groups(hashes)
    if len(twins) and np.bincount(labels[first], minlength=int(labels.max()) + 1).min() < n_parts:
        return copies, () if len(np.unique(copies)) == len(first) else (TWINS_PARTED,)
    return groups, ()


def group_keys(hashes: Sequence[bytes], groups: NDArray[np.int64]) -> list[bytes]:
    """For each image the least hash of its group, so that a cut depends on the pictures and not on their order."""
    least: dict[int, bytes] = {}
    for content, group in zip(hashes, groups.tolist(), strict=True):
        least[group] = min(content, least.get(group, content))
    return [least[group] for group in groups.tolist()]


def cut_in_parts(
    labels: NDArray[np.int64], hashes: Sequence[bytes], *, shares: Sequence[float], seed: int,
    classes: Sequence[str],
) -> NDArray[np.int64]:
    """The number of the part that each image belongs to.

    Args:
        labels: (n_images,) int64, 0 … n_classes − 1.
        hashes: For each image the hash of its file, or that of its group; equal ones stay together.
        shares: Share of each part, at least two, all above 0; scaled to sum to 1.
        seed: The same seed gives the same parts.
        classes: Names, for the sentence of an error.

    Returns:
        (n_images,) int64 of 0 … len(shares) − 1; each class has at least one image in each part.

    Raises:
        TrainingDataError: Fewer than two classes, or a class with fewer distinct images than parts.
    """
    _, first, group = np.unique(np.array([h.hex() for h in hashes]), return_index=True, return_inverse=True)
    group_labels = labels[first]
    _require_enough(group_labels, classes, len(shares))
    rng = np.random.default_rng(seed)
    part_of_group = np.zeros(len(first), np.int64)
    for class_index in np.unique(group_labels):
        members = rng.permutation(np.flatnonzero(group_labels == class_index))
        part_of_group[members] = np.repeat(np.arange(len(shares)), _counts(len(members), shares))
    return part_of_group[group]


def _counts(n: int, shares: Sequence[float]) -> NDArray[np.int64]:
    """How many of n groups each part gets: near its share, at least one, n in all."""
    wanted = np.asarray(shares, np.float64) / sum(shares) * n
    counts = np.maximum(1, np.floor(wanted)).astype(np.int64)
    while counts.sum() > n:
        counts[np.argmax(counts)] -= 1
    for at in np.argsort(counts - wanted, kind="stable")[: n - counts.sum()]:
        counts[at] += 1
    return counts


def _require_enough(group_labels: NDArray[np.int64], classes: Sequence[str], n_parts: int) -> None:
    if len(classes) < 2:
        raise TrainingDataError("There is only one class.", "Make a second class and label some images with it.")
    counts = np.bincount(group_labels, minlength=len(classes))
    rarest = int(counts.argmin())
    if counts[rarest] < n_parts:
        have = {0: "no labelled image", 1: "only one labelled image"}.get(
            int(counts[rarest]), f"only {counts[rarest]} different labelled images")
        raise TrainingDataError(
            f"The class “{classes[rarest]}” has {have}.", f"Label at least {n_parts} different images of each class.",
        )
