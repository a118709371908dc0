"""The strategy `fine-tune`: the last blocks of a pretrained network adapted to the project's pictures.

The frozen trunk looks at every view of every picture once; the epochs then train the tail alone on
what it saw. As in `scratch`, the labelled images are cut in three, and the reported figure comes from
images that took part neither in learning nor in deciding when to stop. A last training then learns
from all of them for as many epochs.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.engine.adapted import (
    SPLIT_NAME, AdaptedPlan, find_starting_point, write_adapted_plan, write_seen,
)
from core.engine.checkpoints import BEST
from core.engine.epochs import logits_function
from core.training.fine_tune.fit import LEARNT_NAME, Judged, Work, train_and_judge
from core.training.fine_tune.open import (
    FineTuneInput, check_labels, cut_labelled, look_at_views, make_estimate, open_to_adapt,
    prepare_labelled,
)
from core.training.fine_tune.predict import predict_new
from core.training.fine_tune.record import STRATEGY, describe_fine_tune
from core.engine.resume import require_classes
from core.engine.tail import head_of
from core.engine.trunk_cache import CachePlan, fit_variants
from core.training.working_folder import UNLABELLED, begin_now, labelled_rows, working_place
from core.errors import InputError
from core.jobs import JobContext
from core.runs.predictions import NEW, OUT_OF_FOLD, RunPredictions
from core.runs.repository import take_file, write_run
from core.runs.record import TrainResult
from core.training.unfinished import add_resume_files
from core.settings import check_settings
from core.training.settings import FineTuneEstimate, StopReason

__all__ = ["FineTuneInput", "estimate_seconds", "train_fine_tune"]


def train_fine_tune(inputs: FineTuneInput, context: JobContext) -> TrainResult:
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
        JobCancelled: Cancelled before the first epoch was complete, or while cross-validating.
    """
    started = time.monotonic()
    _check(inputs)
    check_labels(inputs)
    start = find_starting_point(inputs.settings.start_from, backbone=inputs.settings.backbone)
    if inputs.resume_from is not None:
        require_classes(inputs.resume_from, inputs.classes)
    begun = begin_now(inputs.run, STRATEGY, inputs.settings, inputs.weights)
    asked = labelled_rows(inputs.images, inputs.labels, inputs.classes)
    with working_place(begun, asked, run_folder=inputs.folder, resume_from=inputs.resume_from) as working:
        opened = open_to_adapt(inputs, start, context)
        labelled = prepare_labelled(inputs, working, context)
        parts, honest = cut_labelled(inputs, labelled, start)
        looked = look_at_views(inputs, opened, labelled, parts, working, context)
        work = Work(inputs, opened, labelled, looked.cache, working, logits_function(opened.net.tail))
        fit, judged = train_and_judge(work, parts, honest, context)
        judged = replace(judged, notes=labelled.notes + looked.notes + judged.notes)
        predictions = _predict_others(work, judged, fit.reason, context)
        record = describe_fine_tune(
            work, fit, judged, estimate=looked.estimate, seconds=time.monotonic() - started)
        write_run(
            inputs.folder, record, head=head_of(opened.net.tail), predictions=predictions,
            snapshot=labelled_rows(labelled.images, labelled.labels.tolist(), inputs.classes), images=inputs.images,
            add_files=lambda folder: _add_network(work, judged, fit.reason, folder),
        )
    return TrainResult(record, inputs.folder, labelled.skipped)


def estimate_seconds(inputs: FineTuneInput, context: JobContext) -> FineTuneEstimate:
    """How long `train_fine_tune` would take here and now, and how much room; takes some seconds itself.

    Reading the pictures is not counted.

    Raises:
        InputError, WeightsError: See `train_fine_tune`.
    """
    _check(inputs)
    settings = inputs.settings
    opened = open_to_adapt(inputs, find_starting_point(settings.start_from, backbone=settings.backbone), context)
    n = sum(label != UNLABELLED for label in inputs.labels)
    is_all = inputs.is_in_folds or settings.learns_from_all
    n_learn = n if is_all else round(n * (1 - settings.validation_share - settings.held_back_share))
    shape = opened.net.cut.shape
    n_variants, _ = fit_variants(shape, n, n_learn, settings.chosen.n_variants, most_gb=settings.cache_gb)
    plan = CachePlan(Path(), shape, n, np.arange(n_learn), n_variants, settings.augment, settings.seed)
    return make_estimate(inputs, opened.speeds, plan)


def _check(inputs: FineTuneInput) -> None:
    settings = inputs.settings
    for part in (settings, settings.epochs, settings.augment):
        check_settings(part)
    if inputs.is_in_folds and (settings.start_from or inputs.resume_from):
        raise InputError(
            "A training in parts cannot start from an earlier one, which has seen the pictures that each part holds "
            "back.", "Set “n_folds” to 0, or start from the published network.",
        )


def _predict_others(work: Work, judged: Judged, reason: StopReason, context: JobContext) -> RunPredictions:
    """The judged images, and every unlabelled one unless the user wants to end."""
    inputs = work.inputs
    new = [image for image, label in zip(inputs.images, inputs.labels, strict=True) if label == UNLABELLED]
    if reason is StopReason.STOPPED:
        new = []
    found = predict_new(work.opened.net, work.opened.trunk, inputs.recipe, new, context)
    ids = [work.labelled.images[i].id for i in judged.rows] + [image.id for image in found.images]
    kinds = np.repeat(np.array([OUT_OF_FOLD, NEW], np.uint8), [len(judged.rows), len(found.images)])
    probabilities: NDArray[np.float32] = np.concatenate([judged.probabilities, found.probabilities])
    return RunPredictions(np.array(ids, np.int64), kinds, probabilities)


def _add_network(work: Work, judged: Judged, reason: StopReason, folder: Path) -> None:
    inputs, net = work.inputs, work.opened.net
    before = (work.opened.start.seen if work.opened.start else None) or frozenset()
    write_adapted_plan(folder, AdaptedPlan(
        net.backbone.name, net.located.sha256, net.cut.name, inputs.settings.fit, inputs.classes))
    write_seen(folder, before.union(work.labelled.hashes[i] for i in judged.seen))
    for name in (BEST, SPLIT_NAME):
        take_file(work.result / name, folder)
    if reason is StopReason.STOPPED:
        add_resume_files(work.working, folder)
        take_file(work.working / BEST, folder, name=LEARNT_NAME)
