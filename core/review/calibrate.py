"""Calibration of probabilities: a temperature fitted out of fold; confidences under given shares of the classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from core.review.metrics import LEAST_PROBABILITY

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]

LOWEST_TEMPERATURE, HIGHEST_TEMPERATURE = 0.25, 8.0
MOST_FITTED = 2_000_000
"""Probabilities that are looked at for a temperature or a transport; of more, some rows are drawn."""

PRIOR, PRIOR_OF_RUN = 1.0, 0.15
"""Standard deviation of the normal prior of a temperature's logarithm. What a run says is scaled only as far as its
labels call for it: with 300 to 500 labels the narrow prior halves the harm that the noise of the fit does, with 1,000
and more it costs nothing (benchmarks/calibration.py)."""

FEWEST_CALIBRATED = 20
"""With fewer labelled images nothing is scaled."""

ROWS_AT_ONCE = 1 << 16

SOFTNESS, MOST_STEPS = 0.02, 200
"""Entropy of the transport (Cuturi 2013), and steps of Sinkhorn's iteration."""


@dataclass(frozen=True, slots=True)
class Temperatures:
    """What the logits of a model are divided by.

    Attributes:
        final: For the model that learnt from all, fitted on every labelled image out of fold.
        folds: For the judged images of each fold, fitted on those of the others.
    """

    final: float
    folds: tuple[float, ...]


def join_folds(final: Temperatures, of_folds: Sequence[Temperatures]) -> Temperatures:
    """Those of a model that was judged in each fold by another one: one for each fold, in their order."""
    return Temperatures(final.final, tuple(one.folds[fold] for fold, one in enumerate(of_folds)))


def scale_by(probabilities: Floats, temperature: float) -> NDArray[np.float64]:
    """Probabilities after their logits were divided by a temperature, (n_images, n_classes) float64."""
    logs = np.log(np.maximum(probabilities, LEAST_PROBABILITY).astype(np.float64)) / temperature
    scaled = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True))


def scale_rows(probabilities: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """The same as float32, as a run keeps them; untouched at temperature 1, some rows at a time."""
    if temperature == 1 or not len(probabilities):
        return probabilities
    scaled = np.empty_like(probabilities, np.float32)
    for first in range(0, len(scaled), ROWS_AT_ONCE):
        some = slice(first, first + ROWS_AT_ONCE)
        scaled[some] = scale_by(probabilities[some], temperature)
    return scaled


def scale_folds(probabilities: NDArray[np.float32], folds: Ints, temperatures: tuple[float, ...]) -> (
        NDArray[np.float32]):
    """Probabilities out of fold, each scaled by the temperature of its fold, (n_images, n_classes) float32.

    Args:
        folds: (n_images,) integers; rows of no fold (−1) stay as they are.
    """
    scaled = np.array(probabilities, np.float32)
    for fold, temperature in enumerate(temperatures):
        scaled[folds == fold] = scale_rows(scaled[folds == fold], temperature)
    return scaled


def fit_in_folds(probabilities: Floats, labels: Ints, folds: Ints) -> Temperatures:
    """Temperatures for what a model says, each fold's fitted on the others, so that no image judges its own.

    Args:
        probabilities: Out of fold, (n_images, n_classes), rows sum to 1.
        labels: (n_images,) integers.
        folds: Fold in which each image was held back, (n_images,), 0 … n_folds − 1.
    """
    n_folds = int(folds.max()) + 1 if len(folds) else 0
    return Temperatures(fit_of_run(probabilities, labels), tuple(
        fit_of_run(probabilities[folds != fold], labels[folds != fold]) for fold in range(n_folds)))


def fit_of_run(probabilities: Floats, labels: Ints) -> float:
    """The temperature by which what a run says is scaled; 1 with fewer than `FEWEST_CALIBRATED` images."""
    return fit_temperature(probabilities, labels, prior=PRIOR_OF_RUN) if len(labels) >= FEWEST_CALIBRATED else 1.0


def fit_temperature(probabilities: Floats, labels: Ints, *, prior: float = PRIOR) -> float:
    """The temperature that gives labelled images the least log loss (Guo et al. 2017), 0.25 … 8; 1 without any.

    A model that is never wrong would want it ever lower; a normal prior of its logarithm holds it.

    Args:
        probabilities: Out of fold, (n_images, n_classes), rows sum to 1.
        labels: (n_images,) integers; those outside 0 … n_classes − 1 are left out.
        prior: Standard deviation of the prior, above 0.
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
        return float(total.sum(dtype=np.float64)) + 0.5 * (log_temperature / prior)**2

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
