"""What the engine is asked to do with runs: the frozen snapshots that cross to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.text import Message
from core.types import ImageRef, Skipped


@dataclass(frozen=True, slots=True)
class TrainJob:
    """One training, whatever its strategy.

    Attributes:
        run: Id of the run.
        folder: The run's folder; must not exist yet.
        strategy: One of `core.training.registry.STRATEGIES`.
        settings: The strategy's settings dataclass.
        images: All readable images: labelled ones to learn from, the others to predict.
        labels: Index into `classes` for each image, −1 = unlabelled.
        classes: Names of the classes that have labelled images.
        class_ids: Their rows in the catalog.
        embeddings: The project's folder of embedding stores.
        allow_download: Whether pretrained weights may be fetched from the network.
        weights: A local file of pretrained weights to use instead, or None.
        groups: Equal numbers mark images that should never be parted between learning and judging, one for
            each image; empty where nothing but copies of one file is known.
        resume_from: Folder of a stopped run or an unfinished training of the same strategy to go on with, or None.
        findings: What speaks against believing the result; see `RunRecord.findings`.
        notes: What the user should read of the images that were left out.
    """

    run: str
    folder: Path
    strategy: str
    settings: Any
    images: tuple[ImageRef, ...]
    labels: tuple[int, ...]
    classes: tuple[str, ...]
    class_ids: tuple[int, ...]
    embeddings: Path
    allow_download: bool = False
    weights: Path | None = None
    groups: tuple[int, ...] = ()
    resume_from: Path | None = None
    findings: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class PredictRunInput:
    """What to predict with which run.

    Attributes:
        run_folder: Folder of a finished run; must exist.
        images: Images to predict.
        embeddings: The project's folder of embedding stores.
        allow_download: Whether pretrained weights may be fetched from the network.
    """

    run_folder: Path
    images: tuple[ImageRef, ...]
    embeddings: Path
    allow_download: bool = False


@dataclass(frozen=True, slots=True)
class PredictResult:
    """What the run predicts.

    Attributes:
        images: Those that were predicted, in the order given.
        classes: Names in the order of the columns.
        probabilities: (n_images, n_classes) float32, rows sum to 1.
        skipped: Images that could not be predicted.
        notes: What the user should read.
    """

    images: tuple[ImageRef, ...]
    classes: tuple[str, ...]
    probabilities: NDArray[np.float32]
    skipped: tuple[Skipped, ...]
    notes: tuple[Message, ...] = ()
