"""What a fine-tuned network is asked about an image: the whole, and on request its centre beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.engine.epochs import predict_probabilities
from core.engine.network import Network

CENTRE_SHARE = 0.75
"""Of width and height that the second view shows; as with embeddings."""


def centre_views(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The centre of each image, enlarged to its size: (n, side, side, 3) uint8 → the same shape."""
    side = pixels.shape[1]
    margin = side * (1 - CENTRE_SHARE) / 2
    box = (margin, margin, side - margin, side - margin)
    found = np.empty_like(pixels)
    for at, image in enumerate(pixels):
        found[at] = np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BILINEAR, box=box))
    return found


def look(trunk: Network, pixels: NDArray[np.uint8]) -> NDArray[np.float16]:
    """Activations of the trunk, (n, …) float16, rounded as they were for training."""
    size = trunk.batch_size
    batches = (pixels[start:start + size] for start in range(0, len(pixels), size))
    largest = np.finfo(np.float16).max
    return np.concatenate([np.clip(a, -largest, largest).astype(np.float16) for a in trunk.embed_stream(batches)])


def ask(
    logits: Callable[[Any], Any], whole: Any, trunk: Network, pixels: Callable[[], NDArray[np.uint8]], *,
    has_two_views: bool, tell: Callable[[], None] = lambda: None,
) -> NDArray[np.float32]:
    """Probabilities of the classes, (n, n_classes) float32: of the whole images, or the mean with their centres.

    Args:
        logits: The tail, compiled.
        whole: Activations of the whole images, an array or what is sliced like one.
        pixels: The prepared images, (n, side, side, 3) uint8; asked for only where the centre is wanted.
        tell: Called before each batch; may raise.
    """
    found = predict_probabilities(logits, whole, tell=tell)
    if not has_two_views or not len(found):
        return found
    centre = predict_probabilities(logits, cast(Any, look(trunk, centre_views(pixels()))), tell=tell)
    return (found + centre) / np.float32(2)
