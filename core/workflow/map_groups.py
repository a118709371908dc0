"""What points of an embedding map are coloured by: label, prediction, correctness, confidence, split, tag or flag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.project.catalog import as_json
from core.project.classes import list_classes
from core.project.journal import ClassRow
from core.project.project import Project
from core.project.runs import run_number
from core.project.tag_names import FLAGS, say_flag
from core.project.tags import ImageTags, read_tags
from core.text import Message

Ids = NDArray[np.int64]

LABEL, PREDICTION, CORRECT, CONFIDENCE, SPLIT = "label", "prediction", "correct", "confidence", "split"
TAGS, FLAGGED = "tag", "flag"
COLORINGS = (LABEL, PREDICTION, CORRECT, CONFIDENCE, SPLIT, TAGS, FLAGGED)
NEEDS_RUN = frozenset({PREDICTION, CORRECT, CONFIDENCE})

NOTHING = 0
"""Id of a class where there is none; rows of the catalog begin with 1."""

CONFIDENCE_FROM = (0.0, 0.5, 0.7, 0.9, 0.99)
"""Lower bounds of the groups by confidence."""

_BLUE, _ORANGE, _RED = "#0072B2", "#E69F00", "#D55E00"
_CYCLE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
_STEPS = ("#D55E00", "#E69F00", "#CC79A7", "#56B4E9", "#0072B2")
"""Colours of Okabe and Ito (2008); for confidence from doubt to certainty."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What points can be coloured by, in the order of some images.

    Attributes:
        image_ids: (n_images,) int64.
        labels: Class of each, `NOTHING` for none, (n_images,) int64.
        predicted: Class that the run says, likewise.
        confidence: Of that, 0 … 1, (n_images,) float32; NaN where the run says nothing.
        is_test: (n_images,) bool.
        classes: Of the project, in their order.
        tags: Of each image that has flags or tags.
    """

    image_ids: Ids
    labels: Ids
    predicted: Ids
    confidence: NDArray[np.float32]
    is_test: NDArray[np.bool_]
    classes: tuple[ClassRow, ...]
    tags: Mapping[int, ImageTags] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """Points of one colour.

    Attributes:
        title: What they have in common: a class's name, or a message.
        n: How many there are.
        color: "#RRGGBB"; "" for the group of those that have none of it.
        sign: Place of its sign in `gui.widgets.class_style.SIGNS`, or −1 for none.
        parts: Parts of the `ImageFilter` that lets exactly these through; empty where no filter does.
    """

    title: str | Message
    n: int
    color: str = ""
    sign: int = -1
    parts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grouping:
    """All groups, and the group of each image.

    Attributes:
        groups: With at least one image each; that of the others comes last.
        of_image: Place in `groups`, (n_images,) int64.
    """

    groups: tuple[Group, ...]
    of_image: Ids


def read_traits(project: Project, run_id: str | None = None, *, image_ids: Ids | None = None) -> Traits:
    """What is known of images now, by id: of all that are readable, or of some.

    Raises:
        RunError: There is no such run.
    """
    table = "image i" if image_ids is None else "json_each(?) j CROSS JOIN image i ON i.id = j.value"
    rows = np.array(project.catalog.rows(
        f"SELECT i.id, coalesce(i.class_id, {NOTHING}), i.split = 'test' FROM {table} "
        "WHERE i.status = 'ok' AND i.content_hash IS NOT NULL ORDER BY i.id",
        () if image_ids is None else (as_json(image_ids),)), np.int64).reshape(-1, 3)
    ids, n = rows[:, 0], len(rows)
    predicted, confidence = np.full(n, NOTHING, np.int64), np.full(n, np.nan, np.float32)
    if run_id is not None and n:
        said = np.array(project.catalog.rows(
            "SELECT image_id, class_id, confidence FROM prediction WHERE run_number = ?",
            (run_number(project.catalog.db, run_id),)), np.float64).reshape(-1, 3)
        places = np.minimum(np.searchsorted(ids, said[:, 0].astype(np.int64)), n - 1)
        is_here = ids[places] == said[:, 0]
        predicted[places[is_here]], confidence[places[is_here]] = said[is_here, 1], said[is_here, 2]
    return Traits(ids, rows[:, 1], predicted, confidence, rows[:, 2].astype(bool), tuple(list_classes(project)),
                  read_tags(project, image_ids))


def group_by(traits: Traits, coloring: str) -> Grouping:
    """The groups of one of `COLORINGS`."""
    groups, of_image = _MAKERS[coloring](traits)
    counts = np.bincount(of_image, minlength=len(groups))
    place = np.cumsum(counts > 0) - 1
    return Grouping(tuple(replace(group, n=n) for group, n in zip(groups, counts.tolist(), strict=True) if n),
                    place[of_image])


def _by_label(traits: Traits) -> tuple[Sequence[Group], Ids]:
    nothing = Group(Message("embeddings.map.unlabelled"), 0, parts={"is_labelled": False})
    return _by_class(traits, traits.labels, "class_ids", nothing)


def _by_prediction(traits: Traits) -> tuple[Sequence[Group], Ids]:
    return _by_class(traits, traits.predicted, "predicted_class_ids", Group(Message("embeddings.map.unpredicted"), 0))


def _by_class(traits: Traits, of_image: Ids, part: str, nothing: Group) -> tuple[Sequence[Group], Ids]:
    groups = [Group(row.name, 0, row.color, at, {part: (row.id,)}) for at, row in enumerate(traits.classes)]
    known = np.array([row.id for row in traits.classes], np.int64)
    if not len(known):
        return [nothing], np.zeros(len(of_image), np.int64)
    order = np.argsort(known)
    places = np.minimum(np.searchsorted(known[order], of_image), len(known) - 1)
    return [*groups, nothing], np.where(known[order][places] == of_image, order[places], len(groups))


def _by_correctness(traits: Traits) -> tuple[Sequence[Group], Ids]:
    groups = (
        Group(Message("embeddings.map.correct"), 0, _BLUE, 1, {"is_mistake": False}),
        Group(Message("embeddings.map.wrong"), 0, _RED, 3, {"is_mistake": True}),
        Group(Message("embeddings.map.cannot_tell"), 0))
    is_known = (traits.labels != NOTHING) & (traits.predicted != NOTHING)
    return groups, np.where(is_known, np.where(traits.labels == traits.predicted, 0, 1), 2).astype(np.int64)


def _by_confidence(traits: Traits) -> tuple[Sequence[Group], Ids]:
    bounds = (*CONFIDENCE_FROM, 1.0)
    groups = [
        Group(Message("embeddings.map.confidence", low=bounds[at], high=bounds[at + 1]), 0, color, at)
        for at, color in enumerate(_STEPS)]
    known = np.nan_to_num(traits.confidence, nan=0.0)
    places = np.searchsorted(np.array(CONFIDENCE_FROM), known, side="right") - 1
    nothing = Group(Message("embeddings.map.unpredicted"), 0)
    return [*groups, nothing], np.where(np.isnan(traits.confidence), len(groups), np.maximum(places, 0))


def _by_split(traits: Traits) -> tuple[Sequence[Group], Ids]:
    groups = (Group(Message("embeddings.map.train"), 0, _BLUE, 0, {"split": "train"}),
              Group(Message("embeddings.map.test"), 0, _ORANGE, 2, {"split": "test"}))
    return groups, traits.is_test.astype(np.int64)


def _by_tag(traits: Traits) -> tuple[Sequence[Group], Ids]:
    return _by_marks(traits, {i: marks.tags for i, marks in traits.tags.items()}, "tags")


def _by_flag(traits: Traits) -> tuple[Sequence[Group], Ids]:
    return _by_marks(traits, {i: marks.flags for i, marks in traits.tags.items()}, "flags")


def _by_marks(traits: Traits, marks: Mapping[int, tuple[str, ...]], part: str) -> tuple[Sequence[Group], Ids]:
    """A group for each flag or tag, one for images that have several, and one for those without."""
    names = sorted({name for found in marks.values() for name in found},
                   key=FLAGS.index if part == "flags" else str.casefold)
    groups = [Group(say_flag(name) if part == "flags" else name, 0, _CYCLE[at % len(_CYCLE)], at, {part: (name,)})
              for at, name in enumerate(names)]
    several, nothing = (Group(Message(f"embeddings.map.{what}_{part}"), 0) for what in ("several", "no"))
    place = {name: at for at, name in enumerate(names)}
    of_image = np.full(len(traits.image_ids), len(names) + 1, np.int64)
    for at, image_id in enumerate(traits.image_ids.tolist() if marks else ()):
        found = marks.get(image_id, ())
        if found:
            of_image[at] = place[found[0]] if len(found) == 1 else len(names)
    return [*groups, replace(several, color="#7A5195", sign=5), nothing], of_image


_MAKERS = {LABEL: _by_label, PREDICTION: _by_prediction, CORRECT: _by_correctness, CONFIDENCE: _by_confidence,
           SPLIT: _by_split, TAGS: _by_tag, FLAGGED: _by_flag}
