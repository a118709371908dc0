"""The identity of an image: SHA-256 of its file's bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

from core.errors import ImageUnreadable
from core.images.files import open_regular, unreadable_from_os

HASH_BYTES = 32
"""Length of a content hash."""

CHANGED = "The file has changed since the project last looked at its folder."


def open_content(path: Path, content_hash: bytes | None) -> BinaryIO:
    """Open a picture file for reading, sure that it holds the content that is expected; the caller closes it.

    Whatever is derived from a file is kept by its content, so nothing may be derived from another one in its place.

    Args:
        path: A file that should exist.
        content_hash: SHA-256 of its bytes, or None (or empty) where any content will do.

    Raises:
        ImageUnreadable: The file cannot be read, or holds another content.
    """
    file = open_regular(path)
    try:
        if content_hash and hash_stream(file) != content_hash:
            raise ImageUnreadable(CHANGED, "Import the folder again.")
    except BaseException:
        file.close()
        raise
    return file


def hash_file(path: Path) -> bytes:
    """SHA-256 of a file's bytes (32 bytes).

    Raises:
        ImageUnreadable: The file cannot be read.
    """
    with open_regular(path) as file:
        return hash_stream(file)


def hash_stream(file: BinaryIO) -> bytes:
    """SHA-256 of an open file from its start (32 bytes); leaves the file at its start.

    Raises:
        ImageUnreadable: The disk fails while reading.
    """
    try:
        file.seek(0)
        # file_digest is typed for real files only; any object with readinto() will do
        digest = hashlib.file_digest(file, "sha256").digest()  # type: ignore[arg-type]
        file.seek(0)
    except OSError as error:
        raise unreadable_from_os(error) from error
    return digest
