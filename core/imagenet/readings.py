"""The job `read-imagenet`: ImageNet readings of images, by the backbone's own classifier from their embeddings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.backbones.registry import find_backbone
from core.embeddings.embedded import Embedded, embed
from core.embeddings.one_image import kept_store
from core.imagenet.tree import imagenet_names
from core.jobs import JobContext
from core.backbones.weights import classifier_weights
from core.runs.head import Head
from core.text import Message
from core.types import ImageRef, Skipped

if TYPE_CHECKING:
    from core.backbones.backbone import Classifier

IMAGES_AT_ONCE = 4096
STAGE = Message("jobs.reading_imagenet")


@dataclass(frozen=True, slots=True)
class ReadingInput:
    """What to read.

    Attributes:
        embeddings: The project's folder of embedding stores.
        backbone: Whose ImageNet classifier reads them.
        top: How many names an image, 1 … 1000.
        only_stored: Read what has an embedding, and open no network; the others are `without`.
    """

    images: tuple[ImageRef, ...]
    embeddings: Path
    backbone: str
    top: int = 5
    only_stored: bool = False


@dataclass(frozen=True, slots=True)
class ReadingResult:
    """What images are read as.

    Attributes:
        by_image: Names and probabilities, best first, by image id.
        skipped: Images that changed, are missing or cannot be decoded.
        without: Images without an embedding, where only stored ones are read.
    """

    by_image: dict[int, tuple[tuple[str, float], ...]]
    skipped: tuple[Skipped, ...] = ()
    without: tuple[int, ...] = ()


def read_images(inputs: ReadingInput, context: JobContext) -> ReadingResult:
    """The ImageNet reading of each image.

    Raises:
        WeightsError: The backbone's weights or its classifier cannot be had.
    """
    found = _find(inputs) if inputs.only_stored else embed(inputs.images, inputs.backbone, inputs.embeddings, context)
    classifier = classifier_weights(find_backbone(inputs.backbone))
    places, by_image = np.flatnonzero(found.rows >= 0), dict[int, tuple[tuple[str, float], ...]]()
    for start in range(0, len(places), IMAGES_AT_ONCE):
        context.progress(start, len(places), stage=STAGE)
        part = places[start:start + IMAGES_AT_ONCE]
        readings = name_best(found.store.read(found.rows[part]), classifier, top=inputs.top)
        by_image |= {inputs.images[i].id: reading for i, reading in zip(part, readings, strict=True)}
    context.progress(len(places), len(places), stage=STAGE)
    without = tuple(image.id for image, row in zip(inputs.images, found.rows, strict=True) if row < 0)
    return ReadingResult(by_image, found.skipped, without if inputs.only_stored else ())


def _find(inputs: ReadingInput) -> Embedded:
    store = kept_store(inputs.backbone, inputs.embeddings)
    return Embedded(store.folder.name, store, store.rows_of([image.content_hash for image in inputs.images]))


def name_best(
    embeddings: NDArray[np.float32], classifier: Classifier, *, top: int,
) -> list[tuple[tuple[str, float], ...]]:
    """The `top` most probable ImageNet classes of each image with their probabilities, best first.

    Args:
        embeddings: (n_images, n_features) float32 of the classifier's backbone.
        top: How many, 1 … 1000.
    """
    names, probabilities = imagenet_names(), Head(*classifier).probabilities(embeddings)
    order = np.argsort(-probabilities, axis=1, kind="stable") if top > 1 else probabilities.argmax(axis=1)[:, None]
    best = order[:, :top]
    return [tuple((names[i], float(row[i])) for i in found) for row, found in zip(probabilities, best, strict=True)]
