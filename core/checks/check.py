"""The interface of a check of the data: `Check`, what it looks at, and the findings and notes that it yields.

A check is one object with a name. Its `run` computes evidence, a frozen dataclass of plain values that is kept
beside the project; all else is derived from the evidence whenever it is asked for: findings, notes on single images,
and the check's keys in `health --json`. Imports nothing that takes time: a training reads kept evidence.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.checks.cues import CueTable
from core.checks.inputs import HealthJob, Unchecked
from core.errors import AppError
from core.jobs import JobContext
from core.text import Message
from core.types import Skipped

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
E = TypeVar("E")
T = TypeVar("T")

GRAVE, NOTABLE = 0.7, 0.35
"""From so much gravity on a finding is serious, or a warning."""

MOST_NAMED = 10
"""So many classes are named in a sentence; the others are counted."""


class Level(IntEnum):
    """How serious a finding is."""

    NOTE = 1
    WARNING = 2
    SERIOUS = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        key: Names it; the same finding of a later run of the check has the same key.
        check: Name of the check that found it.
        kind: What it is about, as `health --json` says it.
        gravity: How much it matters, 0 … 1; one scale for a shortcut, a leak and a label issue.
        title: Two or three words for a list.
        sentence: What is the matter.
        figure: The number that stands for it.
        details: What else there is to say, one sentence each.
        image_ids: The images behind it, worst first.
        evidence: The parts of the check's evidence behind it.
        remedies: What can be done about it; see `gui.health.remedies`.
        reason: Why a person has accepted it; None if nobody has.
    """

    key: str
    check: str
    kind: str
    gravity: float
    title: Message
    sentence: Message
    figure: Message
    details: tuple[Message, ...] = ()
    image_ids: tuple[int, ...] = ()
    evidence: tuple[Any, ...] = ()
    remedies: tuple[str, ...] = ()
    reason: str | None = None

    @property
    def level(self) -> Level:
        return Level.SERIOUS if self.gravity >= GRAVE else Level.WARNING if self.gravity >= NOTABLE else Level.NOTE

    @property
    def is_accepted(self) -> bool:
        return self.reason is not None

    def facts(self) -> dict[str, Any]:
        """Plain values and messages by the keys of `health --json`."""
        return {
            "key": self.key, "kind": self.kind, "level": self.level.name.lower(), "gravity": round(self.gravity, 3),
            "title": self.title, "sentence": self.sentence, "figure": self.figure, "details": list(self.details),
            "acknowledged": self.reason,
        }

    def to_json(self) -> dict[str, Any]:
        """What a run keeps of it: plain values, with codes in place of words."""
        said = replace(self, details=self.details[:2]).facts()
        return {name: _without_words(value) for name, value in said.items() if name not in ("gravity", "title")}


def _without_words(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_words(part) for part in value]
    return value.to_json() if isinstance(value, Message) else value


@dataclass(frozen=True, slots=True)
class Note:
    """What a finding says of one image, and the class that it suggests, if any."""

    words: tuple[Message, ...]
    suggested: str | None = None


