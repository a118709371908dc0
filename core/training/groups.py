"""Decides which images stay together when images are cut into folds or parts, and says what that does to the figure.

Duplicates always do; so do groups of a table that the user names. With the setting `auto`, so do the groups of the
first source (folder, series of file names, capture time, near-duplicates) that makes sense and without which the
accuracy would appear higher: a subfolder that makes no difference is a way to keep files, and not a scene. A source
makes sense where it finds several groups in the classes and none that is most of a class. A class with too few groups
of a source is split without regard to them, and named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.backbones.registry import DEFAULT, find_backbone
from core.errors import AppError
from core.jobs import JobContext
from core.review.metrics import design_effect
from core.text import Message
from core.training import group_sources
from core.training.capture_times import read_capture_times
from core.training.folds import (
    LEAST_CLASSES, count_distinct, keep_duplicates, keep_together, name_classes, owning_classes,
)
from core.training.group_effect import GroupEffect, compare_groupings
from core.training.group_sources import MOST_COMPARED
from core.training.strategies.transfer import AUTO, DUPLICATES, FOLDER, NEAR, SERIES, TABLE, TIME

if TYPE_CHECKING:
    from core.training.job import TrainJob

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

SOURCES = (FOLDER, SERIES, TIME, NEAR)
"""In the order in which they are tried."""

LEAST_GROUPED = 0.1
"""`auto` takes a source only if at least this share of the images has another one in its group."""

LEAST_GROUPS = 4
"""`auto` wants so many groups in a class: with fewer, a fold without one of them has lost much of the class."""

LARGEST_GROUP = 0.5
"""`auto` wants no group with more than this share of a class."""

MOST_UNFIT = 0.2
"""`auto` takes a source only if at most this share of the images is in classes that it does not suit."""


@dataclass(frozen=True, slots=True, eq=False)
class GroupChoice:
    """Which images stay together.

    Attributes:
        groups: Equal for images that stay together, (n_images,) int64.
        source: Where they come from, a value of the setting `groups`; `DUPLICATES` where nothing but these is used.
        asked: The setting.
        n_groups, n_grouped: Groups of several images besides duplicates, and the images in them.
        effect: The accuracy of a linear model with groups together and split; None where it was not measured.
        split_classes: Classes whose images were split all the same, for they have too few groups.
        rejected: Why `auto` did not take other sources, by their names: `no_groups`, `too_few`, `no_effect`.
        notes: What the user should read.
    """

    groups: Ints
    source: str = DUPLICATES
    asked: str = AUTO
    n_groups: int = 0
    n_grouped: int = 0
    effect: GroupEffect | None = None
    split_classes: tuple[str, ...] = ()
    rejected: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Message, ...] = ()

    def design_effect(self, is_right: NDArray[np.bool_], rows: Ints) -> float:
        """See `core.review.metrics.design_effect`, of the judged rows; 1 where only duplicates stayed together."""
        return round(design_effect(is_right, self.groups[rows]), 4) if self.n_groups else 1.0

    def to_json(self) -> dict[str, Any]:
        """Part of `fit["groups"]` in run.json and of `groups` in `train --json`."""
        effect = self.effect
        return {
            "source": self.source, "asked": self.asked, "n_groups": self.n_groups, "n_images": self.n_grouped,
            "accuracy_together": effect and round(effect.together, 4),
            "accuracy_split": effect and round(effect.split, 4),
            "split_classes": list(self.split_classes), "rejected": dict(self.rejected),
        }


@dataclass(frozen=True, slots=True, eq=False)
class _Grouping:
    """Groups of one source, together with duplicates.

    Attributes:
        own: Whether an image has another one in its group beside its duplicates, (n_images,) bool.
        unfit: Classes in which groups do not count, (n_unfit,) int64.
    """

    groups: Ints
    own: NDArray[np.bool_]
    unfit: Ints
    reason: str = ""


def choose_groups(
    job: TrainJob, places: Ints, labels: Ints, *, classes: tuple[str, ...], n_parts: int,
    read_features: Callable[[], Floats], context: JobContext,
) -> GroupChoice:
    """The groups that the setting asks for.

    Args:
        places: Of the images in the job, (n_images,) int64, at least one.
        labels: Index into `classes` of each, (n_images,) int64.
        n_parts: Parts that a class reaches into if it can be judged.
        read_features: Embeddings of these images, (n_images, n_features) float32; called where they are needed. Where
            it raises an `AppError`, the effect is not measured and `auto` takes the first source that makes sense.
    """
    hashes = [job.images[at].content_hash for at in places]
    known = np.asarray(job.groups)[places] if len(job.groups) else ()
    split, notes = keep_duplicates(labels, hashes, known, n_parts=n_parts)
    asked = TABLE if job.table_groups else getattr(job.settings, "groups", DUPLICATES)
    search = _Search(job, places, labels, classes, n_parts, split, read_features, context)
    if asked == AUTO:
        choice = _choose_first(search)
    elif asked in (*SOURCES, TABLE):
        choice = _take(search, asked)
    else:
        choice = GroupChoice(split, asked)
    return replace(choice, asked=asked, notes=(*notes, *choice.notes))


@dataclass(slots=True)
class _Search:
    """What is looked for in which images, and their embeddings once they are read."""

    job: TrainJob
    places: Ints
    labels: Ints
    classes: tuple[str, ...]
    n_parts: int
    split: Ints
    read_features: Callable[[], Floats]
    context: JobContext
    _features: Floats | None = None
    _is_read: bool = False

    @property
    def features(self) -> Floats | None:
        """(n_images, n_features) float32; None where there are none to be had."""
        if not self._is_read:
            self._is_read = True
            try:
                # outputs of earlier stages follow the final features, by which near-duplicates are told
                n_final = find_backbone(getattr(self.job.settings, "backbone", DEFAULT)).n_features
                self._features = self.read_features()[:, :n_final]
            except AppError:
                self._features = None
        return self._features

    def measure(self, groups: Ints) -> GroupEffect | None:
        """What these groups do to the accuracy."""
        if self.features is None:
            return None
        return compare_groupings(
            self.features, self.labels, groups, self.split, classes=self.classes, seed=self.job.settings.seed,
            context=self.context,
        )

    def candidates(self, source: str) -> Iterator[Ints]:
        """The groupings of a source, the coarsest first."""
        images = [self.job.images[at] for at in self.places]
        paths = [Path(image.path) for image in images]
        if source == FOLDER:
            yield from group_sources.folder_groups(paths, self.labels, self.classes)
        elif source == SERIES:
            yield from group_sources.series_groups(paths)
        elif source == TABLE:
            yield from group_sources.named_groups([self.job.table_groups[at] for at in self.places])
        elif source == TIME:
            taken = read_capture_times(images, self.context, cache=self.job.capture_times)
            yield from group_sources.time_groups(taken)
        elif source == NEAR and len(images) <= MOST_COMPARED and self.features is not None:
            yield from group_sources.near_groups(self.features, self.context)


def _choose_first(search: _Search) -> GroupChoice:
    """The first source that makes sense and changes the accuracy."""
    rejected: dict[str, str] = {}
    for source in SOURCES:
        found = _best_grouping(search, source, is_asked_for=False)
        if found.reason:
            rejected[source] = found.reason
            continue
        effect = search.measure(found.groups)
        if effect is not None and not effect.is_clear:
            rejected[source] = "no_effect"
            continue
        return _describe(search, source, found, effect, rejected)
    return GroupChoice(search.split, rejected=rejected)


def _take(search: _Search, source: str) -> GroupChoice:
    """The groups of one source whatever they do; duplicates alone, and a note, where it finds none."""
    found = _best_grouping(search, source, is_asked_for=True)
    if found.reason:
        note = Message(f"training.groups.none.{source.replace(' ', '_')}")
        return GroupChoice(search.split, rejected={source: found.reason}, notes=(note,))
    return _describe(search, source, found, search.measure(found.groups), {})


def _best_grouping(search: _Search, source: str, *, is_asked_for: bool) -> _Grouping:
    """The coarsest grouping of a source that makes sense, or the last one with the reason why none does."""
    found = _Grouping(search.split, np.zeros(len(search.labels), bool), np.empty(0, np.int64), "no_groups")
    for numbers in search.candidates(source):
        found = _fit(search, numbers, is_asked_for=is_asked_for)
        if not found.reason:
            break
    return found


def _fit(search: _Search, numbers: Ints, *, is_asked_for: bool) -> _Grouping:
    """Groups of a source as they can be used: with duplicates, and not in classes that have too few of them."""
    labels, split = search.labels, search.split
    counts = np.bincount(labels, minlength=len(search.classes))
    n_groups, largest = _groups_of_classes(labels, numbers, len(search.classes))
    least = search.n_parts if is_asked_for else max(LEAST_GROUPS, search.n_parts)
    n_owned = np.bincount(owning_classes(labels, *_first_of_each(numbers)), minlength=len(counts))
    is_unfit = (counts > 0) & ((n_groups < least) | (n_owned < search.n_parts))
    if not is_asked_for:
        is_unfit |= largest > np.maximum(LARGEST_GROUP * counts, 1)
    single = numbers.max() + 1 + np.arange(len(labels))
    groups = keep_together([b"%d" % number for number in split], np.where(is_unfit[labels], single, numbers))
    own = _has_other(groups, split)
    unfit = np.flatnonzero(is_unfit & _grouped_classes(labels, numbers, len(search.classes)))
    reason = ""
    if not own.any() or not is_asked_for and own.mean() < LEAST_GROUPED:
        reason = "too_few" if len(unfit) else "no_groups"
    elif not is_asked_for and counts[is_unfit].sum() > MOST_UNFIT * len(labels):
        reason = "too_few"
    elif (count_distinct(labels, groups) >= search.n_parts).sum() < LEAST_CLASSES:  # nothing could be judged
        reason = "too_few"
    return _Grouping(groups, own, unfit, reason)


def _describe(
    search: _Search, source: str, found: _Grouping, effect: GroupEffect | None, rejected: Mapping[str, str],
) -> GroupChoice:
    n_groups, n_grouped = len(np.unique(found.groups[found.own])), int(found.own.sum())
    names = tuple(search.classes[at] for at in found.unfit)
    notes = [Message(f"training.groups.kept.{source.replace(' ', '_')}", n=n_groups, n_images=n_grouped)]
    if effect is not None:
        code = "higher" if effect.is_clear else "same"
        notes.append(Message(f"training.groups.effect.{code}", together=effect.together, split=effect.split))
    if names:
        notes.append(Message("training.groups.too_few", names=name_classes(names), n=len(names)))
    return GroupChoice(
        found.groups, source, n_groups=n_groups, n_grouped=n_grouped, effect=effect, split_classes=names,
        rejected=rejected, notes=tuple(notes),
    )


def _groups_of_classes(labels: Ints, numbers: Ints, n_classes: int) -> tuple[Ints, Ints]:
    """How many groups each class has, and how many of its images the largest has, (n_classes,) int64 each."""
    pairs, sizes = np.unique(np.stack([labels, numbers]), axis=1, return_counts=True)
    largest = np.zeros(n_classes, np.int64)
    np.maximum.at(largest, pairs[0], sizes)
    return np.bincount(pairs[0], minlength=n_classes), largest


def _first_of_each(numbers: Ints) -> tuple[Ints, Ints]:
    """The groups numbered from 0, (n_images,) int64, and an image of each, (n_groups,) int64."""
    _, first, group = np.unique(numbers, return_index=True, return_inverse=True)
    return group, first


def _grouped_classes(labels: Ints, numbers: Ints, n_classes: int) -> NDArray[np.bool_]:
    """Whether a class has a group of several images, (n_classes,) bool."""
    return _groups_of_classes(labels, numbers, n_classes)[1] > 1


def _has_other(groups: Ints, split: Ints) -> NDArray[np.bool_]:
    """Whether the group of an image has more than its duplicates, (n_images,) bool."""
    pairs = np.unique(np.stack([groups, split]), axis=1)
    return np.bincount(pairs[0], minlength=int(groups.max()) + 1)[groups] > 1
