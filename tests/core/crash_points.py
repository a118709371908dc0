"""Ends a forked copy of this process at the n-th thing that it does to the files of a folder, as a SIGKILL would."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

KILLED = 9
VM_STEPS = 20
"""SQLite is interrupted after each so many of its instructions, so in the middle of writing."""


def killed_at(point: int, folder: Path, act: Callable[[], object]) -> int:
    """Do something in a child and end it at its n-th opening, renaming, removing or writing in a folder.

    Args:
        point: From 0.
        folder: What happens outside of it is not counted.
        act: What the child does.

    Returns:
        0 if the child came to its end before that, `KILLED` if not.
    """
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        _count_down(point, os.fsencode(folder))
        act()
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        os._exit(1)
    os._exit(0)


def _count_down(point: int, folder: bytes) -> None:
    left = [point]

    def step() -> int:
        left[0] -= 1
        if left[0] < 0:
            os._exit(KILLED)
        return 0

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if event.split(".")[0] in ("open", "os", "shutil", "sqlite3") and any(
            isinstance(a, str | bytes | os.PathLike) and folder in os.fsencode(a) for a in arguments
        ):
            step()

    connect = sqlite3.connect

    def connect_counting(*arguments: object, **named: object) -> sqlite3.Connection:
        db = connect(*arguments, **named)  # type: ignore[arg-type]
        db.set_progress_handler(step, VM_STEPS)
        return db

    sqlite3.connect = connect_counting  # type: ignore[assignment]
    sys.addaudithook(hear)
