"""The strategy `transfer`: a linear head on the embeddings of a pretrained network.

It needs the embeddings and no network library, so it ends within a second or two.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core import __version__
from core.engine.store import EmbeddingStore
from core.engine.strategies.logistic import TransferFit, fit_transfer
from core.engine.strategies.parts import keep_together
from core.errors import TrainingDataError
from core.jobs import JobContext
from core.project.splits import assign_folds, hash_groups
from core.review.metrics import class_figures, confusion_matrix, log_loss, wilson_interval
from core.runs.folder import NEW, OUT_OF_FOLD, RunPredictions, SnapshotRow, write_run
from core.runs.head import Head
from core.runs.record import OUT_OF_FOLD as CROSS_VALIDATION
from core.runs.record import RunRecord, TrainResult
from core.settings import TransferSettings, check_settings
from core.types import ImageRef, Skipped

STRATEGY = "transfer"
UNLABELLED = -1
CHUNK = 8192
"""Embeddings that are read at once for new predictions (40 MB at 1,280 features)."""

NOT_DESCRIBED = "The network has not described it, probably because it cannot be read."


@dataclass(frozen=True, slots=True)
class TransferInput:
    """What a transfer training needs.

    Attributes:
        run: Id of the run.
        folder: The run's folder; must not exist yet.
        images: All images of the project that should be learnt from or predicted.
        labels: Index into `classes` for each image, −1 = unlabelled; (n_images,) integers.
        classes: Class names; those without a labelled image are left out of the run.
        embeddings: Folder of the embedding store.
        n_features: Length of an embedding.
        settings: See `TransferSettings`.
        weights: Fingerprint of the backbone's weights, for the record.
        groups: Equal numbers mark images that should stay in one fold, one for each image; copies of one
            file stay together anyway. Empty where nothing else is known.
    """

    run: str
    folder: Path
    images: tuple[ImageRef, ...]
    labels: Sequence[int] | NDArray[np.int64]
    classes: tuple[str, ...]
    embeddings: Path
    n_features: int
    settings: TransferSettings
    weights: str = ""
    groups: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class _Labelled:
    """The images that can be learnt from.

    Attributes:
        places: Index into the input's images, (n,) int64.
        labels: Index into `classes`, (n,) int64.
        classes: Names of the classes that have images.
        groups: Equal numbers mark images that stay in one fold, (n,) int64.
        folds: (n,) int64 in 0 … n_folds − 1.
        notes: Sentences for the user.
    """

    places: NDArray[np.int64]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    groups: NDArray[np.int64]
    folds: NDArray[np.int64]
    notes: tuple[str, ...]


def train_transfer(inputs: TransferInput, context: JobContext) -> TrainResult:
    """Train a head, judge every labelled image out of fold, predict the others, write the run.

    Raises:
        InputError: A setting is out of its range.
        TrainingDataError: No labels, one class only, a class with one picture, or nothing described yet.
        RunError: The run's folder exists already, or the store does not fit.
        StorageError: The run could not be saved.
        JobCancelled: The caller asked the job to end.
    """
    started = time.monotonic()
    check_settings(inputs.settings)
    store = EmbeddingStore(inputs.embeddings, inputs.n_features)
    rows = store.rows_of([image.content_hash for image in inputs.images])
    labelled = _choose_labelled(inputs, rows)
    fit = fit_transfer(
        store.read(rows[labelled.places]), labelled.labels, folds=labelled.folds, n_classes=len(labelled.classes),
        context=context,
    )
    predictions = _predict_all(inputs, labelled, fit, rows, store, context)
    record = _describe(inputs, labelled, fit, time.monotonic() - started)
    write_run(
        inputs.folder, record, head=fit.head, snapshot=_snapshot(inputs, labelled), predictions=predictions,
        images=inputs.images,
    )
    return TrainResult(record, inputs.folder, _skipped(inputs, rows))


def plan_folds(
    labels: NDArray[np.int64], groups: NDArray[np.int64], *, classes: Sequence[str], n_folds: int, seed: int
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Folds in which each class can be held back, fewer than asked for if a class is small.

    Returns:
        (n_images,) int64 in 0 … n_folds − 1, and a note where the number had to be lowered.

    Raises:
        TrainingDataError: A class has one picture only (copies count once).
    """
    n_distinct = [len(np.unique(groups[labels == i])) for i in range(len(classes))]
    fewest = int(np.argmin(n_distinct))
    n_possible = min(n_folds, n_distinct[fewest])
    if n_possible < 2:
        raise TrainingDataError(
            f"The class “{classes[fewest]}” has only one picture to learn from.",
            "Label at least one more picture of it (exact copies count once), or delete the class.",
        )
    folds = assign_folds(labels, groups, n_folds=n_possible, seed=seed)
    if n_possible == n_folds:
        return folds, ()
    note = (
        f"Judged in {n_possible} parts instead of {n_folds}, because the class “{classes[fewest]}” "
        f"has only {n_possible} different pictures; label more of it for a surer figure."
    )
    return folds, (note,)


