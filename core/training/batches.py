"""Pixels for trainings by epochs: images decoded and prepared once into one array, batches of it, predicted files.

Decoding costs more than a step of a small network, so it happens once a run. The array is
in memory while that is small, and a file in the run's folder otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.images.reading import read_or_skip
from core.images.recipe import Recipe
from core.jobs import JobContext
from core.text import Message
from core.types import ImageRef, Skipped

LARGEST_IN_MEMORY = 1 << 30
"""Arrays above this many bytes are a memory-mapped file."""

N_DECODERS = 2
CHUNK = 32


@dataclass(frozen=True, slots=True)
class PreparedPictures:
    """Pictures ready to be fed.

    Attributes:
        pixels: (n_images, height, width, channels) uint8; may be memory-mapped.
        kept: (n_images,) int64, for each the number of the image that was asked for.
        skipped: Images that could not be read, with the reason.
    """

    pixels: NDArray[np.uint8]
    kept: NDArray[np.int64]
    skipped: tuple[Skipped, ...]


def prepare_pictures(
    images: Sequence[ImageRef], recipe: Recipe, *, folder: Path, context: JobContext,
) -> PreparedPictures:
    """Decode every image once and bring it to the recipe.

    Args:
        images: What to read; a file that changed, is gone or unreadable is skipped, not fatal.
        recipe: Size, fit, colour and filter.
        folder: Where `pixels.tmp` lies if the array is large; must exist.
        context: Told the images done; cancels within one chunk of 32 images.

    Raises:
        JobCancelled: The caller asked the job to end.
    """
    pixels = _allocate((len(images), recipe.height_px, recipe.width_px, recipe.n_channels), folder)
    kept: list[int] = []
    skipped: list[Skipped] = []
    with ThreadPoolExecutor(N_DECODERS, thread_name_prefix="catalejo-decode") as pool:
        for start in range(0, len(images), CHUNK):
            context.progress(start, len(images), stage=Message("jobs.reading_images"))
            chunk = images[start:start + CHUNK]
            for number, found in enumerate(pool.map(read_or_skip, chunk, repeat(recipe)), start):
                if isinstance(found, Skipped):
                    skipped.append(found)
                else:
                    pixels[len(kept)] = found
                    kept.append(number)
    context.progress(len(images), len(images), stage=Message("jobs.reading_images"))
    return PreparedPictures(pixels[:len(kept)], np.array(kept, np.int64), tuple(skipped))


def _allocate(shape: tuple[int, ...], folder: Path) -> NDArray[np.uint8]:
    if int(np.prod(shape)) <= LARGEST_IN_MEMORY:
        return np.zeros(shape, np.uint8)
    path = folder / "pixels.tmp"
    array = np.memmap(path, np.uint8, "w+", shape=shape)
    # the mapping lives on without the name, and the space comes back even after a kill
    path.unlink()
    return array


def shuffled_batches(n: int, batch_size: int, *, seed: int, epoch: int) -> Iterator[NDArray[np.int64]]:
    """Row numbers in random order, cut into batches that differ in size by one at most.

    No last batch of a single picture, which batch normalisation cannot learn from.
    """
    order = np.random.default_rng((seed, epoch)).permutation(n)
    return iter(np.array_split(order, max(1, -(-n // batch_size))))


@dataclass(frozen=True, slots=True)
class PredictedFiles:
    """Images that could be read, with (n_images, n_classes) float32 probabilities, and those that could not."""

    images: tuple[ImageRef, ...]
    probabilities: NDArray[np.float32]
    skipped: tuple[Skipped, ...]


def predict_files(
    measure: Callable[[NDArray[np.uint8]], NDArray[np.float32]], n_classes: int, recipe: Recipe,
    images: Sequence[ImageRef], context: JobContext, *, chunk: int,
) -> PredictedFiles:
    """Probabilities for images from disk, a chunk at a time.

    Args:
        measure: From prepared pixels (n_images, height, width, channels) to (n_images, n_classes) probabilities.
        n_classes: Columns.
        recipe: How images are prepared.
        images: Which.
        context: Told the images done.
        chunk: Images that are prepared at once.

    Raises:
        JobCancelled: The caller asked the job to end.
    """
    quiet = JobContext()
    kept: list[ImageRef] = []
    skipped: list[Skipped] = []
    found = [np.empty((0, n_classes), np.float32)]
    for start in range(0, len(images), chunk):
        context.progress(start, len(images), stage=Message("jobs.predicting"))
        some = images[start:start + chunk]
        prepared = prepare_pictures(some, recipe, folder=Path(), context=quiet)
        kept.extend(some[i] for i in prepared.kept)
        skipped.extend(prepared.skipped)
        if len(prepared.kept):
            found.append(measure(prepared.pixels))
    if images:
        context.progress(len(images), len(images), stage=Message("jobs.predicting"))
    return PredictedFiles(tuple(kept), np.concatenate(found), tuple(skipped))
