"""The jobs `train` and `predict`: let the strategy that a training or a run names do its work."""

from __future__ import annotations

from dataclasses import replace

from core.errors import TrainingDataError
from core.images.files import CHANGED
from core.images.stamps import find_changed_files
from core.jobs import JobContext
from core.runs.repository import read_run
from core.runs.record import TrainResult
from core.text import Message
from core.training.job import PredictResult, PredictRunInput, TrainJob
from core.training.registry import find_strategy
from core.types import Skipped


def train(job: TrainJob, context: JobContext) -> TrainResult:
    """Train by the strategy that the job names, without the images whose files changed after the last import.

    Raises:
        TrainingDataError, WeightsError, RunError, StorageError: See the strategy.
        JobCancelled: The caller asked the job to end.
    """
    current, changed = leave_out_changed(job, context)
    result = find_strategy(job.strategy).train(current, context)
    return replace(result, skipped=(*changed, *result.skipped))


def predict(inputs: PredictRunInput, context: JobContext) -> PredictResult:
    """Probabilities of every class for each image.

    Raises:
        RunError: The run is missing or damaged, or its backbone's weights are others now.
        InputError: It was trained by a strategy that there is not any more.
        WeightsError: The backbone's weights cannot be had.
        JobCancelled: The caller asked the job to end.
    """
    record = read_run(inputs.run_folder)
    return find_strategy(record.strategy).predict(record, inputs, context)


def leave_out_changed(job: TrainJob, context: JobContext) -> tuple[TrainJob, tuple[Skipped, ...]]:
    """The training without the images whose files have another content now, and those images.

    Nobody labelled what these files show now.

    Raises:
        TrainingDataError: No image of a class is left.
        JobCancelled: The caller asked the job to end.
    """
    changed = {c.image.id for c in find_changed_files(job.images, context)}
    if not changed:
        return job, ()
    kept = [at for at, image in enumerate(job.images) if image.id not in changed]
    labels = tuple(job.labels[at] for at in kept)
    if gone := sorted(set(job.labels) - set(labels) - {-1}):
        raise TrainingDataError("training.class_changed", class_name=job.classes[gone[0]])
    left = replace(
        job, images=tuple(job.images[at] for at in kept), labels=labels,
        groups=tuple(job.groups[at] for at in kept) if job.groups else (),
    )
    return left, tuple(Skipped(image.path, Message(CHANGED)) for image in job.images if image.id in changed)
