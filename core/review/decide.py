"""Decides what is answered about an image: the likeliest class, the one of least expected cost, or nothing.

Chow's rule (1970): an answer is given only where the model is sure enough; a rejected image costs less than a wrong
answer. With costs of confusions the decision is the class of least expected cost (Elkan 2001), which needs calibrated
probabilities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError

UNSURE, NONE_OF_THESE = -1, -2
"""In the place of a class: below the confidence threshold; unlike all that the model learnt."""

CLOSE = 1e-6
"""What is shown as 90 % is let through at 90 %, whatever its last bits."""

REASONS: Mapping[int, str] = {UNSURE: "unsure", NONE_OF_THESE: "none of these"}
"""How a table names them."""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """How probabilities become an answer; without any part it is the likeliest class.

    Attributes:
        sure: Least confidence of an answer, 0 … 1.
        of_classes: The same for answers of each class instead, (n_classes,) float64; None for `sure` throughout.
        costs: What an answer costs, (n_classes, n_classes) float64; rows are true classes, columns answers. None
            counts every mistake alike.
        has_none: Whether images that are unlike all that the model learnt get no answer.
    """

    sure: float = 0.0
    of_classes: NDArray[np.float64] | None = None
    costs: NDArray[np.float64] | None = None
    has_none: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is the likeliest class for every image."""
        return not self.sure and self.of_classes is None and self.costs is None and not self.has_none

    def choose(self, probabilities: NDArray[np.floating]) -> NDArray[np.int64]:
        """The class of each image, whether or not it is sure enough, (n_images,) int64."""
        if self.costs is None:
            return np.asarray(probabilities.argmax(axis=1), np.int64)
        return np.asarray((probabilities.astype(np.float64) @ self.costs).argmin(axis=1), np.int64)

    def decide(
        self, probabilities: NDArray[np.floating], is_unlike: NDArray[np.bool_] | None = None
    ) -> NDArray[np.int64]:
        """The answer for each image: the place of a class, `UNSURE` or `NONE_OF_THESE`, (n_images,) int64.

        Args:
            probabilities: (n_images, n_classes), rows sum to 1.
            is_unlike: Which images are unlike all that the model learnt, (n_images,) bool; None where that is not
                asked.
        """
        chosen = self.choose(probabilities)
        least = np.full(probabilities.shape[1], self.sure) if self.of_classes is None else self.of_classes
        is_sure = probabilities[np.arange(len(chosen)), chosen].astype(np.float64) >= least[chosen] - CLOSE
        answers = np.where(is_sure, chosen, UNSURE)
        if self.has_none and is_unlike is not None:
            answers[is_unlike] = NONE_OF_THESE
        return answers


def require_share(value: object) -> float:
    """A confidence threshold.

    Raises:
        InputError: It is not a number from 0 to 1.
    """
    try:
        share = float(str(value))
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise InputError("review.no_threshold", given=str(value))
    return share


def thresholds_of(sure: float, by_name: Mapping[str, float], classes: Sequence[str]) -> NDArray[np.float64] | None:
    """The least confidence of each class, (n_classes,) float64; None where none has its own.

    Raises:
        InputError: There is no class of such a name.
    """
    if not by_name:
        return None
    if unknown := [name for name in by_name if name not in classes]:
        raise InputError("review.threshold_of_no_class", name=unknown[0], names=tuple(classes))
    return np.array([by_name.get(name, sure) for name in classes], np.float64)
