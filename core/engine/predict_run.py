"""The job `predict`: describe images that are new, then ask a run about them."""

from __future__ import annotations

from dataclasses import replace

from core.engine.embed import EmbedInput, embed_images
from core.engine.predict import PredictInput, PredictResult, predict_images
from core.jobs import JobContext
from core.runs.folder import read_run
from core.runs.job import PredictRunInput


def predict_run(inputs: PredictRunInput, context: JobContext) -> PredictResult:
    """Probabilities of every class for each image, by a run of any strategy.

    Raises:
        RunError: The run is missing or damaged, or its backbone's weights are others now.
        WeightsError: The backbone's weights cannot be had.
        JobCancelled: The caller asked the job to end.
    """
    record = read_run(inputs.run_folder)
    embedded = embed_images(
        EmbedInput(inputs.images, record.backbone, inputs.embeddings, allow_download=inputs.allow_download), context
    )
    result = predict_images(
        PredictInput(inputs.run_folder, inputs.images, inputs.embeddings / embedded.key, embedded.n_features), context
    )
    return replace(result, skipped=embedded.skipped)
