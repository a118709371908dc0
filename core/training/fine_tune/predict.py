"""What a fine-tuned run says of any images: trunk, then tail, a chunk of pictures at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from core.training.predict_head import PredictResult
from core.engine.adapted import AdaptedNetwork, read_adapted
from core.training.batches import prepare_pictures
from core.engine.epochs import logits_function, predict_probabilities
from core.engine.trunk import Trunk, open_trunk
from core.images.recipe import Recipe
from core.jobs import JobContext
from core.runs.repository import read_run
from core.text import Message
from core.types import ImageRef, Skipped

CHUNK = 128
STAGE = Message("jobs.predicting")


@dataclass(frozen=True, slots=True)
class Predicted:
    """Images that could be read, with (n_images, n_classes) float32 probabilities, and those that could not."""

    images: tuple[ImageRef, ...]
    probabilities: NDArray[np.float32]
    skipped: tuple[Skipped, ...]


def predict_fine_tune(
    run_folder: Path, images: Sequence[ImageRef], context: JobContext, *, weights: Path | None = None,
    allow_download: bool = False,
) -> PredictResult:
    """Probabilities of every class for each image.

    Args:
        run_folder: Folder of a finished fine-tuning; must exist.
        images: Images to predict.
        context: Told the images done.
        weights: The backbone's weights file, if it was one of the user's own.
        allow_download: Whether the backbone's published weights may be fetched.

    Raises:
        RunError: The run is missing or damaged, or its backbone's weights are others now.
        WeightsError: The backbone's weights cannot be had.
        JobCancelled: The caller asked the job to end.
    """
    read_run(run_folder)
    plan, net = read_adapted(run_folder, weights=weights, allow_download=allow_download, context=context)
    found = predict_new(net, open_trunk(net.model, net.cut, net.backbone), plan.recipe, images, context)
    return PredictResult(found.images, plan.classes, found.probabilities, found.skipped)


def predict_new(
    net: AdaptedNetwork, trunk: Trunk, recipe: Recipe, images: Sequence[ImageRef], context: JobContext,
) -> Predicted:
    """Probabilities for images from disk, seen plainly.

    Raises:
        JobCancelled: The caller asked the job to end.
    """
    logits, quiet = logits_function(net.tail), JobContext()
    kept: list[ImageRef] = []
    skipped: list[Skipped] = []
    found = [np.empty((0, net.tail.output_shape[1]), np.float32)]
    for start in range(0, len(images), CHUNK):
        context.progress(start, len(images), stage=STAGE)
        chunk = images[start:start + CHUNK]
        prepared = prepare_pictures(chunk, recipe, folder=Path(), context=quiet)
        kept.extend(chunk[i] for i in prepared.kept)
        skipped.extend(prepared.skipped)
        if len(prepared.kept):
            seen = _look(trunk, prepared.pixels)
            found.append(predict_probabilities(logits, cast(Any, seen), tell=context.check))
    if images:
        context.progress(len(images), len(images), stage=STAGE)
    return Predicted(tuple(kept), np.concatenate(found), tuple(skipped))


def _look(trunk: Trunk, pixels: NDArray[np.uint8]) -> NDArray[np.float16]:
    """Activations, rounded as they were for training."""
    size = trunk.batch_size
    batches = (pixels[start:start + size] for start in range(0, len(pixels), size))
    largest = np.finfo(np.float16).max
    return np.concatenate([np.clip(a, -largest, largest).astype(np.float16) for a in trunk.embed_stream(batches)])
