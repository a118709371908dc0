"""Files of the program that are whole or as they were: written beside their place under a name of their own.

For files inside a project; what a user names is written by `core.files.user_files`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

ENDING = ".part"
OLD_S = 3600.0
"""A draft that nobody has written to for so long was left by a program that was killed."""


@contextmanager
def open_draft(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of `path` when the block ends without an error, and else leaves nothing.

    Several programs may do this at once: each writes a draft of its own, and the last one stays.

    Args:
        path: Its folder must exist.

    Raises:
        OSError: The disk is full or fails; `path` is as it was.
    """
    _remove_old(path)
    draft = path.with_name(f".{path.name}.{token_hex(4)}{ENDING}")
    try:
        with draft.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _remove_old(path: Path) -> None:
    """Drafts that were left by a kill; also those under the name that older versions gave them."""
    with suppress(OSError):
        names = [name for name in os.listdir(path.parent) if name.endswith(ENDING)]
        for name in names:
            left = path.with_name(name)
            is_ours = name.startswith((f".{path.name}.", f"{path.name}."))
            if is_ours and time.time() - left.lstat().st_mtime > OLD_S:
                left.unlink()
