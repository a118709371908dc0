"""Training from scratch: a network of our own, trained on the project's images alone and judged on held-out ones.

The labelled images are cut in three: to learn from, to decide when to stop, and held out for the reported
accuracy. Early stopping has seen the second part, so an accuracy from it would flatter.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.engine.augment import build_augmenter
from core.engine.checkpoints import (
    BEST, LAST, ProgressKeeper, Terms, bring_best, copy_weights, data_digest, is_progress_of, read_progress,
)
from core.engine.epochs import EpochData, FitResult, WholeTrainer, fit_epochs, logits_function, predict_probabilities
from core.engine.scratch_nets import NetworkPlan, read_network, write_plan
from core.engine.tail import head_of
from core.images.recipe import Recipe
from core.jobs import JobCancelled, JobContext
from core.runs.repository import take_file
from core.runs.record import RunRecord, TrainResult
from core.settings import check_settings
from core.text import Message
from core.training.labelled import (
    Labelled, cut_labelled, parts_of_fold, predict_files, prepare_labelled, unlabelled_images,
)
from core.training.fold_progress import DoneFold, FoldFacts, FoldKeeper
from core.training.folds import HELD_BACK, TRAIN, VALIDATION, cut_in_parts, plan_folds
from core.training.known_times import START_S, keep_seconds
from core.training.job import PredictResult, PredictRunInput, TrainJob
from core.training.settings import StopReason
from core.training.unfinished import PROGRESS_NAME, add_resume_files, working_place
from core.training.write_run import Trained, write_trained
from core.types import ImageRef

if TYPE_CHECKING:
    import keras

CHUNK = 256
"""New images that are prepared at once for prediction."""


def train_scratch(job: TrainJob, context: JobContext) -> TrainResult:
    """Train a network, measure it on images that it did not see, predict the others, write the run.

    A cancelled training ends within one batch; with at least one complete epoch it still returns
    a run, made of the best epoch so far and without predictions for unlabelled images.

    Raises:
        InputError: A setting is out of its range.
        TrainingDataError: Fewer than two classes with enough different images.
        RunError: The run's folder exists already, or the loss was never a number.
        EngineError: Not enough memory.
        StorageError: The run could not be saved.
        JobCancelled: Cancelled before an epoch of its own was complete, or while cross-validating; what was done is
            kept for a training that goes on.
    """
    started = time.monotonic()
    for settings in (job.settings, job.settings.augment):
        check_settings(settings)
    with working_place(job) as working:
        labelled = prepare_labelled(job, job.settings.recipe, working, context)
        net, fit, n_train, judged, probabilities, folds = _train(job, labelled, working, context)
        _keep_time(job, fit, len(labelled.labels))
        new = () if fit.reason is StopReason.STOPPED else unlabelled_images(job)
        found = _predict_files(net, job.classes, job.settings.recipe, new, context)
        return write_trained(job, Trained(
            backbone=job.settings.network, classes=job.classes, n_train=n_train, head=head_of(net),
            images=labelled.images, labels=labelled.labels, judged=judged, probabilities=probabilities,
            folds=folds,
            new_images=found.images, new_probabilities=found.probabilities,
            fit={**fit.to_json(), "recipe": job.settings.recipe.digest()}, groups=labelled.choice,
            notes=(fit.reason.what_next, *labelled.say_unjudged(judged, job.classes)),
            skipped=(*labelled.skipped, *found.skipped),
            add_files=lambda folder: _add_network(working, folder, _plan(job), fit.reason),
        ), started=started)


def predict_scratch(record: RunRecord, inputs: PredictRunInput, context: JobContext) -> PredictResult:
    """Probabilities of every class for each image.

    Raises:
        RunError: The run is missing or damaged.
    """
    plan, net = read_network(inputs.run_folder)
    return _predict_files(net, record.classes, plan.recipe, inputs.images, context)


def _keep_time(job: TrainJob, fit: FitResult, n_labels: int) -> None:
    """Keep what such a training takes at most, from the epochs that there were."""
    epoch_s, folds = float(np.median([one.seconds for one in fit.history])), job.settings.n_folds
    n_epochs = job.settings.n_epochs * (folds + 1 if folds >= 2 else 1)
    keep_seconds(job.settings, n_labels=n_labels, n_others=len(job.images) - n_labels,
                 seconds=START_S + n_epochs * epoch_s)


def _plan(job: TrainJob) -> NetworkPlan:
    return NetworkPlan(job.settings.network, job.settings.recipe, job.classes, job.settings.seed)


def _train(
    job: TrainJob, labelled: Labelled, working: Path, context: JobContext,
) -> tuple[keras.Model, FitResult, int, NDArray[np.int64], NDArray[np.float32], NDArray[np.int64] | None]:
    """The final network, how its training went, and from how many images it learnt; what the figures come from.

    That is the rows of the images that were judged by a network that had not seen them, (n_rows,), and their
    probabilities, (n_rows, n_classes), and their folds, (n_rows,), where there are any.
    """
    settings, keys = job.settings, labelled.keys
    parts = cut_labelled(job, labelled.labels, keys)
    if settings.n_folds < 2:
        net, fit = _fit(job, labelled, parts, working, context, stage=Message("jobs.training"))
        rows = np.flatnonzero(parts == HELD_BACK)
        return net, fit, int((parts == TRAIN).sum()), rows, _judge(net, labelled.pixels[rows]), None
    folds, probabilities = _cross_validate(job, labelled, working, context)
    shares = (1 - settings.validation_share - settings.held_back_share, settings.validation_share)
    parts = cut_in_parts(labelled.labels, keys, shares=shares, seed=settings.seed, classes=job.classes)
    net, fit = _fit(job, labelled, parts, working, context, stage=Message("jobs.training_all"))
    rows = np.flatnonzero(folds >= 0)
    return net, fit, int((parts == TRAIN).sum()), rows, probabilities[rows], folds[rows]


def _cross_validate(
    job: TrainJob, labelled: Labelled, working: Path, context: JobContext,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Folds, (n_images,) or −1, and (n_images, n_classes): each judged by a network trained without its fold."""
    settings, labels = job.settings, labelled.labels
    folds = plan_folds(labels, labelled.groups, classes=job.classes, n_folds=settings.n_folds, seed=settings.seed)
    n_folds = int(folds.max()) + 1
    probabilities = np.zeros((len(labels), len(job.classes)), np.float32)
    keeper = FoldKeeper(working, data_digest(labelled.hashes, labels) + data_digest(labelled.hashes, folds),
                        job.resume_from)
    for fold in range(n_folds):
        parts = parts_of_fold(job, labelled, folds, fold)
        held_back = parts == HELD_BACK
        if fold >= len(keeper.done):
            stage = Message("jobs.training_fold", fold=fold + 1, n_folds=n_folds)
            net, fit = _fit(job, labelled, parts, working, context, stage=stage, fold=fold + 1)
            if fit.reason is StopReason.STOPPED:
                raise JobCancelled
            keeper.add(DoneFold(FoldFacts(fit.reason, fit.history, fit.best_epoch),
                                {"said": _judge(net, labelled.pixels[held_back])}))
        probabilities[held_back] = keeper.done[fold].said["said"]
    return folds, probabilities


