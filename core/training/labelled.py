"""The labelled images of a training by epochs: decoded once into one array, cut into parts, given in batches.

Decoding costs more than a step of a small network, so it happens once a run. The array is
in memory while that is small, and a file in the run's folder otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.backbones.registry import DEFAULT
from core.embeddings.embedded import embed
from core.errors import TrainingDataError
from core.images.reading import read_or_skip
from core.images.recipe import Recipe
from core.jobs import JobContext
from core.text import Message
from core.training.folds import HELD_BACK, cut_in_parts, group_keys, say_unjudged
from core.training.groups import GroupChoice, choose_groups
from core.training.job import PredictResult, TrainJob
from core.training.write_run import UNLABELLED
from core.types import ImageRef, Skipped


@dataclass(frozen=True, slots=True)
class Labelled:
    """The labelled images that could be read.

    Attributes:
        images: In the order of the rows.
        pixels: (n_images, height, width, channels) uint8.
        labels: (n_images,) int64.
        choice: Which of them stay together.
    """

    images: tuple[ImageRef, ...]
    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    choice: GroupChoice
    skipped: tuple[Skipped, ...]

    @property
    def groups(self) -> NDArray[np.int64]:
        """Equal for images that stay together, (n_images,) int64."""
        return self.choice.groups

    @property
    def hashes(self) -> list[bytes]:
        """Content hash of each image."""
        return [image.content_hash for image in self.images]

    @property
    def keys(self) -> list[bytes]:
        """What each image is told apart by in a cut; equal within a group."""
        return group_keys(self.hashes, self.groups)

    def say_unjudged(self, judged: NDArray[np.int64], classes: tuple[str, ...]) -> tuple[Message, ...]:
        """Notes that name the classes without a figure of their own; `judged` are rows."""
        return say_unjudged(self.labels, np.isin(np.arange(len(self.labels)), judged), classes)


def labelled_places(job: TrainJob) -> NDArray[np.int64]:
    """Which images of a job have a label, (n,) int64.

    Raises:
        TrainingDataError: None has one.
    """
    places = np.flatnonzero(np.asarray(job.labels, np.int64) != UNLABELLED)
    if not len(places):
        raise TrainingDataError("training.no_labels")
    return places


def unlabelled_images(job: TrainJob) -> tuple[ImageRef, ...]:
    """The images of a job that are to be predicted."""
    return tuple(image for image, label in zip(job.images, job.labels, strict=True) if label == UNLABELLED)


def prepare_labelled(job: TrainJob, recipe: Recipe, working: Path, context: JobContext) -> Labelled:
    """Read the labelled images.

    Args:
        working: Where pixels lie that are too many for memory; must exist.

    Raises:
        TrainingDataError: There is no label, or no labelled image can be read.
    """
    places = labelled_places(job)
    images = [job.images[i] for i in places]
    pixels, kept, skipped = prepare_images(images, recipe, folder=working, context=context)
    if not len(kept):
        raise TrainingDataError("training.no_labelled_image_readable")
    labels = np.asarray(job.labels, np.int64)[places[kept]]
    choice = choose_groups(
        job, places[kept], labels, classes=job.classes, n_parts=len(shares_of(job.settings)), context=context,
        read_features=lambda: read_final_features(job, places[kept], context),
    )
    return Labelled(
        tuple(images[i] for i in kept), pixels, labels, choice, skipped)


def read_final_features(job: TrainJob, places: NDArray[np.int64], context: JobContext) -> NDArray[np.float32]:
    """Embeddings of some images of a job, to see what groups do; zeros for one that has none.

    Raises:
        AppError: See `embed`.
    """
    backbone = getattr(job.settings, "backbone", DEFAULT)
    embedded = embed(
        tuple(job.images[at] for at in places), backbone, job.embeddings, context, weights=job.weights,
        allow_download=job.allow_download)
    features = np.zeros((len(places), embedded.store.n_features), np.float32)
    has_one = embedded.rows >= 0
    features[has_one] = embedded.store.read(embedded.rows[has_one])
    return features


def shares_of(settings: Any) -> tuple[float, ...]:
    """Shares of the parts that labelled images are cut in: learnt from, watched, held out; or a check for folds."""
    if settings.n_folds >= 2:  # each half still needs one image to learn from and one to stop by
        return (1.0,) * 4
    learnt = 1 - settings.validation_share - settings.held_back_share
    return (learnt, settings.validation_share, settings.held_back_share)


def cut_labelled(job: TrainJob, labels: NDArray[np.int64], keys: list[bytes]) -> NDArray[np.int64]:
    """The part of each labelled image, (n_images,) int64; with folds, only whether there are enough images.

    Raises:
        TrainingDataError: Fewer than two classes with enough different images.
    """
    return cut_in_parts(labels, keys, shares=shares_of(job.settings), seed=job.settings.seed, classes=job.classes)


def parts_of_fold(job: TrainJob, labelled: Labelled, folds: NDArray[np.int64], fold: int) -> NDArray[np.int64]:
    """The part of each image in one fold, (n_images,) int64: its own held out, the others learnt from or watched."""
    settings, keys = job.settings, labelled.keys
    parts = np.full(len(folds), HELD_BACK)
    others = np.flatnonzero(folds != fold)
    parts[others] = cut_in_parts(
        labelled.labels[others], [keys[i] for i in others], seed=settings.seed, classes=job.classes,
        shares=(1 - settings.validation_share, settings.validation_share),
    )
    return parts


LARGEST_IN_MEMORY = 1 << 30
"""Arrays above this many bytes are a memory-mapped file."""

N_DECODERS = 2
CHUNK = 32


def prepare_images(
    images: Sequence[ImageRef], recipe: Recipe, *, folder: Path, context: JobContext,
) -> tuple[NDArray[np.uint8], NDArray[np.int64], tuple[Skipped, ...]]:
    """Decode every image once and bring it to the recipe.

    Args:
        images: What to read; a file that changed, is gone or unreadable is skipped, not fatal.
        recipe: Size, fit, colour and filter.
        folder: Where `pixels.tmp` lies if the array is large; must exist.
        context: Told the images done; cancels within one chunk of 32 images.

    Returns:
        (n_read, height, width, channels) uint8, which may be memory-mapped; (n_read,) int64, for each the number of
        the image that was asked for; and the images that could not be read.
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
    return pixels[:len(kept)], np.array(kept, np.int64), tuple(skipped)


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

    No last batch of a single image, which batch normalisation cannot learn from.
    """
    order = np.random.default_rng((seed, epoch)).permutation(n)
    return iter(np.array_split(order, max(1, -(-n // batch_size))))


def predict_files(
    measure: Callable[[NDArray[np.uint8]], NDArray[np.float32]], classes: tuple[str, ...], recipe: Recipe,
    images: Sequence[ImageRef], context: JobContext, *, chunk: int,
) -> PredictResult:
    """Probabilities for images from disk, a chunk at a time.

    Args:
        measure: From prepared pixels (n_images, height, width, channels) to (n_images, n_classes) probabilities.
        classes: Names in the order of the columns.
    """
    quiet = JobContext()
    kept: list[ImageRef] = []
    skipped: list[Skipped] = []
    found = [np.empty((0, len(classes)), np.float32)]
    for start in range(0, len(images), chunk):
        context.progress(start, len(images), stage=Message("jobs.predicting"))
        some = images[start:start + chunk]
        pixels, read, unread = prepare_images(some, recipe, folder=Path(), context=quiet)
        kept.extend(some[i] for i in read)
        skipped.extend(unread)
        if len(read):
            found.append(measure(pixels))
    if images:
        context.progress(len(images), len(images), stage=Message("jobs.predicting"))
    return PredictResult(tuple(kept), classes, np.concatenate(found), tuple(skipped))
