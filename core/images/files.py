"""Opening picture files: regular files only, small ones read once so that hash and pixels see the same bytes.

A FIFO, socket or device in a picture folder would hang or never end when opened, so the
kind of file is looked at first, and once more after opening.
"""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import BinaryIO

from core.errors import ImageUnreadable

READ_AT_ONCE_BYTES = 32 * 1024 * 1024
"""Files up to this size are read into memory once; larger ones are read from disk as needed."""


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading; the caller closes it.

    Args:
        path: A file that should exist; links are followed.

    Returns:
        The file at its start, in memory where it is small.

    Raises:
        ImageUnreadable: The file is gone, empty, not a regular file or may not be read.
    """
    try:
        _require_regular(os.stat(path))
        with open(path, "rb", opener=_open_without_waiting) as file:
            status = os.fstat(file.fileno())
            _require_regular(status)
            if status.st_size > READ_AT_ONCE_BYTES:
                return open(os.dup(file.fileno()), "rb")
            return io.BytesIO(file.read())
    except (OSError, ValueError) as error:
        raise unreadable_from_os(error) from error


def unreadable_from_os(error: OSError | ValueError) -> ImageUnreadable:
    """The reason for a failure of the operating system, in plain words."""
    if isinstance(error, FileNotFoundError):
        return ImageUnreadable("The file is gone.", "Import the folder again if it was moved.")
    if isinstance(error, PermissionError):
        return ImageUnreadable("There is no permission to read the file.", "Change the file's permissions.")
    if isinstance(error, OSError) and error.strerror:
        return ImageUnreadable(f"The file cannot be read from the disk ({error.strerror}).", "Check the disk.")
    return ImageUnreadable("The file cannot be opened.", "Check its name and the disk.")


def _require_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        sentence = "This is not a regular file, but a folder, pipe or device."
        raise ImageUnreadable(sentence, "Remove it from the folder.")
    if status.st_size == 0:
        raise ImageUnreadable("The file is empty.", "Copy the picture again from where it came.")


def _open_without_waiting(path: str, flags: int) -> int:
    # O_NONBLOCK: should the file turn into a FIFO between stat and open, open() must not wait for a writer
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
