"""Codes of classes whose names are numbers: the numbers themselves, unless the template speaks against it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from core.errors import InputError
from core.submission.cells import number
from core.submission.spelling import shown

OWN_NUMBERS = "The class names are numbers, and each class is written as its own number"
_RUN = re.compile(r"\d+", re.ASCII)


def has_numbers(classes: Sequence[str]) -> bool:
    """Whether any class has a number for a name."""
    return any(not math.isnan(number(name)) for name in classes)


def are_numbers(classes: Sequence[str]) -> bool:
    """Whether all classes have numbers for names."""
    return not any(math.isnan(number(name)) for name in classes)


def codes_of_numbers(classes: Sequence[str], answers: Sequence[str]) -> tuple[dict[str, str], str]:
    """The code of each class, and why, in a sentence.

    Args:
        classes: Names, at least one of them a number.
        answers: The different numbers in the template's column of answers.

    Raises:
        InputError: The template's numbers are others than the classes, or only some classes are numbers.
    """
    values = {name: number(name) for name in classes}
    if any(math.isnan(value) for value in values.values()):
        _refuse(classes, f"Some class names are numbers ({shown(n for n in classes if not math.isnan(values[n]))}) "
                         "and others are not, so their codes are unclear.")
    if set(answers) <= set(classes):
        told = "The template writes the numbers that are the names of the classes."
        return {name: name for name in classes}, told if len(answers) > 1 else OWN_NUMBERS + "."
    if len(set(values.values())) < len(values):
        _refuse(classes, f"Several classes are the same number ({shown(classes)}), written differently.")
    if {number(answer) for answer in answers} <= set(values.values()):
        codes = {name: _written(value, answers) or name for name, value in values.items()}
        return codes, "The template writes the numbers that are the names of the classes."
    if len(answers) == 1:
        return {name: name for name in classes}, (
            f"{OWN_NUMBERS}; the template's {answers[0]} everywhere is taken for a placeholder.")
    strange = [answer for answer in answers if number(answer) not in values.values()]
    _refuse(classes, f"The classes are numbers, and the template has {shown(strange)}, which is none of them.")
    return {}, ""


def require_unnumbered(classes: Sequence[str]) -> None:
    """Refuse to count from 0 where the names have numbers of their own: class1, class2, class10 …

    Raises:
        InputError: The names differ in a number alone, and the numbers are not 0, 1, 2 …
    """
    runs = [_RUN.findall(name) for name in classes]
    if len(classes) < 2 or any(len(run) != 1 for run in runs) or len({_RUN.sub("#", name) for name in classes}) > 1:
        return
    own = sorted(int(run[0]) for run in runs)
    if own == list(range(1, len(classes) + 1)):
        _refuse(classes, f"The class names count from 1 ({shown(classes)}), and codes would count from 0.")
    if own != list(range(len(classes))):
        _refuse(classes, f"The class names have numbers of their own ({shown(classes)}), and codes would count from "
                         "0.")


def _written(value: float, answers: Sequence[str]) -> str:
    """A number as the template writes numbers: “1”, “01” or “1.0”; empty if it has no way of its own."""
    if value != int(value):
        return ""
    if all("." in answer for answer in answers):
        return f"{int(value)}.0"
    widths = {len(answer.lstrip("+-")) for answer in answers}
    is_padded = any(answer.lstrip("+-").startswith("0") and len(answer.lstrip("+-")) > 1 for answer in answers)
    return f"{int(value):0{max(widths)}d}" if is_padded else str(int(value))


def _refuse(classes: Sequence[str], sentence: str) -> None:
    raise InputError(
        sentence, "Give every class its code (--map names for the names themselves, --map 0 or --map 1 to count "
        f"from there in natural order, or --map {classes[0]}=… for every class).",
    )
