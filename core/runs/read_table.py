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

SEPARATORS = ",;\t"
N_LOOKED_AT = 20
"""So many lines are looked at to tell the separator."""

N_CHARACTERS_LOOKED_AT = 4096
LARGEST_SHARE_ODD = 0.02
"""A table may have a stray control character; a picture has one in ten."""

_QUOTED = re.compile(r'"[^"]*"')
_NAMED = re.compile(r'"?sep=([,;\t|])"?\r?\n?', re.IGNORECASE)
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""First bytes of .xlsx and .ods files, and of .xls files."""


def read_table(path: Path, *, noun: str = "table", hint: str = "Save it as CSV.") -> list[list[str]]:
    """The rows of a CSV file that hold anything; bytes that are not UTF-8 become surrogates.

    Args:
        path: A file with cells separated by commas, semicolons or tabs, UTF-8 or UTF-16.
        noun: What to call the file in an error.
        hint: What to do about one that cannot be read.

    Raises:
        InputError: The file cannot be read, or is no text.
    """
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise InputError(f"The {noun} “{path}” cannot be read.", "Check its name and permissions.") from error
    if data.startswith(_SPREADSHEETS):
        raise InputError(
            f"The {noun} “{path}” cannot be read: it is a spreadsheet, not CSV.",
            "Open it in the spreadsheet program and save it as CSV.",
        )
    text = _decode(data)
    if not _is_readable(text[:N_CHARACTERS_LOOKED_AT]):
        raise InputError(f"The {noun} “{path}” cannot be read: it is not text.", hint)
    named = _NAMED.match(text)
    body = text[named.end():] if named else text
    separator = named[1] if named else _find_separator(body)
    try:
        return [row for row in csv.reader(io.StringIO(body, newline=""), delimiter=separator) if any(row)]
    except csv.Error as error:
        raise InputError(f"The {noun} “{path}” cannot be read ({error}).", hint) from error


def _decode(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape").replace("\0", "")


def _is_readable(text: str) -> bool:
    """Few characters that no keyboard gives; single bytes of an old code page are no hindrance."""
    n_odd = sum(character < " " and character not in "\t\r\n\f" for character in text)
    return n_odd <= len(text) * LARGEST_SHARE_ODD


def _find_separator(text: str) -> str:
    """The separator that each of the first lines has equally often; of several the most frequent in the first."""
    lines = [line for line in _QUOTED.sub("", text[:100_000]).splitlines() if line.strip()][:N_LOOKED_AT]
    if not lines:
        return SEPARATORS[0]
    n_first = {separator: lines[0].count(separator) for separator in SEPARATORS}
    is_even = {separator: all(line.count(separator) == n for line in lines) for separator, n in n_first.items()}
    return max(SEPARATORS, key=lambda separator: (n_first[separator] > 0 and is_even[separator], n_first[separator]))
