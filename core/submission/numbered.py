"""Codes of classes whose names are numbers: the numbers themselves, unless the template speaks against it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NoReturn

from core.errors import InputError
from core.submission.columns import number
from core.submission.names import shown
from core.text import Message

_RUN = re.compile(r"\d+", re.ASCII)


def has_numbers(classes: Sequence[str]) -> bool:
    """Whether any class has a number for a name."""
    return any(not math.isnan(number(name)) for name in classes)


def are_numbers(classes: Sequence[str]) -> bool:
    """Whether all classes have numbers for names."""
    return not any(math.isnan(number(name)) for name in classes)


def codes_of_numbers(classes: Sequence[str], answers: Sequence[str]) -> tuple[dict[str, str], Message]:
    """The code of each class, and why, in a sentence.

    Args:
        classes: Names, at least one of them a number.
        answers: The different numbers in the template's column of answers.

    Raises:
        InputError: The template's numbers are others than the classes, or only some classes are numbers.
    """
    values = {name: number(name) for name in classes}
    if any(math.isnan(value) for value in values.values()):
        numbers = shown(name for name in classes if not math.isnan(values[name]))
        _refuse(classes, Message("submission.some_names_are_numbers", names=numbers))
    if set(answers) <= set(classes):
        told = Message("submission.template_writes_numbers")
        return {name: name for name in classes}, told if len(answers) > 1 else Message("submission.own_numbers")
    if len(set(values.values())) < len(values):
        _refuse(classes, Message("submission.same_number", names=shown(classes)))
    if {number(answer) for answer in answers} <= set(values.values()):
        codes = {name: _written(value, answers) or name for name, value in values.items()}
        return codes, Message("submission.template_writes_numbers")
    if len(answers) == 1:
        return {name: name for name in classes}, (
            Message("submission.own_numbers_but_placeholder", answer=answers[0]))
    strange = [answer for answer in answers if number(answer) not in values.values()]
    return _refuse(classes, Message("submission.other_numbers", answers=shown(strange)))


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
        _refuse(classes, Message("submission.names_count_from_1", names=shown(classes)))
    if own != list(range(len(classes))):
        _refuse(classes, Message("submission.names_have_numbers", names=shown(classes)))


def _written(value: float, answers: Sequence[str]) -> str:
    """A number as the template writes numbers: “1”, “01” or “1.0”; empty if it has no way of its own."""
    if value != int(value):
        return ""
    if all("." in answer for answer in answers):
        return f"{int(value)}.0"
    widths = {len(answer.lstrip("+-")) for answer in answers}
    is_padded = any(answer.lstrip("+-").startswith("0") and len(answer.lstrip("+-")) > 1 for answer in answers)
    return f"{int(value):0{max(widths)}d}" if is_padded else str(int(value))


def _refuse(classes: Sequence[str], sentence: Message) -> NoReturn:
    raise InputError(
        sentence, Message("submission.give_codes_or_names", name=classes[0]),
    )
