"""Coverage and error rate at every confidence threshold: how much is answered if a model may say “unsure”.

From predictions of labelled images that the model had not seen: the risk-coverage curve (El-Yaniv and Wiener 2010).
numpy only, so that a slider may follow it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.review.decide import CLOSE
from core.review.metrics import wilson_interval

SHOWN = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
"""Thresholds of a table."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What is answered at a confidence threshold.

    Attributes:
        sure: The threshold, 0 … 1.
        n: Images that are answered.
        n_all: All judged images.
        n_wrong: Wrong answers.
        interval: 95 % confidence interval of the error rate (Wilson), 0 … 1.
    """

    sure: float
    n: int
    n_all: int
    n_wrong: int
    interval: tuple[float, float]

    @property
    def coverage(self) -> float:
        """Share of images that is answered, 0 … 1."""
        return self.n / self.n_all if self.n_all else 0.0

    @property
    def error(self) -> float | None:
        """Share of the answers that is wrong, 0 … 1; None without any answer."""
        return self.n_wrong / self.n if self.n else None

    def to_json(self) -> dict[str, Any]:
        """Every figure by its name."""
        return {"sure": self.sure, "coverage": self.coverage, "error": self.error, "interval": list(self.interval),
                "n": self.n, "n_all": self.n_all, "n_wrong": self.n_wrong}


@dataclass(frozen=True, slots=True, eq=False)
class CoverageCurve:
    """Judged images, the surest first.

    Attributes:
        confidences: Probability of each predicted class, (n_images,) float64, descending.
        n_wrong: How many of those up to each are wrong, (n_images,) int64.
        design_effect: How many images tell as much as one that is alike no other; see `wilson_interval`.
    """

    confidences: NDArray[np.float64]
    n_wrong: NDArray[np.int64]
    design_effect: float = 1.0

    def at(self, sure: float) -> Answered:
        """What is answered at a threshold."""
        n_all = len(self.confidences)
        n = int(np.searchsorted(-self.confidences, -(sure - CLOSE), side="right"))
        n_wrong = int(self.n_wrong[n - 1]) if n else 0
        return Answered(sure, n, n_all, n_wrong, wilson_interval(n_wrong, n, design_effect=self.design_effect))

    def find_sure(self, most_errors: float) -> float | None:
        """The lowest threshold with at most this error rate; None if there is none.

        Args:
            most_errors: 0 … 1.
        """
        rates = self.n_wrong / np.arange(1, len(self.n_wrong) + 1)
        is_last = np.append(np.diff(self.confidences) < 0, True)[:len(rates)]  # equal confidences stay together
        fit = np.flatnonzero((rates <= most_errors) & is_last)
        return float(self.confidences[fit[-1]]) if len(fit) else None


def draw_curve(
    confidences: NDArray[np.floating], is_right: NDArray[np.bool_], *, design_effect: float = 1.0
) -> CoverageCurve:
    """The curve of judged images.

    Args:
        confidences: Probability of each predicted class, (n_images,).
        is_right: Whether it is right, (n_images,) bool.
    """
    order = np.argsort(-confidences, kind="stable")
    return CoverageCurve(
        np.asarray(confidences[order], np.float64), np.cumsum(~is_right[order]).astype(np.int64), design_effect)


def count_answered(
    sure: float, is_answered: NDArray[np.bool_], is_right: NDArray[np.bool_], *, design_effect: float = 1.0
) -> Answered:
    """What is answered where the images are told apart otherwise than by one threshold, both (n_images,) bool."""
    n, n_wrong = int(is_answered.sum()), int((is_answered & ~is_right).sum())
    return Answered(sure, n, len(is_right), n_wrong, wilson_interval(n_wrong, n, design_effect=design_effect))
