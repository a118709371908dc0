"""The log file: where it lies, and how it is kept small."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

import platformdirs

MAX_BYTES, N_OLD_FILES = 1_000_000, 4

_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


def log_folder() -> Path:
    """Where this system keeps logs of programs; need not exist yet."""
    return Path(platformdirs.user_log_dir("catalejo", appauthor=False))


def start_logging(folder: Path) -> Path | None:
    """Write our log into `folder`, five files of a megabyte at most.

    Args:
        folder: Made if missing.

    Returns:
        The log file, or None where none can be written; the program runs without it then.
    """
    path = folder / "catalejo.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            path, maxBytes=MAX_BYTES, backupCount=N_OLD_FILES, encoding="utf-8", errors="replace"
        )
    except OSError:
        logging.getLogger(__name__).info("no log can be written to %s", folder)
        return None
    handler.setFormatter(logging.Formatter(_FORMAT))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return path
