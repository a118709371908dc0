"""Checksums of a run's files (SHA-256), by which a damaged file is found before it is used.

`run.json` notes one for each other file of the run. Runs of the first versions note none and are believed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from core.errors import RunError
from core.files.foreign import open_plain_file, read_json

RECORD_NAME = "run.json"
PREDICTIONS_NAME = "predictions"
"""Folder of the arrays of a run; the only one inside a run."""

SMALL_BYTES = 16 * 1024 * 1024
"""Files up to this size are looked at even where many runs are listed."""

_NAME = re.compile(rf"({PREDICTIONS_NAME}/)?\w[\w .+-]*")


def sum_files(folder: Path) -> dict[str, str]:
    """The checksum of each file of a run but its record, by name (`predictions/kind.npy`).

    Raises:
        OSError: A file cannot be read.
    """
    return {path.relative_to(folder).as_posix(): _digest(path) for path in sorted(folder.rglob("*"))
            if not path.is_dir() and path.name != RECORD_NAME}


def require_sound(path: Path) -> None:
    """Make sure that a file of a run is as it was written.

    Raises:
        RunError: It is missing or another one.
    """
    if is_damaged(path):
        folder = _run_of(path)
        raise RunError("runs.file_changed", run=folder.name, file=path.relative_to(folder).as_posix())


def is_damaged(path: Path) -> bool:
    """Whether a file of a run is not as it was written; asking twice costs nothing."""
    folder = _run_of(path)
    noted = noted_sums(folder).get(path.relative_to(folder).as_posix())
    if noted is None:
        return False
    try:
        status = path.stat()
        return _known_digest(path, status.st_mtime_ns, status.st_ctime_ns, status.st_size) != noted
    except OSError:
        return True


def find_damaged(folder: Path) -> str:
    """The name of a small file of a run that is not as it was written; empty if there is none."""
    for name in noted_sums(folder):
        path = folder / name
        if not path.is_file() or path.stat().st_size <= SMALL_BYTES and is_damaged(path):
            return name
    return ""


def noted_sums(folder: Path) -> Mapping[str, str]:
    """The checksums in the record of a run; none where it has none or cannot be read."""
    path = folder / RECORD_NAME
    try:
        status = path.stat()
        return _known_sums(path, status.st_mtime_ns, status.st_ctime_ns, status.st_size)
    except OSError:
        return {}


def _run_of(path: Path) -> Path:
    return path.parent.parent if path.parent.name == PREDICTIONS_NAME else path.parent


@lru_cache(maxsize=512)
def _known_sums(path: Path, _mtime_ns: int, _ctime_ns: int, _n_bytes: int) -> Mapping[str, str]:
    try:
        found = read_json(path)["files"]
        return {name: value for name, value in found.items() if _NAME.fullmatch(name)}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


@lru_cache(maxsize=4096)
def _known_digest(path: Path, _mtime_ns: int, _ctime_ns: int, _n_bytes: int) -> str:
    return _digest(path)


def _digest(path: Path) -> str:
    with open_plain_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
