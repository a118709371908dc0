"""Tells whether a file still has the content that the catalog knows: by size and times, by hash where they differ.

A file can be replaced with one of the same size and modification time (`cp -p`, unpacking an archive, a camera
card). The inode's change time cannot be set by any program, so it tells such a file. On Windows that field holds the
time of creation: there a replaced file of equal size and modification time is not noticed.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from core.errors import ImageUnreadable
from core.images.files import hash_file
from core.jobs import JobContext
from core.text import Message
from core.types import FileStamp, ImageRef

STAGE = Message("jobs.checking_files")
BATCH = 1024
"""Files between two looks at whether the job was cancelled."""

MAX_THREADS = 8
"""A folder on another computer answers each question late, but many at once."""


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

    Raises:
        JobCancelled: The caller asked the job to end.
    """
    changed: list[ChangedFile] = []
    with ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="catalejo-check") as pool:
        for start in range(0, len(images), BATCH):
            context.check()
            batch = images[start:start + BATCH]
            suspects = [image for image, is_one in zip(batch, pool.map(_is_suspect, batch), strict=True) if is_one]
            for at, (image, found) in enumerate(zip(suspects, pool.map(_look, suspects), strict=True)):
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
