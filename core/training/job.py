"""The jobs `train` and `predict`: frozen snapshots that cross to the engine, and the strategy that does the work."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import TrainingDataError
from core.images.files import CHANGED, find_changed_files, find_gone
from core.jobs import JobContext
from core.review.calibrate import scale_rows
from core.runs.record import TrainResult
from core.runs.repository import read_run
from core.text import Message
from core.training.registry import find_strategy
from core.types import ImageRef, Skipped


@dataclass(frozen=True, slots=True)
class TrainJob:
    """One training, whatever its strategy.

    Attributes:
        folder: The run's folder; must not exist yet.
        strategy: One of `core.training.registry.STRATEGIES`.
        settings: The strategy's settings dataclass.
        images: All readable images: labelled ones to learn from, the others to predict.
        labels: Index into `classes` for each image, −1 = unlabelled.
        classes: Names of the classes that have labelled images.
        class_ids: Their rows in the catalog.
        embeddings: The project's folder of embedding stores.
        weights: A local file of pretrained weights to use instead, or None.
        groups: Equal numbers mark images that should never be parted between learning and judging, one for
            each image; empty where nothing but copies of one file is known.
        table_groups: What the table of the setting `group_table` says of each image, empty for one that it does not
            have; empty where no table is named.
        capture_times: File in which capture times are kept, which need not exist; None keeps nothing.
        resume_from: Folder of a stopped run or an unfinished training of the same strategy to go on with, or None.
        findings: What speaks against believing the result; see `RunRecord.findings`.
        notes: What the user should read of the images that were left out.
        n_excluded: Images of the project that were excluded and so are not among these.
    """

    run: str
    folder: Path
    strategy: str
    settings: Any
    images: tuple[ImageRef, ...]
    labels: tuple[int, ...]
    classes: tuple[str, ...]
    class_ids: tuple[int, ...]
    embeddings: Path
    allow_download: bool = False
    weights: Path | None = None
    groups: tuple[int, ...] = ()
    table_groups: tuple[str, ...] = ()
    capture_times: Path | None = None
    resume_from: Path | None = None
    findings: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[Message, ...] = ()
    n_excluded: int = 0


@dataclass(frozen=True, slots=True)
class PredictRunInput:
    """What to predict with which run.

    Attributes:
        run_folder: Folder of a finished run; must exist.
        embeddings: The project's folder of embedding stores.
    """

    run_folder: Path
    images: tuple[ImageRef, ...]
    embeddings: Path


@dataclass(frozen=True, slots=True)
class PredictResult:
    """What the run predicts.

    Attributes:
        images: Those that were predicted, in the order given.
        classes: Names in the order of the columns.
        probabilities: (n_images, n_classes) float32, rows sum to 1.
    """

    images: tuple[ImageRef, ...]
    classes: tuple[str, ...]
    probabilities: NDArray[np.float32]
    skipped: tuple[Skipped, ...]
    notes: tuple[Message, ...] = ()


def train(job: TrainJob, context: JobContext) -> TrainResult:
    """Train by the strategy that the job names, without the images whose files changed after the last import.

    Raises:
        TrainingDataError, WeightsError, RunError, StorageError: See the strategy.
    """
    current, changed = leave_out_changed(job, context)
    if gone := find_gone(current.images):
        current = replace(current, notes=(*current.notes, Message(
            "training.files_gone", n=len(gone), name=gone[0].path.name, folder=gone[0].path.parent)))
    result = find_strategy(job.strategy).train(current, context)
    return replace(result, skipped=(*changed, *result.skipped))


def predict(inputs: PredictRunInput, context: JobContext) -> PredictResult:
    """Probabilities of every class for each image, calibrated as those of the run.

    Raises:
        RunError: The run is missing or damaged, or its backbone's weights are others now.
        InputError: It was trained by a strategy that there is not any more.
        WeightsError: The backbone's weights cannot be had.
    """
    record = read_run(inputs.run_folder)
    result = find_strategy(record.strategy).predict(record, inputs, context)
    return replace(result, probabilities=scale_rows(result.probabilities, record.temperature))


def leave_out_changed(job: TrainJob, context: JobContext) -> tuple[TrainJob, tuple[Skipped, ...]]:
    """The training without the images whose files have another content now, and those images.

    Nobody labelled what these files show now.

    Raises:
        TrainingDataError: No image of a class is left.
    """
    changed = {c.image.id for c in find_changed_files(job.images, context)}
    left_out = tuple(Skipped(image.path, Message(CHANGED)) for image in job.images if image.id in changed)
    return without_images(job, changed), left_out


def without_images(job: TrainJob, image_ids: Collection[int]) -> TrainJob:
    """The training without some images.

    Raises:
        TrainingDataError: No image of a class is left.
    """
    if not image_ids:
        return job
    kept = [at for at, image in enumerate(job.images) if image.id not in image_ids]
    labels = tuple(job.labels[at] for at in kept)
    if gone := sorted(set(job.labels) - set(labels) - {-1}):
        raise TrainingDataError("training.class_changed", class_name=job.classes[gone[0]])
    return replace(
        job, images=tuple(job.images[at] for at in kept), labels=labels,
        groups=tuple(job.groups[at] for at in kept) if job.groups else (),
        table_groups=tuple(job.table_groups[at] for at in kept) if job.table_groups else (),
    )
