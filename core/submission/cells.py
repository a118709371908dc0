"""What the cells of a template's column hold: numbers, fractions, words, or nothing yet."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

from core.submission.spelling import exact

PLACEHOLDERS = frozenset({
    "", "?", "-", "--", ".", "...", "…", "x", "na", "n/a", "nan", "nil", "null", "none", "tbd", "todo", "missing",
    "placeholder", "your prediction", "prediction", "your_prediction", "unknown",
})
"""Cells that stand for “write here”, in small letters; a class of such a name is told by its name first."""

_WHOLE = re.compile(r"[+-]?\d+(\.0*)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?", re.ASCII)
_BOOLEANS = ({"true", "false"}, {"yes", "no"}, {"t", "f"}, {"y", "n"}, {"si", "no"}, {"sí", "no"})


class Kind(StrEnum):
    """What all cells of a column are that hold anything."""

    BLANK = "nothing"
    INTEGER = "whole numbers"
    WHOLE = "whole numbers with a decimal point"
    FRACTION = "fractions from 0 to 1"
    NUMBER = "numbers"
    BOOLEAN = "yes or no"
    TEXT = "text"


@lru_cache(maxsize=100_000)  # a template of a million cells holds few different ones
def number(cell: str) -> float:
    """The number that a cell holds, with a point or a comma before its decimals; NaN for anything else."""
    text = cell.strip()
    value = float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else math.nan
    return value if math.isfinite(value) else math.nan


def distinct(cells: Iterable[str]) -> list[str]:
    """The different cells that hold anything, as they are written, in order of their first appearance."""
    return list(dict.fromkeys(filter(None, map(exact, dict.fromkeys(cells)))))


def without_placeholders(answers: Iterable[str]) -> list[str]:
    """The cells but for those that stand for “write here”."""
    return [answer for answer in answers if answer.casefold() not in PLACEHOLDERS]


def kind_of(cells: Iterable[str]) -> Kind:
    """What all cells of a column are that hold anything but a placeholder."""
    found = without_placeholders(distinct(cells))
    if not found:
        return Kind.BLANK
    values = [number(cell) for cell in found]
    if any(math.isnan(value) for value in values):
        return Kind.BOOLEAN if is_boolean(found) else Kind.TEXT
    if all(_WHOLE.fullmatch(cell) for cell in found):
        return Kind.WHOLE if any("." in cell for cell in found) else Kind.INTEGER
    return Kind.FRACTION if all(0 <= value <= 1 for value in values) else Kind.NUMBER


def is_boolean(answers: Iterable[str]) -> bool:
    """Whether they are true and false, or yes and no."""
    found = {answer.casefold() for answer in answers}
    return any(found <= pair for pair in _BOOLEANS)