@dataclass(frozen=True, slots=True)
class CatalogState:
    """What the catalog says now and kept evidence does not know.

    Attributes:
        settled_labels: Labels that need no look any more; see `core.project.decisions.label_subject`.
        earlier_ids: Images whose label was given to an earlier version of the file.
        reasons: Why findings were accepted, by key.
        paths: What images are called, by id, for `health --json`; those that have left the project are missing.
    """

    settled_labels: Collection[str] = frozenset()
    earlier_ids: tuple[int, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[int, str] = field(default_factory=dict)

    def path(self, image_id: int) -> str:
        """What an image is called; empty where it has left the project."""
        return self.paths.get(image_id, "")

    def paths_of(self, ids: Iterable[int]) -> list[str]:
        """What those images that are still there are called."""
        return [self.paths[i] for i in ids if i in self.paths]


@dataclass(frozen=True)
class CheckData:
    """What all checks look at; rows are those of the job's images.

    Attributes:
        job: The images and labels.
        cues: Measurements.
        vectors: Embeddings, (n_images, n_features) float32 with rows of NaN, or None.
        key: Names backbone, weights and recipe of the embeddings.
        unchecked: What could not be looked at so far.
        skipped: Images that some check had to skip so far.
    """

    job: HealthJob
    cues: CueTable
    vectors: Floats | None
    key: str = ""
    unchecked: list[Unchecked] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    _made: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def ids(self) -> Ints:
        return np.array([image.id for image in self.job.images], np.int64)

    @cached_property
    def labels(self) -> Ints:
        return np.array(self.job.labels, np.int64)

    @cached_property
    def is_test(self) -> NDArray[np.bool_]:
        return np.array(self.job.is_test, bool)

    @cached_property
    def has_vector(self) -> NDArray[np.bool_]:
        n = len(self.job.images)
        return np.zeros(n, bool) if self.vectors is None else np.isfinite(self.vectors[:, 0])

    @cached_property
    def train_labels(self) -> Ints:
        """Labels of training images, −1 for all others."""
        return np.where(self.is_test, -1, self.labels)

    def ids_of(self, rows: Sequence[int] | Ints) -> tuple[int, ...]:
        """Image ids of rows."""
        return tuple(self.ids[np.asarray(rows, np.int64)].tolist())

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What several checks need, made by the first that asks."""
        if name not in self._made:
            self._made[name] = make()
        made: T = self._made[name]
        return made


def attempt(unchecked: list[Unchecked], name: str, find: Callable[[], T]) -> T | None:
    """What `find` gives; where it cannot be done, None and a reason in `unchecked`."""
    try:
        return find()
    except AppError as error:
        hint = error.hint_message
        reason = error.message if hint is None else Message("checks.reason", sentence=error.message, hint=hint)
        unchecked.append(Unchecked(name, reason))
        return None


class Check(ABC, Generic[E]):
    """One check of the data; `core.checks.registry` lists all of them.

    Attributes:
        name: Known to code and to kept results; `checks.name.<name>` is what people call it.
        evidence: The dataclass that `run` gives.
        needs_embeddings: Without embeddings the check is passed over.
        always: Evidence where none was kept, of a check that keeps none.
        no_facts: The check's keys in `health --json` where there is no evidence.
    """

    name: ClassVar[str]
    evidence: type[E]
    needs_embeddings: ClassVar[bool] = False
    always: E | None = None
    no_facts: ClassVar[Mapping[str, Any]] = {}

    @abstractmethod
    def run(self, data: CheckData, context: JobContext) -> E | None:
        """Look at the data; None where the question does not arise.

        Raises:
            AppError: It cannot be answered; the sentence says why.
            JobCancelled: The caller asked the job to end.
        """

    def findings(self, evidence: E, now: CatalogState) -> Iterable[Finding]:
        """What the evidence comes to, as things are now."""
        return ()

    def notes(self, finding: Finding) -> Mapping[int, Note]:
        """What a finding says of single images, by id."""
        return {}

    def facts(self, evidence: E, now: CatalogState) -> Mapping[str, Any]:
        """The check's keys in `health --json`: plain values and messages, lists worst first."""
        return self.no_facts


def sort_findings(findings: Iterable[Finding], reasons: Mapping[str, str]) -> tuple[Finding, ...]:
    """The findings with why they were accepted, gravest first, accepted ones last."""
    known = [replace(f, reason=reasons.get(f.key)) for f in findings]
    return tuple(sorted(known, key=lambda f: (f.is_accepted, -f.gravity)))


def count_figure(n: int) -> Message:
    """A count as a finding's figure."""
    return Message("checks.figure.count", count=n)


def share_figure(share: float) -> Message:
    """A share as a finding's figure; 100.0 % and 0.0 % only where nothing is rounded away."""
    shown = round(share, 3)
    if shown >= 1 and share < 1:
        shown = 0.999
    return Message("checks.figure.share", share=0.001 if shown <= 0 < share else shown)


def class_counts(counts: Sequence[tuple[str, int]], *, limit: int | None = MOST_NAMED) -> tuple[Message, ...]:
    """Classes with a count each, for a list in a sentence; beyond the limit the others are counted."""
    named = [Message("checks.class_count", name=name, count=n) for name, n in counts[:limit]]
    if limit is not None and len(counts) > limit:
        named.append(Message("checks.more", count=len(counts) - limit))
    return tuple(named)


def say_skipped(names: Sequence[str]) -> Message:
    """Which images were not looked at, at least one; beyond some they are counted."""
    more = (Message("checks.more", count=len(names) - MOST_NAMED),) if len(names) > MOST_NAMED else ()
    return Message("checks.images_skipped", n=len(names), names=(*names[:MOST_NAMED], *more))
