"""Times that were measured on this computer, kept from one start to the next: of trainings, and of stages of jobs.

They stand in one file of the user's cache folder, by the name of the computer, the device that is asked for and the
number of processors. Nothing but an estimate depends on them: a file that cannot be read or written costs that alone.
"""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.devices import VARIABLE
from core.errors import StorageError
from core.files.cache_folder import default_cache_dir
from core.files.foreign import read_json
from core.files.writing import write_json
from core.processors import n_processors

FORMAT = 1

MOST_KEPT = 300
"""The times that were written longest ago are forgotten."""


def times_path() -> Path:
    """Where the times are kept; need not exist yet."""
    return default_cache_dir() / "times.json"


def read_time(what: str) -> Any:
    """What was kept under a name on this computer, as JSON; None for nothing."""
    return _read().get(_key(what))


def keep_time(what: str, value: Any) -> None:
    """Keep JSON under a name, in place of what was there.

    Args:
        what: Names all that the time depends on, but for the computer.
    """
    times = _read()
    times.pop(_key(what), None)
    times[_key(what)] = value
    path = times_path()
    with suppress(StorageError, OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, {"format": FORMAT, "times": dict(list(times.items())[-MOST_KEPT:])})


def _key(what: str) -> str:
    return f"{platform.node()} {os.environ.get(VARIABLE, '')} {n_processors()} {what}"


def _read() -> dict[str, Any]:
    try:
        found = read_json(times_path())
        times = found["times"] if found["format"] == FORMAT else {}
        return times if isinstance(times, dict) else {}
    except (OSError, ValueError, TypeError, KeyError):
        return {}
