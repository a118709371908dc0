"""CSV files: written whole or not at all, and harmless when opened in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.files.user_files import open_to_replace

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that starts so is run as a formula by spreadsheets (OWASP, CSV injection)."""

Cell = str | int | float


_NUMBER = re.compile(r"[+-]\d+(\.\d+)?", re.ASCII)


def harmless(cell: Cell) -> Cell:
    """The cell, with an apostrophe before a text that a spreadsheet would run; a class “-1” is only a number."""
    is_formula = isinstance(cell, str) and cell.startswith(FORMULA_STARTS) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if is_formula else cell


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Write a table as UTF-8 and give it its name once it is whole; returns the number of rows.

    Args:
        path: The file; “-” for the standard output.

    Raises:
        InputError, StorageError: See `open_to_replace`.
    """
    n_rows = 0
    with open_to_replace(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for n_rows, row in enumerate(rows, start=1):
            writer.writerow(row)
    return n_rows


def write_predictions(
    path: Path, names: Sequence[str], *, classes: Sequence[str], probabilities: NDArray[np.float32],
    decided: NDArray[np.int64] | None = None, reasons: Mapping[int, str] | None = None,
) -> int:
    """Write `path,prediction,confidence,p_<class>…`, one row an image; returns the number of rows.

    Args:
        names: What the column `path` says of each image.
        classes: Names in the order of the columns of `probabilities`.
        probabilities: (n_images, n_classes) float32.
        decided: The answer for each image, a class or one of `reasons`, which leaves the cell empty, (n_images,)
            int64; None for the likeliest class. With it the table has a last column `unanswered`, which says why.
        reasons: Why there is no answer, by the number that stands for it.

    Raises:
        InputError, StorageError: See `write_csv`.
    """
    best, why = probabilities.argmax(axis=1), reasons or {}
    answers = best if decided is None else decided
    rows = (
        [harmless(name), harmless(classes[a]) if a >= 0 else "", f"{row[a if a >= 0 else b]:.6f}",
         *(f"{p:.6f}" for p in row), *(() if decided is None else (why.get(int(a), ""),))]
        for name, a, b, row in zip(names, answers, best, probabilities, strict=True)
    )
    return write_csv(path, ["path", "prediction", "confidence", *(f"p_{name}" for name in classes),
                            *(() if decided is None else ("unanswered",))], rows)
