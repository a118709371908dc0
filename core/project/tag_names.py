"""Names of flags and tags: cleaned, compared without case, taken apart where several are written in one line."""

from __future__ import annotations

import unicodedata

from core.errors import InputError
from core.text import Message, text

FLAG, TAG = "flag", "tag"
"""The kinds in the table `tag`."""

FLAGS: tuple[str, ...] = ("checked", "hard", "label_issue", "ask_later", "star")
"""Codes of the flags in their order; their words are `project.flag.<code>`."""

SEPARATOR = ";"
"""Between tags where several are written in one cell or line; no tag has it in its name."""

LONGEST_NAME = 60
"""Characters of a tag's name."""

Key = tuple[str, str]
"""Kind and name."""

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u200b")
"""Signs without a shape that turn words round, or make two names that look alike."""


def clean_tag(name: str) -> str:
    """A tag as it is kept: composed (NFC), without control signs and outer or repeated white space.

    Raises:
        InputError: It is empty, too long, or has a `SEPARATOR`.
    """
    kept = (" " if c.isspace() else c for c in unicodedata.normalize("NFC", name)
            if c not in _BIDI and (c.isspace() or unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn")))
    found = " ".join("".join(kept).split())
    if not found:
        raise InputError("project.tag_is_empty")
    if SEPARATOR in found:
        raise InputError("project.tag_with_separator", name=found[:LONGEST_NAME], sign=SEPARATOR)
    if len(found) > LONGEST_NAME:
        raise InputError("project.tag_is_long", start=found[:LONGEST_NAME], n=LONGEST_NAME)
    return found


def fold_tag(name: str) -> str:
    """What names are compared by: case does not count."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def split_tags(written: str) -> tuple[str, ...]:
    """The tags of one line or cell, cleaned, each once.

    Raises:
        InputError: See `clean_tag`; empty parts are passed over.
    """
    found: dict[str, str] = {}
    for name in map(clean_tag, filter(str.strip, written.split(SEPARATOR))):
        found.setdefault(fold_tag(name), name)
    return tuple(found.values())


def find_flag(written: str) -> str:
    """The flag that is meant by its code or its name in the present language; case, “-” and “_” do not count.

    Raises:
        InputError: There is none.
    """
    wanted = _plain(written)
    for flag in FLAGS:
        if wanted in (_plain(flag), _plain(text(f"project.flag.{flag}"))):
            return flag
    raise InputError("project.no_such_flag", name=written.strip()[:LONGEST_NAME], flags=FLAGS)


def _plain(name: str) -> str:
    return fold_tag(" ".join(name.replace("_", " ").replace("-", " ").split()))


def say_flag(flag: str) -> Message:
    """The name of a flag."""
    return Message(f"project.flag.{flag}")
