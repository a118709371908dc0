"""Which language is spoken: asked for, set in the environment, chosen in the preferences, or the system's.

One language holds for the whole process; what is rendered after `set_language` is in the new one.
"""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping, Sequence

LANGUAGES: Mapping[str, str] = {"en": "English", "es": "Español"}
"""Languages with a catalogue, by ISO 639-1 code, each by its own name."""

PSEUDO = "pseudo"
"""English with accents and brackets, for tests: text that stays plain did not go through the catalogues."""

DEFAULT = "en"
VARIABLE = "CATALEJO_LANG"

_spoken = DEFAULT


def language() -> str:
    """Code of the language in force, one of `LANGUAGES` or `PSEUDO`."""
    return _spoken


def set_language(code: str) -> None:
    """Speak this language from now on.

    Args:
        code: One of `LANGUAGES`, or `PSEUDO`; anything else means English.
    """
    global _spoken
    _spoken = code if code in LANGUAGES or code == PSEUDO else DEFAULT


def find_language(asked: str | None = None, preferred: str | None = None) -> str:
    """The language to start with.

    Args:
        asked: From the command line; wins over everything.
        preferred: From the preferences; wins over the system, not over the environment.
    """
    for wish in (asked, os.environ.get(VARIABLE), preferred):
        if wish and (known := _known(wish)):
            return known
    return _known(system_language()) or DEFAULT


def system_language() -> str:
    """The system's language as its locale names it, such as “es_MX.UTF-8”; empty where it says nothing."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG"):
        if value := os.environ.get(name):
            return value
    return locale.getlocale()[0] or ""


def _known(wish: str) -> str | None:
    """The language of a name such as “es”, “es-AR”, “es_ES.UTF-8” or “Spanish_Spain”."""
    if wish == PSEUDO:
        return PSEUDO
    low = wish.lower()
    if low.startswith("spanish"):
        return "es"
    return next((code for code in LANGUAGES if low[:2] == code and not low[2:3].isalpha()), None)


def take_language(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """The last `--lang CODE` or `--lang=CODE` of a command line, and the other arguments; see `take_option`."""
    return take_option("--lang", arguments)


def take_option(name: str, arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """The last `NAME VALUE` or `NAME=VALUE` of a command line, wherever it stands, and the other arguments.

    What follows “--” is left alone, and so is the option at the end, which lacks its value.
    """
    asked, others, left = None, [], list(arguments)
    while left and left[0] != "--":
        argument = left.pop(0)
        if argument == name and left:
            asked = left.pop(0)
        elif argument.startswith(f"{name}="):
            asked = argument.partition("=")[2]
        else:
            others.append(argument)
    return asked, [*others, *left]
