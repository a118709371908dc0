"""What a training would learn from right now, and what may go wrong with it, said before it starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.project.classes import list_classes
from core.project.project import Project
from core.text import Message

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
        n_earlier: Pictures for training whose label was given to an earlier version of the file; not learnt from.
    """

    classes: tuple[ClassCount, ...]
    n_unlabelled: int
    n_test: int
    n_earlier: int = 0

    @property
    def n_labels(self) -> int:
        return sum(c.n_images for c in self.classes)

    @property
    def n_images(self) -> int:
        """All pictures, labelled or not."""
        return self.n_labels + self.n_unlabelled + self.n_test + self.n_earlier


class Remedy(StrEnum):
    """Where a concern can be mended."""

    IMPORT = "import"
    LABEL = "label"
    LIBRARY = "library"


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing that speaks against training now.

    Attributes:
        message: What it is and what it means, for the user.
        remedy: Where it can be mended.
        is_blocking: Whether a training that needs labels cannot start at all.
        class_id: The class that it is about, or None.
    """

    message: Message
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
    marked = "label_content IS NOT NULL AND status = 'ok' AND split = 'train'"  # see core.project.journal
    n_marked = dict(project.catalog.rows(f"SELECT class_id, count(*) FROM image WHERE {marked} GROUP BY 1"))
    classes = tuple(
        ClassCount(c.id, c.name, n_of.get(c.id, 0) - n_marked.get(c.id, 0)) for c in list_classes(project))
    n_test = sum(n for split, _, n in rows if split == "test")
    return TrainingData(classes, n_of.get(None, 0), n_test, sum(n_marked.values()))


def find_concerns(data: TrainingData, *, needs_labels: bool = True) -> tuple[Concern, ...]:
    """What speaks against training now, the worst first; empty if nothing does.

    Args:
        data: What lies ready.
        needs_labels: Whether the strategy learns from labels; one that does not still chooses between classes.
    """
    if not data.n_images:
        return (Concern(Message("training.concern.no_images"), Remedy.IMPORT, is_blocking=True),)
    if not needs_labels:
        return () if len(data.classes) >= 2 else (_stops("two_classes"),)
    used = [c for c in data.classes if c.n_images]
    if not used:
        return (_stops("no_labels"),)
    if len(used) == 1:
        return (_stops("one_class", class_name=short_name(used[0].name)),)
    return tuple(c for c in (_single(used), _few(used), _unbalanced(used), _empty(data.classes)) if c is not None)


def short_name(name: str) -> str:
    """The name of a class, its middle left out where it is long."""
    half = LONGEST_NAME // 2
    return name if len(name) <= LONGEST_NAME else f"{name[:half].rstrip()} … {name[-half:].lstrip()}"


def _stops(what: str, **params: str) -> Concern:
    return Concern(Message(f"training.concern.{what}", **params), Remedy.LABEL, is_blocking=True)


def _single(used: Sequence[ClassCount]) -> Concern | None:
    """Classes that cannot be held back to judge them; they stop no other, but two must be left."""
    single = [c for c in used if c.n_images == 1]
    if not single:
        return None
    is_blocking = len(used) - len(single) < 2
    return _about(single, "single_blocking" if is_blocking else "single", is_blocking=is_blocking)


def _few(used: Sequence[ClassCount]) -> Concern | None:
    few = [c for c in used if 1 < c.n_images < LEAST_OF_CLASS]
    return _about(few, "few", has_counts=True, least=LEAST_OF_CLASS) if few else None


def _unbalanced(used: Sequence[ClassCount]) -> Concern | None:
    smallest, largest = min(used, key=lambda c: c.n_images), max(used, key=lambda c: c.n_images)
    if largest.n_images < STRONG_IMBALANCE * smallest.n_images:
        return None
    return Concern(
        Message("training.concern.unbalanced", largest=short_name(largest.name), smallest=short_name(smallest.name),
                ratio=largest.n_images // smallest.n_images), Remedy.LABEL, class_id=smallest.class_id,
    )


def _empty(classes: Sequence[ClassCount]) -> Concern | None:
    empty = [c for c in classes if not c.n_images]
    return _about(empty, "empty") if empty else None


def _about(
    classes: Sequence[ClassCount], what: str, *, is_blocking: bool = False, has_counts: bool = False, **params: int,
) -> Concern:
    """A concern about some classes, at least one; so many are named and the others counted."""
    names = tuple(
        Message("training.counted_class", class_name=short_name(c.name), n=c.n_images) if has_counts
        else Message("text.quoted", word=short_name(c.name)) for c in classes[:MAX_NAMED]
    )
    if len(classes) > MAX_NAMED:
        names += (Message("training.more_classes", n=len(classes) - MAX_NAMED),)
    message = Message(f"training.concern.{what}", names=names, n=len(classes), **params)
    return Concern(message, Remedy.LABEL, is_blocking, classes[0].class_id)
