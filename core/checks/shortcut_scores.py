"""Finds shortcuts: cues beside the subject from which a small decision tree tells the labels.

For each cue, and for all that the files say together, a decision tree of depth three is judged
by cross-validation. A cue is reported only if even the lower end of its interval, at a level
that allows for the number of cues tried (Bonferroni), lies clearly above always naming the commonest
class. With classes of unequal size every class weighs the same, so that the commonest class
is no better a guess than any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.checks.check import Level
from core.checks.cues import WORDS, CueTable
from core.checks.name_cues import name_columns, names_beside_classes
from core.checks.shortcut_rules import UNKNOWN, Column, Floats, Ints, Rule, SmallTree, best_rule
from core.errors import TrainingDataError
from core.jobs import JobContext
from core.training.folds import assign_folds
from core.review.metrics import wilson_interval
from core.text import Message

DEPTH = 3
N_FOLDS = 5
FEWEST_PER_CLASS = 10
"""Classes with fewer labels are left out: nothing can be told about them."""

UNEQUAL = 1.5
"""From this ratio of the largest to the smallest class on, every class weighs the same."""

CLEARLY = 0.1
"""A cue must bring at least this share of the way from guessing to always right."""

N_WORDS = 8
FALSE_ALARMS = 0.005
"""Chance of any false report in a whole set, in theory; measured 3 in 100 on 300 drawn sets without a cue, for folds
share training images and weighted classes vary more than their number says."""

STAGE = Message("jobs.testing_shortcuts")


class CueKind(StrEnum):
    """Where a cue comes from."""

    FILE = "file"
    CAMERA = "camera"
    NAME = "name"
    PIXELS = "pixels"


KINDS = {
    "width": CueKind.FILE, "height": CueKind.FILE, "aspect": CueKind.FILE, "pixels": CueKind.FILE,
    "bytes": CueKind.FILE, "bytes_per_pixel": CueKind.FILE, "jpeg_quality": CueKind.FILE, "format": CueKind.FILE,
    "has_alpha": CueKind.FILE, "has_exif": CueKind.CAMERA, "camera": CueKind.CAMERA, "year": CueKind.CAMERA,
    "name_prefix": CueKind.NAME, "name_number": CueKind.NAME, "name_length": CueKind.NAME,
    "name_leading_digits": CueKind.NAME, "brightness": CueKind.PIXELS, "contrast": CueKind.PIXELS,
    "sharpness": CueKind.PIXELS, "saturation": CueKind.PIXELS, "border_red": CueKind.PIXELS,
    "border_green": CueKind.PIXELS, "border_blue": CueKind.PIXELS, "border_uniformity": CueKind.PIXELS,
    "background": CueKind.PIXELS,
}
"""All cues that are tried."""

ALL_METADATA = "all_metadata"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One cue that tells the labels.

    Attributes:
        cue: Its name, or `ALL_METADATA`.
        kind: Where it comes from.
        accuracy: Cross-validated, 0 … 1; classes weigh the same where they are unequal.
        interval: 95 %.
        majority: Accuracy of always naming one class.
        severity: How much it matters.
        rule: The simplest thing to say about it.
        image_ids: Images that the rule holds for; `find_shortcuts` gives rows.
    """

    cue: str
    kind: CueKind
    accuracy: float
    interval: tuple[float, float]
    majority: float
    severity: Level
    rule: Rule
    image_ids: tuple[int, ...]

    @property
    def sentences(self) -> tuple[Message, Message, Message]:
        """How well it tells the labels, by what rule, and what that means."""
        low, high = self.interval
        how_well = Message(f"checks.told_by.{self.kind}", accuracy=self.accuracy, low=low, high=high,
                           majority=self.majority)
        meaning = {CueKind.PIXELS: "of_subject", CueKind.NAME: "names"}.get(
            self.kind, "learnt" if self.severity is Level.SERIOUS else "sources")
        return how_well, self.rule.sentence, Message(f"checks.meaning.{meaning}")


@dataclass(frozen=True, slots=True)
class _Score:
    """How well a cue tells the labels; `is_real` where clearly better than guessing, several having been tried."""

    accuracy: float
    interval: tuple[float, float]
    majority: float
    is_real: bool


@dataclass(frozen=True, slots=True)
class _Task:
    """The labelled images, and how much each weighs."""

    rows: Ints
    labels: Ints
    weights: Floats
    folds: tuple[tuple[Ints, Ints], ...]
    n_tests: int


def find_shortcuts(
    cues: CueTable, names: Sequence[str], labels: Ints, classes: Sequence[str], context: JobContext, *,
    model_accuracy: float | None = None,
) -> tuple[Shortcut, ...]:
    """Try every cue; what tells the labels, worst first.

    Args:
        cues: From `measure_cues`.
        names: File names of the same images, for what they say.
        labels: (n_images,) int64, −1 where there is none.
        classes: Names of the classes.
        context: Progress counts cues.
        model_accuracy: Of the model on images that it did not see, 0 … 1, or None.

    Raises:
        TrainingDataError: Fewer than two classes have enough labels.
        JobCancelled: The caller asked the job to end.
    """
    groups = _cue_columns(cues, names, labels, classes)
    task = _task(cues, labels, len(classes), len(groups))
    found = []
    for n_done, (cue, kind, columns) in enumerate(groups):
        context.progress(n_done, len(groups), stage=STAGE, unit="cues")
        chosen = [Column(c.cue, c.values[task.rows], c.word) for c in columns]
        score = _score(chosen, task)
        if score.is_real:
            rule, rows = best_rule(
                _tree(chosen, task.labels, task.weights), chosen, labels=task.labels, weights=task.weights,
                classes=classes)
            found.append(Shortcut(
                cue, kind, score.accuracy, score.interval, score.majority, _severity(kind, score, model_accuracy),
                rule, tuple(task.rows[rows].tolist())))
    context.progress(len(groups), len(groups), stage=STAGE, unit="cues")
    return tuple(sorted(found, key=lambda s: (-s.severity, s.cue != ALL_METADATA, -s.accuracy)))


