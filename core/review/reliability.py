"""Calibration of a run: reliability diagram and expected calibration error, before and after its temperature.

Does 0.9 mean 90 %? The *expected calibration error* (Naeini et al. 2015) sorts the judged images by confidence into
15 bins of as many images and takes the mean gap between confidence and accuracy. It is never 0: with few images in a
bin the accuracy strays from the truth by chance alone. So beside it stands what a perfectly calibrated model with the
same confidences would show. numpy only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.files.plain import from_plain
from core.review.calibrate import Temperatures, scale_folds
from core.review.metrics import wilson_interval
from core.text import text

N_BINS = 15
N_DRAWS, MOST_DRAWN = 100, 2_000_000
"""Label sets that are drawn for the error by chance, and how many labels they may hold together."""

EXAMPLES, EXAMPLE_WIDTH, ENOUGH = (0.9, 0.8, 0.7, 0.6), 0.05, 30
"""Confidences that the sentence may speak of, those within so much of it, and how many images that takes."""


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Judged images of about the same confidence.

    Attributes:
        n: How many, at least 1.
        confidence: Their mean probability of the predicted class, 0 … 1.
        accuracy: Share of them that is right, 0 … 1.
    """

    n: int
    confidence: float
    accuracy: float

    @property
    def interval(self) -> tuple[float, float]:
        """95 % confidence interval of the accuracy (Wilson)."""
        return wilson_interval(round(self.accuracy * self.n), self.n)


@dataclass(frozen=True, slots=True)
class Reliability:
    """How confidence and accuracy agree.

    Attributes:
        error: Expected calibration error, 0 … 1.
        bins: From the least sure to the surest.
    """

    error: float
    bins: tuple[ReliabilityBin, ...]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Calibration of a run, as it keeps it.

    Attributes:
        temperature: By which the logits of the final model are divided; above 1 where the model was too sure.
        before, after: On the judged images out of fold, without and with the temperature.
        by_chance: What error a perfectly calibrated model would show on as many images.
        about, n_about, right_about: Of the images of about this confidence how many there are, and how many are
            right; all 0 where there are too few of any.
    """

    temperature: float
    before: Reliability
    after: Reliability
    by_chance: float
    about: float = 0.0
    n_about: int = 0
    right_about: int = 0

    @property
    def n_images(self) -> int:
        """Images that it was measured on."""
        return sum(one.n for one in self.after.bins)

    def to_json(self) -> dict[str, Any]:
        """As `run.json` keeps it."""
        found = asdict(self)
        for part in ("before", "after"):
            found[part] = {**found[part], "bins": list(found[part]["bins"])}
        return found


def read_calibration(figures: Mapping[str, Any]) -> Calibration | None:
    """The calibration among the figures of a run, or in its `fit`; None where there is none or it is damaged."""
    try:
        return from_plain(Calibration, figures["calibration"])
    except (KeyError, ValueError, TypeError, AttributeError):
        return None


def measure_calibration(
    raw: NDArray[np.float32], labels: NDArray[np.integer], folds: NDArray[np.integer], temperatures: Temperatures
) -> Calibration:
    """Measure what temperatures do.

    Args:
        raw: What the models say out of fold before them, (n_images, n_classes) float32, at least one.
        labels: (n_images,) integers.
        folds: Fold of each, (n_images,).
    """
    scaled = scale_folds(raw, folds, temperatures.folds)
    is_right = scaled.argmax(axis=1) == labels
    confidences = scaled.max(axis=1).astype(np.float64)
    return Calibration(
        temperatures.final, measure_reliability(raw.max(axis=1), is_right),
        measure_reliability(confidences, is_right), error_by_chance(confidences),
        *find_example(confidences, is_right))


def measure_reliability(confidences: NDArray[np.floating], is_right: NDArray[np.bool_]) -> Reliability:
    """Reliability of predictions in 15 bins of as many images, fewer where there are fewer images.

    Args:
        confidences: Probability of each predicted class, (n_images,).
        is_right: Whether it is right, (n_images,) bool.
    """
    bins = tuple(
        ReliabilityBin(len(rows), float(confidences[rows].mean(dtype=np.float64)), float(is_right[rows].mean()))
        for rows in _cut(confidences))
    n = max(len(confidences), 1)
    return Reliability(sum(one.n * abs(one.confidence - one.accuracy) for one in bins) / n, bins)


def error_by_chance(confidences: NDArray[np.floating]) -> float:
    """The mean expected calibration error of predictions that are right exactly as often as they are sure."""
    n = len(confidences)
    if not n:
        return 0.0
    rng, cuts = np.random.default_rng(0), _cut(confidences)
    n_draws = int(np.clip(MOST_DRAWN // n, 5, N_DRAWS))
    gaps = [abs((rng.random(len(rows)) < confidences[rows]).sum() - confidences[rows].sum())
            for _ in range(n_draws) for rows in cuts]
    return float(np.sum(gaps)) / n / n_draws


def find_example(confidences: NDArray[np.floating], is_right: NDArray[np.bool_]) -> tuple[float, int, int]:
    """A confidence that enough images have about, how many do, and how many of these are right; zeros without one."""
    for about in EXAMPLES:
        rows = np.abs(confidences - about) <= EXAMPLE_WIDTH
        if rows.sum() >= ENOUGH:
            return about, int(rows.sum()), int(is_right[rows].sum())
    return 0.0, 0, 0


def describe_calibration(found: Calibration) -> tuple[str, ...]:
    """“Calibration: of 486 images predicted with a confidence of about 90 %, 441 are right.” and the error."""
    error = text("review.calibration.error", after=found.after.error, before=found.before.error,
                 chance=found.by_chance, temperature=found.temperature, n=found.n_images)
    if round(found.after.error, 3) > round(found.before.error, 3):
        error += " " + text("review.calibration.grew")
    if not found.n_about:
        return (error,)
    return text("review.calibration.example", about=found.about, right=found.right_about, n=found.n_about), error


def _cut(confidences: NDArray[np.floating]) -> Sequence[NDArray[np.int64]]:
    """Rows by confidence, in bins of as many images (one more in the first)."""
    order = np.argsort(confidences, kind="stable")
    return [rows for rows in np.array_split(order, N_BINS) if len(rows)]
