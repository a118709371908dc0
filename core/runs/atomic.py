"""Text files that are whole or as they were: written beside their place and renamed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from core.errors import InputError, StorageError


@contextmanager
def open_to_replace(path: Path) -> Iterator[TextIO]:
    """A UTF-8 text file that takes the place of `path` when the block ends without an error.

    Names of files that are not UTF-8 are written as their bytes; line ends are written as given.

    Raises:
        InputError: The folder does not exist, or `path` is a folder.
        StorageError: Nothing can be written there.
    """
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
        unfinished.unlink(missing_ok=True)
