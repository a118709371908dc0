"""Opens image files, hashes them and finds those that changed; small ones are read once: hash and pixels agree.

A FIFO, socket or device in an image folder would hang or never end when opened, so the kind of file is looked at
first, and once more after opening.

A file can be replaced with one of the same size and modification time (`cp -p`, unpacking an archive, a camera
card). The inode's change time cannot be set by any program, so it tells such a file. On Windows that field holds the
time of creation: there a replaced file of equal size and modification time is not noticed.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from core.errors import ImageUnreadable
from core.jobs import JobContext
from core.text import Message
from core.types import FileStamp, ImageRef

READ_AT_ONCE_BYTES = 32 * 1024 * 1024
"""Files up to this size are read into memory once; larger ones are read from disk as needed."""

HASH_BYTES = 32
"""Length of a content hash, the SHA-256 of a file's bytes; it is the identity of an image."""

CHANGED = "images.changed"
"""The code of the error for a file that holds another content than the one that is asked for."""

STAGE = Message("jobs.checking_files")
BATCH = 1024
"""Files between two looks at whether the job was cancelled."""

MAX_THREADS = 8
FEW = 8
"""So few images are looked at in the caller's thread."""
"""A folder on another computer answers each question late, but many at once."""


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


def require_content(file: BinaryIO, content_hash: bytes | None) -> None:
    """Make sure that an open file holds the content that is expected; leaves the file at its start.

    Whatever is derived from a file is kept by its content, so nothing may be derived from another one in its place.

    Args:
        content_hash: SHA-256 of its bytes, or None (or empty) where any content will do.

    Raises:
        ImageUnreadable: It holds another content, or cannot be read.
    """
    if content_hash and hash_stream(file) != content_hash:
        raise ImageUnreadable(CHANGED)


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


def unreadable_from_os(error: OSError | ValueError) -> ImageUnreadable:
    """The reason for a failure of the operating system."""
    if isinstance(error, FileNotFoundError):
        return ImageUnreadable("images.gone")
    if isinstance(error, PermissionError):
        return ImageUnreadable("images.no_permission")
    if isinstance(error, OSError) and error.strerror:
        return ImageUnreadable("images.disk_error", reason=error.strerror)
    return ImageUnreadable("images.cannot_be_opened")


def _require_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ImageUnreadable("images.not_a_regular_file")
    if status.st_size == 0:
        raise ImageUnreadable("images.empty")


def _open_without_waiting(path: str, flags: int) -> int:
    # O_NONBLOCK: should the file turn into a FIFO between stat and open, open() must not wait for a writer
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """An image whose file has another content now: its hash, or None where the bytes cannot be read."""

    image: ImageRef
    content_hash: bytes | None


def stamp_of(status: os.stat_result) -> FileStamp:
    """The stamp of a file as it is now."""
    return FileStamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def is_same_stamp(known: FileStamp, now: FileStamp) -> bool:
    """Whether a file is the one that was read; a stamp of an older catalog knows only how late its read was."""
    if (known.n_bytes, known.mtime_ns) != (now.n_bytes, now.mtime_ns) or now.ctime_ns is None:
        return False
    return now.ctime_ns == known.ctime_ns if known.ctime_ns is not None else now.ctime_ns <= known.read_before_ns


def find_changed_files(images: Sequence[ImageRef], context: JobContext) -> tuple[ChangedFile, ...]:
    """The images whose files have another content than the catalog knows; a file that is gone is not among them.

    Args:
        images: Those with a stamp are looked at.
        context: Told of the progress where files must be read again.
    """
    if len(images) <= FEW:  # starting threads takes longer, and the inspector asks at each step through a list
        return _find_changed(images, context, map)
    with ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="catalejo-check") as pool:
        return _find_changed(images, context, pool.map)


def find_gone(images: Sequence[ImageRef]) -> tuple[ImageRef, ...]:
    """The images whose files are not where they were seen last."""
    return tuple(image for image in images if not os.path.lexists(image.path))


def find_other_files(images: Sequence[ImageRef]) -> tuple[ImageRef, ...]:
    """The images whose files are gone or have another content now."""
    return (*find_gone(images), *(one.image for one in find_changed_files(images, JobContext())))


def _find_changed(
    images: Sequence[ImageRef], context: JobContext, map_: Callable[..., Iterable[Any]]
) -> tuple[ChangedFile, ...]:
    changed: list[ChangedFile] = []
    for start in range(0, len(images), BATCH):
        context.check()
        batch = images[start:start + BATCH]
        suspects = [image for image, is_one in zip(batch, map_(_is_suspect, batch), strict=True) if is_one]
        for at, (image, found) in enumerate(zip(suspects, map_(_look, suspects), strict=True)):
            context.progress(start + at, len(images), stage=STAGE)
            if found is not None:
                changed.append(found)
    return tuple(changed)


def _is_suspect(image: ImageRef) -> bool:
    if image.stamp is None:
        return False
    try:
        return not is_same_stamp(image.stamp, stamp_of(os.stat(image.path)))
    except (OSError, ValueError):
        return False


def _look(image: ImageRef) -> ChangedFile | None:
    try:
        content_hash = hash_file(image.path)
    except ImageUnreadable:
        return ChangedFile(image, None) if os.path.exists(image.path) else None
    return None if content_hash == image.content_hash else ChangedFile(image, content_hash)
