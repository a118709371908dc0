"""What a training would learn from right now, and what may go wrong with it, said before it starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.project.classes import list_classes
from core.project.project import Project

LEAST_OF_CLASS = 5
"""With fewer pictures a class can hardly be judged: each one moves its figure by a fifth or more."""

STRONG_IMBALANCE = 10
"""From this many times more pictures in the largest class than in the smallest, the smallest is often overlooked."""

LONGEST_NAME = 32
"""Longer names of classes lose their middle in a sentence."""

MAX_NAMED = 12
"""So many classes are named in a sentence; the others are counted."""


@dataclass(frozen=True, slots=True)
class ClassCount:
    """How many labelled pictures of one class can be learnt from."""

    class_id: int
    name: str
    n_images: int


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What lies ready to learn from; readable pictures only.

    Attributes:
        classes: All classes of the project in their order, those without a picture too.
        n_unlabelled: Pictures for training that have no label yet.
        n_test: Pictures kept apart as a test.
    """

    classes: tuple[ClassCount, ...]
    n_unlabelled: int
    n_test: int

    @property
    def n_labels(self) -> int:
        return sum(c.n_images for c in self.classes)

    @property
    def n_images(self) -> int:
        """All pictures, labelled or not."""
        return self.n_labels + self.n_unlabelled + self.n_test


class Remedy(StrEnum):
    """Where a concern can be mended."""

    IMPORT = "import"
    LABEL = "label"
    LIBRARY = "library"


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing that speaks against training now.

    Attributes:
        sentence: What it is and what it means, for the user.
        remedy: Where it can be mended.
        is_blocking: Whether a training that needs labels cannot start at all.
        class_id: The class that it is about, or None.
    """

    sentence: str
    remedy: Remedy
    is_blocking: bool = False
    class_id: int | None = None


def count_training_data(project: Project) -> TrainingData:
    """What a training would see right now.

    Raises:
        ProjectDamaged, StorageError: See `Catalog.rows`.
    """
    # in the order of an index, and so without sorting a million rows
    sql = "SELECT split, class_id, count(*) FROM image GROUP BY class_id, status, split HAVING status = 'ok'"
    rows = project.catalog.rows(sql)
    n_of = {class_id: n for split, class_id, n in rows if split == "train"}
    marked = "label_content IS NOT NULL AND status = 'ok' AND split = 'train'"  # see core.project.label_marks
    n_marked = dict(project.catalog.rows(f"SELECT class_id, count(*) FROM image WHERE {marked} GROUP BY 1"))
    classes = tuple(
        ClassCount(c.id, c.name, n_of.get(c.id, 0) - n_marked.get(c.id, 0)) for c in list_classes(project))
    return TrainingData(classes, n_of.get(None, 0), sum(n for split, _, n in rows if split == "test"))


def find_concerns(data: TrainingData, *, needs_labels: bool = True) -> tuple[Concern, ...]:
    """What speaks against training now, the worst first; empty if nothing does.

    Args:
        data: What lies ready.
        needs_labels: Whether the strategy learns from labels; one that does not still chooses between classes.
    """
    if not data.n_images:
        return (Concern("There are no pictures in this project yet.", Remedy.IMPORT, is_blocking=True),)
    if not needs_labels:
        return () if len(data.classes) >= 2 else (Concern(
            "Reading needs at least two classes to choose from: add classes, named as the things are called.",
            Remedy.LABEL, is_blocking=True,
        ),)
    used = [c for c in data.classes if c.n_images]
    if not used:
        return (Concern(
            "There are no labels to learn from yet: label a few pictures of each class first.",
            Remedy.LABEL, is_blocking=True,
        ),)
    if len(used) == 1:
        return (Concern(
            f"All labels are of one class, {_quoted(used[0])}: label pictures of at least one other class.",
            Remedy.LABEL, is_blocking=True,
        ),)
    return tuple(c for c in (_single(used), _few(used), _unbalanced(used), _empty(data.classes)) if c is not None)


def _single(used: Sequence[ClassCount]) -> Concern | None:
    """Classes that cannot be held back to judge them; they stop no other, but two must be left."""
    single = [c for c in used if c.n_images == 1]
    if not single:
        return None
    if len(used) - len(single) < 2:
        return Concern(
            f"{_names(single)} {_have(single)} one image only, so there are no two classes to judge by: label at "
            "least one more.", Remedy.LABEL, is_blocking=True, class_id=single[0].class_id,
        )
    return Concern(
        f"{_names(single)} {_have(single)} one image only: learnt, but no figure says how well.", Remedy.LABEL,
        class_id=single[0].class_id,
    )


def _few(used: Sequence[ClassCount]) -> Concern | None:
    few = [c for c in used if 1 < c.n_images < LEAST_OF_CLASS]
    if not few:
        return None
    whose = "its" if len(few) == 1 else "their"
    return Concern(
        f"{_names(few, with_counts=True)} {_have(few)} fewer than {LEAST_OF_CLASS} images: {whose} figures will be "
        "little more than a guess.", Remedy.LABEL, class_id=few[0].class_id,
    )


def _unbalanced(used: Sequence[ClassCount]) -> Concern | None:
    smallest, largest = min(used, key=lambda c: c.n_images), max(used, key=lambda c: c.n_images)
    if largest.n_images < STRONG_IMBALANCE * smallest.n_images:
        return None
    return Concern(
        f"{_quoted(largest)} has {largest.n_images // smallest.n_images:,} times as many images as "
        f"{_quoted(smallest)}: the rare class may be overlooked.", Remedy.LABEL, class_id=smallest.class_id,
    )


def _empty(classes: Sequence[ClassCount]) -> Concern | None:
    empty = [c for c in classes if not c.n_images]
    if not empty:
        return None
    return Concern(
        f"{_names(empty)} {_have(empty)} no labelled image and will be left out.", Remedy.LABEL,
        class_id=empty[0].class_id,
    )


def _names(classes: Sequence[ClassCount], *, with_counts: bool = False) -> str:
    named = [_quoted(c) + (f" ({c.n_images})" if with_counts else "") for c in classes[:MAX_NAMED]]
    if len(classes) > MAX_NAMED:
        named.append(f"{len(classes) - MAX_NAMED:,} more classes" if len(classes) > MAX_NAMED + 1 else "1 more class")
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


def _quoted(counted: ClassCount) -> str:
    """The name, its middle left out where it is long."""
    name, half = counted.name, LONGEST_NAME // 2
    return f"“{name}”" if len(name) <= LONGEST_NAME else f"“{name[:half].rstrip()} … {name[-half:].lstrip()}”"


def _have(classes: Sequence[ClassCount]) -> str:
    return "has" if len(classes) == 1 else "have"
