"""The job `counter-test`: predicts images once more with a cue taken away; nothing of it is kept.

The transform is made in memory between decoding and resizing, so the embeddings of the project
are not touched. Before and after are predicted by the same head. Each transform gives an image that lacks one cue
and shows the same subject.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy import ndimage

from core.backbones.registry import find_backbone
from core.checks.inputs import CounterTestInput, CounterTestResult
from core.embeddings.embed import decoding_threads
from core.engine.network import Network, open_network
from core.training.logistic import fit_transfer
from core.errors import ImageUnreadable, RunError
from core.images.reading import read_image
from core.images.recipe import Recipe, prepare_image
from core.jobs import JobContext
from core.training.folds import assign_folds
from core.runs.repository import read_run, read_run_head
from core.runs.head import Head
from core.text import Message
from core.types import ImageRef, Skipped

Bytes = NDArray[np.uint8]

STAGE = Message("jobs.testing_without_cue")
N_FOLDS = 3
"""For choosing the strength of a model that is trained in passing."""

SAME_SIDE_PX = 96
SAME_QUALITY = 30
CROPPED_SHARE = 0.08
SAME_COLOUR = 24
MIDDLE_GREY = 127
MEAN_LIGHT, SPREAD_LIGHT = 127.0, 50.0


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
    after = np.concatenate([np.zeros((0, network.n_stored), np.float32), *parts])[:, :inputs.before.shape[1]]
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
        raise RunError("checks.run_of_other_embeddings")
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
    return prepare_image(Image.fromarray(TRANSFORMS[transform](pixels)), recipe)


def same_size(pixels: Bytes) -> Bytes:
    """Every image squeezed to the same small square: size, shape and fine detail are gone."""
    small = Image.fromarray(pixels).resize((SAME_SIDE_PX, SAME_SIDE_PX), Image.Resampling.BOX)
    return np.asarray(small)


def same_quality(pixels: Bytes) -> Bytes:
    """Shrunk to the same longest side and saved once more at the same coarse JPEG quality."""
    image = Image.fromarray(pixels)
    factor = min(1.0, 2 * SAME_SIDE_PX / max(image.size))
    width, height = (max(1, round(side * factor)) for side in image.size)
    stored = io.BytesIO()
    image.resize((width, height), Image.Resampling.BOX).save(stored, "JPEG", quality=SAME_QUALITY)
    with Image.open(stored) as again:
        return np.asarray(again.convert("RGB"))


def border_cropped(pixels: Bytes) -> Bytes:
    """Without the outermost 8 % a side."""
    rows, columns = (int(CROPPED_SHARE * side) for side in pixels.shape[:2])
    return pixels[rows:pixels.shape[0] - rows, columns:pixels.shape[1] - columns].copy()


def background_filled(pixels: Bytes) -> Bytes:
    """What hangs together with the border and has its colour becomes middle grey."""
    mask = _background(pixels)
    filled = pixels.copy()
    filled[mask] = MIDDLE_GREY
    return filled


def background_blurred(pixels: Bytes) -> Bytes:
    """Everything outside an ellipse in the middle loses its detail."""
    image = Image.fromarray(pixels)
    blurred = np.asarray(image.filter(ImageFilter.GaussianBlur(max(image.size) / 16)))
    down, across = (np.linspace(-1, 1, side)[:, None] for side in pixels.shape[:2])
    outside = (down**2 + across.T**2) > 0.75**2
    return np.where(outside[:, :, None], blurred, pixels)


def greyscale(pixels: Bytes) -> Bytes:
    """Without colour."""
    return np.asarray(Image.fromarray(pixels).convert("L").convert("RGB"))


def same_light(pixels: Bytes) -> Bytes:
    """Every image at the same brightness and contrast."""
    values = pixels.astype(np.float32)
    grey = values.mean(axis=2)
    scale = SPREAD_LIGHT / max(float(grey.std()), 1.0)
    lit: Bytes = np.clip((values - grey.mean()) * scale + MEAN_LIGHT, 0, 255).astype(np.uint8)
    return lit


TRANSFORMS: Mapping[str, Callable[[Bytes], Bytes]] = {
    "same_size": same_size, "same_quality": same_quality, "border_cropped": border_cropped,
    "background_filled": background_filled, "background_blurred": background_blurred, "greyscale": greyscale,
    "same_light": same_light,
}
"""Images without a cue, by name; each takes and gives (height, width, 3) uint8 RGB."""


def _background(pixels: Bytes) -> NDArray[np.bool_]:
    """Pixels of the border's colour that hang together with the border, (height, width) bool."""
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]).astype(np.int16)
    colour = np.median(edge, axis=0)
    is_like = (np.abs(pixels.astype(np.int16) - colour) <= SAME_COLOUR).all(axis=2)
    parts, _ = ndimage.label(is_like)
    touching = np.unique(np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]]))
    background: NDArray[np.bool_] = np.isin(parts, touching[touching > 0])
    return background
