"""Writes a submission, reads it back from the draft, and compares it with what was meant before it gets its name."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from core.errors import StorageError
from core.files.user_files import open_to_replace
from core.submission.form import N_DECIMALS, Filled, Says
from core.submission.make import Submission, SubmissionInput, make_submission

TOLERANCE = 1.01 * 10.0**-N_DECIMALS


def write_submission(inputs: SubmissionInput, out: Path) -> Submission:
    """Make a submission, write it, read it back and compare; only then does it take the place of `out`.

    Raises:
        InputError: See `make_submission`; nothing is written then.
        StorageError: Nothing can be written there, or what was read back is not what was meant.
    """
    made = make_submission(inputs)
    with open_to_replace(out) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([made.titles] if made.titles else [])
        writer.writerows(made.rows)
        check_text(_read_back(file), made, out)
    return made


def _read_back(file: TextIO) -> str:
    """What lies in the file now, through a handle of its own; the standard output is read where it is collected."""
    file.flush()
    if isinstance(file, io.StringIO):
        return file.getvalue()
    with open(file.name, encoding="utf-8", errors="surrogateescape", newline="") as again:
        return again.read()


def check_text(text: str, made: Submission, out: Path) -> None:
    """Compare the text of a file with the submission that it should hold, cell by cell and by meaning.

    The meaning of each cell is worked out anew from the probabilities, not from what was made of them.

    Raises:
        StorageError: Something differs.
    """
    rows = [tuple(row) for row in csv.reader(io.StringIO(text, newline=""))]
    if made.titles:
        _require(bool(rows) and rows[0] == made.titles, "submission.not_written_titles", out)
        rows = rows[1:]
    _require(len(rows) == len(made.rows), "submission.not_written_n_lines", out)
    for line, (row, meant) in enumerate(zip(rows, made.rows, strict=True)):
        _require(row == meant, "submission.not_written_line", out, line)
    for filled in made.form.columns:
        wrong = np.flatnonzero(~_is_meant([row[filled.index] for row in rows], filled, made))
        _require(not len(wrong), "submission.not_written_value", out, int(wrong[0]) if len(wrong) else 0)


def _is_meant(cells: list[str], filled: Filled, made: Submission) -> NDArray[np.bool_]:
    """Whether each cell of a column says what the run predicts for its line, (n_rows,) bool."""
    lines, own = np.arange(len(cells)), made.probabilities
    best = own.argmax(axis=1)
    predicted = best if made.decided is None else made.decided
    if filled.says is Says.CLASS:
        codes = [made.form.codes.codes[name] for name in made.classes]
        meant_codes = [codes[i] if i >= 0 else made.unsure for i in predicted]
        return np.array([code == cell for code, cell in zip(meant_codes, cells, strict=True)], np.bool_)
    row_classes = np.array(made.form.row_classes, np.int64)
    if filled.says is Says.ONE_HOT:
        hits = predicted == (row_classes if len(row_classes) else filled.classes[0])
        return np.array([cell == ("1" if hit else "0") for hit, cell in zip(hits, cells, strict=True)], np.bool_)
    if filled.says is Says.CONFIDENCE:
        meant = own[lines, np.where(predicted >= 0, predicted, best)]
    else:
        meant = own[lines, row_classes] if len(row_classes) else own[:, list(filled.classes)].sum(axis=1)
    near: NDArray[np.bool_] = np.abs(np.array(cells, np.float64) - meant) <= TOLERANCE * max(len(filled.classes), 1)
    return near


def _require(is_right: bool, code: str, out: Path, line: int = 0) -> None:
    if not is_right:
        raise StorageError(code, out=out, line=line + 1)
