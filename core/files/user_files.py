"""What a user names as output: looked at first, and refused where writing would destroy what somebody needs.

Devices, pipes, links, folders, images, catalogs, inputs of the command and files of a project are refused before
anything is opened; writing itself is done by `core.files.writing`.
"""

from __future__ import annotations

import errno
import io
import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TextIO

from core.errors import InputError, StorageError
from core.files.foreign import open_plain_file
from core.files.writing import AS_BYTES, as_text, open_to_write, reason_of

STANDARD_OUTPUT = Path("-")
_ALSO_STANDARD_OUTPUT = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")

CATALOG_NAME, PROJECT_ENDING = "catalog.sqlite", ".catalejo"

_HEAD_BYTES = 4096
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_TEXT_IMAGE = re.compile(
    rb"\s*(P[1-7fF]\s+(#[^\n]*\s+)*(\d|WIDTH)|/\* XPM \*/|%!PS|%PDF-|SIMPLE  =|#define \w+_width \d)")
"""Images that are text, or begin so: PNM (`P1` … `P7`, `PF`), XPM, EPS, PDF, FITS, XBM; SVG is told by its tag."""

_KINDS = {
    stat.S_IFDIR: "files.is_a_folder", stat.S_IFLNK: "files.is_a_link", stat.S_IFIFO: "files.is_a_pipe",
    stat.S_IFSOCK: "files.is_a_socket", stat.S_IFCHR: "files.is_a_device", stat.S_IFBLK: "files.is_a_device",
}


def is_standard_output(path: Path) -> bool:
    """Whether a path means the standard output: “-”, or one of its names as a device."""
    return path == STANDARD_OUTPUT or str(path) in _ALSO_STANDARD_OUTPUT


def require_one_result(out: Path, *, as_json: bool) -> None:
    """Make sure that the standard output is not asked to take a file and a JSON object.

    Raises:
        InputError: It is.
    """
    if as_json and is_standard_output(out):
        raise InputError("files.one_output_for_two")


@contextmanager
def open_to_replace(path: Path) -> Iterator[TextIO]:
    """A UTF-8 text file that takes the place of `path` when the block ends without an error.

    Names of files that are not UTF-8 are written as their bytes; line ends are written as given. On the standard
    output everything appears at the end of the block.

    Args:
        path: Where it goes; “-” for the standard output.

    Raises:
        InputError: See `require_place`.
        StorageError: Nothing can be written there; what was there still is.
    """
    if is_standard_output(path):
        with _standard_output() as text:
            yield text
        return
    require_place(path)
    with open_to_write(path, prepare=partial(_keep_permissions, path)) as raw, as_text(raw) as file:
        yield file


def write_bytes_to_replace(path: Path, content: bytes) -> None:
    """Put a file of bytes in the place of `path`; another of the same kind (by its first bytes) is replaced.

    Raises:
        InputError: See `require_place`.
        StorageError: Nothing can be written there; what was there still is.
    """
    require_place(path, first_bytes=content[:8])
    with open_to_write(path, prepare=partial(_keep_permissions, path)) as file:
        file.write(content)


def require_place(path: Path, *, inputs: Sequence[Path] = (), first_bytes: bytes = b"") -> None:
    """Make sure that a file can be written there, before hours of work are done for it.

    Args:
        path: Where it is to go; “-” for the standard output.
        inputs: Files that must not be replaced.
        first_bytes: With which a file that is no text may begin and be replaced all the same.

    Raises:
        InputError: The folder does not exist; something lies there that is no regular file, a link, protected, an
            image, no text, an input, or part of a project.
    """
    if is_standard_output(path):
        return
    found = _look_at(path)
    require_outside_of_projects(path)
    if found is not None:
        _require_replaceable(path, found)
        _require_no_input(path, found, inputs)
        _require_text(path, first_bytes)


def _look_at(path: Path) -> os.stat_result | None:
    """What lies there, without following a link; None if nothing does."""
    try:
        if not path.name or not path.parent.is_dir():
            raise InputError("files.no_such_folder", path=path)
        return path.lstat()
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise InputError("files.folder_may_not_be_entered", path=_short(path)) from error
    except (OSError, ValueError) as error:
        is_long = getattr(error, "errno", 0) == errno.ENAMETOOLONG
        raise InputError("files.name_too_long" if is_long else "files.name_cannot_be", path=_short(path)) from error


def _require_replaceable(path: Path, found: os.stat_result) -> None:
    kind = stat.S_IFMT(found.st_mode)
    if kind != stat.S_IFREG:
        target = _short(Path(os.readlink(path))) if kind == stat.S_IFLNK else ""
        raise InputError(_KINDS.get(kind, "files.is_no_file"), path=path, target=target)
    if not found.st_mode & 0o222:
        raise InputError("files.is_protected", path=path)


def require_outside_of_projects(path: Path) -> None:
    """Nothing in a project is replaced, and nothing comes into it that the program did not put there.

    Raises:
        InputError: The path lies in a project.
    """
    for folder in path.parent.resolve(), *path.parent.resolve().parents:
        is_project = folder.name.endswith(PROJECT_ENDING) and folder.name != PROJECT_ENDING
        if is_project or os.path.lexists(folder / CATALOG_NAME):
            raise InputError("files.lies_in_a_project", path=path, folder=folder)


def _require_no_input(path: Path, found: os.stat_result, inputs: Sequence[Path]) -> None:
    for one in inputs:
        with suppress(OSError, ValueError):
            if os.path.samestat(found, one.stat()):
                raise InputError("files.is_an_input", path=path)


def _require_text(path: Path, first_bytes: bytes) -> None:
    """A slip in a name must not cost a photograph or a project."""
    try:
        with open_plain_file(path) as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return  # it may not be read; renaming something over it is a matter of the folder
    if first_bytes and head.startswith(first_bytes) or not head:
        return
    if b"\0" in head and not head.startswith(_UTF16_MARKS):
        raise InputError("files.is_no_text", path=path)
    is_svg = b"<svg" in head and b"<html" not in head.lower()
    if _TEXT_IMAGE.match(head) or is_svg:
        raise InputError("files.is_an_image", path=path)


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
        sys.stdout.buffer.write(text.getvalue().encode("utf-8", AS_BYTES))
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # `… | head`: the reader has seen enough
        raise
    except OSError as error:
        raise StorageError("files.output_not_written", reason=reason_of(error)) from error


def _short(path: Path) -> str:
    text = str(path)
    return text if len(text) <= 200 else f"{text[:100]}…{text[-60:]}"
