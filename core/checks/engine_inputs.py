"""What a check of the data asks of the engine: embeddings, and a counter-test; imports no engine library."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.types import ImageRef, Skipped


@dataclass(frozen=True, slots=True)
class DescribeInput:
    """Pictures whose embeddings are wanted.

    Attributes:
        images: The pictures.
        backbone: Name of the network.
        embeddings: The project's folder of embedding stores.
        allow_download: Whether missing weights may be fetched.
    """

    images: tuple[ImageRef, ...]
    backbone: str
    embeddings: Path
    allow_download: bool = False


@dataclass(frozen=True, slots=True)
class DescribeResult:
    """Embeddings of pictures.

    Attributes:
        key: Names backbone, weights and recipe.
        vectors: (n_images, n_features) float32; rows of NaN for pictures that could not be read.
        skipped: Those pictures.
    """

    key: str
    vectors: NDArray[np.float32]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class CounterTestInput:
    """Pictures to look at once more without a cue.

    Attributes:
        images: The pictures.
        before: Their embeddings as they are, (n_images, n_features) float32.
        transform: A key of `core.checks.counter.COUNTER_TRANSFORMS`.
        backbone: Whose embeddings these are.
        run_folder: A run of the strategy `transfer` on such embeddings, or None to train a model on `known`.
        known: Embeddings to learn from where there is no run, (n_labelled, n_features) float32.
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
