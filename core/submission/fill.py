"""Fills the columns of a template with classes, probabilities, one-hot marks and confidences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.submission.form import Filled, Form, Says

N_DECIMALS = 9
"""Decimals of a probability; about what a 32-bit number holds."""


def fill(
    rows: Sequence[tuple[str, ...]], form: Form, classes: Sequence[str], probabilities: NDArray[np.float64]
) -> tuple[tuple[str, ...], ...]:
    """The lines of a template with the columns of its form written anew; all other cells stay.

    Args:
        rows: Cells of every line of the template.
        form: What stands in which column.
        classes: All classes, in the order of the probabilities.
        probabilities: What each line says, (n_rows, n_classes) float64, rows sum to 1.
    """
    units = decimals(probabilities)
    columns = {filled.index: _cells(filled, form, classes, probabilities.argmax(axis=1), units)
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
    filled: Filled, form: Form, classes: Sequence[str], predicted: NDArray[np.int64], units: NDArray[np.int64]
) -> list[str]:
    """What is written into a column, line by line."""
    lines = np.arange(len(units))
    if filled.says is Says.CLASS:
        codes = [form.codes.codes[name] for name in classes]
        return [codes[i] for i in predicted]
    if filled.says is Says.CONFIDENCE:
        return _written(units[lines, predicted])
    meant = np.array(form.row_classes, np.int64) if form.row_classes else None
    if filled.says is Says.ONE_HOT:
        return [str(int(hit)) for hit in predicted == (filled.classes[0] if meant is None else meant)]
    return _written(units[:, list(filled.classes)].sum(axis=1) if meant is None else units[lines, meant])


def _written(units: NDArray[np.int64]) -> list[str]:
    return [f"{value // 10**N_DECIMALS}.{value % 10**N_DECIMALS:0{N_DECIMALS}d}" for value in units.tolist()]
