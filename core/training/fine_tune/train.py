"""Fine-tuning: the last blocks of a pretrained backbone adapted to the project's images; predicts with such a run.

The frozen trunk looks at every view of every image once; the epochs then train the tail alone on what it saw. As
in `scratch`, the labelled images are cut in three, and the reported accuracy comes from images that took part neither
in learning nor in deciding when to stop. A last training then learns from all of them for as many epochs.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.engine.adapted import (
    SPLIT_NAME, AdaptedNetwork, AdaptedPlan, find_starting_point, read_adapted, write_adapted_plan, write_seen,
)
from core.engine.checkpoints import BEST, require_classes
from core.engine.epochs import FitResult, logits_function
from core.engine.cut import open_trunk
from core.engine.network import Network, network_key
from core.engine.tail import head_of
from core.engine.trunk_cache import CachePlan, fit_variants
from core.errors import InputError
from core.images.recipe import Recipe
from core.jobs import JobContext
from core.runs.head import Head
from core.runs.repository import take_file
from core.runs.record import RunRecord, TrainResult
from core.settings import check_settings
from core.text import Message
from core.training.labelled import predict_files, prepare_labelled, unlabelled_images
from core.training.fine_tune.companion import open_companion, predict_beside, read_companion, write_companion
from core.training.fine_tune.fit import LEARNT_NAME, NOTHING_LEARNT, Judged, Work, train_and_judge
from core.training.fine_tune.prepare import (
    check_labels, cut_honestly, look_at_views, make_estimate, open_to_adapt, recipe_of,
)
from core.training.fine_tune.views import ask, look
from core.training.job import PredictResult, PredictRunInput, TrainJob
from core.training.known_times import START_S, keep_seconds
from core.training.settings import StopReason
from core.training.strategies.fine_tune import FineTuneEstimate
from core.training.unfinished import add_resume_files, working_place
from core.training.write_run import UNLABELLED, Trained, write_trained
from core.types import ImageRef

CHUNK = 128
"""New images that are prepared at once for prediction."""


def train_fine_tune(job: TrainJob, context: JobContext) -> TrainResult:
    """Adapt a network, measure it on images that it did not see, predict the others, write the run.

    A `FineTuneEstimate` is published before anything large is written. A cancelled training ends
    within one batch; with at least one complete epoch it still returns a run, made of the best epoch so
    far, that another training can go on with (`resume_from`).

    Raises:
        InputError: A setting is out of its range, or does not fit what it starts from.
        TrainingDataError: Fewer than two classes with enough different images.
        WeightsError: The backbone's weights or those to start from cannot be used.
        RunError: The run exists already, what it goes on with does not fit, or the loss was never a number.
        EngineError: Not enough memory.
        StorageError: The views or the run could not be saved.
        JobCancelled: Cancelled before an epoch of its own was complete, or while cross-validating; what was done is
            kept for a training that goes on.
    """
    started = time.monotonic()
    _check(job)
    check_labels(job)
    start = find_starting_point(job.settings.start_from, backbone=job.settings.backbone)
    if job.resume_from is not None:
        require_classes(job.resume_from, job.classes)
    with working_place(job) as working:
        opened = open_to_adapt(job, start, context)
        labelled = prepare_labelled(job, recipe_of(opened.net.backbone, job.settings.fit), working, context)
        parts, honest = cut_honestly(job, labelled, start)
        cache, estimate, notes = look_at_views(job, opened, labelled, parts, working, context)
        companion = open_companion(job, labelled, context)
        if job.settings.has_companion and companion is None:
            notes += (Message("training.companion_left_out"),)
        work = Work(job, opened, labelled, cache, working, logits_function(opened.net.tail), companion)
        fit, judged = train_and_judge(work, parts, honest, context)
        judged = replace(judged, notes=notes + judged.notes)
        result = write_trained(job, _put_together(work, fit, judged, estimate, context), started=started)
        if fit.reason is not StopReason.STOPPED and job.resume_from is None:  # an estimate that was too low is no use
            n_labels = len(labelled.labels)
            keep_seconds(job.settings, n_labels=n_labels, n_others=len(job.images) - n_labels,
                         seconds=max(START_S + estimate.seconds, time.monotonic() - started))
        return result


def predict_fine_tune(record: RunRecord, inputs: PredictRunInput, context: JobContext) -> PredictResult:
    """Probabilities of every class for each image.

    Raises:
        RunError: The run is missing or damaged, or its backbone's weights are others now.
        WeightsError: The backbone's weights cannot be had.
    """
    plan, net = read_adapted(inputs.run_folder)
    trunk, head = open_trunk(net.model, net.cut, net.backbone), read_companion(inputs.run_folder, plan)
    found = _predict_files(
        net, trunk, plan.classes, plan.recipe, inputs.images, context, has_two_views=plan.has_two_views)
    return predict_beside(found, head, plan.companion, inputs, context) if head else found


def estimate_seconds(job: TrainJob, context: JobContext) -> FineTuneEstimate:
    """How long `train_fine_tune` would take here and now, and how much room; takes some seconds itself.

    Reading the images is not counted.

    Raises:
        InputError, WeightsError: See `train_fine_tune`.
    """
    _check(job)
    settings = job.settings
    opened = open_to_adapt(job, find_starting_point(settings.start_from, backbone=settings.backbone), context)
    n = sum(label != UNLABELLED for label in job.labels)
    is_all = settings.is_in_folds or settings.learns_from_all
    n_learn = n if is_all else round(n * (1 - settings.validation_share - settings.held_back_share))
    shape = opened.net.cut.shape
    n_variants, _ = fit_variants(shape, n, n_learn, settings.chosen.n_variants, most_gb=settings.cache_gb)
    plan = CachePlan(Path(), shape, n, np.arange(n_learn), n_variants, settings.augment, settings.seed)
    return make_estimate(job, opened.speeds, plan)


def _check(job: TrainJob) -> None:
    settings = job.settings
    for part in (settings, settings.epochs, settings.augment):
        check_settings(part)
    if settings.is_in_folds and settings.start_from:
        raise InputError("training.folds_cannot_start")


def _put_together(
    work: Work, fit: FitResult, judged: Judged, estimate: FineTuneEstimate, context: JobContext
) -> Trained:
    """The run: accuracy on unseen images beside that of transfer alone; no new predictions of a stopped training."""
    job, net, labelled = work.job, work.opened.net, work.labelled
    new = () if fit.reason is StopReason.STOPPED else unlabelled_images(job)
    found = _predict_files(
        net, work.opened.trunk, job.classes, recipe_of(net.backbone, job.settings.fit), new, context,
        has_two_views=job.settings.has_two_views)
    companion = work.companion
    head = companion.learn(np.arange(len(labelled.labels)) if judged.n_train == len(labelled.labels)
                           else judged.learnt) if companion else None
    if companion and head:
        found = predict_beside(found, head, companion.embedded.key, job, context)
    labels, chosen = labelled.labels[judged.rows], job.settings.chosen
    n, n_right, n_transfer = len(labels), *(
        int((said.argmax(axis=1) == labels).sum()) for said in (judged.probabilities, judged.transfer))
    return Trained(
        backbone=net.backbone.name, classes=job.classes, n_train=judged.n_train, head=head_of(net.tail),
        images=labelled.images, labels=labelled.labels, judged=judged.rows, probabilities=judged.probabilities,
        folds=judged.folds,
        new_images=found.images, new_probabilities=found.probabilities,
        weights=network_key(net.backbone, net.located), fit={
            **fit.to_json(), "cut": net.cut.name, "n_blocks": net.n_blocks, "side_px": net.backbone.side_px,
            "n_variants": work.cache.plan.n_variants, "n_epochs": chosen.n_epochs,
            "learning_rate": chosen.learning_rate, "blend": judged.blend, "estimate": asdict(estimate),
            "transfer_accuracy": n_transfer / n,
        }, groups=labelled.choice,
        notes=(fit.reason.what_next, *judged.notes, *_comparison(judged, n_right, n_transfer, n),
               *labelled.say_unjudged(judged.rows, job.classes)),
        skipped=(*labelled.skipped, *found.skipped),
        add_files=lambda folder: _add_network(work, judged, fit.reason, head, folder),
    )


def _predict_files(
    net: AdaptedNetwork, trunk: Network, classes: tuple[str, ...], recipe: Recipe, images: Sequence[ImageRef],
    context: JobContext, *, has_two_views: bool,
) -> PredictResult:
    """Probabilities for images from disk."""
    logits = logits_function(net.tail)

    def measure(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return ask(logits, look(trunk, pixels), trunk, lambda: pixels, has_two_views=has_two_views,
                   tell=context.check)

    return predict_files(measure, classes, recipe, images, context, chunk=CHUNK)


def _comparison(judged: Judged, n_right: int, n_transfer: int, n: int) -> tuple[Message, ...]:
    """Said only where the longer way did not pay."""
    left_alone = (Message("training.left_as_it_was"),) if judged.blend == NOTHING_LEARNT else ()
    if n_right > n_transfer:
        return left_alone
    return (*left_alone, Message("training.did_not_pay", n=n, n_transfer=n_transfer, n_right=n_right))


def _add_network(work: Work, judged: Judged, reason: StopReason, head: Head | None, folder: Path) -> None:
    job, net = work.job, work.opened.net
    before = (work.opened.start.seen if work.opened.start else None) or frozenset()
    write_adapted_plan(folder, AdaptedPlan(
        net.backbone.name, net.located.sha256, net.cut.name, job.settings.fit, job.classes, net.backbone.side_px,
        job.settings.has_two_views, work.companion.embedded.key if work.companion else ""))
    if head:
        write_companion(folder, head)
    write_seen(folder, before.union(work.labelled.hashes[i] for i in judged.seen))
    for name in (BEST, SPLIT_NAME):
        take_file(work.result / name, folder)
    if reason is StopReason.STOPPED:
        add_resume_files(work.working, folder)
        take_file(work.working / BEST, folder, name=LEARNT_NAME)