def _choose_labelled(inputs: TransferInput, rows: NDArray[np.int64]) -> _Labelled:
    given = np.asarray(inputs.labels, dtype=np.int64)
    _check_given(given)
    places = np.flatnonzero((given != UNLABELLED) & (rows >= 0))
    if not len(places):
        raise TrainingDataError(
            "None of the labelled pictures has been described by the network.",
            "Check that the pictures can still be read, then train again.",
        )
    used, labels = np.unique(given[places], return_inverse=True)
    classes = tuple(inputs.classes[i] for i in used)
    if len(classes) < 2:
        raise TrainingDataError(
            f"All usable labels are of one class, “{classes[0]}”.", "Label pictures of at least one other class."
        )
    groups, group_notes = _choose_groups(inputs, places, labels)
    folds, notes = plan_folds(
        labels, groups, classes=classes, n_folds=inputs.settings.n_folds, seed=inputs.settings.seed
    )
    left_out = [name for i, name in enumerate(inputs.classes) if i not in set(used)]
    return _Labelled(places, labels, classes, groups, folds, notes + group_notes + _left_out_note(left_out))


def _choose_groups(
    inputs: TransferInput, places: NDArray[np.int64], labels: NDArray[np.int64]
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Groups that stay in one fold; copies alone where twins would leave a class in one piece."""
    copies = hash_groups([inputs.images[i].content_hash for i in places])
    if not len(inputs.groups):
        return copies, ()
    groups = keep_together([inputs.images[i].content_hash for i in places], np.asarray(inputs.groups)[places])
    if min(len(np.unique(groups[labels == i])) for i in range(int(labels.max()) + 1)) < 2:
        return copies, ("Pictures that are alike were not kept together: a class consists of nothing else.",)
    return groups, ()


def _check_given(labels: NDArray[np.int64]) -> None:
    if not (labels != UNLABELLED).any():
        raise TrainingDataError("There are no labels to learn from.", "Label a few pictures of each class first.")


def _left_out_note(names: Sequence[str]) -> tuple[str, ...]:
    if not names:
        return ()
    which = ", ".join(f"“{name}”" for name in names[:3]) + (" …" if len(names) > 3 else "")
    return (f"Left out, for want of labelled pictures: {which}.",)


def _predict_all(
    inputs: TransferInput, labelled: _Labelled, fit: TransferFit, rows: NDArray[np.int64], store: EmbeddingStore,
    context: JobContext,
) -> RunPredictions:
    """Out of fold for what was learnt from, new for every other described image."""
    is_new = rows >= 0
    is_new[labelled.places] = False
    new = np.flatnonzero(is_new)
    ids = np.array([image.id for image in inputs.images], np.int64)
    parts = [fit.probabilities, *predict_rows(fit.head, store, rows[new], context)]
    kinds = np.repeat(np.array([OUT_OF_FOLD, NEW], np.uint8), [len(labelled.places), len(new)])
    folds = np.concatenate([labelled.folds, np.full(len(new), -1)]).astype(np.int16)
    return RunPredictions(ids[np.concatenate([labelled.places, new])], kinds, np.concatenate(parts), folds)


def predict_rows(
    head: Head, store: EmbeddingStore, rows: NDArray[np.int64], context: JobContext
) -> list[NDArray[np.float32]]:
    """Probabilities for rows of a store, in chunks of at most `CHUNK` images.

    Raises:
        JobCancelled: The caller asked the job to end.
    """
    parts = []
    for first in range(0, len(rows), CHUNK):
        context.progress(first, len(rows), stage="Predicting")
        parts.append(head.probabilities(store.read(rows[first:first + CHUNK])))
    if parts:
        context.progress(len(rows), len(rows), stage="Predicting")
    return parts


def _describe(inputs: TransferInput, labelled: _Labelled, fit: TransferFit, seconds: float) -> RunRecord:
    predicted = fit.probabilities.argmax(axis=1)
    confusion = confusion_matrix(labelled.labels, predicted, len(labelled.classes))
    n, n_right = len(labelled.labels), int(np.trace(confusion))
    return RunRecord(
        run=inputs.run, created_at=datetime.now(UTC).isoformat(timespec="seconds"), program_version=__version__,
        strategy=STRATEGY, backbone=inputs.settings.backbone, seed=inputs.settings.seed,
        settings=asdict(inputs.settings), classes=labelled.classes, n_train=n, n_validation=n, accuracy=n_right / n,
        accuracy_kind=CROSS_VALIDATION, interval=wilson_interval(n_right, n),
        log_loss=log_loss(fit.probabilities, labelled.labels), per_class=class_figures(confusion, labelled.classes),
        confusion=tuple(tuple(row) for row in confusion.tolist()), seconds=round(seconds, 3), weights=inputs.weights,
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        fit={
            "strength": fit.strength, "fold_strengths": list(fit.fold_strengths),
            "n_folds": len(fit.fold_strengths), "n_features": inputs.n_features,
        },
        notes=labelled.notes,
    )


def _snapshot(inputs: TransferInput, labelled: _Labelled) -> list[SnapshotRow]:
    chosen = [inputs.images[i] for i in labelled.places]
    return [
        SnapshotRow(image.id, image.content_hash, image.path, labelled.classes[label])
        for image, label in zip(chosen, labelled.labels, strict=True)
    ]


def _skipped(inputs: TransferInput, rows: NDArray[np.int64]) -> tuple[Skipped, ...]:
    return tuple(
        Skipped(image.path, NOT_DESCRIBED)
        for image, row, label in zip(inputs.images, rows, inputs.labels, strict=True)
        if row < 0 and label != UNLABELLED
    )
