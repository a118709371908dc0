"""The job `read-imagenet`: ImageNet readings of images, by the backbone's own classifier from their embeddings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.backbones.backbone import Backbone
from core.backbones.registry import find_backbone
from core.embeddings.embed import EmbedInput, embed_images
from core.embeddings.store import EmbeddingStore
from core.imagenet.tree import imagenet_names
from core.jobs import JobContext
from core.backbones.weights import classifier_weights
from core.runs.head import Head
from core.types import ImageRef, Skipped

IMAGES_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class ReadingInput:
    """What to read.

    Attributes:
        images: Images to read.
        embeddings: The project's folder of embedding stores.
        backbone: Whose ImageNet classifier reads them.
        top: How many names an image, 1 … 1000.
    """

    images: tuple[ImageRef, ...]
    embeddings: Path
    backbone: str
    top: int = 5


@dataclass(frozen=True, slots=True)
class ReadingResult:
    """What images are read as.

    Attributes:
        by_image: Names and probabilities, best first, by image id.
        skipped: Images that changed, are missing or cannot be decoded.
    """

    by_image: dict[int, tuple[tuple[str, float], ...]]
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class ImagenetReading:
    """The most probable ImageNet classes of each image, best first.

    Attributes:
        indices: (n_images, top) int64, 0 … 999.
        names: The same as names; n_images tuples of `top`.
        probabilities: (n_images, top) float32, 0 … 1.
    """

    indices: NDArray[np.int64]
    names: tuple[tuple[str, ...], ...]
    probabilities: NDArray[np.float32]


def read_images(inputs: ReadingInput, context: JobContext) -> ReadingResult:
    """The ImageNet reading of each image.

    Raises:
        WeightsError: The backbone's weights or its classifier cannot be had.
        JobCancelled: The caller asked the job to end.
    """
    embedded = embed_images(EmbedInput(inputs.images, inputs.backbone, inputs.embeddings), context)
    store = EmbeddingStore(inputs.embeddings / embedded.key, embedded.n_features)
    rows = store.rows_of([image.content_hash for image in inputs.images])
    there = np.flatnonzero(rows >= 0)
    reading = read_imagenet(store.read(rows[there]), find_backbone(inputs.backbone), top=inputs.top)
    pairs = (tuple(zip(names, map(float, values), strict=True))
             for names, values in zip(reading.names, reading.probabilities, strict=True))
    by_image = {inputs.images[i].id: pair for i, pair in zip(there, pairs, strict=True)}
    return ReadingResult(by_image, embedded.skipped)


def read_imagenet(
    embeddings: NDArray[np.float32], backbone: Backbone, *, top: int = 5, weights: Path | None = None,
    allow_download: bool = False,
) -> ImagenetReading:
    """Name what the backbone sees.

    Args:
        embeddings: (n_images, n_features) float32 of this backbone.
        backbone: Which network.
        top: How many classes for each image, 1 … 1000.
        weights, allow_download: As in `open_network`.

    Raises:
        WeightsMissing, WeightsDamaged, DownloadNotAllowed: The classifier cannot be had.
    """
    kernel, bias = classifier_weights(backbone, weights=weights, allow_download=allow_download)
    starts = range(0, len(embeddings), IMAGES_AT_ONCE) or (0,)
    parts = [_best(embeddings[start:start + IMAGES_AT_ONCE], kernel, bias, top) for start in starts]
    indices = np.concatenate([part[0] for part in parts])
    names = imagenet_names()
    return ImagenetReading(
        indices, tuple(tuple(names[i] for i in row) for row in indices), np.concatenate([part[1] for part in parts]),
    )


def _best(
    embeddings: NDArray[np.float32], kernel: NDArray[np.float32], bias: NDArray[np.float32], top: int,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    probabilities = Head(kernel, bias).probabilities(embeddings)
    indices = np.argsort(-probabilities, axis=1, kind="stable")[:, :top]
    return indices, np.take_along_axis(probabilities, indices, axis=1)
