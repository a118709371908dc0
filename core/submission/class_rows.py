"""Recognises templates with a line for each image and class (`id,class,probability`, or ids such as img7_pistol)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from core.errors import InputError
from core.submission.columns import Kind, distinct, kind_of, names_confidence, names_probability, number
from core.submission.codes import ClassCodes, ClassMap, make_codes
from core.submission.form import Filled, Form, Says
from core.submission.names import find_name, readable, shown
from core.submission.template import Template
from core.text import Message


LEAST_LINES = 1.5
"""With fewer lines an image on average some are there twice by mistake."""


def find_class_rows(
    template: Template, classes: Sequence[str], *, given: ClassMap | None, wanted: Says | None
) -> Form:
    """The form of a template that names each image once for each class.

    Raises:
        InputError: It names images several times for another reason, or lines are missing.
    """
    labels, values = _columns(template, classes)
    codes = make_codes(classes, labels, given)
    row_classes = _row_classes(labels, codes, classes)
    _require_all(template.ids, row_classes, classes)
    if len(values) != 1:
        raise InputError(
            "submission.probability_column_unclear", columns=tuple(map(template.title, values)),
        )
    says = wanted or _what_is_wanted(template, values[0])
    if says not in (Says.PROBABILITY, Says.ONE_HOT):
        raise InputError("submission.no_class_into_rows")
    words = "submission.form.rows_probability" if says is Says.PROBABILITY else "submission.form.rows_one_hot"
    return Form((Filled(values[0], says),), codes, Message(words), row_classes)


def _columns(template: Template, classes: Sequence[str]) -> tuple[Sequence[str], list[int]]:
    """The class of each line as the template says it, and the columns that may take the value."""
    if template.row_labels:
        return template.row_labels, _value_columns(template, template.others)
    per_image = Counter(template.ids)
    for index in template.others:
        cells = distinct(template.column(index))
        is_named = all(find_name(cell, classes) is not None for cell in cells)
        is_numbered = kind_of(cells) in (Kind.INTEGER, Kind.WHOLE)
        if len(cells) == len(classes) and (is_named or is_numbered) and set(per_image.values()) == {len(classes)}:
            return template.column(index), _value_columns(template, [i for i in template.others if i != index])
    if len(template.ids) >= LEAST_LINES * len(per_image):
        _refuse_other_classes(template, classes)
    twice = [readable(name) for name, n in per_image.items() if n > 1]
    raise InputError("submission.ids_twice", ids=shown(twice))


def _refuse_other_classes(template: Template, classes: Sequence[str]) -> None:
    """Say what is wrong with a column that names classes, but not exactly those of the run for each image."""
    for index in template.others:
        places = {cell: find_name(cell, classes) for cell in distinct(template.column(index))}
        known = [place for place in places.values() if place is not None]
        if len(known) < 2:
            continue
        if strange := [cell for cell, place in places.items() if place is None]:
            raise InputError("submission.rows_of_unknown_classes", names=shown(strange), classes=shown(classes))
        _require_all(template.ids, [place for cell in template.column(index)
                                    if (place := find_name(cell, classes)) is not None], classes)


def _value_columns(template: Template, columns: list[int]) -> list[int]:
    titled = [i for i in columns if names_probability(template.titles[i]) or names_confidence(template.titles[i])]
    return titled if len(titled) == 1 else columns


def _row_classes(labels: Sequence[str], codes: ClassCodes, classes: Sequence[str]) -> tuple[int, ...]:
    """The class of each line, by code, or by number where the codes are numbers written otherwise."""
    places = {codes.codes[name]: i for i, name in enumerate(classes)}
    by_label: dict[str, int] = {}
    for label in dict.fromkeys(labels):
        code = readable(label).strip()
        same = places.get(code)
        if same is None:
            same = find_name(code, classes)
        if same is None:
            same = next((i for own, i in places.items() if number(own) == number(code)), None)
        if same is None:
            raise InputError("submission.rows_of_unknown_code", code=code, classes=shown(classes))
        by_label[label] = same
    return tuple(by_label[label] for label in labels)


def _require_all(ids: Sequence[str], row_classes: Sequence[int], classes: Sequence[str]) -> None:
    """Each image must have each class once."""
    by_image: defaultdict[str, list[int]] = defaultdict(list)
    for name, place in zip(ids, row_classes, strict=True):
        by_image[name].append(place)
    for name, places in by_image.items():
        if sorted(places) != list(range(len(classes))):
            odd = next(i for i in range(len(classes)) if places.count(i) != 1)
            code = "submission.doubled_row" if places.count(odd) else "submission.missing_row"
            raise InputError(code, n=places.count(odd), name=readable(name), class_name=classes[odd])


def _what_is_wanted(template: Template, index: int) -> Says:
    """One-hot where each image has one 1 and else 0, as whole numbers; else probabilities."""
    kind = kind_of(template.column(index))
    if kind in (Kind.TEXT, Kind.BOOLEAN, Kind.NUMBER):
        raise InputError(
            "submission.neither_probabilities", column=template.title(index),
            cells=shown(distinct(template.column(index))),
        )
    by_image: defaultdict[str, list[float]] = defaultdict(list)
    for name, cell in zip(template.ids, template.column(index), strict=True):
        by_image[name].append(number(cell))
    is_one_hot = all(sorted(values)[-1] == 1 and not any(sorted(values)[:-1]) for values in by_image.values())
    return Says.ONE_HOT if kind is Kind.INTEGER and is_one_hot else Says.PROBABILITY
