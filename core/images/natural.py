"""Natural order of file names as a text that SQLite can sort: img2 before img10, é beside e.

The package natsort makes tuples, which a database cannot index; hence this key.
"""

from __future__ import annotations

import re
import unicodedata

_DIGITS = re.compile(r"[0-9]+")


def natural_key(name: str) -> str:
    """A text whose plain byte order is the natural order of names.

    Case and accents do not count; a run of digits is written as its length (three digits) and its
    value, so that numbers of any length compare as numbers; a folder's files stay together.

    Args:
        name: File name or relative path with "/" between its parts.
    """
    plain = name.casefold()
    if not plain.isascii():
        decomposed = unicodedata.normalize("NFKD", plain)
        plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _DIGITS.sub(_number_key, plain).replace("/", "\x01")


def _number_key(match: re.Match[str]) -> str:
    digits = match.group().lstrip("0") or "0"
    return f"{min(len(digits), 999):03d}{digits}"
