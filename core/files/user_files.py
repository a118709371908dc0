"""The one place that writes a user's file: whole or not at all, and never over what somebody else needs.

The draft lies beside the file under a random name, is made anew (`O_EXCL`, no link is followed), flushed to the
disk and renamed. What lies at the path is looked at before anything is opened: devices, pipes, links, folders,
images, catalogs, inputs of the command and files of a project are refused.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from core.errors import InputError, StorageError

STANDARD_OUTPUT = Path("-")
_ALSO_STANDARD_OUTPUT = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")

CATALOG_NAME, PROJECT_ENDING = "catalog.sqlite", ".catalejo"

_HEAD_BYTES = 4096
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_TEXT_IMAGE = re.compile(
    rb"\s*(P[1-7fF]\s+(#[^\n]*\s+)*(\d|WIDTH)|/\* XPM \*/|%!PS|%PDF-|SIMPLE  =|#define \w+_width \d)")
"""Images that are text, or begin so: PNM (`P1` … `P7`, `PF`), XPM, EPS, PDF, FITS, XBM; SVG is told by its tag."""

_KINDS = {
    stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
OUTSIDE_HINT = "Name a file outside of it."
_HINT = "Name a file in a folder that exists."


def is_standard_output(path: Path) -> bool:
    """Whether a path means the standard output: “-”, or one of its names as a device."""
    return path == STANDARD_OUTPUT or str(path) in _ALSO_STANDARD_OUTPUT


def require_one_result(out: Path, *, as_json: bool) -> None:
    """Make sure that the standard output is not asked to take a file and a JSON object.

    Raises:
        InputError: It is.
    """
    if as_json and is_standard_output(out):
        raise InputError("The standard output cannot take both the file and --json.", "Leave out one of them.")


@contextmanager
def open_to_replace(path: Path, *, inputs: Sequence[Path] = (), is_own: bool = False) -> Iterator[TextIO]:
    """A UTF-8 text file that takes the place of `path` when the block ends without an error.

    Names of files that are not UTF-8 are written as their bytes; line ends are written as given. On the standard
    output everything appears at the end of the block.

    Args:
        path: Where it goes; “-” for the standard output.
        inputs: Files that the content comes from, which it must not replace.
        is_own: Whether it is a file of the program itself, which may lie in a project.

    Raises:
        InputError: See `require_place`.
        StorageError: Nothing can be written there; what was there still is.
    """
    if is_standard_output(path):
        with _standard_output() as text:
            yield text
        return
    require_place(path, inputs=inputs, is_own=is_own)
    with _replacing(path) as raw, io.TextIOWrapper(
        raw, encoding="utf-8", errors=_AS_BYTES, newline="",
    ) as file:
        yield file
        file.flush()
        _flush_to_disk(raw)


def write_bytes_to_replace(path: Path, content: bytes, *, inputs: Sequence[Path] = ()) -> None:
    """Put a file of bytes in the place of `path`; another of the same kind (by its first bytes) is replaced.

    Raises:
        InputError: See `require_place`.
        StorageError: Nothing can be written there; what was there still is.
    """
    require_place(path, inputs=inputs, first_bytes=content[:8])
    with _replacing(path) as file:
        file.write(content)
        _flush_to_disk(file)


def require_place(
    path: Path, *, inputs: Sequence[Path] = (), is_own: bool = False, first_bytes: bytes = b""
) -> None:
    """Make sure that a file can be written there, before hours of work are done for it.

    Args:
        path: Where it is to go; “-” for the standard output.
        inputs: Files that must not be replaced.
        is_own: Whether it is a file of the program itself, which may lie in a project.
        first_bytes: With which a file that is no text may begin and be replaced all the same.

    Raises:
        InputError: The folder does not exist; something lies there that is no regular file, a link, protected, an
            image, no text, an input, or part of a project.
    """
    if is_standard_output(path):
        return
    found = _look_at(path)
    if not is_own:
        _require_outside_of_projects(path)
    if found is not None:
        _require_replaceable(path, found)
        _require_no_input(path, found, inputs)
        _require_text(path, first_bytes)


def _look_at(path: Path) -> os.stat_result | None:
    """What lies there, without following a link; None if nothing does."""
    try:
        if not path.name or not path.parent.is_dir():
            raise InputError(f"“{path}” cannot be written.", _HINT)
        return path.lstat()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        why = "its name is too long" if getattr(error, "errno", 0) == errno.ENAMETOOLONG else "its name cannot be"
        if isinstance(error, PermissionError):
            why = "its folder may not be entered"
        raise InputError(f"“{_short(path)}” cannot be written: {why}.", "Choose another name or place.") from error


def _require_replaceable(path: Path, found: os.stat_result) -> None:
    kind = stat.S_IFMT(found.st_mode)
    if kind == stat.S_IFDIR:
        raise InputError(f"“{path}” cannot be written: it is a folder.", _HINT)
    if kind == stat.S_IFLNK:
        target = _short(Path(os.readlink(path)))
        raise InputError(f"“{path}” is a link to “{target}”, and is not replaced.", "Name the file itself.")
    if kind != stat.S_IFREG:
        what = _KINDS.get(kind, "no regular file")
        raise InputError(f"“{path}” is {what}, and is not replaced.", "Name a file; “-” is the standard output.")
    if not found.st_mode & 0o222:
        raise InputError(f"“{path}” is protected against writing.", "Name another file, or take the protection off.")


def _require_outside_of_projects(path: Path) -> None:
    """Nothing in a project is replaced, and nothing comes into it that the program did not put there."""
    for folder in path.parent.resolve(), *path.parent.resolve().parents:
        is_project = folder.name.endswith(PROJECT_ENDING) and folder.name != PROJECT_ENDING
        if is_project or os.path.lexists(folder / CATALOG_NAME):
            raise InputError(f"“{path}” lies in the project “{folder}”.", OUTSIDE_HINT)


def _require_no_input(path: Path, found: os.stat_result, inputs: Sequence[Path]) -> None:
    for one in inputs:
        with suppress(OSError, ValueError):
            if os.path.samestat(found, one.stat()):
                raise InputError(f"“{path}” is an input, and replacing it would destroy it.", "Name another file.")


def _require_text(path: Path, first_bytes: bytes) -> None:
    """A slip in a name must not cost a photograph or a project."""
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return  # it may not be read; renaming something over it is a matter of the folder
    if first_bytes and head.startswith(first_bytes) or not head:
        return
    if b"\0" in head and not head.startswith(_UTF16_MARKS):
        raise InputError(f"“{path}” is not a text file, and replacing it would destroy it.", "Name another file.")
    is_svg = b"<svg" in head and b"<html" not in head.lower()
    if _TEXT_IMAGE.match(head) or is_svg:
        raise InputError(f"“{path}” is an image, and replacing it would destroy it.", "Name another file.")


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A draft beside `path` that takes its name and permissions at the end."""
    draft = path.with_name(f".{secrets.token_hex(8)}.unfinished")
    is_made = False
    try:
        with open(draft, "xb", opener=_open_new) as file:
            is_made = True
            _keep_permissions(path, draft)  # before anybody may read what was private
            yield file
        _keep_permissions(path, draft)
        os.replace(draft, path)
        _flush_folder(path.parent)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise InputError(f"“{path}” cannot be written.", _HINT) from error
    except OSError as error:
        reason = error.strerror or error
        raise StorageError(f"“{path}” could not be written: {reason}.", "Choose another place.") from error
    finally:
        if is_made:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def _keep_permissions(path: Path, draft: Path) -> None:
    """Those of the file that is replaced; what became something else meanwhile is left alone."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    _require_replaceable(path, found)
    with suppress(OSError):  # a disk without permissions
        os.chmod(draft, stat.S_IMODE(found.st_mode))


@contextmanager
def _standard_output() -> Iterator[TextIO]:
    text = io.StringIO(newline="")
    yield text
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.getvalue().encode("utf-8", _AS_BYTES))
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # `… | head`: the reader has seen enough
        raise
    except OSError as error:
        raise StorageError(
            f"The standard output could not be written: {error.strerror or error}.", "Send it elsewhere.") from error


def _open_new(path: str, flags: int) -> int:
    """For mode "x": a new file, with the permissions that the user's mask leaves."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))


def _flush_to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """So that the new name is on the disk too; not every system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _short(path: Path) -> str:
    text = str(path)
    return text if len(text) <= 200 else f"{text[:100]}…{text[-60:]}"


_AS_BYTES = "catalejo-bytes"


def _bytes_of(error: UnicodeError) -> tuple[bytes, int]:
    """The bytes of a name that is not UTF-8; “?” for half a character, which JSON can hold and no file."""
    assert isinstance(error, UnicodeEncodeError)
    odd = error.object[error.start:error.end]
    found = b"".join(bytes((ord(c) - 0xDC00,)) if "\udc80" <= c <= "\udcff" else b"?" for c in odd)
    return found, error.end


codecs.register_error(_AS_BYTES, _bytes_of)