def _cue_columns(
    cues: CueTable, names: Sequence[str], labels: Ints, classes: Sequence[str]
) -> list[tuple[str, CueKind, list[Column]]]:
    """Each cue with its columns, and all file and camera cues together."""
    groups, of_names = [], name_columns(names_beside_classes(names, labels, classes) or ("",) * len(names))
    for cue, kind in KINDS.items() if len(labels) else ():
        measured = cues.word if cue in WORDS else cues.number
        values: NDArray[Any] = of_names[cue] if cue in of_names else measured(cue)
        every = _word_columns(cue, values) if values.dtype.kind == "U" else [
            Column(cue, np.where(np.isnan(values), UNKNOWN, values).astype(np.float32))]
        if columns := [c for c in every if c.values.min() < c.values.max()]:
            groups.append((cue, kind, columns))
    metadata = [c for _, kind, columns in groups if kind in (CueKind.FILE, CueKind.CAMERA) for c in columns]
    if metadata:
        groups.append((ALL_METADATA, CueKind.FILE, metadata))
    return groups


def _word_columns(cue: str, words: NDArray[np.str_]) -> list[Column]:
    """One column for each of the commonest words."""
    values, counts = np.unique(words, return_counts=True)
    common = values[np.argsort(-counts, kind="stable")][:N_WORDS]
    return [Column(cue, (words == word).astype(np.float32), str(word)) for word in common if word]


def _task(cues: CueTable, every_label: Ints, n_classes: int, n_tests: int) -> _Task:
    counts = np.bincount(every_label[every_label >= 0], minlength=n_classes)
    usable = np.flatnonzero(counts >= FEWEST_PER_CLASS)
    if len(usable) < 2:
        raise TrainingDataError("checks.too_few_labels_for_shortcuts", fewest=FEWEST_PER_CLASS)
    rows = np.flatnonzero(np.isin(every_label, usable) & cues.is_read)
    labels = every_label[rows].astype(np.int64)
    weights = np.ones(len(rows), np.float32)
    if counts[usable].max() > UNEQUAL * counts[usable].min():
        weights = (len(rows) / (len(usable) * counts[labels])).astype(np.float32)
    parts = assign_folds(labels, np.arange(len(labels)), n_folds=N_FOLDS, seed=0)
    folds = tuple((np.flatnonzero(parts != fold), np.flatnonzero(parts == fold)) for fold in range(N_FOLDS))
    return _Task(rows, labels, weights, folds, max(n_tests, 1))


def _tree(columns: Sequence[Column], labels: Ints, weights: Floats) -> SmallTree:
    matrix = np.column_stack([c.values for c in columns])
    smallest = max(3, len(labels) // 100)
    return SmallTree(matrix, labels, weights=weights, depth=DEPTH, smallest=smallest)


def _score(columns: Sequence[Column], task: _Task) -> _Score:
    is_right = np.zeros(len(task.labels), bool)
    for train, judged in task.folds:
        tree = _tree([Column(c.cue, c.values[train]) for c in columns], task.labels[train], task.weights[train])
        matrix = np.column_stack([c.values[judged] for c in columns])
        is_right[judged] = tree.apply(matrix)[1] == task.labels[judged]
    total = float(task.weights.sum())
    accuracy = float(task.weights[is_right].sum()) / total
    majority = float(np.bincount(task.labels, weights=task.weights).max()) / total
    # as many images of equal weight as would give the same uncertainty (Kish)
    n_effective = round(total**2 / float((task.weights**2).sum()))
    n_right = round(accuracy * n_effective)
    strict_low, _ = wilson_interval(n_right, n_effective, level=1 - 2 * FALSE_ALARMS / task.n_tests)
    is_real = strict_low > majority and accuracy - majority > CLEARLY * (1 - majority)
    return _Score(accuracy, wilson_interval(n_right, n_effective), majority, is_real)


def _severity(kind: CueKind, score: _Score, model_accuracy: float | None) -> Level:
    """How much of what the model achieves beyond guessing the cue would achieve alone."""
    best = max(model_accuracy or 1.0, score.majority + 0.05)
    share = (score.accuracy - score.majority) / (best - score.majority)
    severity = Level.SERIOUS if share >= 0.8 else Level.WARNING if share >= 0.4 else Level.NOTE
    if kind is CueKind.PIXELS:
        return Level.WARNING if share >= 0.8 else Level.NOTE
    return min(severity, Level.WARNING) if kind is CueKind.NAME else severity
