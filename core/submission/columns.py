"""What the title and the cells of a template's column say: a class, a probability, numbers, words, or nothing yet."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import lru_cache

from core.submission.names import exact, find_name, loose

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


_BEFORE_NAME = re.compile(
    r"^(p|pr|prob|probs|probability|proba|score|confidence|class|is|has|label|pred|prediction|target|c|cls|category)"
    r"( of)?[ ](?=.)|^p\((?=.+\)$)"
)
_AFTER_NAME = re.compile(r"(?<=.) (p|pr|prob|probs|proba|probability|score|confidence|label|class)$")
_PROBABILITY = re.compile(
    r"(p|pr|prob|probs|proba|probability|probabilities|score|likelihood|probabilidad|chance)( of)?( .*)?"
    r"|.* (prob|proba|probability|score|likelihood)|p\(.*\)"
)
_NUMBERED = re.compile(
    r"(?:p\(|(?:c|class|cls|label|p|prob|proba|probability|category|cat|target|pred|prediction|score|y|class id) ?)?"
    r"(\d+)(?:\.0)?\)?", re.ASCII)
_CONFIDENCE = re.compile(r"confidence|conf|confianza|certainty|confidence score|.* confidence|max prob(ability)?")
_LABEL = re.compile(
    r"(image |predicted |pred |true |target |class |final )?(labels?|class|classes|category|category id|class id|"
    r"label id|targets?|predictions?|predicted|pred|answer|ground truth|gt|y|y pred|y true|diagnosis|breed|species|"
    r"type|choice|expected|outcome|result|output|etiqueta|clase|categoría|categoria|predicción|prediccion)"
    r"( name| id| code| label)?"
)


_OTHER_TASK = re.compile(
    r"encoded ?pixels|rle( .*)?|(.* )?rle|(.* )?masks?|(.* )?segmentation|prediction ?string|(.* )?bbox(es)?|"
    r"(.* )?boxes|polygons?|key ?points|caption|text|x ?min|y ?min|x ?max|y ?max|x1|y1|x2|y2")
_GENERAL = re.compile(
    r"(predicted |pred |prediction |class |label |target |positive |final |output |model |image )*"
    r"(p|pr|prob|probs|proba|probability|probabilities|scores?|likelihood|probabilidad|chance|value)"
    r"|p\((y|1|y ?= ?1)\)|p1|expected|solution|response"
    r"|(prob|proba|probability)( of)? (1|positive|positive class|class 1|label|target|y)")
"""Titles of one probability that name no class, so that it is of the class with the code 1."""


def names_probability(title: str) -> bool:
    """Whether a title asks for a probability."""
    return bool(_PROBABILITY.fullmatch(loose(title)))


def names_confidence(title: str) -> bool:
    """Whether a title asks for the probability of the predicted class."""
    return bool(_CONFIDENCE.fullmatch(loose(title)))


def names_label(title: str) -> bool:
    """Whether a title asks for the class."""
    return bool(_LABEL.fullmatch(loose(title)))


def find_class(title: str, classes: Sequence[str]) -> int | None:
    """The class that a title names, with or without “p_”, “prob_”, “class_”, “is_” beside it; None for none."""
    text = loose(title)
    before = _BEFORE_NAME.sub("", text)
    bare = before.removesuffix(")") if text.startswith("p(") else before
    for form in (title, bare, _AFTER_NAME.sub("", text)):
        if form.strip() and (place := find_name(form, classes)) is not None:
            return place
    return None


def names_other_task(title: str) -> bool:
    """Whether a title asks for boxes, masks or texts, which no classification gives."""
    return bool(_OTHER_TASK.fullmatch(loose(title)))


def is_general(title: str) -> bool:
    """Whether a title asks for an answer without naming a class: “label”, “probability”, “score”, or none at all."""
    text = loose(title)
    is_said = names_label(title) or names_confidence(title) or bool(_GENERAL.fullmatch(text))
    return not text or is_said


def asks_whether(title: str) -> bool:
    """Whether a title asks yes or no: “is_pistol”, “has_pistol”."""
    return loose(title).startswith(("is ", "has "))


def number_in_title(title: str) -> str:
    """The number of a column such as “0”, “c0” or “class_0”; empty for other titles."""
    match = _NUMBERED.fullmatch(loose(title))
    return match[1] if match else ""
