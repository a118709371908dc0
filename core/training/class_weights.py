"""Class weights: how much an image of each class counts, and whether that helps out of fold.

Imports no network library, for transfer learning needs none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

UNEQUAL = 2.0
"""From this ratio of the largest class to the smallest on, weights are tried; below, they could change next to
nothing, and a training must not take twice as long for it."""


def class_weights(labels: NDArray[np.int64], n_classes: int) -> NDArray[np.float32]:
    """(n_classes,) float32: what an image of each class counts, so that classes count alike; mean over images 1."""
    counts = np.bincount(labels, minlength=n_classes)
    n_present = int((counts > 0).sum())
    return (len(labels) / (n_present * np.maximum(counts, 1))).astype(np.float32)


def are_unequal(labels: NDArray[np.int64]) -> bool:
    """Whether the largest class has at least `UNEQUAL` times the images of the smallest one that has any."""
    counts = np.bincount(labels)
    counts = counts[counts > 0]
    return bool(len(counts) > 1 and counts.max() >= UNEQUAL * counts.min())


def do_weights_help(
    labels: NDArray[np.int64], plain: NDArray[np.floating], weighted: NDArray[np.floating]
) -> bool:
    """Whether a model with class weights is the better one: it wins more balanced accuracy than it costs accuracy.

    The balanced log loss must fall as well, so that one image that tips over decides nothing by itself.

    Args:
        labels: (n_images,) int64 of images that neither model has seen.
        plain, weighted: What they say of them, (n_images, n_classes), rows sum to 1.
    """
    if not len(labels):
        return False
    return (
        _accuracies(labels, weighted) > _accuracies(labels, plain) + 1e-9
        and balanced_log_loss(labels, weighted) < balanced_log_loss(labels, plain)
    )


def balanced_log_loss(labels: NDArray[np.int64], probabilities: NDArray[np.floating]) -> float:
    """Mean log loss where every class counts alike, 0 … 27.7; 0 without an image."""
    if not len(labels):
        return 0.0
    chosen = np.maximum(probabilities[np.arange(len(labels)), labels].astype(np.float64), 1e-12)
    weights = class_weights(labels, probabilities.shape[1])[labels].astype(np.float64)
    return float(-(weights * np.log(chosen)).mean())


def _accuracies(labels: NDArray[np.int64], probabilities: NDArray[np.floating]) -> float:
    """Accuracy plus balanced accuracy."""
    is_right = probabilities.argmax(axis=1) == labels
    counts = np.bincount(labels)
    recalls = np.bincount(labels, weights=is_right)[counts > 0] / counts[counts > 0]
    return float(is_right.mean() + recalls.mean())
