"""What the backbone itself would call a picture: its ImageNet reading, computed from embeddings in numpy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.backbones.backbone import Backbone
from core.imagenet.tree import imagenet_names
from core.backbones.weights import classifier_weights
from core.runs.head import Head

IMAGES_AT_ONCE = 4096


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
