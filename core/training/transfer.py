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
from core.embeddings.store import EmbeddingStore
from core.training.logistic import TransferFit, fit_transfer
from core.training.folds import choose_groups, plan_folds, say_unjudged
from core.errors import TrainingDataError
from core.jobs import JobContext
from core.review.baseline import listed
from core.review.metrics import class_figures, confusion_matrix, log_loss, wilson_interval
from core.runs.predictions import NEW, OUT_OF_FOLD, RunPredictions
from core.runs.repository import write_run
from core.runs.snapshot import SnapshotRow
from core.runs.head import Head
from core.runs.record import CROSS_VALIDATION, RunRecord, TrainResult
from core.settings import TransferSettings, check_settings
from core.text import Message
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
        folds: (n,) int64 in 0 … n_folds − 1; −1 for images that are learnt from in every fold and judged in none.
        notes: Sentences for the user.
    """

    places: NDArray[np.int64]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    groups: NDArray[np.int64]
    folds: NDArray[np.int64]
    notes: tuple[str, ...]

    @property
    def judged(self) -> NDArray[np.int64]:
        """Rows of the images that were held back in one of the folds."""
        return np.flatnonzero(self.folds >= 0)


def train_transfer(inputs: TransferInput, context: JobContext) -> TrainResult:
    """Train a head, judge every labelled image out of fold, predict the others, write the run.

    Images of a class that has no second one are learnt from and not judged.

    Raises:
        InputError: A setting is out of its range.
        TrainingDataError: No labels, fewer than two classes with two images, or nothing described yet.
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
        context=context, weighting=inputs.settings.class_weights,
    )
    predictions = _predict_all(inputs, labelled, fit, rows, store, context)
    record = _describe(inputs, labelled, fit, time.monotonic() - started)
    write_run(
        inputs.folder, record, head=fit.head, snapshot=_snapshot(inputs, labelled), predictions=predictions,
        images=inputs.images,
    )
    return TrainResult(record, inputs.folder, _skipped(inputs, rows))


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
    folds = plan_folds(labels, groups, classes=classes, n_folds=inputs.settings.n_folds, seed=inputs.settings.seed)
    left_out = [name for i, name in enumerate(inputs.classes) if i not in set(used)]
    notes = say_unjudged(labels, folds >= 0, classes) + group_notes + _left_out_note(left_out)
    return _Labelled(places, labels, classes, groups, folds, notes)


def _choose_groups(
    inputs: TransferInput, places: NDArray[np.int64], labels: NDArray[np.int64]
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Groups that stay in one fold."""
    hashes = [inputs.images[i].content_hash for i in places]
    return choose_groups(labels, hashes, np.asarray(inputs.groups)[places] if len(inputs.groups) else (), n_parts=2)


def _check_given(labels: NDArray[np.int64]) -> None:
    if not (labels != UNLABELLED).any():
        raise TrainingDataError("There are no labels to learn from.", "Label a few pictures of each class first.")


def _left_out_note(names: Sequence[str]) -> tuple[str, ...]:
    if not names:
        return ()
    return (f"Left out, for want of labelled images: {listed([f'“{name}”' for name in names])}.",)


def _predict_all(
    inputs: TransferInput, labelled: _Labelled, fit: TransferFit, rows: NDArray[np.int64], store: EmbeddingStore,
    context: JobContext,
) -> RunPredictions:
    """Out of fold for what was judged, new for every described image that was not learnt from."""
    is_new = rows >= 0
    is_new[labelled.places] = False
    new, judged = np.flatnonzero(is_new), labelled.judged
    ids = np.array([image.id for image in inputs.images], np.int64)
    parts = [fit.probabilities[judged], *predict_rows(fit.head, store, rows[new], context)]
    kinds = np.repeat(np.array([OUT_OF_FOLD, NEW], np.uint8), [len(judged), len(new)])
    folds = np.concatenate([labelled.folds[judged], np.full(len(new), -1)]).astype(np.int16)
    return RunPredictions(ids[np.concatenate([labelled.places[judged], new])], kinds, np.concatenate(parts), folds)


def predict_rows(
    head: Head, store: EmbeddingStore, rows: NDArray[np.int64], context: JobContext
) -> list[NDArray[np.float32]]:
    """Probabilities for rows of a store, in chunks of at most `CHUNK` images.

    Raises:
        JobCancelled: The caller asked the job to end.
    """
    parts = []
    for first in range(0, len(rows), CHUNK):
        context.progress(first, len(rows), stage=Message("jobs.predicting"))
        parts.append(head.probabilities(store.read(rows[first:first + CHUNK])))
    if parts:
        context.progress(len(rows), len(rows), stage=Message("jobs.predicting"))
    return parts


def _describe(inputs: TransferInput, labelled: _Labelled, fit: TransferFit, seconds: float) -> RunRecord:
    labels, probabilities = labelled.labels[labelled.judged], fit.probabilities[labelled.judged]
    confusion = confusion_matrix(labels, probabilities.argmax(axis=1), len(labelled.classes))
    n, n_right = len(labels), int(np.trace(confusion))
    return RunRecord(
        run=inputs.run, created_at=datetime.now(UTC).isoformat(timespec="seconds"), program_version=__version__,
        strategy=STRATEGY, backbone=inputs.settings.backbone, seed=inputs.settings.seed,
        settings=asdict(inputs.settings), classes=labelled.classes, n_train=len(labelled.labels), n_validation=n,
        accuracy=n_right / n, accuracy_kind=CROSS_VALIDATION, interval=wilson_interval(n_right, n),
        log_loss=log_loss(probabilities, labels), per_class=class_figures(confusion, labelled.classes),
        confusion=tuple(tuple(row) for row in confusion.tolist()), seconds=round(seconds, 3), weights=inputs.weights,
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        fit={
            "strength": fit.strength, "fold_strengths": list(fit.fold_strengths),
            "n_folds": len(fit.fold_strengths), "n_features": inputs.n_features, "class_weights": fit.is_weighted,
        },
        notes=labelled.notes + _say_weights(inputs, fit),
    )


def _say_weights(inputs: TransferInput, fit: TransferFit) -> tuple[str, ...]:
    if not fit.is_weighted:
        return ()
    because = "" if inputs.settings.class_weights == "balanced" else ", which helped on images that were held back"
    return (f"Class weights: images of small classes counted more{because}.",)


def _snapshot(inputs: TransferInput, labelled: _Labelled) -> list[SnapshotRow]:
    chosen = [inputs.images[i] for i in labelled.places]
    return [
        SnapshotRow(image.id, image.content_hash, image.path, labelled.classes[label])
        for image, label in zip(chosen, labelled.labels, strict=True)
    ]


def _skipped(inputs: TransferInput, rows: NDArray[np.int64]) -> tuple[Skipped, ...]:
    return tuple(
        Skipped(image.path, Message(NOT_DESCRIBED))
        for image, row, label in zip(inputs.images, rows, inputs.labels, strict=True)
        if row < 0 and label != UNLABELLED
    )
