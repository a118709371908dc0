"""The strategy `scratch`: a network trained from nothing on the project's own pictures.

The labelled images are cut in three: to learn from, to decide when to stop, and held back for
the reported figure. Early stopping has seen the second part, so a figure from it would flatter.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from core import __version__
from core.engine.augment import build_augmenter
from core.training.batches import PreparedPictures, prepare_pictures
from core.engine.checkpoints import BEST, LAST, copy_weights
from core.engine.epochs import (
    EpochData, FitResult, fit_epochs, logits_function, predict_probabilities,
)
from core.engine.network_files import NetworkPlan, write_plan
from core.training.folds import (
    HELD_BACK, TRAIN, VALIDATION, choose_groups, cut_in_parts, group_keys, plan_folds, say_unjudged,
)
from core.engine.resume import (
    PROGRESS, ProgressKeeper, Terms, bring_best, data_digest, read_progress,
)
from core.engine.whole_trainer import WholeTrainer
from core.training.working_folder import UNLABELLED, begin_now, labelled_rows, working_place
from core.errors import InputError, TrainingDataError
from core.images.recipe import Recipe
from core.jobs import JobCancelled, JobContext
from core.review.metrics import class_figures, confusion_matrix, log_loss, wilson_interval
from core.runs.predictions import NEW, OUT_OF_FOLD, RunPredictions
from core.runs.repository import take_file, write_run
from core.runs.head import Head
from core.runs.record import CROSS_VALIDATION, RunRecord, TrainResult
from core.training.unfinished import add_resume_files
from core.settings import check_settings
from core.text import Message
from core.training.settings import ScratchSettings, StopReason
from core.types import ImageRef, Skipped

STRATEGY = "scratch"
HELD_BACK_KIND = "held back"
"""The figure comes from images that took part neither in learning nor in deciding when to stop."""

CHUNK = 256
"""New images that are prepared at once for prediction."""


@dataclass(frozen=True, slots=True)
class ScratchInput:
    """What a training from scratch needs.

    Attributes:
        run: Id of the run.
        folder: The run's folder; must not exist yet.
        images: All images to learn from or to predict.
        labels: Index into `classes` for each image, −1 = unlabelled.
        classes: Names of the classes; two need at least three different labelled images.
        settings: See `ScratchSettings`.
        groups: Equal numbers mark images that are never parted between learning and judging, one for each
            image; () where copies of one file alone are known.
        resume_from: Folder of a stopped run, or of an unfinished training, to go on with from its last
            complete epoch; None to begin.
    """

    run: str
    folder: Path
    images: tuple[ImageRef, ...]
    labels: tuple[int, ...]
    classes: tuple[str, ...]
    settings: ScratchSettings
    groups: tuple[int, ...] = ()
    resume_from: Path | None = None


@dataclass(frozen=True, slots=True)
class _Labelled:
    """The labelled images that could be read.

    Attributes:
        images: In the order of the rows.
        pixels: (n_images, height, width, channels) uint8.
        labels: (n_images,) int64.
        groups: Equal for images that stay together, (n_images,) int64.
        skipped: Labelled images that could not be read.
        notes: Sentences for the user.
    """

    images: tuple[ImageRef, ...]
    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    groups: NDArray[np.int64]
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]

    @property
    def keys(self) -> list[bytes]:
        """What each image is told apart by in a cut; equal within a group."""
        return group_keys([image.content_hash for image in self.images], self.groups)


@dataclass(frozen=True, slots=True)
class _Judged:
    """What the figures come from.

    Attributes:
        rows: Rows of the labelled images that were judged by a network that had not seen them.
        probabilities: (n_rows, n_classes) float32.
        n_train: Images that the final network learnt from.
    """

    rows: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    n_train: int


def train_scratch(inputs: ScratchInput, context: JobContext) -> TrainResult:
    """Train a network, measure it on images that it did not see, predict the others, write the run.

    A cancelled training ends within one batch; with at least one complete epoch it still returns
    a run, made of the best epoch so far and without predictions for unlabelled images.

    Raises:
        InputError: A setting is out of its range.
        TrainingDataError: Fewer than two classes with enough different images.
        RunError: The run's folder exists already, or the loss was never a number.
        EngineError: Not enough memory.
        StorageError: The run could not be saved.
        JobCancelled: Cancelled before the first epoch was complete, or while cross-validating.
    """
    started = time.monotonic()
    for settings in (inputs.settings, inputs.settings.augment):
        check_settings(settings)
    if inputs.resume_from is not None and inputs.settings.n_folds >= 2:
        raise InputError("A training in parts cannot go on where it was stopped.", "Train anew.")
    begun = begin_now(inputs.run, STRATEGY, inputs.settings)
    asked = labelled_rows(inputs.images, inputs.labels, inputs.classes)
    with working_place(begun, asked, run_folder=inputs.folder, resume_from=inputs.resume_from) as working:
        labelled = _prepare_labelled(inputs, working, context)
        net, fit, judged = _train(inputs, labelled, working, context)
        predictions = _predict_new(inputs, net, judged, labelled, fit.reason, context)
        record = _describe(inputs, labelled, fit, judged, time.monotonic() - started)
        write_run(
            inputs.folder, record, head=_head(net), predictions=predictions,
            snapshot=labelled_rows(labelled.images, labelled.labels.tolist(), inputs.classes), images=inputs.images,
            add_files=lambda folder: _add_network(working, folder, _plan(inputs), fit.reason),
        )
    return TrainResult(record, inputs.folder, labelled.skipped)


def _plan(inputs: ScratchInput) -> NetworkPlan:
    return NetworkPlan(inputs.settings.network, inputs.settings.recipe, inputs.classes, inputs.settings.seed)


def _prepare_labelled(inputs: ScratchInput, working: Path, context: JobContext) -> _Labelled:
    given = np.asarray(inputs.labels, np.int64)
    places = np.flatnonzero(given != UNLABELLED)
    if not len(places):
        raise TrainingDataError("There are no labels to learn from.", "Label a few pictures of each class first.")
    images = [inputs.images[i] for i in places]
    found: PreparedPictures = prepare_pictures(images, inputs.settings.recipe, folder=working, context=context)
    kept = places[found.kept]
    if not len(kept):
        raise TrainingDataError("None of the labelled pictures can be read.", "See in the library what is wrong.")
    groups, notes = choose_groups(
        given[kept], [inputs.images[i].content_hash for i in kept],
        [inputs.groups[i] for i in kept] if inputs.groups else [], n_parts=4 if inputs.settings.n_folds >= 2 else 3,
    )
    return _Labelled(
        tuple(images[i] for i in found.kept), found.pixels, given[kept], groups, found.skipped, notes,
    )


def _train(
    inputs: ScratchInput, labelled: _Labelled, working: Path, context: JobContext,
) -> tuple[keras.Model, FitResult, _Judged]:
    """The final network, how its training went, and what the figures come from."""
    settings = inputs.settings
    rest = 1 - settings.validation_share - settings.held_back_share
    shares = [rest, settings.validation_share, settings.held_back_share]
    keys = labelled.keys
    if settings.n_folds < 2:
        parts = cut_in_parts(labelled.labels, keys, shares=shares, seed=settings.seed, classes=inputs.classes)
        net, fit = _fit(inputs, labelled, parts, working, context, stage=Message("jobs.training"), is_kept=True)
        rows = np.flatnonzero(parts == HELD_BACK)
        return net, fit, _Judged(rows, _judge(net, labelled.pixels[rows]), int((parts == TRAIN).sum()))
    rows, probabilities = _cross_validate(inputs, labelled, working, context)
    parts = cut_in_parts(labelled.labels, keys, shares=shares[:2], seed=settings.seed, classes=inputs.classes)
    net, fit = _fit(inputs, labelled, parts, working, context, stage=Message("jobs.training_all"))
    return net, fit, _Judged(rows, probabilities[rows], int((parts == TRAIN).sum()))


def _cross_validate(
    inputs: ScratchInput, labelled: _Labelled, working: Path, context: JobContext,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Rows that were judged, and (n_images, n_classes): each of them judged by a network trained without its fold."""
    settings, labels, keys = inputs.settings, labelled.labels, labelled.keys
    # with four, each half still has one image to learn from and one to stop by
    cut_in_parts(labels, keys, shares=(1, 1, 1, 1), seed=settings.seed, classes=inputs.classes)
    folds = plan_folds(
        labels, labelled.groups, classes=inputs.classes, n_folds=settings.n_folds, seed=settings.seed)
    n_folds = int(folds.max()) + 1
    probabilities = np.zeros((len(labels), len(inputs.classes)), np.float32)
    for fold in range(n_folds):
        parts = np.full(len(labels), HELD_BACK)
        others = np.flatnonzero(folds != fold)
        parts[others] = cut_in_parts(
            labels[others], [keys[i] for i in others], seed=settings.seed, classes=inputs.classes,
            shares=(1 - settings.validation_share, settings.validation_share),
        )
        stage = Message("jobs.training_fold", fold=fold + 1, n_folds=n_folds)
        net, fit = _fit(inputs, labelled, parts, working, context, stage=stage, fold=fold + 1)
        if fit.reason is StopReason.STOPPED:
            raise JobCancelled
        held_back = parts == HELD_BACK
        probabilities[held_back] = _judge(net, labelled.pixels[held_back])
    return np.flatnonzero(folds >= 0), probabilities


