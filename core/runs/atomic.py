"""Text files that are whole or as they were: written beside their place and renamed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from core.errors import InputError, StorageError

_HEAD_BYTES = 4096
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@contextmanager
def open_to_replace(path: Path) -> Iterator[TextIO]:
    """A UTF-8 text file that takes the place of `path` when the block ends without an error.

    Names of files that are not UTF-8 are written as their bytes; line ends are written as given.

    Raises:
        InputError: The folder does not exist, `path` is a folder, or a file that is no text (a picture, a catalog).
        StorageError: Nothing can be written there.
    """
    require_place(path)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with unfinished.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            yield file
        os.replace(unfinished, path)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise InputError(f"“{path}” cannot be written.", "Name a file in a folder that exists.") from error
    except OSError as error:
        reason = error.strerror or error
        raise StorageError(f"“{path}” could not be written: {reason}.", "Choose another place.") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def require_place(path: Path) -> None:
    """Make sure that `open_to_replace` has somewhere to write, before hours of work are done for it.

    Raises:
        InputError: The folder does not exist, `path` is a folder, or a file that is no text (a picture, a catalog).
    """
    try:
        is_place = bool(path.name) and "\0" not in path.name and path.parent.is_dir() and not path.is_dir()
    except (OSError, ValueError):
        is_place = False
    if not is_place:
        raise InputError(f"“{path}” cannot be written.", "Name a file in a folder that exists.")
    _require_text_or_nothing(path)


def _require_text_or_nothing(path: Path) -> None:
    """A slip in a name must not cost a photograph or a project."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return  # nothing is there, or writing will say what is wrong
    if b"\0" in head and not head.startswith(_UTF16_MARKS):
        raise InputError(f"“{path}” is not a text file, and replacing it would destroy it.", "Name another file.")
