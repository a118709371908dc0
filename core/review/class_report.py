"""Recall, precision and F1 of every class of a confusion matrix, each with its 95 % confidence interval.

Recall and precision are shares of images: Wilson's interval. So is F* = TP / (TP + FP + FN), of which F1 is
2 F* / (1 + F*), so that its interval is that of F* carried over (the indirect Wilson interval of Lam et al. 2023,
“Confidence intervals for the F1 score”). numpy only, so that the window may compute it between two frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.review.metrics import wilson_interval


@dataclass(frozen=True, slots=True)
class Share:
    """A figure from 0 to 1 and its 95 % confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ClassScores:
    """What a model makes of one class.

    Attributes:
        name: The class.
        n_images: Images with this label.
        n_predicted: Images that were predicted to be of this class.
        recall: Share of `n_images` that was found; None without any.
        precision: Share of `n_predicted` that is right; None without any.
        f1: Harmonic mean of both; None where there is neither an image nor a prediction.
    """

    name: str
    n_images: int
    n_predicted: int
    recall: Share | None
    precision: Share | None
    f1: Share | None

    def to_json(self) -> dict[str, Any]:
        """Figures and intervals by name; None for what is not known."""
        found: dict[str, Any] = {"name": self.name, "n": self.n_images, "n_predicted": self.n_predicted}
        for key, share in (("precision", self.precision), ("recall", self.recall), ("f1", self.f1)):
            found[key] = None if share is None else share.value
            found[f"{key}_interval"] = None if share is None else [share.low, share.high]
        return found


def report_classes(
    confusion: NDArray[np.integer], classes: Sequence[str], *, design_effect: float = 1.0
) -> tuple[ClassScores, ...]:
    """The figures of every class, in the order of the classes.

    Args:
        confusion: (n_classes, n_classes) counts; rows are labels, columns predictions.
        classes: Their names.
        design_effect: See `wilson_interval`.
    """
    right, labelled, predicted = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    rows = []
    for name, n_right, n, n_predicted in zip(
        classes, right.tolist(), labelled.tolist(), predicted.tolist(), strict=True
    ):
        rows.append(ClassScores(
            name, n, n_predicted, _share(n_right, n, design_effect), _share(n_right, n_predicted, design_effect),
            _f1(n_right, n + n_predicted - n_right, design_effect)))
    return tuple(rows)


def _share(part: int, whole: int, design_effect: float) -> Share | None:
    if not whole:
        return None
    return Share(part / whole, *wilson_interval(part, whole, design_effect=design_effect))


def _f1(n_right: int, n_concerned: int, design_effect: float) -> Share | None:
    """Of the images that have the label or the prediction."""
    found = _share(n_right, n_concerned, design_effect)
    return None if found is None else Share(*(2 * f / (1 + f) for f in (found.value, found.low, found.high)))
