"""Writes a file whole or not at all: made anew under a temporary name, flushed to the disk, then renamed.

Everything that the program keeps is written through here, but for SQLite catalogs and stores that only grow. What a
user names goes through `core.files.user_files`, which looks first at what lies there.
"""

from __future__ import annotations

import codecs
import errno
import io
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Any, BinaryIO, TextIO

import numpy as np
from numpy.typing import NDArray

from core.errors import StorageError
from core.files.plain import as_plain

DRAFT_START = ".part-"
MOST_NAME_BYTES = 200
"""Of a name that its draft repeats; most disks take 255."""

OLD_S = 3600.0
"""A draft that nobody has written to for so long was left by a program that was killed."""

AS_BYTES = "catalejo-bytes"
"""Error handler: names of files that are not UTF-8 are written as their bytes."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_GONE = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR)
_CODES = {
    **dict.fromkeys(_FULL, "files.disk_is_full"), **dict.fromkeys(_GONE, "files.folder_is_gone"),
    errno.EACCES: "files.no_permission", errno.EPERM: "files.no_permission", errno.EROFS: "files.read_only_disk",
}


@contextmanager
def open_to_write(path: Path, *, prepare: Callable[[Path], object] | None = None) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` when the block ends without an error, and else leaves nothing.

    Several programs may do this at once: each writes a draft of its own, and the last one stays.

    Args:
        path: Its folder must exist.
        prepare: Is called with the draft before anything is written and again before it is renamed.

    Raises:
        StorageError: The disk is full or fails, or nothing may be written there; `path` is as it was.
    """
    with write_errors(path):
        _remove_old_drafts(path)
        # hidden, not to be guessed, and with the ending of the file, which some libraries insist on
        name = path.name if len(os.fsencode(path.name)) <= MOST_NAME_BYTES else ""
        draft = path.with_name(f"{DRAFT_START}{token_hex(8)}-{name}")
        file = draft.open("xb")  # O_EXCL: a link that somebody planted is not followed
        try:
            with file:
                if prepare:
                    prepare(draft)
                yield file
                if not file.closed:
                    file.flush()
                    os.fsync(file.fileno())
            if prepare:
                prepare(draft)
            _rename(draft, path)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


@contextmanager
def open_text_to_write(path: Path) -> Iterator[TextIO]:
    """As `open_to_write`, for a UTF-8 text with line ends as given; names that are not UTF-8 keep their bytes."""
    with open_to_write(path) as raw, as_text(raw) as file:
        yield file


@contextmanager
def as_text(raw: BinaryIO) -> Iterator[TextIO]:
    """A UTF-8 text over a binary file, which stays open."""
    file = io.TextIOWrapper(raw, encoding="utf-8", errors=AS_BYTES, newline="")
    yield file
    file.detach()


@contextmanager
def path_to_write(path: Path) -> Iterator[Path]:
    """As `open_to_write`, for libraries that write to a path: an empty file with the ending of `path`."""
    with open_to_write(path) as file:
        file.close()
        yield (draft := Path(file.name))
        _flush_file(draft)


def write_bytes(path: Path, content: bytes) -> None:
    """Put a file of these bytes in the place of `path`; raises as `open_to_write`."""
    with open_to_write(path) as file:
        file.write(content)


def write_text(path: Path, text: str) -> None:
    """Put a text in the place of `path`, as UTF-8 with line ends as given; raises as `open_to_write`."""
    write_bytes(path, text.encode("utf-8", AS_BYTES))


def write_json(path: Path, value: Any, *, indent: int | None = 1) -> None:
    """Put a value, which may hold messages, as JSON in the place of `path`; raises as `open_to_write`."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=indent, default=as_plain))


def write_arrays(path: Path, **arrays: NDArray[Any]) -> None:
    """Put an uncompressed `.npz` of arrays by name in the place of `path`; raises as `open_to_write`."""
    with open_to_write(path) as file:
        np.savez(file, allow_pickle=False, **arrays)


def put_in_place(draft: Path, path: Path) -> None:
    """Give a complete file, or a folder of files, its name, once it is on the disk.

    Raises:
        OSError: It cannot be.
    """
    for part in sorted(draft.rglob("*")) if draft.is_dir() else (draft,):
        if part.is_file():
            _flush_file(part)
        elif part.is_dir():
            flush_folder(part)
    _rename(draft, path)


def flush_folder(folder: Path) -> None:
    """So that names of files are on the disk too; not every system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def write_errors(path: Path) -> Iterator[None]:
    """Whatever the system says of writing at `path`, as a sentence.

    Raises:
        StorageError: The disk is full or fails, or nothing may be written there.
    """
    try:
        yield
    except OSError as error:
        code = _CODES.get(error.errno or 0, "files.not_written")
        raise StorageError(code, path=path, reason=reason_of(error)) from error


def reason_of(error: OSError | ValueError) -> str:
    """What the system says of a failure, in its own words."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _rename(draft: Path, path: Path) -> None:
    os.replace(draft, path)
    flush_folder(path.parent)


def _flush_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_old_drafts(path: Path) -> None:
    """What was left by a kill; also under the names that earlier versions gave."""
    with suppress(OSError):
        for name in os.listdir(path.parent):
            is_draft = name.startswith(DRAFT_START) and name.endswith(f"-{path.name}")
            is_older = name.endswith(".part") and name.startswith(f".{path.name}.")
            left = path.with_name(name)
            if (is_draft or is_older) and time.time() - left.lstat().st_mtime > OLD_S:
                left.unlink()


def _bytes_of(error: UnicodeError) -> tuple[bytes, int]:
    """The bytes of a name that is not UTF-8; “?” for half a character, which JSON can hold and no file."""
    assert isinstance(error, UnicodeEncodeError)
    odd = error.object[error.start:error.end]
    found = b"".join(bytes((ord(c) - 0xDC00,)) if "\udc80" <= c <= "\udcff" else b"?" for c in odd)
    return found, error.end


codecs.register_error(AS_BYTES, _bytes_of)
