"""Recognises templates with a column a class, and tells whether they want probabilities or one-hot."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from core.errors import InputError
from core.submission.columns import (
    Kind, distinct, find_class, kind_of, names_confidence, names_label, number, number_in_title, without_placeholders,
)
from core.submission.codes import ClassCodes, ClassMap, MapSource, are_numbers, make_codes
from core.submission.form import Filled, Form, Says
from core.submission.names import readable, shown
from core.submission.template import Template
from core.text import Message

WRITE_HINT = Message("submission.write_hint")
_NEAR = 0.011
"""Rows of a third each, written with two decimals, sum to 0.99."""

ByClass = Mapping[int, int]
"""Column by class."""


def find_class_columns(
    template: Template, classes: Sequence[str], *, given: ClassMap | None, wanted: Says | None
) -> Form | None:
    """The form, if each class has a column of its own; None if the template is of another form.

    Raises:
        InputError: Some classes have a column and some have none, or what the columns want is unclear.
    """
    if len(classes) < 2 or len(template.others) < 2:
        return None
    if not template.has_titles:
        _require_titles(template, classes)
        return None
    # such as 0 for “class_0”
    numbered = {i: text for i in template.others if (text := number_in_title(template.titles[i]))}
    # with a map a title 1 need not be the class 1, and the title 1 may be the class 01
    is_by_number = len(numbered) == len(classes) and (given is not None or are_numbers(classes))
    named = None if is_by_number else _named_columns(template, classes)
    if named is not None:
        codes = ClassCodes({name: readable(template.titles[named[i]]) for i, name in enumerate(classes)},
                           MapSource.TEMPLATE, Message("submission.titles_name_classes"))
        return _form(template, classes, named, codes, given=given, wanted=wanted, is_named=True)
    if len(numbered) < 2 or any(kind_of(template.column(i)) is Kind.TEXT for i in numbered):
        return None
    if len(numbered) != len(classes):
        raise InputError(
            "submission.other_number_of_columns", n_columns=len(numbered), n_classes=len(classes),
            titles=shown(template.titles[i] for i in numbered),
        )
    codes = make_codes(classes, list(numbered.values()), given)
    return _form(template, classes, _columns_of(codes, numbered, classes), codes, given=given, wanted=wanted)


def _require_titles(template: Template, classes: Sequence[str]) -> None:
    """Refuse columns of three or more classes without titles: which is of which class is not said."""
    kinds = {kind_of(template.column(i)) for i in template.others}
    if len(template.others) == len(classes) and not kinds & {Kind.TEXT, Kind.BOOLEAN} and len(classes) > 2:
        raise InputError(
            "submission.columns_without_titles", n_classes=len(classes),
        )


def _named_columns(template: Template, classes: Sequence[str]) -> ByClass | None:
    """Column by class if all classes have one, None if hardly any has; refused if only some have, or one has two."""
    found: dict[int, int] = {}
    for index in template.others:
        place = find_class(template.titles[index], classes)
        if place is None:
            continue
        if place in found:
            raise InputError(
                "submission.two_columns_of_class", name=classes[place], first=template.title(found[place]),
                second=template.title(index),
            )
        found[place] = index
    if len(found) == len(classes):
        return found
    if len(found) < 2:
        return None
    raise InputError(
        "submission.class_without_column", present=shown(classes[i] for i in found),
        absent=shown(name for i, name in enumerate(classes) if i not in found),
    )


def _columns_of(codes: ClassCodes, numbered: Mapping[int, str], classes: Sequence[str]) -> ByClass:
    """Column by class, by the number in its title; refused if a class's code is in no title."""
    by_number = {number(text): index for index, text in numbered.items()}
    places = [by_number.get(number(codes.codes[name])) for name in classes]
    found = {i: place for i, place in enumerate(places) if place is not None}
    if len(set(found.values())) < len(classes):
        raise InputError(
            "submission.columns_of_other_codes", numbers=tuple(numbered.values()), codes=tuple(codes.codes.values()),
        )
    return found


def _form(
    template: Template, classes: Sequence[str], columns: ByClass, codes: ClassCodes, *,
    given: ClassMap | None, wanted: Says | None, is_named: bool = False,
) -> Form:
    says = wanted or _what_is_wanted(template, columns)
    if says not in (Says.PROBABILITY, Says.ONE_HOT):
        raise InputError("submission.no_class_into_columns", WRITE_HINT)
    extra = [index for index in template.others if index not in columns.values()]
    filled = [Filled(columns[i], says, (i,)) for i in range(len(classes))]
    filled += [Filled(index, Says.CONFIDENCE) for index in extra if names_confidence(template.titles[index])]
    labels = [index for index in extra if names_label(template.titles[index])]
    if len(labels) == 1:
        codes = make_codes(classes, template.column(labels[0]), given) if is_named else codes
        filled.append(Filled(labels[0], Says.CLASS))
    _refuse_unknown_class(template, columns, [index for index in extra if index not in {f.index for f in filled}])
    words = "submission.form.columns_probability" if says is Says.PROBABILITY else "submission.form.columns_one_hot"
    examples = () if is_named else _examples(template, columns, codes, classes)
    return Form(tuple(filled), codes, Message(words), examples=examples)


def _what_is_wanted(template: Template, columns: ByClass) -> Says:
    """One-hot where each line has one 1 and else 0, as whole numbers; probabilities where there are fractions."""
    kinds = {index: kind_of(template.column(index)) for index in columns.values()}
    for index, kind in kinds.items():
        odd = [cell for cell in without_placeholders(distinct(template.column(index)))
               if not 0 <= number(cell) <= 1 and number(cell) != -1]  # NaN, too; -1 may stand for “write here”
        if odd:
            raise InputError("submission.no_probability", WRITE_HINT, column=template.title(index), cells=shown(odd))
    if set(kinds.values()) != {Kind.INTEGER}:
        return Says.PROBABILITY
    rows = [sorted(number(row[index]) for index in columns.values()) for row in template.rows]
    return Says.ONE_HOT if all(row[-1] == 1 and not any(row[:-1]) for row in rows) else Says.PROBABILITY


def _refuse_unknown_class(template: Template, columns: ByClass, extra: Sequence[int]) -> None:
    """A kept column must not be that of a class that the run does not know: its old number would stay.

    It is one if it holds what the columns of the classes hold, or completes their sum to 1.
    """
    own = {cell for index in columns.values() for cell in distinct(template.column(index))}
    sums = [sum(number(row[index]) for index in columns.values()) for row in template.rows]
    is_whole = all(abs(total - 1) < _NEAR for total in sums)
    for index in extra:
        cells = distinct(template.column(index))
        is_alike = set(cells) <= own and (not is_whole or any(0 < number(cell) < 1 for cell in cells))
        whole = [total + number(row[index]) for total, row in zip(sums, template.rows, strict=True)]
        is_lacking = not is_whole and all(abs(total - 1) < _NEAR for total in whole)
        if is_alike or is_lacking:
            raise InputError(
                "submission.column_of_unknown_class", column=template.title(index),
            )


def _examples(template: Template, columns: ByClass, codes: ClassCodes, classes: Sequence[str]) -> tuple[str, ...]:
    """The code of the column with the highest number of each line; "" where several are equal."""
    found = []
    for row in template.rows:
        values = [number(row[columns[i]]) for i in range(len(classes))]
        highest = max((value for value in values if not math.isnan(value)), default=math.nan)
        best = [i for i, value in enumerate(values) if value == highest]
        found.append(codes.codes[classes[best[0]]] if len(best) == 1 else "")
    return tuple(found)
