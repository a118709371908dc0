"""The law by which errors fall with the number of labels: error = a + b · n^−c, fitted and carried on.

Learning curves follow such laws over wide ranges (Cortes et al. 1993; Viering & Loog 2021). `a` is what no number of
labels removes. How the fit was chosen is told in docs/benchmarks.md (learning curve).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

EXPONENTS = np.linspace(0.05, 1.5, 59)
"""Values of c that are tried; for each, the best a and b have a closed form."""


@dataclass(frozen=True, slots=True)
class PowerLaw:
    """error(n) = floor + scale · n^−exponent; floor and scale are not negative."""

    floor: float
    scale: float
    exponent: float

    def error(self, n_labels: float) -> float:
        """Share of wrong answers with so many labels, 0 … 1."""
        return float(np.clip(self.floor + self.scale * n_labels**-self.exponent, 0.0, 1.0))


def fit_power_law(n_labels: Numbers, errors: Numbers, weights: Numbers, *, has_floor: bool = True) -> PowerLaw:
    """Least squares over exponent, floor and scale.

    Args:
        n_labels: (n_points,) float64, above 0, rising.
        errors: (n_points,) float64, 0 … 1.
        weights: How much each point counts, (n_points,) float64, above 0.
        has_floor: False for error = b · n^−c.
    """
    powers = n_labels[:, None] ** -EXPONENTS
    total = weights.sum()
    mean_power, mean_error = weights @ powers / total, float(weights @ errors / total)
    centred = powers - mean_power if has_floor else powers
    deviation = errors - mean_error if has_floor else errors
    spread = weights @ centred**2
    scales = np.maximum((weights * deviation) @ centred / np.maximum(spread, 1e-300), 0.0)
    floors = mean_error - scales * mean_power if has_floor else np.zeros(len(EXPONENTS))
    is_below = floors < 0
    through_zero = (weights * errors) @ powers / (weights @ powers**2)
    scales, floors = np.where(is_below, through_zero, scales), np.where(is_below, 0.0, floors)
    losses = weights @ (errors[:, None] - floors - scales * powers) ** 2
    best = int(losses.argmin())
    return PowerLaw(float(floors[best]), float(scales[best]), float(EXPONENTS[best]))
