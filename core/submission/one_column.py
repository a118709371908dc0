"""Recognises templates with one column for the answer, and tells whether it wants a class or a probability."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.errors import InputError
from core.submission.columns import (
    Kind, asks_whether, distinct, find_class, is_boolean, is_general, kind_of, names_confidence, names_label,
    names_other_task, names_probability, number, without_placeholders,
)
from core.submission.codes import ClassCodes, ClassMap, MapSource, make_codes, say_codes
from core.submission.form import Filled, Form, Says
from core.submission.names import exact, find_name, shown
from core.submission.template import Template
from core.text import Message

YES = ("true", "yes", "t", "y", "si", "sí")
_OPPOSITES = {"true": "false", "yes": "no", "t": "f", "y": "n", "si": "no", "sí": "no",
              "false": "true", "no": "yes", "f": "t", "n": "y"}


def find_one_column(
    template: Template, classes: Sequence[str], *, given: ClassMap | None, wanted: Says | None
) -> Form:
    """The form of a template with one column for the answer, and perhaps one for the confidence.

    Raises:
        InputError: Which column it is, what it wants, or which class it is about is unclear.
    """
    confidence = [i for i in template.others if names_confidence(template.titles[i])]
    rest = [i for i in template.others if i not in confidence]
    index = _answer_column(template, rest or confidence, classes)
    says = wanted or _what_is_wanted(template, index, classes)
    if says is Says.CLASS:  # beside a class “score” and “probability” mean how sure it is
        confidence += [i for i in rest if i != index and names_probability(template.titles[i])
                       and find_class(template.titles[i], classes) is None]
    extra = [Filled(i, Says.CONFIDENCE) for i in confidence if i != index]
    _refuse_second_answer(template, index, [i for i in rest if i not in (index, *confidence)], classes)
    if says is Says.PROBABILITY:
        return _probability(template, index, classes, given, extra)
    if says is not Says.CLASS:
        raise InputError("submission.no_room_for_one_hot", column=template.title(index))
    return _class(template, index, classes, given, extra)


def _answer_column(template: Template, columns: Sequence[int], classes: Sequence[str]) -> int:
    """The one column that takes the answer: by its title, its values, or because nothing stands in it."""
    signs: tuple[Callable[[int], bool], ...] = (
        lambda i: len(columns) == 1,
        lambda i: names_label(template.titles[i]),
        lambda i: names_probability(template.titles[i]) or find_class(template.titles[i], classes) is not None,
        lambda i: all(find_name(cell, classes) is not None for cell in distinct(template.column(i)) or [""]),
        lambda i: kind_of(template.column(i)) is Kind.BLANK,
    )
    for is_meant in signs:
        if len(found := [i for i in columns if is_meant(i)]) == 1:
            return found[0]
    raise InputError(
        "submission.answer_column_unclear", columns=tuple(map(template.title, columns)),
    )


def _refuse_second_answer(template: Template, index: int, kept: Sequence[int], classes: Sequence[str]) -> None:
    """Refuse to keep a column that looks like an answer, too: the example's invented answers would be handed in."""
    for other in kept:
        title, cells = template.titles[other], distinct(template.column(other))
        kind = kind_of(cells)
        has_classes = kind is Kind.TEXT and all(find_name(cell, classes) is not None for cell in cells)
        is_titled = names_label(title) or names_probability(title) or find_class(title, classes) is not None
        if is_titled or has_classes or kind is Kind.FRACTION:
            raise InputError(
                "submission.two_answer_columns", first=template.title(index), second=template.title(other),
            )


def _what_is_wanted(template: Template, index: int, classes: Sequence[str]) -> Says:
    """A probability where there are fractions or the title says so, else a class.

    It could be either with 0.0 in every line, and two classes: that is refused.
    """
    kind, title = kind_of(template.column(index)), template.titles[index]
    answers = without_placeholders(distinct(template.column(index)))
    names_class = find_class(title, classes) is not None
    if kind is Kind.FRACTION or names_probability(title) or names_confidence(title):
        return Says.PROBABILITY if kind not in (Kind.TEXT, Kind.BOOLEAN) else Says.CLASS
    is_empty = kind is Kind.BLANK or kind in (Kind.INTEGER, Kind.WHOLE) and len(answers) == 1
    if names_class and is_empty and not asks_whether(title):
        return Says.PROBABILITY
    if kind is Kind.WHOLE and len(answers) == 1 and len(classes) == 2 and not names_class:
        raise InputError(
            "submission.class_or_probability", column=template.title(index), answer=answers[0],
        )
    return Says.CLASS


