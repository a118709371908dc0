"""Puts messages into words: looks the code up in the catalogue of the language and fills in the parameters.

A template is a format string with named fields. Besides Python's own format specifications these are known: `d` a
whole number without separators, `p1` a share as percent with one decimal, `P1` the same without the sign, `and`/`or`
a list with that word before its last part, `quoted` a list with each part in quotation marks, `date`/`time`/`moment`,
`size` bytes.
"""

from __future__ import annotations

import re
import shlex
import string
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.text.catalogues import find_template
from core.text.language import PSEUDO, language
from core.text.message import Message
from core.text.numbers import format_float, format_moment, format_percent, format_size, format_whole

_ACCENTED = str.maketrans("aceiounyACEIOUNY", "áçéíóúñýÁÇÉÍÓÚÑÝ")


def text(code: str, /, **params: Any) -> str:
    """The words for a code in the language in force."""
    return render(Message(code, **params))


def render(message: Message) -> str:
    """The words of a message in the language in force.

    A code that no catalogue has is shown as it is: texts of files that earlier versions wrote stay readable.
    """
    template = find_template(message.code, message.params.get("n"))
    if template is None:
        return message.code
    return fill(template, message.params)


def fill(template: str, params: Mapping[str, Any]) -> str:
    """Fill the named fields of a template; a field without a parameter is left as it stands."""
    parts = []
    for literal, name, spec, _ in string.Formatter().parse(template):
        parts.append(disguise(literal) if language() == PSEUDO else literal)
        if name is not None:
            parts.append(say_value(params[name], spec or "") if name in params else f"{{{name}}}")
    return "".join(parts)


def disguise(words: str) -> str:
    """The pseudo-locale: accents and, around what has letters, brackets; “Delete run” becomes “⟦Délété rúñ⟧”."""
    changed = words.translate(_ACCENTED)
    if not any(letter.isalpha() for letter in words):
        return words
    inner = changed.strip()
    start = changed.index(inner)
    return f"{changed[:start]}⟦{inner}⟧{changed[start + len(inner):]}"


def say_value(value: Any, spec: str = "") -> str:
    """One parameter in words."""
    if isinstance(value, Message):
        return render(value)
    if isinstance(getattr(value, "message", None), Message):
        return render(value.message)
    if isinstance(value, (list, tuple)):
        return _say_list([say_value(part) for part in value], spec)
    if isinstance(value, datetime):
        return format_moment(value, spec or "moment")
    if isinstance(value, bool):
        return text("text.yes" if value else "text.no")
    return _say_number(value, spec) if isinstance(value, (int, float)) else str(value)


def shell_word(word: str) -> str:
    """A word of a command as a terminal takes it: in quotation marks where it needs them."""
    if re.fullmatch(r"[\w./:+@-]+", word):
        return word
    return shlex.quote(word) if set(word) & set('"$`\\!') else f'"{word}"'


def _say_number(value: float, spec: str) -> str:
    if spec[:1] in ("p", "P"):
        decimals = int(spec[1:] or 0)
        return format_percent(value, decimals) if spec[0] == "p" else format_float(100 * value, f".{decimals}f")
    if spec == "size":
        return format_size(int(value))
    if isinstance(value, int) and spec in ("", "d"):
        return format_whole(value) if not spec else str(value)
    try:
        return format_float(value, spec or "g")
    except ValueError:  # a value of a foreign file that is not of the kind that the words expect
        return str(value)


def _say_list(parts: list[str], spec: str) -> str:
    if spec == "quoted":
        return ", ".join(text("text.quoted", word=part) for part in parts)
    if spec in ("and", "or") and len(parts) > 1:
        return text(f"text.list_{spec}", first=", ".join(parts[:-1]), last=parts[-1])
    return ", ".join(parts)
