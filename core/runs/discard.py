"""Removes what runs and trainings leave behind; links are removed themselves, never what they lead to."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path


def discard_path(path: Path) -> None:
    """Remove a file, a link or a folder with all that is in it, as far as that can be; nothing there is fine.

    A folder that is reached through a link stays: somebody else may have put that link there.
    """
    if path.parent.is_symlink():
        return
    if path.is_symlink() or path.is_file():
        with suppress(OSError):
            path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)
