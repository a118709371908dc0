"""Precision-recall curve and average precision of one class against the others, out of probabilities.

Average precision is the area below the steps of the curve (as scikit-learn's `average_precision_score`): it is not
interpolated, which would be too optimistic (Davis and Goadrich 2006). numpy only, so that the window may draw it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class PrecisionRecall:
    """The curve of a class, from the highest threshold to the lowest; empty where there is no image of the class.

    Attributes:
        thresholds: Probabilities from which on an image counts as of the class, (n_points,) float64, descending.
        precision, recall: At each, (n_points,) float64, 0 … 1; recall never falls.
        average_precision: Area below the steps, 0 … 1; None where there is no image of the class.
        n_of_class, n_images: Images of the class, and all of them.
    """

    thresholds: NDArray[np.float64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    average_precision: float | None
    n_of_class: int
    n_images: int

    @property
    def share(self) -> float:
        """Share of the class, 0 … 1: the precision of naming every image so."""
        return self.n_of_class / self.n_images if self.n_images else 0.0

    def at(self, threshold: float) -> tuple[float | None, float]:
        """Precision and recall where images count as of the class from this probability on; no precision without any.

        Args:
            threshold: 0 … 1.
        """
        n = int(np.searchsorted(-self.thresholds, -threshold, side="right"))
        return (float(self.precision[n - 1]), float(self.recall[n - 1])) if n else (None, 0.0)


def draw_precision_recall(scores: NDArray[np.floating], is_of_class: NDArray[np.bool_]) -> PrecisionRecall:
    """The curve of a class.

    Args:
        scores: Probability of the class for each image, (n_images,), 0 … 1.
        is_of_class: Whether its label says so, (n_images,) bool.
    """
    n_of_class, none = int(is_of_class.sum()), np.empty(0, np.float64)
    if not n_of_class:
        return PrecisionRecall(none, none, none, None, 0, len(scores))
    order = np.argsort(-scores, kind="stable")
    sorted_scores = scores[order].astype(np.float64)
    is_last = np.append(np.diff(sorted_scores) < 0, True)  # equal probabilities fall on one side together
    n_right = np.cumsum(is_of_class[order])[is_last]
    n_named = np.flatnonzero(is_last) + 1
    precision, recall = n_right / n_named, n_right / n_of_class
    average = float(np.sum(np.diff(recall, prepend=0.0) * precision))
    return PrecisionRecall(sorted_scores[is_last], precision, recall, average, n_of_class, len(scores))
