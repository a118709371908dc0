"""The guide says the same in both languages, its links lead somewhere, and what it names is there."""

from __future__ import annotations

import gettext
import re
import shlex
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from PySide6.QtGui import QImageReader
from pytestqt.qtbot import QtBot

import resources
from core.cli.command_help import build_command
from core.cli.commands import COMMANDS
from gui.furnish import furnish
from gui.help.guide import LANGUAGES, TOPICS, anchor_of, find_sections, guide_folder, read_sections, split_page
from gui.main_window import MainWindow
from gui.preferences import Preferences
from tests.gui.conftest import RunnerNow

PAGES = [(language, topic) for language in LANGUAGES for topic in TOPICS]
LINK = re.compile(r"\]\(([^)]+)\)")
BOLD = re.compile(r"\*\*([^*]+)\*\*")
KEY = re.compile(r"`((?:(?:Ctrl|Shift|Mayús|Alt)\+)*(?:F\d{1,2}|[A-Z\d?.,+-]|Intro|Return|Espacio|Space|Retroceso"
                 r"|Backspace|Tab))`")
KEY_NAMES = {"Mayús": "Shift", "Intro": "Return", "Espacio": "Space", "Retroceso": "Backspace"}


def read(language: str, topic: str) -> str:
    return (guide_folder(language) / f"{topic}.md").read_text(encoding="utf-8")


def headings(markdown: str) -> list[int]:
    outside = re.sub(r"```.*?```", "", markdown, flags=re.DOTALL)
    return [len(marks) for marks in re.findall(r"^(#+) ", outside, flags=re.MULTILINE)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_the_same_pages(language: str) -> None:
    assert {path.stem for path in guide_folder(language).glob("*.md")} == set(TOPICS)


@pytest.mark.parametrize("topic", TOPICS)
def test_both_languages_have_the_same_structure(topic: str) -> None:
    english, spanish = (read(language, topic) for language in LANGUAGES)
    assert headings(english) == headings(spanish) and headings(english)[0] == 1 and headings(english).count(1) == 1
    for mark in ("- ", "| ", "```", "!["):
        assert english.count(f"\n{mark}") == spanish.count(f"\n{mark}"), mark
    assert re.findall(r"```\n(.*?)```", english, re.DOTALL) == re.findall(r"```\n(.*?)```", spanish, re.DOTALL)


@pytest.mark.parametrize(("language", "topic"), PAGES)
def test_links_and_pictures_lead_somewhere(language: str, topic: str) -> None:
    for link in LINK.findall(read(language, topic)):
        if link.startswith("https://"):
            continue
        name, _, anchor = link.partition("#")
        path = guide_folder(language) / name if name else guide_folder(language) / f"{topic}.md"
        assert path.is_file(), link
        if path.suffix == ".webp":
            assert f"/{language}/" in link and QImageReader(str(path)).canRead(), link
        if anchor:
            assert anchor in {section.anchor for section in split_page("", path.read_text(encoding="utf-8"))}, link


def test_every_page_is_reached_from_the_first() -> None:
    for language in LANGUAGES:
        assert {Path(link).stem for link in LINK.findall(read(language, "README")) if link.endswith(".md")} == set(
            TOPICS[1:])


@cache
def shown_words(language: str) -> tuple[re.Pattern[str], ...]:
    """Every text of the window and its parts; places for values take anything."""
    folder = Path(resources.__path__[0]) / "locale" / language / "LC_MESSAGES"
    found = []
    for path in folder.glob("*.mo"):
        with path.open("rb") as file:
            texts = gettext.GNUTranslations(file)._catalog.values()  # type: ignore[attr-defined]
        found += [plain(text) for text in texts if isinstance(text, str) and len(text) < 80]
    said = {text for text in found if "{" not in text or len(re.sub(r"\{.*?\}", "", text)) > 8}
    return tuple(re.compile(re.sub(r"\\\{.*?\\\}", ".+", re.escape(text))) for text in said)


def plain(text: str) -> str:
    return text.replace("&", "").rstrip("….").strip()


@pytest.mark.parametrize(("language", "topic"), [page for page in PAGES if page[1] != "glossary"])
def test_what_is_set_in_bold_stands_in_the_window(language: str, topic: str) -> None:
    unknown = [name for name in BOLD.findall(read(language, topic))
               if not any(words.fullmatch(plain(name)) for words in shown_words(language))]
    assert unknown == []


@pytest.fixture
def window(qtbot: QtBot, preferences: Preferences, runner_now: RunnerNow) -> Iterator[MainWindow]:
    window = MainWindow(preferences, runner_now)
    qtbot.addWidget(window)
    furnish(window, runner_now, preferences)
    yield window
    window.close()


def test_keys_that_are_named_do_something(window: MainWindow) -> None:
    known = {key for action in window.actions_table.all() for key in action.keys}
    for language, topic in PAGES:
        for key in KEY.findall(read(language, topic)):
            for shown, name in KEY_NAMES.items():
                key = key.replace(shown, name)
            assert key in known, f"{language} {topic}: {key}"


def test_commands_that_are_shown_exist() -> None:
    n_seen = 0
    for language, topic in PAGES:
        for block in re.findall(r"```\n(.*?)```", read(language, topic), re.DOTALL):
            for line in block.splitlines():
                words = shlex.split(line)
                assert words[:2] == ["python3", "main.py"], line
                module, _, function = COMMANDS[words[2]].partition(":")
                command = build_command(words[2], getattr(import_module(module), function))
                options = {name for option in command.params for name in option.opts}
                assert {word for word in words[3:] if word.startswith("--")} <= options, line
                n_seen += 1
    assert n_seen > 20


def test_search_knows_no_accents_and_titles_come_first() -> None:
    found = find_sections("es", "MATRIZ confusion")
    assert found and found[0].topic == "review" and "matriz" in found[0].title
    assert find_sections("en", "no such words at all here") == ()
    assert {section.topic for section in read_sections("es")} == set(TOPICS)


def test_headings_in_code_are_none_and_anchors_are_those_of_code_hosts() -> None:
    sections = split_page("x", "# Title\n\n```\n# no\n```\n## What *is* it?\nwords\n")
    assert [(s.level, s.title, s.anchor) for s in sections] == [(1, "Title", ""), (2, "What is it?", "what-is-it")]
    assert anchor_of("¿Qué significa 0,9?") == "qué-significa-09"
