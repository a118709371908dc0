"""The labelled images of a training by epochs: decoded, grouped with their copies, cut into parts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import TrainingDataError
from core.images.recipe import Recipe
from core.jobs import JobContext
from core.text import Message
from core.training.batches import prepare_pictures
from core.training.folds import HELD_BACK, choose_groups, cut_in_parts, group_keys, say_unjudged
from core.training.job import TrainJob
from core.training.write_run import UNLABELLED
from core.types import ImageRef, Skipped


@dataclass(frozen=True, slots=True)
class Labelled:
    """The labelled images that could be read.

    Attributes:
        images: In the order of the rows.
        pixels: (n_images, height, width, channels) uint8.
        labels: (n_images,) int64.
        groups: Equal for images that stay together, (n_images,) int64.
        skipped: Labelled images that could not be read.
        notes: Sentences for the user.
    """

    images: tuple[ImageRef, ...]
    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    groups: NDArray[np.int64]
    skipped: tuple[Skipped, ...]
    notes: tuple[Message, ...] = ()

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
        job: Whose images.
        recipe: How they are prepared.
        working: Where pixels lie that are too many for memory; must exist.
        context: Told the images done.

    Raises:
        TrainingDataError: There is no label, or no labelled image can be read.
        JobCancelled: The caller asked the job to end.
    """
    places = labelled_places(job)
    images = [job.images[i] for i in places]
    found = prepare_pictures(images, recipe, folder=working, context=context)
    kept = places[found.kept]
    if not len(kept):
        raise TrainingDataError("training.no_labelled_image_readable")
    labels, groups, notes = labels_and_groups(job, kept)
    return Labelled(tuple(images[i] for i in found.kept), found.pixels, labels, groups, found.skipped, notes)


def labels_and_groups(
    job: TrainJob, places: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[Message, ...]]:
    """Labels of some images of a job, the groups that stay together, and notes on these."""
    labels = np.asarray(job.labels, np.int64)[places]
    twins = [job.groups[i] for i in places] if job.groups else []
    groups, notes = choose_groups(
        labels, [job.images[i].content_hash for i in places], twins, n_parts=len(shares_of(job.settings)))
    return labels, groups, notes


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
