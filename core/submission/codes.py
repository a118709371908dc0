"""The code of each class in a submission: given, from the template, from numeric names, or in natural order."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from core.errors import InputError
from core.images.natural import natural_key
from core.submission.columns import distinct, is_boolean, number, without_placeholders
from core.submission.names import exact, find_name, shown
from core.text import Message

MAP_HINT = Message("submission.map_hint")
NAMES = "names"

ClassMap = Mapping[str, str] | str
"""Codes by class; or “names” for the names themselves, or a number such as “1”: count from there in natural order."""


class MapSource(StrEnum):
    """Where the codes come from."""

    GIVEN = "given"
    TEMPLATE = "template"
    NAMES = "class names"
    ORDER = "natural order"


@dataclass(frozen=True, slots=True)
class ClassCodes:
    """The code of each class, and why it is that.

    Attributes:
        codes: Code by class, in natural order of the classes.
        source: Where they come from.
        reason: The same in words, a sentence.
    """

    codes: Mapping[str, str]
    source: MapSource
    reason: Message


def parse_class_map(text: str) -> ClassMap:
    """Read “pistol=0,smartphone=1”, “names” or “1”; the last “=” of each part separates class and code.

    A comma belongs to a name where no “=” stands before it: “pistol, toy=0,smartphone=1”. Quotes work too.

    Raises:
        InputError: A part without “=”, an empty side, or a class named twice.
    """
    if text.strip().casefold() == NAMES or text.strip().isdecimal():
        return text.strip().casefold()
    found: dict[str, str] = {}
    for part in _parts(text):
        name, _, code = (side.strip() for side in part.rpartition("="))
        if not name or not code or exact(name) in found:
            raise InputError("submission.map_unreadable", MAP_HINT, text=text, part=part)
        found[exact(name)] = code
    if not found:
        raise InputError("submission.map_empty", MAP_HINT)
    return found


def make_codes(classes: Sequence[str], answers: Sequence[str], given: ClassMap | None = None) -> ClassCodes:
    """The code of each class.

    Args:
        classes: All classes of the run.
        answers: What a template's column of answers holds, or its titles; empty without a template.
        given: A map that a person gave; it wins.

    Raises:
        InputError: The map does not fit the classes, or the answers suggest no map, or more than one.
    """
    ordered = sorted(classes, key=natural_key)
    if given is not None:
        return _given_codes(ordered, given)
    all_answers = distinct(answers)
    if named := _named_codes(ordered, all_answers):
        return named
    found = without_placeholders(all_answers)
    if named := _named_codes(ordered, found):
        return named
    _require_numbers(ordered, found)
    if any(not math.isnan(number(name)) for name in ordered):
        codes, reason = _codes_of_numbers(ordered, found)
        is_told = len(found) > 1
        return ClassCodes(codes, MapSource.TEMPLATE if is_told else MapSource.NAMES, reason)
    return _ordered_codes(ordered, found)


def say_codes(codes: Mapping[str, str]) -> str:
    """“pistol = 0, smartphone = 1”."""
    return ", ".join(f"{name} = {code}" for name, code in codes.items())


def shared_codes(codes: Mapping[str, str]) -> dict[str, list[str]]:
    """Classes by code, for codes that several classes have."""
    n = Counter(codes.values())
    return {code: [name for name, own in codes.items() if own == code] for code in n if n[code] > 1}


def _parts(text: str) -> list[str]:
    parts: list[str] = []
    pending = ""
    for piece in next(csv.reader([text]), []):
        pending = f"{pending},{piece}" if pending else piece
        if "=" in pending:
            parts.append(pending.strip())
            pending = ""
    return [*parts, pending.strip()] if pending.strip() else parts


def _given_codes(classes: Sequence[str], given: ClassMap) -> ClassCodes:
    if isinstance(given, str):
        codes = {name: name if given == NAMES else str(int(given) + i) for i, name in enumerate(classes)}
        return ClassCodes(codes, MapSource.GIVEN, Message("submission.codes_asked_for"))
    by_class: dict[str, str] = {}
    unknown = []
    for name, code in given.items():
        place = find_name(name, classes)
        if place is None:
            unknown.append(name)
        else:
            by_class[classes[place]] = code
    hint = Message("submission.its_classes", classes=shown(classes))
    if unknown:
        raise InputError("submission.map_of_unknown_class", hint, names=shown(unknown))
    if without := [name for name in classes if name not in by_class]:
        raise InputError("submission.map_lacks_class", names=shown(without))
    if len(by_class) < len(given):
        raise InputError("submission.map_names_class_twice", hint)
    return ClassCodes({name: by_class[name] for name in classes}, MapSource.GIVEN, Message("submission.codes_given"))


_WRITTEN: tuple[Callable[[str], str], ...] = (
    str, str.lower, str.upper, str.capitalize, str.title, lambda name: name.replace(" ", "_"),
    lambda name: name.replace("_", " "), lambda name: name.replace("-", "_"),
    lambda name: name.replace(" ", "_").lower(),
    lambda name: name.rpartition("/")[2], lambda name: name.rpartition("/")[2].lower(),
)
"""How a template may write the names of classes; the first that fits all names it has is used for the others."""


def _named_codes(classes: Sequence[str], answers: Sequence[str]) -> ClassCodes | None:
    """Each class as the template writes it, if all its answers are classes; None if none is, refused if some are."""
    places = {answer: find_name(answer, classes) for answer in answers}
    found = [place for place in places.values() if place is not None]
    if not found or all(not math.isnan(number(answer)) for answer in answers):
        return None  # numbers are looked at together, for “01” may be written “1”
    if strange := [answer for answer, place in places.items() if place is None]:
        if any(answer not in without_placeholders(strange) for answer in strange):
            return None
        raise InputError(
            "submission.answers_of_unknown_classes", answers=shown(strange), classes=shown(classes),
        )
    if len(set(found)) < len(found):
        raise InputError("submission.class_written_twice", _hint(classes), answers=shown(places))
    written = {classes[place]: answer for answer, place in places.items() if place is not None}
    rule = next((r for r in _WRITTEN if all(exact(r(name)) == answer for name, answer in written.items())), str)
    codes = {name: written.get(name, rule(name)) for name in classes}
    if len(set(codes.values())) < len(codes):
        codes = {name: written.get(name, name) for name in classes}
    return ClassCodes(codes, MapSource.TEMPLATE, Message("submission.template_writes_names"))


def _require_numbers(classes: Sequence[str], answers: Sequence[str]) -> None:
    """Refuse answers that are neither classes nor numbers, in the words that say what they are."""
    if is_boolean(answers) and answers:
        raise InputError(
            "submission.yes_of_which_class", answers=shown(answers), name=classes[0], answer=answers[0],
        )
    strange = [answer for answer in answers if math.isnan(number(answer))]
    if strange:
        raise InputError(
            "submission.answers_are_nothing", _hint(classes), answers=shown(answers),
        )
    if odd := [answer for answer in answers if number(answer) != int(number(answer))]:
        raise InputError(
            "submission.answers_are_fractions", _hint(classes), answers=shown(odd),
        )


def _ordered_codes(classes: Sequence[str], answers: Sequence[str]) -> ClassCodes:
    """Numbers for the natural order of names: the template's own if they are as many, else 0, 1, 2 …"""
    values = sorted(answers, key=number)
    counted = [str(i) for i in range(len(classes))]
    plain = {int(number(answer)) for answer in values}
    if len(values) == len(plain) == len(classes) > 1:
        codes = dict(zip(classes, values, strict=True))
        return ClassCodes(
            codes, MapSource.ORDER, Message("submission.order_of_template"))
    _require_unnumbered(classes)
    if len(values) > len(plain) or len(plain) > len(classes) or not _fits_counting(plain, len(classes)):
        raise InputError(
            "submission.codes_unclear", _hint(classes), codes=shown(values),
        )
    reason = Message("submission.order_partly", codes=tuple(values[:6])) if values else Message("submission.order")
    if any("." in value for value in values):
        counted = [f"{code}.0" for code in counted]
    return ClassCodes(
        dict(zip(classes, counted, strict=True)), MapSource.ORDER, reason)


def _fits_counting(found: set[int], n_classes: int) -> bool:
    """Whether the codes are some of 0, 1, 2 …; a single 0, 1 or negative number may stand for “write here”."""
    if len(found) == 1:
        return min(found) < n_classes
    return not found or min(found) == 0 and max(found) < n_classes


def _hint(classes: Sequence[str]) -> Message:
    first = ",".join(f"{name}=…" for name in classes[:2])
    return Message("submission.give_codes", first=first)


_RUN = re.compile(r"\d+", re.ASCII)


def are_numbers(classes: Sequence[str]) -> bool:
    """Whether all classes have numbers for names."""
    return not any(math.isnan(number(name)) for name in classes)


def _codes_of_numbers(classes: Sequence[str], answers: Sequence[str]) -> tuple[dict[str, str], Message]:
    """The code of each class, some of which are numbers, and why; refused where the template has others."""
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


def _require_unnumbered(classes: Sequence[str]) -> None:
    """Refuse to count from 0 where names differ in a number alone that counts otherwise: class1, class2, class10 …"""
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
