"""Cuts labelled images into parts or folds: copies and twins never apart, and no class stops the others.

A class with too few different images for every part is learnt from all the same; what cannot be measured of it
is said by name.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import block_array, coo_array
from scipy.sparse.csgraph import connected_components

from core.errors import TrainingDataError
from core.project.splits import assign_folds, hash_groups
from core.text import Message

TRAIN, VALIDATION, HELD_BACK = 0, 1, 2

TWINS_PARTED = Message("training.twins_parted")

MAX_NAMED, MAX_FEW = 10, 30

LEAST_CLASSES = 2
"""Fewer classes that can be judged would give a figure that says nothing."""


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
) -> tuple[NDArray[np.int64], tuple[Message, ...]]:
    """Groups for `cut_in_parts`; copies alone, and a note that says so, where nothing could be judged otherwise.

    Args:
        labels: (n_images,) int64, at least one image.
        hashes, twins: See `keep_together`.
        n_parts: Parts that a class reaches into if it can be judged.
    """
    groups, copies = keep_together(hashes, twins), hash_groups(hashes)
    n_judged, n_by_copies = (
        int((count_distinct(labels, g) >= n_parts).sum()) for g in (groups, copies))
    if n_judged < LEAST_CLASSES <= n_by_copies:
        return copies, (TWINS_PARTED,)
    return groups, ()


def count_distinct(labels: NDArray[np.int64], groups: NDArray[np.int64], n_classes: int = 0) -> NDArray[np.int64]:
    """How many different images each class has, (n_classes,) int64; those of one group count once."""
    pairs = np.unique(np.stack([labels, groups]), axis=1)
    return np.bincount(pairs[0], minlength=n_classes)


def plan_folds(
    labels: NDArray[np.int64], groups: NDArray[np.int64], *, classes: Sequence[str], n_folds: int, seed: int
) -> NDArray[np.int64]:
    """Folds in which each class with two different images or more is held back; −1 for images of the others.

    A class with a single image cannot be learnt from and judged at once: it is learnt from in every fold and
    judged in none. A class with fewer images than folds is held back in as many folds as it has images.

    Returns:
        (n_images,) int64 in 0 … n_folds − 1 or −1; none of the folds is empty.

    Raises:
        TrainingDataError: Fewer than two classes have two different images (copies count once).
    """
    n_distinct = count_distinct(labels, groups, len(classes))
    _require_enough(n_distinct, classes, 2)
    is_judged = n_distinct[labels] >= 2
    folds = np.full(len(labels), -1, np.int64)
    found = assign_folds(labels[is_judged], groups[is_judged], n_folds=n_folds, seed=seed)
    folds[is_judged] = np.unique(found, return_inverse=True)[1]
    of_group = dict(zip(groups[is_judged].tolist(), folds[is_judged].tolist(), strict=True))
    # a copy under another label is held back with its copies
    return np.array([of_group.get(group, -1) for group in groups.tolist()], np.int64)


def say_unjudged(
    labels: NDArray[np.int64], is_judged: NDArray[np.bool_], classes: Sequence[str]
) -> tuple[Message, ...]:
    """Notes that name the classes without a figure of their own, and those that could not even be learnt.

    Args:
        labels: (n_images,) int64 of the images that could be read.
        is_judged: Whether each was judged by a model that had not seen it, (n_images,) bool.
        classes: Names.
    """
    counts = np.bincount(labels, minlength=len(classes))
    n_judged = np.bincount(labels[is_judged], minlength=len(classes))
    rows = list(zip(classes, counts, n_judged, strict=True))
    single = [name for name, n, judged in rows if n and not judged]
    unread = [name for name, n, _ in rows if not n]
    return tuple(
        Message(code, names=name_classes(names), n=len(names))
        for code, names in (("training.unjudged", single), ("training.unreadable_class", unread)) if names
    )


def name_classes(names: Sequence[str], *, limit: int = MAX_NAMED) -> tuple[Message, ...]:
    """Names in quotation marks, cut after `limit` with “7 more”, for a list in a sentence."""
    quoted = tuple(Message("text.quoted", word=name) for name in names[:limit])
    return quoted if len(names) <= limit else (*quoted, Message("training.n_more", n=len(names) - limit))


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
        (n_images,) int64 of 0 … len(shares) − 1; each class has at least one image in each part. A class with
        too few different images for that has one in the first part, and one in the last if it has two.

    Raises:
        TrainingDataError: Fewer than two classes have as many different images as there are parts.
    """
    _, first, group = np.unique(np.array([h.hex() for h in hashes]), return_index=True, return_inverse=True)
    group_labels = labels[first]
    _require_enough(np.bincount(group_labels, minlength=len(classes)), classes, len(shares))
    rng = np.random.default_rng(seed)
    part_of_group = np.zeros(len(first), np.int64)
    for class_index in np.unique(group_labels):
        members = rng.permutation(np.flatnonzero(group_labels == class_index))
        part_of_group[members] = np.repeat(np.arange(len(shares)), _counts(len(members), shares))
    return part_of_group[group]


def _counts(n: int, shares: Sequence[float]) -> NDArray[np.int64]:
    """How many of n groups each part gets: near its share, at least one where there are so many, n in all."""
    if n < len(shares):
        counts = np.zeros(len(shares), np.int64)
        counts[0], counts[-1] = n - (n > 1), n > 1
        return counts
    wanted = np.asarray(shares, np.float64) / sum(shares) * n
    counts = np.maximum(1, np.floor(wanted)).astype(np.int64)
    while counts.sum() > n:
        counts[np.argmax(counts)] -= 1
    for at in np.argsort(counts - wanted, kind="stable")[: n - counts.sum()]:
        counts[at] += 1
    return counts


def _require_enough(n_distinct: NDArray[np.int64], classes: Sequence[str], n_parts: int) -> None:
    """Refuse where fewer than two classes have `n_parts` different images, naming all that have not."""
    if len(classes) < LEAST_CLASSES:
        raise TrainingDataError("training.only_one_class")
    enough = [name for name, n in zip(classes, n_distinct, strict=True) if n >= n_parts]
    if len(enough) >= LEAST_CLASSES:
        return
    few = tuple(
        Message("training.class_has", class_name=name, n=int(n)) if n
        else Message("training.class_has_none", class_name=name)
        for name, n in zip(classes, n_distinct, strict=True) if n < n_parts
    )
    if len(few) > MAX_FEW:
        few = (*few[:MAX_FEW], Message("training.n_more", n=len(few) - MAX_FEW))
    if enough:
        raise TrainingDataError("training.only_one_suffices", class_name=enough[0], n_parts=n_parts, few=few)
    raise TrainingDataError("training.none_suffices", n_parts=n_parts, few=few)
