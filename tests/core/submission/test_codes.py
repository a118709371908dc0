"""Codes of classes: given, from the template, from numeric names, in natural order; or refused by name."""

from __future__ import annotations

import pytest

from core.errors import InputError
from core.submission import MapSource, make_codes, parse_class_map

TWELVE = tuple(str(k) for k in (1, 10, 11, 12, 2, 3, 4, 5, 6, 7, 8, 9))
"""As a file system lists them."""


@pytest.mark.parametrize(("classes", "answers", "expected", "source"), [
    # text names: natural order, the template's own numbers if they are as many
    (("b", "a"), (), {"a": "0", "b": "1"}, MapSource.ORDER),
    (("b", "a"), ("0", "0"), {"a": "0", "b": "1"}, MapSource.ORDER),
    (("b", "a"), ("2", "1"), {"a": "1", "b": "2"}, MapSource.ORDER),
    (("b", "a"), ("-1", "1"), {"a": "-1", "b": "1"}, MapSource.ORDER),
    (("b", "a"), ("0.0", "1.0"), {"a": "0.0", "b": "1.0"}, MapSource.ORDER),
    (("b", "a"), ("00", "01"), {"a": "00", "b": "01"}, MapSource.ORDER),
    (("b", "a"), ("-1",), {"a": "0", "b": "1"}, MapSource.ORDER),
    (("b", "a"), ("?", "nan", " "), {"a": "0", "b": "1"}, MapSource.ORDER),
    (("n10", "n2", "n5"), ("0", "1", "2"), {"n2": "0", "n5": "1", "n10": "2"}, MapSource.ORDER),
    (("c0", "c1", "c2"), ("0",), {"c0": "0", "c1": "1", "c2": "2"}, MapSource.ORDER),
    (("a", "b", "c"), ("0", "1"), {"a": "0", "b": "1", "c": "2"}, MapSource.ORDER),
    # names of classes, in the template's spelling
    (("b", "a"), ("A", "A"), {"a": "A", "b": "B"}, MapSource.TEMPLATE),
    (("Golden Retriever", "Pug"), ("golden_retriever",), {"Golden Retriever": "golden_retriever", "Pug": "pug"},
     MapSource.TEMPLATE),
    (("guns/pistol", "phones/smart"), ("pistol",), {"guns/pistol": "pistol", "phones/smart": "smart"},
     MapSource.TEMPLATE),
    (("cafe\u0301", "té"), ("caf\u00e9",), {"cafe\u0301": "caf\u00e9", "té": "té"}, MapSource.TEMPLATE),
    (("Pistol", "pistol"), ("pistol",), {"Pistol": "Pistol", "pistol": "pistol"}, MapSource.TEMPLATE),
    (("yes", "no"), ("no",), {"no": "no", "yes": "yes"}, MapSource.TEMPLATE),
    (("unknown", "cat"), ("unknown",), {"cat": "cat", "unknown": "unknown"}, MapSource.TEMPLATE),
    (("cat", "dog"), ("cat", "?"), {"cat": "cat", "dog": "dog"}, MapSource.TEMPLATE),
    # numbers for names: themselves
    (TWELVE, (), {str(k): str(k) for k in range(1, 13)}, MapSource.NAMES),
    (TWELVE, ("0",), {str(k): str(k) for k in range(1, 13)}, MapSource.NAMES),
    (TWELVE, ("3", "7"), {str(k): str(k) for k in range(1, 13)}, MapSource.TEMPLATE),
    (TWELVE, ("1.0", "2.0"), {str(k): f"{k}.0" for k in range(1, 13)}, MapSource.TEMPLATE),
    (TWELVE, ("01", "12"), {str(k): f"{k:02d}" for k in range(1, 13)}, MapSource.TEMPLATE),
    (("01", "02", "10"), (), {"01": "01", "02": "02", "10": "10"}, MapSource.NAMES),
    (("01", "02", "10"), ("1", "2"), {"01": "1", "02": "2", "10": "10"}, MapSource.TEMPLATE),
    (("01", "02", "10"), ("0",), {"01": "01", "02": "02", "10": "10"}, MapSource.NAMES),
    (("0", "1"), ("0",), {"0": "0", "1": "1"}, MapSource.NAMES),
    (("1", "0"), ("0", "1"), {"0": "0", "1": "1"}, MapSource.TEMPLATE),
    (("-1", "0", "1"), (), {"-1": "-1", "0": "0", "1": "1"}, MapSource.NAMES),
    (("1.5", "0.5"), ("0",), {"0.5": "0.5", "1.5": "1.5"}, MapSource.NAMES),
])
def test_codes(classes: tuple[str, ...], answers: tuple[str, ...], expected: dict[str, str], source: str) -> None:
    found = make_codes(classes, answers)
    assert (dict(found.codes), found.source) == (expected, source)
    assert str(found.reason).endswith(".") and str(found.reason)[0].isupper()


