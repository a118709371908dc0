"""Finds and reads the pages of the guide (`docs/guide/<language>/*.md`), their headings and sections; without Qt."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import resources

START = "README"
TOPICS = (
    START, "first-project", "images", "labelling", "training", "review", "confidence", "data-check", "runs",
    "submission", "command-line", "keys", "glossary",
)
"""Names of the pages in their order; `START` lists them."""

TOPIC_OF_PAGE = {
    "library": "images", "label": "labelling", "train": "training", "review": "review", "health": "data-check",
    "runs": "runs",
}
"""Where the guide explains each page of the window."""

LANGUAGES = ("en", "es")
_HEADING = re.compile(r"(#{1,6}) (.+)")
_MARKS = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[*`|]")


@dataclass(frozen=True, slots=True)
class Section:
    """What stands below one heading, up to the next one.

    Attributes:
        level: 1 for the page's title.
        anchor: As a code host calls it in links; empty for the page's title.
        text: Without marks; the heading is its first line.
    """

    topic: str
    level: int
    title: str
    anchor: str
    text: str


def guide_folder(language: str) -> Path:
    """Where the pages lie; English for a language that the guide does not speak. In the checkout, or installed."""
    checkout = Path(resources.__path__[0]).parent / "docs" / "guide"
    home = checkout if checkout.is_dir() else Path(resources.__path__[0]) / "guide"
    return home / (language if language in LANGUAGES else LANGUAGES[0])


@cache
def read_sections(language: str) -> tuple[Section, ...]:
    """All sections of the guide in their order; pages that are missing are left out."""
    folder = guide_folder(language)
    pages = [(topic, folder / f"{topic}.md") for topic in TOPICS]
    return tuple(section for topic, path in pages if path.is_file()
                 for section in split_page(topic, path.read_text(encoding="utf-8")))


def sections_of(language: str, topic: str) -> tuple[Section, ...]:
    """The sections of one page; those of the same page in other languages are in the same order."""
    return tuple(section for section in read_sections(language) if section.topic == topic)


def split_page(topic: str, markdown: str) -> tuple[Section, ...]:
    """The sections of a page by its headings of the first two levels; what stands in fenced blocks is no heading."""
    found: list[tuple[int, str, list[str]]] = []
    is_code = False
    for line in markdown.splitlines():
        is_code ^= line.startswith("```")
        heading = None if is_code else _HEADING.fullmatch(line)
        if heading is not None and len(heading[1]) <= 2:
            found.append((len(heading[1]), _plain(heading[2]), [_plain(heading[2])]))
        elif found:
            found[-1][2].append(_plain(line))
    return tuple(Section(topic, level, title, anchor_of(title) if level > 1 else "", "\n".join(lines))
                 for level, title, lines in found)


def anchor_of(title: str) -> str:
    """The anchor that code hosts give a heading: small letters, hyphens for spaces, no other signs."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def find_sections(language: str, wanted: str) -> tuple[Section, ...]:
    """Sections that hold each of the wanted words, whatever their accents; those that name one in the title first."""
    words = folded(wanted).split()
    found = [section for section in read_sections(language) if all(word in folded(section.text) for word in words)]
    return tuple(sorted(found, key=lambda section: not any(word in folded(section.title) for word in words)))


def folded(text: str) -> str:
    """Small letters without accents."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in split if not unicodedata.combining(letter))


def _plain(line: str) -> str:
    return _MARKS.sub(lambda mark: mark[1] or "", line).strip()
