"""Forms of answers: what is written into which column, also for images without a prediction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.submission.codes import ClassCodes
from core.submission.names import cut, shown
from core.text import Message
from core.types import Skipped


class Says(StrEnum):
    """What is written into a column."""

    CLASS = "class"
    PROBABILITY = "probability"
    ONE_HOT = "one-hot"
    CONFIDENCE = "confidence"


@dataclass(frozen=True, slots=True)
class Filled:
    """A column that is written.

    Attributes:
        classes: Places of the classes whose probability it is, or of the one that it marks; empty for the class
            itself, for a confidence, and where each line is about a class of its own.
    """

    index: int
    says: Says
    classes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """What a template wants in which column.

    Attributes:
        columns: The columns that are written; others are kept as they are.
        codes: The code of each class, or the title of its column.
        words: The form in words, a sentence.
        row_classes: The class that each line is about, in files of a line an image and class; else empty.
        examples: The template's own answer in each line, as a code; "" where there is none; empty if there is none.
    """

    columns: tuple[Filled, ...]
    codes: ClassCodes
    words: Message
    row_classes: tuple[int, ...] = ()
    examples: tuple[str, ...] = ()


N_DECIMALS = 9
"""Decimals of a probability; about what a 32-bit number holds."""


def fill(
    rows: Sequence[tuple[str, ...]], form: Form, classes: Sequence[str], probabilities: NDArray[np.float64],
    decided: NDArray[np.int64] | None = None, unsure: str = "",
) -> tuple[tuple[str, ...], ...]:
    """The lines of a template with the columns of its form written anew; all other cells stay.

    Args:
        rows: Cells of every line of the template.
        classes: All classes, in the order of the probabilities.
        probabilities: What each line says, (n_rows, n_classes) float64, rows sum to 1.
        decided: Place of the class of each line, negative where none is answered, (n_rows,) int64; None for the
            likeliest.
        unsure: What is written in the place of a class where none is answered.
    """
    units = decimals(probabilities)
    answers = probabilities.argmax(axis=1) if decided is None else decided
    columns = {filled.index: _cells(filled, form, classes, answers, units, unsure)
               for filled in form.columns}
    return tuple(
        tuple(columns[i][line] if i in columns else cell for i, cell in enumerate(row))
        for line, row in enumerate(rows)
    )


def decimals(probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    """Probabilities in units of the last decimal, so that each row sums to exactly 1 (largest remainders).

    Args:
        probabilities: (n_rows, n_classes) float64, rows sum to 1.
    """
    exact = probabilities * 10**N_DECIMALS
    whole = np.floor(exact).astype(np.int64)
    lacking = 10**N_DECIMALS - whole.sum(axis=1)
    order = np.argsort(whole - exact, axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    added: NDArray[np.int64] = whole + (rank < lacking[:, None])
    return added


def _cells(
    filled: Filled, form: Form, classes: Sequence[str], predicted: NDArray[np.int64], units: NDArray[np.int64],
    unsure: str,
) -> list[str]:
    """What is written into a column, line by line."""
    lines = np.arange(len(units))
    if filled.says is Says.CLASS:
        codes = [form.codes.codes[name] for name in classes]
        return [codes[i] if i >= 0 else unsure for i in predicted]
    if filled.says is Says.CONFIDENCE:
        return _written(units[lines, np.where(predicted >= 0, predicted, units.argmax(axis=1))])
    meant = np.array(form.row_classes, np.int64) if form.row_classes else None
    if filled.says is Says.ONE_HOT:
        return [str(int(hit)) for hit in predicted == (filled.classes[0] if meant is None else meant)]
    return _written(units[:, list(filled.classes)].sum(axis=1) if meant is None else units[lines, meant])


def _written(units: NDArray[np.int64]) -> list[str]:
    return [f"{value // 10**N_DECIMALS}.{value % 10**N_DECIMALS:0{N_DECIMALS}d}" for value in units.tolist()]


class Missing(StrEnum):
    """What is done about an image without a prediction."""

    FAIL = "fail"
    MAJORITY = "majority"
    MEAN = "mean"


def guess(missing: Missing, probabilities: NDArray[np.float32], majority: int | None) -> NDArray[np.float64]:
    """Probabilities for an image that nobody could look at, (n_classes,) float64.

    Args:
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
        images = tuple(
            Message("submission.cannot_be_read", name=name, reason=skipped.reason) for name, skipped in unusable)
        raise InputError("submission.images_without_prediction", images=cut(images))
    if unknown:
        raise InputError("submission.ids_without_image", ids=shown(unknown))