def _fit(
    job: TrainJob, labelled: Labelled, parts: NDArray[np.int64], working: Path, context: JobContext, *,
    stage: Message, fold: int = 0,
) -> tuple[keras.Model, FitResult]:
    """Train one fresh network on the parts `TRAIN` and `VALIDATION`; a later one can go on."""
    settings, net = job.settings, _plan(job).build()
    train, validation = parts == TRAIN, parts == VALIDATION
    data = EpochData(
        labelled.pixels[train], labelled.labels[train], labelled.pixels[validation], labelled.labels[validation],
        len(job.classes),
    )
    trainer = WholeTrainer(net, settings.epochs, build_augmenter(settings.augment, settings.seed))
    return net, fit_epochs(
        net, data, settings=settings.epochs, folder=working, context=context, trainer=trainer, stage=stage,
        fold=fold, keeper=_keeper(job, labelled, parts, working, net, trainer),
    )


def _keeper(
    job: TrainJob, labelled: Labelled, parts: NDArray[np.int64], working: Path, net: keras.Model,
    trainer: WholeTrainer,
) -> ProgressKeeper:
    """Keeps each epoch; goes on with an earlier training if that is asked for and fits, or was at this fold."""
    hashes = labelled.hashes
    terms = Terms(
        job.classes, asdict(job.settings), data_digest(hashes, labelled.labels), job.settings.network,
        data_digest(hashes, parts),
    )
    is_elsewhere = job.resume_from is not None and job.settings.n_folds >= 2 and not is_progress_of(
        job.resume_from, terms.parts)
    if job.resume_from is None or is_elsewhere:
        return ProgressKeeper(working, terms, net, trainer)
    past = read_progress(job.resume_from, terms)
    bring_best(job.resume_from, working)
    if not (working / LAST).is_file():  # where no epoch is left to be learnt, nobody else writes it
        copy_weights(job.resume_from / LAST, working / LAST)
    return ProgressKeeper(working, terms, net, trainer, past)


def _judge(net: keras.Model, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Probabilities without a word to the context: it takes a moment, also after a cancelled training."""
    return predict_probabilities(logits_function(net), pixels)


def _predict_files(
    net: keras.Model, classes: tuple[str, ...], recipe: Recipe, images: Sequence[ImageRef], context: JobContext
) -> PredictResult:
    logits = logits_function(net)

    def measure(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return predict_probabilities(logits, pixels, tell=context.check)

    return predict_files(measure, classes, recipe, images, context, chunk=CHUNK)


def _add_network(working: Path, folder: Path, plan: NetworkPlan, reason: StopReason) -> None:
    write_plan(folder, plan)
    for name in (BEST, LAST):
        take_file(working / name, folder)
    if reason is StopReason.STOPPED and (working / PROGRESS_NAME).is_file():
        add_resume_files(working, folder)
