"""The job `counter-test`: look at images once more with a cue taken away; nothing of it is kept.

The transform is made in memory between decoding and resizing, so the embeddings of the project
are not touched. Before and after are judged by the same head.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from core.backbones.registry import find_backbone
from core.embeddings.embed import decoding_threads
from core.engine.network import Network, open_network
from core.training.logistic import fit_transfer
from core.errors import ImageUnreadable, RunError
from core.images.reading import read_image
from core.images.recipe import Recipe, apply_recipe
from core.jobs import JobContext
from core.project.splits import assign_folds
from core.checks.counter import COUNTER_TRANSFORMS
from core.checks.engine_inputs import CounterTestInput, CounterTestResult
from core.runs.repository import read_run, read_run_head
from core.runs.head import Head
from core.text import Message
from core.types import ImageRef, Skipped

STAGE = Message("jobs.testing_without_cue")
N_FOLDS = 3
"""For choosing the strength of a model that is trained in passing."""


def run_counter_test(inputs: CounterTestInput, context: JobContext) -> CounterTestResult:
    """Probabilities with and without the cue.

    Raises:
        RunError: The run cannot be read or does not fit these embeddings.
        WeightsError, EngineError: The network cannot be had, or failed.
        JobCancelled: The caller asked the job to end.
    """
    head = _head(inputs, context)
    network = open_network(find_backbone(inputs.backbone), context=context)
    rows, skipped = list[int](), list[Skipped]()
    parts = list(network.embed_stream(_batches(inputs, network, rows, skipped, context)))
    context.progress(len(inputs.images), len(inputs.images), stage=STAGE)
    found = np.array(rows, np.int64)
    after = np.concatenate(parts) if parts else np.zeros((0, network.n_features), np.float32)
    return CounterTestResult(
        found, head.probabilities(inputs.before[found]), head.probabilities(after), tuple(skipped))


def _head(inputs: CounterTestInput, context: JobContext) -> Head:
    if inputs.run_folder is None:
        folds = assign_folds(inputs.labels, np.arange(len(inputs.labels)), n_folds=N_FOLDS, seed=0)
        return fit_transfer(
            inputs.known, inputs.labels, folds=folds, n_classes=inputs.n_classes, context=context
        ).head
    head = read_run_head(inputs.run_folder, read_run(inputs.run_folder))
    if head.kernel.shape[0] != inputs.before.shape[1]:
        raise RunError("The run was trained on the embeddings of another network.", "Train again.")
    return head


def _batches(
    inputs: CounterTestInput, network: Network, rows: list[int], skipped: list[Skipped], context: JobContext,
) -> Iterator[NDArray[np.uint8]]:
    """Changed images, `batch_size` at a time; appends to `rows` which images they are, to `skipped` the others."""
    recipe = Recipe(width_px=network.side_px, height_px=network.side_px)
    batch: list[NDArray[np.uint8]] = []
    with ThreadPoolExecutor(decoding_threads(), thread_name_prefix="catalejo-counter") as pool:
        for start in range(0, len(inputs.images), network.batch_size):
            context.progress(start, len(inputs.images), stage=STAGE)
            part = inputs.images[start:start + network.batch_size]
            changed = pool.map(lambda image: _read_changed(image, inputs.transform, recipe), part)
            for row, pixels in enumerate(changed, start):
                if isinstance(pixels, Skipped):
                    skipped.append(pixels)
                else:
                    rows.append(row)
                    batch.append(pixels)
            while len(batch) >= network.batch_size:
                yield np.stack(batch[:network.batch_size])
                batch = batch[network.batch_size:]
    if batch:
        yield np.stack(batch)


def _read_changed(image: ImageRef, transform: str, recipe: Recipe) -> NDArray[np.uint8] | Skipped:
    """The image without the cue as the network wants it, or why it cannot be read."""
    try:
        pixels = read_image(image.path, image.content_hash, side_px=recipe.width_px)
    except ImageUnreadable as error:
        return Skipped(image.path, error.message)
    return apply_recipe(COUNTER_TRANSFORMS[transform](pixels), recipe)
