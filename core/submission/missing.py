"""What is written for a line whose image has no prediction: nothing, the majority class, or the mean probability."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.submission.spelling import N_SHOWN, shown
from core.types import Skipped

CHOICE_HINT = "Or choose what to write for them (--missing majority or --missing mean)."


class Missing(StrEnum):
    """What is done about an image without a prediction."""

    FAIL = "fail"
    MAJORITY = "majority"
    MEAN = "mean"


def guess(missing: Missing, probabilities: NDArray[np.float32], majority: int | None) -> NDArray[np.float64]:
    """Probabilities for an image that nobody could look at, (n_classes,) float64.

    Args:
        missing: The choice.
        probabilities: Those of all other test images, (n_images, n_classes) float32.
        majority: The class with the most labels, or None for the one that is predicted most often.
    """
    n_classes = probabilities.shape[1]
    if missing is Missing.MEAN:
        mean: NDArray[np.float64] = probabilities.astype(np.float64).mean(axis=0)
        return mean
    if majority is None:
        majority = int(np.bincount(probabilities.argmax(axis=1), minlength=n_classes).argmax())
    certain: NDArray[np.float64] = np.eye(n_classes)[majority]
    return certain


def refuse_missing(unknown: Sequence[str], unusable: Sequence[tuple[str, Skipped]]) -> None:
    """Say which lines have no prediction, and why.

    Args:
        unknown: Ids of no image of the project.
        unusable: Ids of images that could not be predicted.

    Raises:
        InputError: There are any.
    """
    if unusable:
        first = "; ".join(_say_unusable(name, skipped) for name, skipped in unusable[:N_SHOWN])
        more = f"; and {len(unusable) - N_SHOWN:,} more" if len(unusable) > N_SHOWN else ""
        raise InputError(
            f"The submission needs a line for every test image, and some have no prediction: {first}{more}.",
            f"Replace these files by sound ones and import the folder again. {CHOICE_HINT}",
        )
    if unknown:
        raise InputError(
            f"The template names {shown(unknown)}, and there is no such predicted image.",
            f"Add the missing images to the test folder, or give the template that belongs to it. {CHOICE_HINT}",
        )


def _say_unusable(name: str, skipped: Skipped) -> str:
    return f"“{name}” cannot be read ({str(skipped.reason).rstrip('.')})"
