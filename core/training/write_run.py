"""Writes the run of any strategy: figures on the judged images, predictions, snapshot, weights and record.

The one module of the strategies that knows how a run lies on the disk (see `core.runs`).
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core import __version__
from core.review.calibrate import Temperatures, fit_in_folds, scale_folds, scale_rows
from core.review.metrics import class_figures, confusion_matrix, log_loss, wilson_interval
from core.review.reliability import Calibration, measure_calibration
from core.runs.environment import describe_environment
from core.runs.predictions import NEW, OUT_OF_FOLD, RunPredictions
from core.runs.repository import write_run
from core.runs.snapshot import UNKNOWN_GROUP, SnapshotRow
from core.runs.head import Head
from core.runs.record import TEMPERATURE, RunRecord, TrainResult
from core.text import Message
from core.training.job import TrainJob
from core.training.registry import NO_LABELS, find_strategy
from core.training.settings import advise
from core.types import ImageRef, Skipped

if TYPE_CHECKING:
    from core.training.groups import GroupChoice

UNLABELLED = -1

N_PARTS = 5
"""Parts of the judged images where no folds are known: each is scaled by the temperature of the others."""

WORTH_SAYING = 1.2
"""From this design effect on the interval is said to be wider: by a tenth and more."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What a strategy has come to; all else that a run says is known from its job.

    Attributes:
        backbone: Name of the backbone, or of the network that was trained from scratch.
        classes: Names in the order of the columns.
        n_train: Images that the final weights learnt from.
        head: On the embeddings of the backbone; None where `add_files` writes others.
        labels: Index into `classes` of each, (n_images,) int64.
        judged: Rows of those that were judged by a model that had not seen them, (n_judged,) int64.
        probabilities: What it said of them, (n_judged, n_classes) float32, rows sum to 1.
        new_images: Images without a label that were predicted.
        new_probabilities: (n_new, n_classes) float32, rows sum to 1.
        folds: Fold in which each judged image was held out, (n_judged,); None where there are none.
        temperatures: By which all of that is calibrated already; None where it is done when the run is written.
        weights: Fingerprint of the backbone's weights, or "".
        fit: What the strategy notes of itself, JSON values.
        groups: Which of the images stayed together; None where nothing was held out.
        add_files: Puts the strategy's own files into the run's folder.
    """

    backbone: str
    classes: tuple[str, ...]
    n_train: int
    head: Head | None
    images: Sequence[ImageRef]
    labels: NDArray[np.int64]
    judged: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    new_images: Sequence[ImageRef]
    new_probabilities: NDArray[np.float32]
    folds: NDArray[np.integer] | None = None
    temperatures: Temperatures | None = None
    weights: str = ""
    fit: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[Message, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    groups: GroupChoice | None = None
    add_files: Callable[[Path], object] | None = None


def write_trained(job: TrainJob, trained: Trained, *, started: float) -> TrainResult:
    """Calibrate and measure what was trained, and write the whole run.

    Args:
        started: `time.monotonic()` when the training began.

    Raises:
        RunError: There is a run of that name.
        StorageError: The disk is full or fails.
    """
    trained = _calibrate(trained)
    record = _describe(job, trained, time.monotonic() - started)
    write_run(
        job.folder, record, head=trained.head, predictions=_predictions(trained), images=job.images,
        snapshot=_snapshot(job, trained), add_files=trained.add_files,
    )
    return TrainResult(record, job.folder, trained.skipped)


def _calibrate(trained: Trained) -> Trained:
    """All probabilities by the temperatures of the run, and in `fit` what they do."""
    n, said = len(trained.judged), trained.probabilities
    if not n:
        return trained
    labels = trained.labels[trained.judged]
    folds = np.arange(n) % min(N_PARTS, n) if trained.folds is None else trained.folds
    given = trained.temperatures
    if given is not None:
        raw = scale_folds(said, folds, tuple(1 / one for one in given.folds))
        return _note(trained, measure_calibration(raw, labels, folds, given))
    found = fit_in_folds(said, labels, folds)
    scaled = replace(
        trained, probabilities=scale_folds(said, folds, found.folds),
        new_probabilities=scale_rows(trained.new_probabilities, found.final),
        fit={**trained.fit, TEMPERATURE: found.final})
    return _note(scaled, measure_calibration(said, labels, folds, found))


def _note(trained: Trained, calibration: Calibration) -> Trained:
    return replace(trained, fit={**trained.fit, "calibration": calibration.to_json()})


def _snapshot(job: TrainJob, trained: Trained) -> list[SnapshotRow]:
    """The labelled images that were learnt from, with the groups that the job knew."""
    ids = [image.id for image in job.images]
    group_of = dict(zip(ids, job.groups, strict=False))
    named = dict(zip(ids, job.table_groups, strict=False))
    rows = labelled_rows(trained.images, trained.labels.tolist(), trained.classes)
    return [replace(row, group=group_of.get(row.image_id, UNKNOWN_GROUP), table_group=named.get(row.image_id, ""))
            for row in rows]


def labelled_rows(
    images: Sequence[ImageRef], labels: Sequence[int], classes: Sequence[str]
) -> list[SnapshotRow]:
    """The labelled images of a training, as its snapshot keeps them; `UNLABELLED` ones are left out."""
    return [
        SnapshotRow(image.id, image.content_hash, image.path, classes[label])
        for image, label in zip(images, labels, strict=True) if label != UNLABELLED
    ]


def _describe(job: TrainJob, trained: Trained, seconds: float) -> RunRecord:
    """The record with the figures of the judged images; no figures where there is none."""
    labels, probabilities = trained.labels[trained.judged], trained.probabilities
    confusion = confusion_matrix(labels, probabilities.argmax(axis=1), len(trained.classes))
    n, n_right = len(labels), int(np.trace(confusion))
    kind, groups = find_strategy(job.strategy).accuracy_kind(job.settings), trained.groups
    effect = groups.design_effect(probabilities.argmax(axis=1) == labels, trained.judged) if groups and n else 1.0
    fit = {**trained.fit, "groups": {**groups.to_json(), "design_effect": effect}} if groups else trained.fit
    advice = (advise(note, is_perfect=0 < n == n_right) for note in trained.notes)
    notes = (*advice, *(groups.notes if groups else ()), *say_width(n, effect), *job.notes)
    return RunRecord(
        run=job.run, created_at=datetime.now(UTC).isoformat(timespec="seconds"), program_version=__version__,
        strategy=job.strategy, backbone=trained.backbone, seed=job.settings.seed, settings=asdict(job.settings),
        classes=trained.classes, n_train=trained.n_train, n_validation=n, accuracy=n_right / n if n else None,
        accuracy_kind=kind if n else NO_LABELS,
        interval=wilson_interval(n_right, n, design_effect=effect) if n else None,
        log_loss=log_loss(probabilities, labels) if n else None,
        per_class=class_figures(confusion, trained.classes),
        confusion=tuple(tuple(row) for row in confusion.tolist()), seconds=round(seconds, 3), weights=trained.weights,
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} × CPU", fit=fit,
        environment=describe_environment(),
        notes=tuple(dict.fromkeys(notes)), findings=job.findings, n_excluded=job.n_excluded,
    )


def say_width(n_judged: int, design_effect: float) -> tuple[Message, ...]:
    """A sentence where images that are alike make the confidence interval clearly wider."""
    if design_effect < WORTH_SAYING:
        return ()
    return (Message("training.groups.interval", n=round(n_judged / design_effect)),)


def _predictions(trained: Trained) -> RunPredictions:
    """The judged images, then the unlabelled ones."""
    ids = [trained.images[i].id for i in trained.judged] + [image.id for image in trained.new_images]
    n_judged, n_new = len(trained.judged), len(trained.new_images)
    folds = None
    if trained.folds is not None:
        folds = np.concatenate([trained.folds, np.full(n_new, -1)]).astype(np.int16)
    return RunPredictions(
        np.array(ids, np.int64), np.repeat(np.array([OUT_OF_FOLD, NEW], np.uint8), [n_judged, n_new]),
        np.concatenate([trained.probabilities, trained.new_probabilities]), folds,
    )
