"""Transfer learning: fits a linear head on embeddings, judges it by cross-validation, predicts with it.

The fit needs no network library, so it ends within a second or two.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import RunError, TrainingDataError
from core.jobs import JobContext
from core.runs.repository import read_run_head
from core.runs.head import Head
from core.runs.record import RunRecord, TrainResult
from core.settings import check_settings
from core.text import Message
from core.embeddings.embedded import Embedded, Rows, embed
from core.training.job import PredictResult, PredictRunInput, TrainJob
from core.training.write_run import UNLABELLED, Trained, write_trained

if TYPE_CHECKING:
    from core.training.groups import GroupChoice
    from core.training.logistic import TransferFit

Ints = NDArray[np.int64]

CHUNK = 8192
"""Embeddings that are read at once for new predictions (40 MB at 1,280 features)."""


def train_transfer(job: TrainJob, context: JobContext) -> TrainResult:
    """Embed all images, then train on the embeddings.

    Raises:
        WeightsError, EngineError: The backbone cannot be used.
        AppError: See `train_on_embeddings`.
    """
    # these libraries take a quarter of a second to import, which passes while images are being read
    with ThreadPoolExecutor(1, thread_name_prefix="catalejo-import") as beside:
        beside.submit(import_module, "core.training.logistic")
        embedded = embed(
            job.images, job.settings.backbone, job.embeddings, context, weights=job.weights,
            allow_download=job.allow_download, features=job.settings.features,
        )
    return train_on_embeddings(job, embedded, context)


def train_on_embeddings(job: TrainJob, embedded: Embedded, context: JobContext) -> TrainResult:
    """Train a head, judge every labelled image out of fold, predict the others, write the run.

    Images of a class that has no second one are learnt from and not judged.

    Raises:
        InputError: A setting is out of its range.
        TrainingDataError: No labels, fewer than two classes with two images, or nothing embedded yet.
        RunError: The run's folder exists already, or the store does not fit.
        StorageError: The run could not be saved.
    """
    from core.training.logistic import fit_transfer
    from core.training.repeated import repeat_folds

    started = time.monotonic()
    check_settings(job.settings)
    store, rows = embedded.store, embedded.rows
    places, labels, classes, folds, notes, groups = choose_labelled(
        job, rows, context, read_features=lambda at: store.read(rows[at]))
    features = store.read(rows[places])

    def learn(folds: Ints, context: JobContext) -> TransferFit:
        return fit_transfer(features, labels, folds=folds, n_classes=len(classes), context=context,
                            weighting=job.settings.class_weights)

    fit = learn(folds, context)
    repeats = repeat_folds(
        job.settings, labels, groups, fit.probabilities, folds, classes=classes, context=context,
        judge=lambda folds, context: learn(folds, context).probabilities)
    judged, new = np.flatnonzero(folds >= 0), np.flatnonzero((rows >= 0) & (np.array(job.labels) < 0))
    return write_trained(job, Trained(
        backbone=job.settings.backbone, classes=classes, n_train=len(labels), head=fit.head,
        images=[job.images[i] for i in places], labels=labels, judged=judged,
        probabilities=fit.probabilities[judged], folds=folds[judged], temperatures=fit.temperatures,
        new_images=[job.images[i] for i in new],
        new_probabilities=predict_rows(fit.head, store, rows[new], context), weights=embedded.key,
        fit={
            "strength": fit.strength, "fold_strengths": list(fit.fold_strengths),
            "n_folds": len(fit.fold_strengths), "n_features": store.n_features, "class_weights": fit.is_weighted,
            **repeats.to_json(),
        },
        groups=groups,
        notes=notes + repeats.notes + _say_weights(job, fit) + embedded.notes, skipped=embedded.skipped,
    ), started=started)


def predict_transfer(record: RunRecord, inputs: PredictRunInput, context: JobContext) -> PredictResult:
    """Probabilities of every class for each image.

    Raises:
        RunError: The run is missing, damaged, or was trained on other embeddings.
        WeightsError: The backbone's weights cannot be had.
    """
    features = str(record.settings.get("features", "final"))  # runs of earlier versions do not say
    embedded = embed(inputs.images, record.backbone, inputs.embeddings, context, features=features)
    return predict_on_embeddings(record, inputs, embedded, context)


def predict_on_embeddings(
    record: RunRecord, inputs: PredictRunInput, embedded: Embedded, context: JobContext
) -> PredictResult:
    """The same for images that are embedded already."""
    head = read_run_head(inputs.run_folder, record)
    n_features = embedded.store.n_features
    if head.kernel.shape[0] != n_features:
        raise RunError(
            "training.other_embeddings", run=record.run, n_expected=head.kernel.shape[0], n_given=n_features,
            backbone=record.backbone,
        )
    found = np.flatnonzero(embedded.rows >= 0)
    return PredictResult(
        tuple(inputs.images[i] for i in found), record.classes,
        predict_rows(head, embedded.store, embedded.rows[found], context), embedded.skipped, embedded.notes,
    )


def predict_rows(
    head: Head, store: Rows, rows: NDArray[np.int64], context: JobContext
) -> NDArray[np.float32]:
    """Probabilities for rows of a store, (n_rows, n_classes) float32, in chunks of at most `CHUNK` images."""
    parts = [np.empty((0, len(head.bias)), np.float32)]
    for first in range(0, len(rows), CHUNK):
        context.progress(first, len(rows), stage=Message("jobs.predicting"))
        parts.append(head.probabilities(store.read(rows[first:first + CHUNK])))
    if len(rows):
        context.progress(len(rows), len(rows), stage=Message("jobs.predicting"))
    return np.concatenate(parts)


def choose_labelled(
    job: TrainJob, rows: Ints, context: JobContext, *, read_features: Callable[[Ints], NDArray[np.float32]],
) -> tuple[Ints, Ints, tuple[str, ...], Ints, tuple[Message, ...], GroupChoice]:
    """The images that can be learnt from: places in the job, labels, names of classes, folds, notes, and groups.

    Args:
        rows: Not negative for the images that have an embedding, (n_images,) int64.
        read_features: The embeddings at places in the job.

    Labels (n,) count in the classes that have images; folds (n,) are −1 for images that are learnt from in every fold
    and judged in none.
    """
    from core.training.folds import name_classes, plan_folds, say_unjudged
    from core.training.groups import choose_groups

    given = np.asarray(job.labels, dtype=np.int64)
    if not (given != UNLABELLED).any():
        raise TrainingDataError("training.no_labels")
    places = np.flatnonzero((given != UNLABELLED) & (rows >= 0))
    if not len(places):
        raise TrainingDataError("training.nothing_embedded")
    used, labels = np.unique(given[places], return_inverse=True)
    classes = tuple(job.classes[i] for i in used)
    if len(classes) < 2:
        raise TrainingDataError("training.one_class", class_name=classes[0])
    groups = choose_groups(
        job, places, labels, classes=classes, n_parts=2, context=context,
        read_features=lambda: read_features(places),
    )
    folds = plan_folds(labels, groups.groups, classes=classes, n_folds=job.settings.n_folds, seed=job.settings.seed)
    left_out = [name for i, name in enumerate(job.classes) if i not in set(used)]
    notes = say_unjudged(labels, folds >= 0, classes)
    if left_out:
        notes += (Message("training.left_out", names=name_classes(left_out)),)
    return places, labels, classes, folds, notes, groups


def _say_weights(job: TrainJob, fit: TransferFit) -> tuple[Message, ...]:
    if not fit.is_weighted:
        return ()
    is_asked_for = job.settings.class_weights == "balanced"
    return (Message("training.class_weights" if is_asked_for else "training.class_weights_helped"),)
