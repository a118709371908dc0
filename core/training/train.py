"""The job `train`: prepare what the strategy needs, then let it train."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module

from core.backbones.registry import find_backbone
from core.embeddings.embed import EmbedInput, EmbedResult, embed_images
from core.jobs import JobContext
from core.training.current import leave_out_changed
from core.training.job import TrainJob
from core.runs.record import TrainResult


def train(job: TrainJob, context: JobContext) -> TrainResult:
    """Train by the strategy that the job names, without the images whose files changed after the last import.

    Raises:
        TrainingDataError, WeightsError, RunError, StorageError: See the strategy.
        JobCancelled: The caller asked the job to end.
    """
    current, changed = leave_out_changed(job, context)
    result = _BY_STRATEGY[job.strategy](current, context)
    return replace(result, skipped=(*changed, *result.skipped))


def _train_transfer(job: TrainJob, context: JobContext) -> TrainResult:
    # the fit's libraries take a quarter of a second to import, which passes while pictures are being read
    with ThreadPoolExecutor(1, thread_name_prefix="catalejo-import") as beside:
        importing = beside.submit(import_module, "core.training.transfer")
        embedded = _embed(job, context)
        transfer = importing.result()
    result: TrainResult = transfer.train_transfer(
        transfer.TransferInput(
            run=job.run, folder=job.folder, images=job.images, labels=job.labels, classes=job.classes,
            embeddings=job.embeddings / embedded.key, n_features=embedded.n_features, settings=job.settings,
            weights=embedded.key, groups=job.groups,
        ), context,
    )
    return replace(result, skipped=embedded.skipped, notes=embedded.notes)


def _train_zero_shot(job: TrainJob, context: JobContext) -> TrainResult:
    from core.backbones.weights import classifier_weights
    from core.training.zero_shot.train import ZeroShotRunInput, train_zero_shot

    backbone = find_backbone(job.settings.backbone)
    kernel, bias = classifier_weights(backbone, weights=job.weights, allow_download=job.allow_download)
    embedded = _embed(job, context)
    result = train_zero_shot(
        ZeroShotRunInput(
            run=job.run, folder=job.folder, images=job.images, labels=job.labels, classes=job.classes,
            embeddings=job.embeddings / embedded.key, kernel=kernel, bias=bias, settings=job.settings,
            weights=embedded.key,
        ), context,
    )
    return replace(result, skipped=embedded.skipped, notes=embedded.notes)


def _train_scratch(job: TrainJob, context: JobContext) -> TrainResult:
    from core.engine.scratch import ScratchInput, train_scratch

    return train_scratch(
        ScratchInput(job.run, job.folder, job.images, job.labels, job.classes, job.settings, job.groups,
                     job.resume_from), context
    )


def _train_fine_tune(job: TrainJob, context: JobContext) -> TrainResult:
    from core.training.fine_tune.train import train_fine_tune
    from core.training.fine_tune.open import FineTuneInput

    return train_fine_tune(
        FineTuneInput(
            run=job.run, folder=job.folder, images=job.images, labels=job.labels, classes=job.classes,
            embeddings=job.embeddings, settings=job.settings, weights=job.weights, allow_download=job.allow_download,
            groups=job.groups, resume_from=job.resume_from,
        ), context,
    )


def _embed(job: TrainJob, context: JobContext) -> EmbedResult:
    return embed_images(
        EmbedInput(job.images, job.settings.backbone, job.embeddings, weights=job.weights,
                   allow_download=job.allow_download), context,
    )


_BY_STRATEGY: Mapping[str, Callable[[TrainJob, JobContext], TrainResult]] = {
    "transfer": _train_transfer, "zero-shot": _train_zero_shot, "scratch": _train_scratch,
    "fine-tune": _train_fine_tune,
}
