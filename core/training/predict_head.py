"""The job `predict`: what a run says of any images, from their embeddings; needs no network library."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.embeddings.store import EmbeddingStore
from core.training.transfer import NOT_DESCRIBED, predict_rows
from core.errors import RunError
from core.jobs import JobContext
from core.runs.repository import read_run, read_run_head
from core.text import Message
from core.types import ImageRef, Skipped


@dataclass(frozen=True, slots=True)
class PredictInput:
    """What to predict with which run.

    Attributes:
        run_folder: Folder of a finished run; must exist.
        images: Images to predict.
        embeddings: Folder of the embedding store of the run's backbone.
        n_features: Length of an embedding.
    """

    run_folder: Path
    images: tuple[ImageRef, ...]
    embeddings: Path
    n_features: int


@dataclass(frozen=True, slots=True)
class PredictResult:
    """What the run says.

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
    notes: tuple[str, ...] = ()


def predict_images(inputs: PredictInput, context: JobContext) -> PredictResult:
    """Probabilities of every class for each image.

    Raises:
        RunError: The run is missing, damaged, or was trained on other embeddings.
        JobCancelled: The caller asked the job to end.
    """
    record = read_run(inputs.run_folder)
    head = read_run_head(inputs.run_folder, record)
    if head.kernel.shape[0] != inputs.n_features:
        raise RunError(
            f"The run “{record.run}” expects {head.kernel.shape[0]} features a picture and was given "
            f"{inputs.n_features}.",
            f"Use the backbone that it was trained with ({record.backbone}), or train again.",
        )
    store = EmbeddingStore(inputs.embeddings, inputs.n_features)
    rows = store.rows_of([image.content_hash for image in inputs.images])
    parts = predict_rows(head, store, rows[rows >= 0], context)
    empty = np.empty((0, len(record.classes)), np.float32)
    return PredictResult(
        tuple(image for image, row in zip(inputs.images, rows, strict=True) if row >= 0), record.classes,
        np.concatenate([empty, *parts]),
        tuple(Skipped(i.path, Message(NOT_DESCRIBED)) for i, row in zip(inputs.images, rows, strict=True) if row < 0),
    )
