"""Tables as people have them: CSV of any separator and encoding that a spreadsheet writes.

Where the decimal sign is a comma (Spain, Germany …) a spreadsheet separates cells with semicolons, puts a byte
order mark first, and may name the separator in a first line “sep=;”.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from core.errors import InputError

SAVE_AS_CSV = "tables.save_as_csv"
SEPARATORS = ",;\t|"
N_LOOKED_AT = 20
"""So many lines are looked at to tell the separator."""

N_CHARACTERS_LOOKED_AT = 4096
LARGEST_SHARE_ODD = 0.02
"""A table may have a stray control character; an image has one in ten."""

_SHARE_OF_NULS = 0.4
"""UTF-16 of Western text has a NUL in every second byte."""

_QUOTED = re.compile(r'"[^"]*"')
_NAMED = re.compile(r'"?sep=([,;\t|])"?\r?\n?', re.IGNORECASE)
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""First bytes of .xlsx and .ods files, and of .xls files."""


def read_table(path: Path, *, hint: str = SAVE_AS_CSV) -> list[list[str]]:
    """The rows of a CSV file that hold anything; bytes that are not UTF-8 become surrogates.

    Args:
        path: A file with cells separated by commas, semicolons, tabs or bars, UTF-8 or UTF-16.
        hint: Code of what to do about one that cannot be read.

    Raises:
        InputError: The file cannot be read, or is no text.
    """
    return split_rows(read_text(path, hint=hint), path, hint=hint)


def read_text(path: Path, *, hint: str = SAVE_AS_CSV) -> str:
    """The text of a file of UTF-8 or UTF-16; bytes that are neither become surrogates.

    Raises:
        InputError: The file cannot be read, or is no text.
    """
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise InputError("tables.unreadable", path=path) from error
    if data.startswith(_SPREADSHEETS):
        raise InputError("tables.spreadsheet", path=path)
    text = _decode(data)
    if not _is_readable(text[:N_CHARACTERS_LOOKED_AT]):
        raise InputError("tables.no_text", hint, path=path)
    return text


def split_rows(text: str, path: Path, *, hint: str = SAVE_AS_CSV) -> list[list[str]]:
    """The rows of a text that hold anything; the separator is found, or named in the first line.

    Args:
        text: See `read_text`.

    Raises:
        InputError: The text is no CSV.
    """
    named = _NAMED.match(text)
    body = text[named.end():] if named else text
    separator = named[1] if named else find_separator(body)[0]
    try:
        return [row for row in csv.reader(io.StringIO(body, newline=""), delimiter=separator) if any(row)]
    except csv.Error as error:
        raise InputError("tables.no_csv", hint, path=path, error=str(error)) from error


def find_separator(text: str) -> tuple[str, bool]:
    """The separator that each of the first lines has equally often, of several the most frequent in the first.

    Returns:
        It, and whether the lines have it equally often; where none of them does, the most frequent one.
    """
    lines = first_lines(text)
    if not lines:
        return SEPARATORS[0], False
    n_first = {separator: lines[0].count(separator) for separator in SEPARATORS}
    is_even = {separator: n > 0 and all(line.count(separator) == n for line in lines)
               for separator, n in n_first.items()}
    best = max(SEPARATORS, key=lambda separator: (is_even[separator], n_first[separator]))
    return best, is_even[best]


def first_lines(text: str) -> list[str]:
    """The first lines that hold anything, without what stands in quotes."""
    return [line for line in _QUOTED.sub("", text[:100_000]).splitlines() if line.strip()][:N_LOOKED_AT]


def _decode(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    head = data[:N_CHARACTERS_LOOKED_AT]
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if head[first::2].count(0) > _SHARE_OF_NULS * len(head) and not head[1 - first::2].count(0):
            return data.decode(encoding, "replace")
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape").replace("\0", "")


def _is_readable(text: str) -> bool:
    """Few characters that no keyboard gives; single bytes of an old code page are no hindrance."""
    n_odd = sum(character < " " and character not in "\t\r\n\f" for character in text)
    return n_odd <= len(text) * LARGEST_SHARE_ODD