def _class(
    template: Template, index: int, classes: Sequence[str], given: ClassMap | None, extra: list[Filled]
) -> Form:
    answers = template.column(index)
    if kind_of(answers) is Kind.FRACTION:  # somebody wants classes although the template has probabilities
        answers = [""] * len(answers)
    asked = find_class(template.titles[index], classes)
    codes = None
    if given is None and asked is not None:
        codes = _yes_or_no(template, index, classes, asked)
    codes = codes or make_codes(classes, answers, given)
    if codes.source in (MapSource.ORDER, MapSource.NAMES) and names_other_task(template.titles[index]):
        raise InputError(
            "submission.column_of_other_task", column=template.title(index),
        )
    words = "submission.form.class_confidence" if extra else "submission.form.class"
    return Form(
        (Filled(index, Says.CLASS), *extra), codes,
        Message(words, column=template.title(index)),
        examples=tuple(exact(a) if exact(a) in codes.codes.values() or without_placeholders([exact(a)]) else ""
                       for a in answers),
    )


def _like(pattern: str, word: str) -> str:
    """A word in the capitals of another."""
    return word.upper() if pattern.isupper() else word.capitalize() if pattern[0].isupper() else word


def _yes_or_no(template: Template, index: int, classes: Sequence[str], asked: int) -> ClassCodes | None:
    """Codes of a column that asks whether an image is of one class: 1 or True for it, 0 or False for all others."""
    answers = without_placeholders(distinct(template.column(index)))
    yes, no = "1", "0"
    if is_boolean(answers) and answers:
        words = {answer.casefold() in YES: answer for answer in answers}
        yes = words.get(True) or _like(words[False], _OPPOSITES[words[False].casefold()])
        no = words.get(False) or _like(words[True], _OPPOSITES[words[True].casefold()])
    elif not {number(answer) for answer in answers} <= {0, 1}:
        return None
    reason = Message(
        "submission.title_asks_whether", column=template.title(index), name=classes[asked], yes=yes, no=no)
    return ClassCodes({name: yes if i == asked else no for i, name in enumerate(classes)}, MapSource.TEMPLATE, reason)


def _probability(
    template: Template, index: int, classes: Sequence[str], given: ClassMap | None, extra: list[Filled]
) -> Form:
    asked = find_class(template.titles[index], classes)
    if asked is not None:
        codes = _one_against_others(classes, (asked,), MapSource.TEMPLATE,
                                    Message("submission.title_names_class", column=template.title(index)))
    else:
        codes = _codes_of_probability(template, index, classes, given)
    places = tuple(i for i, name in enumerate(classes) if codes.codes[name] == "1")
    names = tuple(classes[i] for i in places)
    values = [number(cell) for cell in template.column(index)]
    examples = tuple("1" if value >= 0.5 else "0" if value < 0.5 else "" for value in values)
    is_evidence = len(set(values)) > 1 and codes.source is not MapSource.TEMPLATE
    return Form(
        (Filled(index, Says.PROBABILITY, places), *extra), codes,
        Message("submission.form.probability", column=template.title(index), names=names),
        examples=examples if is_evidence else (),
    )


def _codes_of_probability(
    template: Template, index: int, classes: Sequence[str], given: ClassMap | None
) -> ClassCodes:
    """1 for the classes whose probability is wanted, 0 for the others; refused where it is not said."""
    title = template.title(index)
    if given is None and len(classes) != 2:
        raise InputError(
            "submission.probability_of_which_of_many", column=title, n_classes=len(classes), classes=shown(classes),
            example=_example(classes),
        )
    if given is None and not is_general(template.titles[index]):
        raise InputError(
            "submission.probability_of_which_of_two", column=title, first=classes[0], second=classes[1],
            example=_example(classes),
        )
    codes = make_codes(classes, (), given)
    ones = tuple(i for i, name in enumerate(classes) if number(codes.codes[name]) == 1)
    if {number(code) for code in codes.codes.values()} != {0, 1}:
        raise InputError(
            "submission.probability_of_which_code", column=title, codes=say_codes(codes.codes),
            example=_example(classes),
        )
    source = Message(f"submission.source.{codes.source.name.lower()}")
    is_given = codes.source is MapSource.GIVEN
    reason = codes.reason if is_given else Message("submission.code_1", name=classes[ones[0]], source=source)
    return _one_against_others(classes, ones, codes.source, reason)


def _one_against_others(
    classes: Sequence[str], ones: Sequence[int], source: MapSource, reason: Message
) -> ClassCodes:
    return ClassCodes({name: "1" if i in ones else "0" for i, name in enumerate(classes)}, source, reason)


def _example(classes: Sequence[str]) -> str:
    first = ",".join(f"{name}={int(i == 0)}" for i, name in enumerate(classes[:3]))
    return first if len(classes) <= 3 else f"{first},…"
