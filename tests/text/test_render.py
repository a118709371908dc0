"""Messages in words: parameters, plural forms, numbers by language, messages from files."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from core.errors import InputError
from core.text import Message, render, text
from core.text.language import PSEUDO, find_language, set_language
from core.text.numbers import format_percent, format_size, format_whole
from core.text.render import fill


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    yield
    set_language("en")


@pytest.mark.parametrize(("language", "n", "words"), [
    ("en", 1, "1 image"), ("en", 0, "0 images"), ("en", 1234, "1,234 images"),
    ("es", 1, "1 imagen"), ("es", 1234, "1234 imágenes"), ("es", 12345, "12.345 imágenes"),
])
def test_plural_and_separators_are_those_of_the_language(language: str, n: int, words: str) -> None:
    set_language(language)
    assert text("text.images", n=n) == words


@pytest.mark.parametrize(("template", "params", "words"), [
    ("{a:p1}", {"a": 0.9751}, "97.5 %"), ("{a:P1}–{b:P1}", {"a": 0.9, "b": 1.0}, "90.0–100.0"),
    ("{a:d}", {"a": 12345}, "12345"), ("{a:.2f}", {"a": 0.125}, "0.12"), ("{a:d}", {"a": "no number"}, "no number"),
    ("{a}", {"a": ("x", "y")}, "x, y"), ("{a:or}", {"a": ("x", "y", "z")}, "x, y or z"),
    ("{a:quoted}", {"a": ("x", "y")}, "“x”, “y”"), ("{a}", {"a": Message("text.yes")}, "yes"),
    ("{a}", {"a": InputError("text.no")}, "no"), ("{a}", {}, "{a}"),
    ("{a:date}", {"a": datetime(2026, 1, 2)}, "2026-01-02"),
    ("{a:size}", {"a": 1_400_000}, "1.4 MB"), ("{a}", {"a": Path("/x")}, "/x"), ("{a}", {"a": "{b}"}, "{b}"),
])
def test_parameters(template: str, params: dict, words: str) -> None:
    assert fill(template, params) == words


def test_numbers_in_spanish() -> None:
    set_language("es")
    assert (format_whole(1234567), format_percent(0.975), format_size(2_500_000)) == ("1.234.567", "97,5 %", "2,5 MB")


def test_a_message_survives_files_and_processes() -> None:
    message = Message("text.list_and", first=Message("text.images", n=2), last=("a", 0.5))
    assert Message.from_json(json.loads(json.dumps(message.to_json()))) == message
    assert pickle.loads(pickle.dumps(message)) == message
    error = InputError("text.images", n=3)
    assert str(pickle.loads(pickle.dumps(error))) == "3 images"


@pytest.mark.parametrize("value", [None, 3, [], {}, {"code": 1}, {"code": "text.yes", "params": [1]}])
def test_what_is_no_message_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        Message.from_json(value)


def test_a_text_of_an_earlier_version_is_shown_as_it_is() -> None:
    assert render(Message.from_json("The file {x} was left out.")) == "The file {x} was left out."


def test_a_foreign_message_without_its_parameters_is_still_shown() -> None:
    assert render(Message("text.images", n="many")) == "many image"
    assert render(Message("nowhere.at-all")) == "nowhere.at-all"
    assert render(Message("../../x.y")) == "../../x.y"


def test_the_pseudo_locale_disguises_words_and_leaves_parameters() -> None:
    set_language(PSEUDO)
    assert text("text.list_and", first="uno", last="tres") == "uno ⟦áñd⟧ tres"


@pytest.mark.parametrize(("asked", "variable", "preferred", "system", "found"), [
    ("es", "en", "en", "en_US.UTF-8", "es"), (None, "es", "en", "en_US", "es"), (None, None, "es", "en_US", "es"),
    (None, None, None, "es_MX.UTF-8", "es"), (None, None, None, "fr_FR.UTF-8", "en"), (None, None, None, "C", "en"),
    (None, None, None, "est_EE", "en"), ("xx", "es", None, "en", "es"),
])
def test_the_language_is_found(
    asked: str | None, variable: str | None, preferred: str | None, system: str, found: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("CATALEJO_LANG", "LC_MESSAGES", "LANGUAGE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_ALL", system)
    if variable:
        monkeypatch.setenv("CATALEJO_LANG", variable)
    assert find_language(asked, preferred) == found
