"""Cuts labelled images into parts or folds: stratified, seeded, copies and twins never apart.

A class with too few different images for every part is learnt from all the same; what cannot be measured of it
is said by name.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.errors import TrainingDataError
from core.text import Message
from core.text.names import short_name

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
    from scipy.sparse import block_array, coo_array  # only now: the window loads this module as it starts
    from scipy.sparse.csgraph import connected_components

    copies = hash_groups(hashes)
    if not len(twins):
        return copies
    numbers = np.unique(np.asarray(twins, np.int64), return_inverse=True)[1]
    links = coo_array((np.ones(len(copies)), (copies, numbers)), shape=(copies.max() + 1, numbers.max() + 1))
    both = block_array([[None, links], [links.T, None]])
    found: NDArray[np.int64] = connected_components(both, directed=False)[1][copies].astype(np.int64)
    return found


def keep_duplicates(
    labels: NDArray[np.int64], hashes: Sequence[bytes], twins: Sequence[int] | NDArray[np.int64], *, n_parts: int,
) -> tuple[NDArray[np.int64], tuple[Message, ...]]:
    """Groups of duplicates; copies alone, and a note that says so, where nothing could be judged otherwise.

    Args:
        labels: (n_images,) int64, at least one image.
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


def name_classes(names: Sequence[str]) -> tuple[Message, ...]:
    """Names in quotation marks, cut after `MAX_NAMED` with “7 more”, for a list in a sentence."""
    quoted = tuple(Message("text.quoted", word=short_name(name)) for name in names[:MAX_NAMED])
    return quoted if len(names) <= MAX_NAMED else (*quoted, Message("training.n_more", n=len(names) - MAX_NAMED))


def group_keys(hashes: Sequence[bytes], groups: NDArray[np.int64]) -> list[bytes]:
    """For each image the least hash of its group, so that a cut depends on the images and not on their order."""
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
        classes: Names, for the sentence of an error.

    Returns:
        (n_images,) int64 of 0 … len(shares) − 1; each class has at least one image in each part. A class with
        too few different images for that has one in the first part, and one in the last if it has two.

    Raises:
        TrainingDataError: Fewer than two classes have as many different images as there are parts.
    """
    _, first, group = np.unique(np.array([h.hex() for h in hashes]), return_index=True, return_inverse=True)
    group_labels = owning_classes(labels, group, first)
    _require_enough(np.bincount(group_labels, minlength=len(classes)), classes, len(shares))
    rng = np.random.default_rng(seed)
    part_of_group = np.zeros(len(first), np.int64)
    for class_index in np.unique(group_labels):
        members = rng.permutation(np.flatnonzero(group_labels == class_index))
        part_of_group[members] = np.repeat(np.arange(len(shares)), _counts(len(members), shares))
    return part_of_group[group]


def owning_classes(
    labels: NDArray[np.int64], group: NDArray[np.int64], first: NDArray[np.int64]
) -> NDArray[np.int64]:
    """For each group the class among whose groups it is dealt out, (n_groups,) int64.

    That of its images; where these are of several classes, the one that has the fewest groups so far.

    Args:
        group: Of each image, 0 … n_groups − 1, (n_images,) int64.
        first: An image of each group, (n_groups,) int64.
    """
    owners = labels[first]
    of_class, of_group = np.unique(np.stack([labels, group]), axis=1)
    n_classes = np.bincount(of_group)
    n_owned = np.bincount(owners[n_classes == 1], minlength=int(labels.max()) + 1)
    for mixed in np.flatnonzero(n_classes > 1):
        candidates = of_class[of_group == mixed]
        owners[mixed] = candidates[n_owned[candidates].argmin()]
        n_owned[owners[mixed]] += 1
    return owners


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


def assign_folds(labels: np.ndarray, groups: np.ndarray, *, n_folds: int, seed: int) -> np.ndarray:
    """Give each image a fold so that every fold holds about the same share of every class.

    Images of one group never part: a copy of a training image among the images that judge the
    model would flatter it. Where groups are single images, the sizes of a class in two folds, and
    the sizes of two folds, differ by one at most.

    Args:
        labels: Class index of each image, (n_images,) int, 0 or more.
        groups: Group of each image, (n_images,) int; see `hash_groups`.
        n_folds: 2 or more.

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