def _fit(
    inputs: ScratchInput, labelled: _Labelled, parts: NDArray[np.int64], working: Path, context: JobContext, *,
    stage: Message, fold: int = 0, is_kept: bool = False,
) -> tuple[keras.Model, FitResult]:
    """Train one fresh network on the parts `TRAIN` and `VALIDATION`; with `is_kept` a later one can go on."""
    keras.backend.clear_session()
    settings, net = inputs.settings, _plan(inputs).build()
    train, validation = parts == TRAIN, parts == VALIDATION
    data = EpochData(
        labelled.pixels[train], labelled.labels[train], labelled.pixels[validation], labelled.labels[validation],
        len(inputs.classes),
    )
    trainer = WholeTrainer(net, settings.epochs, build_augmenter(settings.augment, settings.seed))
    keeper = _keeper(inputs, labelled, parts, working, net, trainer) if is_kept else None
    return net, fit_epochs(
        net, data, settings=settings.epochs, folder=working, context=context, trainer=trainer, stage=stage,
        fold=fold, keeper=keeper,
    )


def _keeper(
    inputs: ScratchInput, labelled: _Labelled, parts: NDArray[np.int64], working: Path, net: keras.Model,
    trainer: WholeTrainer,
) -> ProgressKeeper:
    """Keeps each epoch; goes on with an earlier training if that is asked for and fits."""
    hashes = [image.content_hash for image in labelled.images]
    terms = Terms(
        inputs.classes, asdict(inputs.settings), data_digest(hashes, labelled.labels), inputs.settings.network,
        data_digest(hashes, parts),
    )
    if inputs.resume_from is None:
        return ProgressKeeper(working, terms, net, trainer)
    past = read_progress(inputs.resume_from, terms)
    bring_best(inputs.resume_from, working)
    if not (working / LAST).is_file():  # where no epoch is left to be learnt, nobody else writes it
        copy_weights(inputs.resume_from / LAST, working / LAST)
    return ProgressKeeper(working, terms, net, trainer, past)


