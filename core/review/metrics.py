"""Figures on predictions: Wilson's interval, confusion matrix, precision, recall, log loss.

numpy only, so that the window may compute them between two frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from core.types import ClassFigures

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]

LEAST_PROBABILITY = 1e-12
"""Probabilities are taken to be at least this where a logarithm is asked for (a loss of at most 27.6)."""


@dataclass(frozen=True, slots=True)
class Confused:
    """One cell off the diagonal of a confusion matrix.

    Attributes:
        label, prediction: Index of each class, or what else stands for it.
        n_images: Images with this label and this prediction, at least 1.
        share: `n_images` of all images with this label, 0 … 1.
    """

    label: int
    prediction: int
    n_images: int
    share: float


def wilson_interval(
    n_right: int, n_total: int, *, level: float = 0.95, design_effect: float = 1.0
) -> tuple[float, float]:
    """Where the true share lies with probability `level`: Wilson's score interval (1927), 0 … 1.

    Unlike share ± error it stays within 0 … 1 and is honest for few images and for shares near 1.
    Without any image it is (0, 1).

    Args:
        design_effect: How many images tell as much as one that is alike no other, 1 or more.
    """
    if n_total == 0:
        return 0.0, 1.0
    z, n_alone = NormalDist().inv_cdf(0.5 + level / 2), n_total / design_effect
    share, weight = n_right / n_total, z * z / n_alone
    middle = (share + weight / 2) / (1 + weight)
    half = z * sqrt(share * (1 - share) / n_alone + weight / (4 * n_alone)) / (1 + weight)
    low = 0.0 if n_right == 0 else max(middle - half, 0.0)
    high = 1.0 if n_right == n_total else min(middle + half, 1.0)
    return low, high


def design_effect(is_right: NDArray[np.bool_], groups: Ints) -> float:
    """How many times wider than for single images the variance of an accuracy is, where groups are alike (Kish 1965).

    1 where images are right and wrong independently of their group, the mean size of a group where all of a group
    are right or wrong together; the latter too where every image is right or wrong.

    Args:
        is_right: (n_images,) bool, at least one.
        groups: Equal within a group, (n_images,) int64.
    """
    share, n = float(is_right.mean()), len(is_right)
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    largest = float(np.square(sizes).sum()) / n
    if share in (0.0, 1.0) or len(sizes) < 2:
        return largest
    excess = np.bincount(group, is_right - share)
    variance = float(np.square(excess).sum()) / n**2 * len(sizes) / (len(sizes) - 1)
    return min(max(variance / (share * (1 - share) / n), 1.0), largest)


def confusion_matrix(labels: Ints, predictions: Ints, n_classes: int) -> NDArray[np.int64]:
    """Counts of images, (n_classes, n_classes) int64: rows are labels, columns predictions.

    Args:
        labels, predictions: (n_images,) integers in 0 … n_classes − 1.
        n_classes: At least 1.
    """
    cells = labels.astype(np.int64) * n_classes + predictions.astype(np.int64)
    return np.bincount(cells, minlength=n_classes * n_classes).reshape(n_classes, n_classes)


def class_figures(confusion: Ints, classes: tuple[str, ...]) -> tuple[ClassFigures, ...]:
    """Counts, precision and recall of every class of a confusion matrix."""
    right, labelled, predicted = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    return tuple(
        ClassFigures(name, int(n), int(p), _share(int(r), int(p)), _share(int(r), int(n)))
        for name, r, n, p in zip(classes, right, labelled, predicted, strict=True)
    )


def most_confused(confusion: Ints, limit: int) -> tuple[Confused, ...]:
    """The cells off the diagonal with most images, at most `limit`, most first."""
    off = confusion.copy()
    np.fill_diagonal(off, 0)
    totals = confusion.sum(axis=1)
    order = np.argsort(-off, axis=None, kind="stable")[:limit]
    pairs = (np.unravel_index(int(cell), off.shape) for cell in order)
    return tuple(
        Confused(int(i), int(j), int(off[i, j]), float(off[i, j] / totals[i])) for i, j in pairs if off[i, j]
    )


def losses(probabilities: Floats, labels: Ints) -> NDArray[np.float64]:
    """Log loss of each image, (n_images,) float64, 0 … 27.7; large where the model is sure and wrong."""
    own = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return np.asarray(-np.log(np.maximum(own, LEAST_PROBABILITY)))


def log_loss(probabilities: Floats, labels: Ints) -> float:
    """Mean log loss; 0 is perfect, log(n_classes) is guessing. Without any image it is 0."""
    return float(losses(probabilities, labels).mean()) if len(labels) else 0.0


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
