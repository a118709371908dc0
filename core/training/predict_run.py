"""The job `predict`: ask a run of any strategy about images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from core.embeddings.embed import EmbedInput, EmbedResult, embed_images
from core.training.predict_head import PredictInput, PredictResult, predict_images
from core.jobs import JobContext
from core.runs.repository import read_run
from core.training.job import PredictRunInput
from core.runs.record import RunRecord
from core.text import Message
from core.types import Skipped

UNREADABLE = "The picture cannot be read."


def predict_run(inputs: PredictRunInput, context: JobContext) -> PredictResult:
    """Probabilities of every class for each image.

    Raises:
        RunError: The run is missing or damaged, or its backbone's weights are others now.
        WeightsError: The backbone's weights cannot be had.
        JobCancelled: The caller asked the job to end.
    """
    record = read_run(inputs.run_folder)
    return _BY_STRATEGY[record.strategy](record, inputs, context)


def _ask_transfer(record: RunRecord, inputs: PredictRunInput, context: JobContext) -> PredictResult:
    embedded = _embed(record, inputs, context)
    result = predict_images(
        PredictInput(inputs.run_folder, inputs.images, inputs.embeddings / embedded.key, embedded.n_features), context
    )
    return replace(result, skipped=embedded.skipped, notes=embedded.notes)


def _ask_zero_shot(record: RunRecord, inputs: PredictRunInput, context: JobContext) -> PredictResult:
    from core.training.zero_shot.reading import ZeroShotInput, read_zero_shot
    from core.training.zero_shot.train import read_zero_shot_run

    head, class_map = read_zero_shot_run(inputs.run_folder)
    embedded = _embed(record, inputs, context)
    store = inputs.embeddings / embedded.key
    found = read_zero_shot(
        ZeroShotInput(inputs.images, (), store, embedded.n_features, head.kernel, head.bias, class_map), context
    )
    return PredictResult(found.images, found.classes, found.probabilities, embedded.skipped, embedded.notes)


def _ask_scratch(record: RunRecord, inputs: PredictRunInput, context: JobContext) -> PredictResult:
    from core.engine.network_files import read_network
    from core.engine.scratch import predict_images as predict_pictures

    plan, net = read_network(inputs.run_folder)
    ids, probabilities = predict_pictures(net, plan.recipe, inputs.images, context)
    read = set(ids)
    return PredictResult(
        tuple(image for image in inputs.images if image.id in read), record.classes,
        probabilities.astype(np.float32),
        tuple(Skipped(image.path, Message(UNREADABLE)) for image in inputs.images if image.id not in read),
    )


def _ask_fine_tune(record: RunRecord, inputs: PredictRunInput, context: JobContext) -> PredictResult:
    from core.training.fine_tune.predict import predict_fine_tune

    return predict_fine_tune(
        inputs.run_folder, inputs.images, context, allow_download=inputs.allow_download
    )


def _embed(record: RunRecord, inputs: PredictRunInput, context: JobContext) -> EmbedResult:
    return embed_images(
        EmbedInput(inputs.images, record.backbone, inputs.embeddings, allow_download=inputs.allow_download), context
    )


_BY_STRATEGY: Mapping[str, Callable[[RunRecord, PredictRunInput, JobContext], PredictResult]] = {
    "transfer": _ask_transfer, "zero-shot": _ask_zero_shot, "scratch": _ask_scratch,
    "fine-tune": _ask_fine_tune,
}