def _judge(net: keras.Model, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Probabilities without a word to the context: it takes a moment, also after a cancelled training."""
    return predict_probabilities(logits_function(net), pixels)


def _predict_new(
    inputs: ScratchInput, net: keras.Model, judged: _Judged, labelled: _Labelled, reason: StopReason,
    context: JobContext,
) -> RunPredictions:
    """The judged images, and every unlabelled one unless the user wants to end."""
    new = [image for image, label in zip(inputs.images, inputs.labels, strict=True) if label == UNLABELLED]
    ids, probabilities = (
        predict_images(net, inputs.settings.recipe, new, context) if reason is not StopReason.STOPPED and new
        else ([], np.empty((0, len(inputs.classes)), np.float32))
    )
    judged_ids = [labelled.images[i].id for i in judged.rows]
    kinds = np.repeat(np.array([OUT_OF_FOLD, NEW], np.uint8), [len(judged_ids), len(ids)])
    return RunPredictions(
        np.array(judged_ids + ids, np.int64), kinds, np.concatenate([judged.probabilities, probabilities]),
    )


def predict_images(
    net: keras.Model, recipe: Recipe, images: Sequence[ImageRef], context: JobContext,
) -> tuple[list[int], NDArray[np.float32]]:
    """Probabilities for images from disk, a chunk at a time.

    Returns:
        Ids of the images that could be read, and (n_ids, n_classes) float32, rows sum to 1.

    Raises:
        JobCancelled: The caller asked the job to end.
    """
    logits, quiet = logits_function(net), JobContext()
    ids: list[int] = []
    found: list[NDArray[np.float32]] = [np.empty((0, net.output_shape[1]), np.float32)]
    for start in range(0, len(images), CHUNK):
        context.progress(start, len(images), stage=Message("jobs.predicting"))
        chunk = images[start:start + CHUNK]
        prepared = prepare_pictures(chunk, recipe, folder=Path(), context=quiet)
        if len(prepared.kept):
            ids.extend(chunk[i].id for i in prepared.kept)
            found.append(predict_probabilities(logits, prepared.pixels, tell=context.check))
    context.progress(len(images), len(images), stage=Message("jobs.predicting"))
    return ids, np.concatenate(found)


def _head(net: keras.Model) -> Head:
    kernel, bias = net.get_layer("logits").get_weights()
    return Head(kernel, bias)


def _add_network(working: Path, folder: Path, plan: NetworkPlan, reason: StopReason) -> None:
    write_plan(folder, plan)
    for name in (BEST, LAST):
        take_file(working / name, folder)
    if reason is StopReason.STOPPED and (working / PROGRESS).is_file():
        add_resume_files(working, folder)


def _describe(
    inputs: ScratchInput, labelled: _Labelled, fit: FitResult, judged: _Judged, seconds: float,
) -> RunRecord:
    labels = labelled.labels[judged.rows]
    confusion = confusion_matrix(labels, judged.probabilities.argmax(axis=1), len(inputs.classes))
    n, n_right = len(labels), int(np.trace(confusion))
    settings = inputs.settings
    return RunRecord(
        run=inputs.run, created_at=datetime.now(UTC).isoformat(timespec="seconds"), program_version=__version__,
        strategy=STRATEGY, backbone=settings.network, seed=settings.seed, settings=asdict(settings),
        classes=inputs.classes, n_train=judged.n_train, n_validation=n, accuracy=n_right / n,
        accuracy_kind=CROSS_VALIDATION if settings.n_folds >= 2 else HELD_BACK_KIND,
        interval=wilson_interval(n_right, n), log_loss=log_loss(judged.probabilities, labels),
        per_class=class_figures(confusion, inputs.classes),
        confusion=tuple(tuple(row) for row in confusion.tolist()), seconds=round(seconds, 3),
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        fit={
            "stop_reason": fit.reason.value, "best_epoch": fit.best_epoch, "recipe": settings.recipe.digest(),
            "history": [asdict(figures) for figures in fit.history],
        },
        notes=(fit.reason.what_next, *labelled.notes, *say_unjudged(
            labelled.labels, np.isin(np.arange(len(labelled.labels)), judged.rows), inputs.classes)),
    )
