"""Expected accuracy on images without labels, from what a model predicts of them and of labelled images out of fold.

Cross-validation says how often a model is right on images like those that it learnt from. On images from elsewhere it
is another figure, and two things tell of it without a label:

- how sure the model is of them. *Difference of confidences* (Guillory et al. 2021): the out-of-fold accuracy, less
  what the mean confidence loses from the labelled images to these. *Transported confidence* (after Lu et al. 2023,
  COT): the same, with each image given to a class so that the classes keep their shares, which finds a model that
  puts all that is strange into one class. Their mean is the first estimate.
- whether simpler models agree with it (Jiang et al. 2022; see `core.review.simple_models`): the out-of-fold accuracy,
  less what the agreement loses. It takes the place of the first estimate where it lies clearly below it, as where
  the model is sure and wrong.

*Average thresholded confidence* (Garg et al. 2022) and the mean confidence after a temperature (Guo et al. 2017) are
given beside; averaged in, they made the estimate worse. None of it sees a class whose images look like those of
another: see docs/benchmarks.md for where it fails. numpy only.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.review.calibrate import fit_temperature, scale_by, transport
from core.review.metrics import wilson_interval

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]

FEWEST_JUDGED, FEW_IMAGES = 20, 20
"""With fewer labelled images nothing is estimated; an estimate for fewer images than `FEW_IMAGES` leads nowhere."""

CLEARLY_BELOW = 1.5
"""So many standard errors the agreement must lie below the first estimate to take its place."""

ERROR, ERROR_OF_AGREEMENT = 0.02, 0.035
"""Standard deviation of the estimate about the truth beyond chance: of the first estimate, and of the agreement."""

DISPUTE_ABOVE, DISPUTE_BELOW, DROP_BELOW = 0.25, 0.5, 0.5
"""What is added to it for the first estimate: for each unit by which difference and transported confidence differ,
above and below; and below for each unit by which it lies below the out-of-fold accuracy, for what makes a model less
sure makes it still less right. All were measured on shifts that nothing is reported of
(benchmarks/expected_accuracy.py)."""

N_DRAWS, MOST_DRAWN = 400, 2_000_000
"""Bootstrap samples, and how many images they may hold together: large sets need fewer samples."""


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """Share of simpler models that predict the same class as the model, 0 … 1; NaN where they were not asked.

    Attributes:
        here: On the labelled images, out of fold, (n_judged,).
        there: On the images without labels, (n_images,).
    """

    here: NDArray[np.float64]
    there: NDArray[np.float64]

    @property
    def is_known(self) -> bool:
        """Whether any image of either set was asked about."""
        return bool(np.isfinite(self.here).any() and np.isfinite(self.there).any())


@dataclass(frozen=True, slots=True)
class ExpectedAccuracy:
    """What accuracy to expect on images without labels.

    Attributes:
        n_images: How many they are, at least 1.
        accuracy: The estimate, 0 … 1.
        interval: Where the accuracy on these very images lies with a probability of about 95 %, 0 … 1.
        judged_accuracy: Accuracy out of fold on the labelled images, 0 … 1.
        judged_interval: Its 95 % confidence interval (Wilson).
        n_judged: Labelled images that it comes from.
        confidence: Mean probability of the predicted class on the images without labels, as the model gives it.
        temperature: What was fitted out of fold; above 1 where the model is too sure.
        calibrated, thresholded, difference, transported: Single estimates, 0 … 1.
        agreement: The one from simpler models, or None where they were not asked.
    """

    n_images: int
    accuracy: float
    interval: tuple[float, float]
    judged_accuracy: float
    judged_interval: tuple[float, float]
    n_judged: int
    confidence: float
    temperature: float
    calibrated: float
    thresholded: float
    difference: float
    transported: float
    agreement: float | None = None

    @property
    def is_few(self) -> bool:
        """Whether there are too few images for the estimate to lead."""
        return self.n_images < FEW_IMAGES

    @property
    def is_lower(self) -> bool:
        """Whether the accuracy out of fold lies above the interval: then this figure leads, not that one."""
        return not self.is_few and self.interval[1] < self.judged_accuracy

    def to_json(self) -> dict[str, Any]:
        """Every figure by its name, and `is_lower`."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return found | {"interval": list(self.interval), "judged_interval": list(self.judged_interval),
                        "is_lower": self.is_lower}


