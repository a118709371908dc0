"""Calibration of probabilities: a temperature fitted out of fold; confidences under given shares of the classes."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from core.review.metrics import LEAST_PROBABILITY

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]

LOWEST_TEMPERATURE, HIGHEST_TEMPERATURE = 0.25, 8.0
MOST_FITTED = 2_000_000
"""Probabilities that are looked at for a temperature or a transport; of more, some rows are drawn."""

SOFTNESS, MOST_STEPS = 0.02, 200
"""Entropy of the transport (Cuturi 2013), and steps of Sinkhorn's iteration."""


def scale_by(probabilities: Floats, temperature: float) -> NDArray[np.float64]:
    """Probabilities after their logits were divided by a temperature, (n_images, n_classes) float64."""
    logs = np.log(np.maximum(probabilities, LEAST_PROBABILITY).astype(np.float64)) / temperature
    scaled = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True))


def fit_temperature(probabilities: Floats, labels: Ints) -> float:
    """The temperature that gives labelled images the least log loss (Guo et al. 2017), 0.25 … 8; 1 without any.

    A model that is never wrong would want it ever lower; a normal prior of its logarithm, of standard deviation 1,
    holds it.

    Args:
        probabilities: Out of fold, (n_images, n_classes), rows sum to 1.
        labels: (n_images,) integers; those outside 0 … n_classes − 1 are left out.
    """
    known = _some(np.flatnonzero((labels >= 0) & (labels < probabilities.shape[1])), probabilities.shape[1])
    if not len(known):
        return 1.0
    logs = np.log(np.maximum(probabilities[known], LEAST_PROBABILITY)).astype(np.float32)
    rows, own = np.arange(len(known)), labels[known]

    def loss(log_temperature: float) -> float:
        scaled = logs / np.float32(np.exp(log_temperature))
        scaled -= scaled.max(axis=1, keepdims=True)
        total = np.log(np.exp(scaled).sum(axis=1)) - scaled[rows, own]
        return float(total.sum(dtype=np.float64)) + 0.5 * log_temperature**2

    return float(np.exp(_find_least(loss, float(np.log(LOWEST_TEMPERATURE)), float(np.log(HIGHEST_TEMPERATURE)))))


def transport(probabilities: Floats, shares: Floats) -> NDArray[np.float64]:
    """What probability each image's class has where classes are given out so that each gets its share, (n_images,).

    The mean is the largest that such a distribution can have (optimal transport, softened by entropy).

    Args:
        probabilities: (n_images, n_classes), rows sum to 1.
        shares: (n_classes,), sum to 1; a class of share 0 gets nothing.
    """
    kernel = np.exp((probabilities - 1) / SOFTNESS)
    some = kernel[_some(np.arange(len(kernel)), kernel.shape[1])]
    weights = (shares > 0).astype(np.float64)
    for _ in range(MOST_STEPS):
        before = weights
        rows = 1 / len(some) / np.maximum(some @ weights, 1e-300)
        weights = shares / np.maximum(rows @ some, 1e-300)
        if np.allclose(weights, before, rtol=1e-3, atol=0):
            break
    given = kernel * weights
    return np.asarray((given * probabilities).sum(axis=1) / np.maximum(given.sum(axis=1), 1e-300))


def _some(rows: Ints, n_classes: int) -> Ints:
    """The rows, or as many of them as hold `MOST_FITTED` probabilities."""
    most = max(MOST_FITTED // max(n_classes, 1), 100)
    return rows if len(rows) <= most else np.sort(np.random.default_rng(0).choice(rows, most, replace=False))


def _find_least(loss: Callable[[float], float], low: float, high: float) -> float:
    """Where a function with one minimum is least, by golden section, to a thousandth of the way."""
    ratio = (sqrt(5) - 1) / 2
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = loss(left), loss(right)
    for _ in range(14):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = loss(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = loss(right)
    return (low + high) / 2
