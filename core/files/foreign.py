"""JSON and names of runs that another computer or another person may have written, checked where they are read.

A project is a folder that people pass on. What lies in it is data to be judged: a run whose name is a path,
a list nested a million deep or a pipe in the place of a file must end in one sentence, here, before anything
is made of it.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Iterable
from io import BufferedReader
from pathlib import Path
from typing import Any

from core.errors import RunError

MOST_BYTES = 64 * 1024 * 1024
"""Of a JSON file; the largest that the program writes itself, with a thousand classes, has six million."""

MOST_NESTED = 40
"""Lists and objects inside each other; the program itself writes fewer than ten."""

MOST_LETTERS = 120
"""Of the name of a run, which is also a folder's."""

UNFINISHED = ".unfinished"
"""Ending of the folder that a run is written into before it gets its name."""

_RUN_ID = re.compile(r"\w[\w .+()-]*")


def parse_json(text: str | bytes) -> Any:
    """The value of a JSON text.

    Raises:
        ValueError: It is none, or nested deeper than this program would write it.
    """
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise ValueError(f"expected at most {MOST_NESTED} levels") from error
    level = [value]
    for _ in range(MOST_NESTED):
        level = [inner for outer in level for inner in _containers_in(outer)]
        if not level:
            return value
    raise ValueError(f"expected at most {MOST_NESTED} levels")


def read_json(path: Path, *, most_bytes: int = MOST_BYTES) -> Any:
    """The value in a JSON file, which must be a regular one.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no file, too large, no UTF-8 or no JSON; see `parse_json`.
    """
    with open_plain_file(path) as file:
        if os.fstat(file.fileno()).st_size > most_bytes:
            raise ValueError(f"expected a file of at most {most_bytes} bytes")
        return parse_json(file.read(most_bytes).decode("utf-8", "surrogateescape"))


def open_plain_file(path: Path) -> BufferedReader:
    """A regular file, opened for reading its bytes; a pipe in its place is not waited for.

    Raises:
        OSError: It cannot be read, or is a folder, pipe, socket or device.
    """
    file = open(path, "rb", opener=_open_without_waiting)
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "It is no regular file", str(path))
    return file


def is_run_id(name: object) -> bool:
    """Whether something can be the name of a run: one plain name of a folder, whatever the system."""
    return (
        isinstance(name, str) and len(name) <= MOST_LETTERS and _RUN_ID.fullmatch(name) is not None
        and not name.endswith((".", " ", UNFINISHED))
    )


def checked_run_id(name: object) -> str:
    """The name of a run, if it is one.

    Raises:
        RunError: It is a path, or no name at all.
    """
    if not isinstance(name, str) or not is_run_id(name):
        shown = str(name)[:MOST_LETTERS]
        raise RunError("files.not_a_run_name", shown=shown)
    return name


def is_inside(path: Path, folder: Path) -> bool:
    """Whether a path lies below a folder once all links are followed."""
    try:
        inner, outer = path.resolve(), folder.resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links is a RuntimeError until Python 3.12
        return False
    return inner != outer and inner.is_relative_to(outer)


def _containers_in(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return ()
    return [inner for inner in value if isinstance(inner, (list, dict))]


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # a pipe would wait for somebody to write
