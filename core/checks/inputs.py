"""Inputs and results of the jobs of a check: `check-health`, `describe` and `counter-test`; imports no algorithm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.text import Message
from core.types import ImageRef, Skipped

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class HealthRun:
    """A finished run on embeddings.

    Attributes:
        id: Of the run.
        folder: The run's folder.
        class_ids: Classes in the catalog in the order of its outputs.
        is_current: It was trained on the very labels that are checked.
        weights: Names the embeddings that it was trained on.
        n_features: How many of their numbers it was trained on.
    """

    id: str
    folder: Path
    class_ids: tuple[int, ...]
    is_current: bool
    weights: str
    n_features: int


@dataclass(frozen=True, slots=True)
class UnreadableFile:
    """A file that cannot be read, and why; `image_id` is its row."""

    image_id: int
    reason: Message | None


@dataclass(frozen=True, slots=True)
class HealthJob:
    """What `check-health` looks at: the readable images of a project; rows belong together.

    Attributes:
        digest: Of images and labels; see `core.workflow.health.health_digest`.
        images: The images, in the order of their names.
        names: What each is called.
        labels: Index into `classes`, −1 without a label.
        is_test: Whether each is for testing.
        classes, class_ids: Names and rows of all classes.
        unreadable: Files that the catalog knows to be unreadable.
        folder: Where measurements are kept; None where nothing can be written.
        embeddings: The project's folder of embedding stores.
        backbone: Whose embeddings are compared.
        run: The latest run on embeddings of that backbone, or None.
        is_quick: Only what needs no network.
    """

    digest: str
    images: tuple[ImageRef, ...]
    names: tuple[str, ...]
    labels: tuple[int, ...]
    is_test: tuple[bool, ...]
    classes: tuple[str, ...]
    class_ids: tuple[int, ...]
    unreadable: tuple[UnreadableFile, ...]
    folder: Path | None
    embeddings: Path
    backbone: str
    run: HealthRun | None = None
    is_quick: bool = False


@dataclass(frozen=True, slots=True)
class Unchecked:
    """What could not be looked at, and why: the name of a check, or of what all checks need."""

    check: str
    reason: Message

    @property
    def title(self) -> Message:
        """What people call it."""
        return Message(f"checks.name.{self.check}")


@dataclass(frozen=True, slots=True)
class HealthResult:
    """Everything that was found, as it is kept beside the project.

    Attributes:
        digest: Of images and labels that it belongs to; see `core.workflow.health.health_digest`.
        checked_at: ISO 8601, UTC.
        program_version: Version of Catalejo.
        seconds: Duration.
        n_images: Readable images.
        is_quick: Only what needs no network was looked at.
        backbone: Whose embeddings were compared; empty without any.
        evidence: Of each check by its name; see `core.checks.registry`.
        unchecked: What could not be looked at.
        skipped: Images that some check had to skip, with the reason, but for those that `unreadable` found.
    """

    digest: str
    checked_at: str
    program_version: str
    seconds: float
    n_images: int
    is_quick: bool = False
    backbone: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    unchecked: tuple[Unchecked, ...] = ()
    skipped: tuple[UnreadableFile, ...] = ()

    def find(self, kind: type[E]) -> E | None:
        """The evidence of that class, if there is any."""
        return next((found for found in self.evidence.values() if isinstance(found, kind)), None)


@dataclass(frozen=True, slots=True, eq=False)
class HealthCheck:
    """What `check-health` gives.

    Attributes:
        result: See `HealthResult`.
        hashes: Content hash of each image, (n_images, 32) uint8.
        duplicates: Group of each image by duplicates, (n_images,) int64.
        near_duplicates: Group of each image by near-duplicates as well, (n_images,) int64.
    """

    result: HealthResult
    hashes: NDArray[np.uint8]
    duplicates: NDArray[np.int64]
    near_duplicates: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DescribeInput:
    """Images whose embeddings are wanted.

    Attributes:
        images: The images.
        backbone: Name of the network.
        embeddings: The project's folder of embedding stores.
    """

    images: tuple[ImageRef, ...]
    backbone: str
    embeddings: Path


@dataclass(frozen=True, slots=True)
class DescribeResult:
    """Embeddings of images.

    Attributes:
        key: Names backbone, weights and recipe.
        vectors: (n_images, n_features) float32; rows of NaN for images that could not be read.
        skipped: Those images.
    """

    key: str
    vectors: NDArray[np.float32]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class CounterTestInput:
    """Images to look at once more without a cue.

    Attributes:
        images: The images.
        before: Their embeddings as they are, (n_images, n_features) float32.
        transform: A key of `core.checks.counter_test_job.TRANSFORMS`.
        backbone: Whose embeddings these are.
        run_folder: A run of the strategy `transfer` on such embeddings, or None to train a model on `known`.
        known: Embeddings to train on where there is no run, (n_labelled, n_features) float32.
        labels: Their classes, (n_labelled,) int64.
        n_classes: At least 2.
    """

    images: tuple[ImageRef, ...]
    before: NDArray[np.float32]
    transform: str
    backbone: str
    run_folder: Path | None
    known: NDArray[np.float32]
    labels: NDArray[np.int64]
    n_classes: int


@dataclass(frozen=True, slots=True)
class CounterTestResult:
    """Probabilities before and after.

    Attributes:
        rows: Of the images that could be read, (n_read,) int64.
        before, after: (n_read, n_classes) float32.
        skipped: The other images.
    """

    rows: NDArray[np.int64]
    before: NDArray[np.float32]
    after: NDArray[np.float32]
    skipped: tuple[Skipped, ...] = ()