def test_the_order_of_the_map_is_natural() -> None:
    assert list(make_codes(TWELVE, ()).codes) == [str(k) for k in range(1, 13)]


@pytest.mark.parametrize(("classes", "answers", "code", "words"), [
    (TWELVE, tuple(map(str, range(12))), "other_numbers", "“0”"),
    (TWELVE, ("0", "1"), "other_numbers", "“0”"),
    (("0", "1", "2"), ("1", "2", "3"), "other_numbers", "“3”"),
    (("1", "2", "other"), (), "some_names_are_numbers", "“1”, “2”"),
    (("1", "2", "other"), ("0",), "some_names_are_numbers", ""),
    (("1", "01"), ("0",), "same_number", "“1”, “01”"),
    (("class1", "class2", "class10", "class3", "class4", "class5", "class6", "class7", "class8", "class9"), ("0",),
     "names_count_from_1", "“class1”"),
    (("class_1", "class_2", "class_10"), ("0",), "names_have_numbers", "“class_10”"),
    (("1_cat", "2_dog"), ("0", "1", "2"), "codes_unclear", "“0”, “1”, “2”"),
    (("a", "b", "c"), ("1", "2"), "codes_unclear", "“1”, “2”"),
    (("a", "b"), ("5",), "codes_unclear", "“5”"),
    (("a", "b"), ("0", "1", "2"), "codes_unclear", "“1”"),
    (("a", "b"), ("1", "01"), "codes_unclear", "“1”"),
    (("a", "b"), ("True", "False"), "yes_of_which_class", "“True”, “False”"),
    (("a", "b"), ("yes",), "yes_of_which_class", "“yes”"),
    (("a", "b"), ("what", "0"), "answers_are_nothing", "“what”, “0”"),
    (("a", "b"), ("0.5", "1"), "answers_are_fractions", "“0.5”"),
    (("a", "b"), ("a", "tank"), "answers_of_unknown_classes", "“tank”"),
    (("a", "b"), ("A", "a"), "class_written_twice", "“A”, “a”"),
])
def test_codes_that_are_a_guess_are_refused(
    classes: tuple[str, ...], answers: tuple[str, ...], code: str, words: str
) -> None:
    with pytest.raises(InputError) as refused:
        make_codes(classes, answers)
    assert refused.value.message.code == f"submission.{code}" and words in refused.value.sentence
    assert "--map" in refused.value.hint


@pytest.mark.parametrize(("given", "expected"), [
    ("pistol=0, smartphone=1", {"pistol": "0", "smartphone": "1"}),
    ("PISTOL=a,Smartphone=b", {"pistol": "a", "smartphone": "b"}),
    ("names", {"pistol": "pistol", "smartphone": "smartphone"}),
    ("1", {"pistol": "1", "smartphone": "2"}),
    ("pistol=1,smartphone=1", {"pistol": "1", "smartphone": "1"}),
])
def test_a_map_that_is_given_wins(given: str, expected: dict[str, str]) -> None:
    found = make_codes(("smartphone", "pistol"), ("9", "8"), parse_class_map(given))
    assert (found.codes, found.source) == (expected, MapSource.GIVEN)


def test_a_given_map_compares_names_in_one_form() -> None:
    assert make_codes(("nin\u0303o",), (), parse_class_map("ni\u00f1o=1")).codes == {"nin\u0303o": "1"}


@pytest.mark.parametrize(("given", "code", "words"), [
    ("pistol=0", "map_lacks_class", "“smartphone”"),
    ("pistol=0,smartphone=1,tank=2", "map_of_unknown_class", "“tank”"),
    ("pistol=0,PISTOL=0,smartphone=1", "map_names_class_twice", ""),
])
def test_a_map_must_fit_the_run(given: str, code: str, words: str) -> None:
    with pytest.raises(InputError) as refused:
        make_codes(("smartphone", "pistol"), (), parse_class_map(given))
    assert refused.value.message.code == f"submission.{code}" and words in refused.value.sentence


@pytest.mark.parametrize(("text", "expected"), [
    (" pistol=0, smart=phone=1,", {"pistol": "0", "smart=phone": "1"}),
    ("pistol, toy=0,phone=1", {"pistol, toy": "0", "phone": "1"}),
    ('"pistol, toy=0",phone=1', {"pistol, toy": "0", "phone": "1"}),
    ('5" gun=0,phone=1', {'5" gun': "0", "phone": "1"}),
])
def test_a_class_map_is_read(text: str, expected: dict[str, str]) -> None:
    assert parse_class_map(text) == expected


@pytest.mark.parametrize("text", ["", "pistol", "=1", "pistol=", "a=1,a=2", "a=1,b"])
def test_a_class_map_that_cannot_be_read(text: str) -> None:
    with pytest.raises(InputError, match="class map"):
        parse_class_map(text)
