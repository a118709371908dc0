"""What a training is asked to do: the frozen snapshot that crosses to the engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.types import ImageRef


@dataclass(frozen=True, slots=True)
class TrainJob:
    """One training, whatever its strategy.

    Attributes:
        run: Id of the run.
        folder: The run's folder; must not exist yet.
        strategy: One of `core.workflow.training.STRATEGIES`.
        settings: The strategy's settings dataclass.
        images: All readable images: labelled ones to learn from, the others to predict.
        labels: Index into `classes` for each image, −1 = unlabelled.
        classes: Names of the classes that have labelled images.
        class_ids: Their rows in the catalog.
        embeddings: The project's folder of embedding stores.
        allow_download: Whether pretrained weights may be fetched from the network.
        weights: A local file of pretrained weights to use instead, or None.
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