def expect_accuracy(
    probabilities: Floats, labels: Ints, others: Floats, agreement: Agreement | None = None,
) -> ExpectedAccuracy | None:
    """What accuracy to expect on images without labels; None without any, or with too few labelled ones.

    Args:
        probabilities: Out of fold, (n_judged, n_classes), finite, rows sum to 1.
        labels: Of the same images as they are now, (n_judged,) integers; a class that the model does not know is
            any number outside 0 … n_classes − 1.
        others: Of the images without labels, (n_images, n_classes), by the model that was trained on all.
        agreement: Of simpler models, where there are any.
    """
    if len(labels) < FEWEST_JUDGED or not len(others):
        return None
    temperature = fit_temperature(probabilities, labels)
    here, there = scale_by(probabilities, temperature), scale_by(others, temperature)
    is_right = probabilities.argmax(axis=1) == labels
    right, there_sure, here_sure = is_right.astype(np.float64), there.max(axis=1), here.max(axis=1)
    known = labels[(labels >= 0) & (labels < here.shape[1])]
    shares = np.bincount(known, minlength=here.shape[1]) / max(len(known), 1)
    gains = [(here_sure, there_sure), (transport(here, shares), transport(there, shares))]
    if agreement is not None and agreement.is_known:
        gains.append((agreement.here, agreement.there))
    accuracy = float(right.mean())
    singles = [float(np.clip(accuracy - np.nanmean(a) + np.nanmean(b), 0, 1)) for a, b in gains]
    expected, used = _combine(singles, len(right), len(others))
    chance = max(expected * (1 - expected), 0.25 / (len(others) + 1)) / len(others)
    chance += _bootstrap(right, [gains[at] for at in used]) ** 2
    below, above = (1.96 * sqrt(chance + error**2) for error in _errors(accuracy - expected, singles, used))
    return ExpectedAccuracy(
        len(others), expected, (max(expected - below, 0.0), min(expected + above, 1.0)), accuracy,
        wilson_interval(int(is_right.sum()), len(right)), len(right), float(others.max(axis=1).mean()), temperature,
        float(there_sure.mean()), _thresholded(is_right, here_sure, there_sure), singles[0], singles[1],
        singles[2] if len(singles) > 2 else None,
    )


def _combine(singles: list[float], n_judged: int, n_images: int) -> tuple[float, tuple[int, ...]]:
    """The estimate, and which of difference, transported and agreement it is the mean of."""
    first = (singles[0] + singles[1]) / 2
    if len(singles) > 2:
        error = sqrt(max(first * (1 - first), 0.01) * (1 / n_judged + 1 / n_images))
        if first - singles[2] > CLEARLY_BELOW * error:
            return singles[2], (2,)
    return first, (0, 1)


def _thresholded(is_right: NDArray[np.bool_], here: Floats, there: Floats) -> float:
    """Share above the confidence that as large a share of the labelled images exceeds as are right (Garg et al.)."""
    threshold = np.sort(here)[min(int((~is_right).sum()), len(here) - 1)]
    return float((there >= threshold).mean())


def _bootstrap(right: Floats, gains: list[tuple[Floats, Floats]]) -> float:
    """Standard deviation of the estimate over bootstrap samples of both sets (Poisson weights)."""
    here = right - np.mean([np.nan_to_num(a, nan=float(np.nanmean(a))) for a, _ in gains], axis=0)
    there = np.mean([np.nan_to_num(b, nan=float(np.nanmean(b))) for _, b in gains], axis=0)
    rng = np.random.default_rng(0)
    n_draws = int(np.clip(MOST_DRAWN // (len(here) + len(there)), 50, N_DRAWS))
    drawn = np.zeros(n_draws)
    for values in (here, there):
        weights = rng.poisson(1, (n_draws, len(values)))
        drawn += weights @ values / np.maximum(weights.sum(axis=1), 1)
    return float(drawn.std())


def _errors(drop: float, singles: list[float], used: tuple[int, ...]) -> tuple[float, float]:
    """Standard deviations of the estimate about the truth beyond chance, below and above it."""
    if used == (2,):
        return ERROR_OF_AGREEMENT, ERROR_OF_AGREEMENT
    dispute = abs(singles[0] - singles[1])
    return ERROR + DROP_BELOW * max(drop, 0.0) + DISPUTE_BELOW * dispute, ERROR + DISPUTE_ABOVE * dispute
