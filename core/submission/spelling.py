"""Names of classes and images in one form, so that spellings of one name compare as equal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

N_SHOWN = 3
"""Names given as examples in a sentence."""

_GAPS = re.compile(r"[\s_\-]+")


def readable(text: str) -> str:
    """Text in NFC, without surrogates: bytes that are not UTF-8 are read as Windows-1252, which Excel writes."""
    if not text.isascii():
        data = text.encode("utf-8", "surrogateescape")
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
        text = unicodedata.normalize("NFC", text)
    return text


def loose(name: str) -> str:
    """A name without what people write differently: case, and whether a gap is a space, “_” or “-”."""
    return _GAPS.sub(" ", readable(name).strip().casefold())


def exact(name: str) -> str:
    """A name as it is written, in NFC and without spaces around it."""
    return readable(name).strip()


def find_name(text: str, names: Sequence[str]) -> int | None:
    """Which of the names a text means: as it is written, loosely, or as the last part of a path; None if unclear.

    Args:
        text: What a person or a table wrote.
        names: All names; a class path such as “guns/pistol” is also found as “pistol”.
    """
    for same in (exact, loose, _last_part):
        wanted = exact(text) if same is exact else loose(text)
        found = [i for i, name in enumerate(names) if same(name) == wanted]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _last_part(name: str) -> str:
    return loose(name.rpartition("/")[2])


def shown(names: Iterable[str]) -> str:
    """“a”, “b”, “c” and 4 more."""
    all_names = list(names)
    text = ", ".join(f"“{name}”" for name in all_names[:N_SHOWN])
    return text if len(all_names) <= N_SHOWN else f"{text} and {len(all_names) - N_SHOWN:,} more"
