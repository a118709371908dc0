"""What the check of the data is given and what it gives back; imports no algorithm."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.checks.health_result import BrokenFile, HealthResult
from core.types import ImageRef


@dataclass(frozen=True, slots=True)
class HealthRun:
    """A finished run on embeddings.

    Attributes:
        id: Of the run.
        folder: The run's folder.
        class_ids: Classes in the catalog in the order of its outputs.
        accuracy: On pictures that it did not see, 0 … 1.
        is_current: It learnt from the very labels that are checked.
        weights: Names the embeddings that it learnt from.
    """

    id: str
    folder: Path
    class_ids: tuple[int, ...]
    accuracy: float | None
    is_current: bool
    weights: str


@dataclass(frozen=True, slots=True)
class HealthJob:
    """What `check_health` looks at; the readable images of a project, rows belong together.

    Attributes:
        digest: Of images and labels; see `core.workflow.health.health_digest`.
        images: The images, in the order of their names.
        names: What each is called.
        labels: Index into `classes`, −1 without a label.
        is_test: Whether each is for testing.
        classes, class_ids: Names and rows of all classes.
        broken: Files that the catalog knows to be unreadable.
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
    broken: tuple[BrokenFile, ...]
    folder: Path | None
    embeddings: Path
    backbone: str
    run: HealthRun | None = None
    is_quick: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class HealthCheck:
    """What `check_health` found.

    Attributes:
        result: See `HealthResult`.
        hashes: Content hash of each image, (n_images, 32) uint8.
        same_picture: Group of each image by same files and same pictures, (n_images,) int64.
        near_twin: Group of each image by near twins as well, (n_images,) int64.
    """

    result: HealthResult
    hashes: NDArray[np.uint8]
    same_picture: NDArray[np.int64]
    near_twin: NDArray[np.int64]
