"""Paths as the catalog keeps them: bytes with "/" between parts, and a readable text beside them.

A file name that is not UTF-8 reaches Python as a surrogate string, which SQLite refuses; so paths
are kept as `os.fsencode` gives them and names are made readable separately.
"""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path


def display_text(path: bytes) -> str:
    """Readable text of a stored path; what is not UTF-8 is shown as “�”."""
    return unicodedata.normalize("NFC", path.decode("utf-8", "replace"))


def absolute_path(source: bytes, relative: bytes) -> Path:
    """The file of a stored path, as the operating system knows it."""
    return Path(os.fsdecode(os.path.join(source, relative)))


def source_bytes(folder: Path) -> bytes:
    """A source folder as the catalog keeps it: absolute, without links that may change later."""
    return os.fsencode(folder.expanduser().absolute())


def hidden_path(relative: bytes, image_id: int) -> bytes:
    """A path for the row of a file that is gone while another image has its path; no scan finds a file there."""
    folder, slash, name = relative.rpartition(b"/")
    return b"%s%s.%s.gone-%d" % (folder, slash, name, image_id)


def folder_text(name: bytes) -> str:
    """Readable text of the name of one folder, composed (NFC) as tables and keyboards write it.

    A name that is not UTF-8 comes from an old disk or archive: Windows' Western code page (1252) or DOS' (850), of
    which the one that gives more letters is taken.
    """
    try:
        return unicodedata.normalize("NFC", name.decode("utf-8"))
    except UnicodeDecodeError:
        readings = [name.decode(page, "replace") for page in ("cp1252", "cp850")]
        return unicodedata.normalize("NFC", max(readings, key=lambda text: sum(map(str.isalpha, text))))
