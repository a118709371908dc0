"""The system's trash: puts one file into it, and takes one out again where the trash can be read.

On Linux and other freedesktop systems a file is found by what its `.trashinfo` says (FreeDesktop.org Trash
specification 1.0) and by its content; elsewhere the system's own trash puts files back.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from configparser import ConfigParser, Error
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

from send2trash import send2trash

from core.errors import StorageError
from core.files.writing import path_to_write
from core.text import Message

_Entry = tuple[str, Path, Path]
"""Date, `.trashinfo` and file of something in the trash."""


def is_readable_trash() -> bool:
    """Whether this system's trash says where its files lay."""
    return sys.platform not in ("win32", "darwin")


def throw_away(path: Path) -> Message | None:
    """Put one file into the trash; the reason why not, or None."""
    try:
        send2trash(str(path))
    except OSError as error:
        return Message("trash.refused", reason=error.strerror or str(error))
    return None


class SystemTrash:
    """Takes files out of the trash; what lies in it is read once for all of them."""

    def __init__(self) -> None:
        self._contents: dict[Path, dict[str, list[_Entry]]] = {}

    def take_out(self, path: Path, is_same: Callable[[Path], bool]) -> Message | None:
        """Put one file back where it lay; the reason why not, or None.

        Args:
            path: Where it lay. Nothing may be there now; its folder is made again if only that is gone.
            is_same: Tells the file from others that lay there once.
        """
        if os.path.lexists(path):
            return Message("trash.name_is_taken")
        if not is_readable_trash():
            return Message("trash.use_system_trash")
        entries = self._entries_of(path)
        found = next((entry for entry in entries if is_same(entry[2])), None)
        if found is None:
            return Message("trash.other_file_in_trash" if entries else "trash.not_in_trash")
        _, info, file = found
        try:
            path.parent.mkdir(exist_ok=True)
            _move(file, path)
        except OSError as error:
            return Message("trash.cannot_put_back", reason=error.strerror or str(error))
        except StorageError as error:
            return error.message
        with suppress(OSError):
            info.unlink()
        return None

    def _entries_of(self, path: Path) -> list[_Entry]:
        """Everything in the trash that lay at `path`, the latest first."""
        found: list[_Entry] = []
        for trash, root in _trashes(path):
            if trash not in self._contents:
                self._contents[trash] = _read_trash(trash, root)
            found += [e for e in self._contents[trash].get(os.path.normpath(path), ()) if e[2].is_file()]
        return sorted(found, reverse=True)


def _move(file: Path, path: Path) -> None:
    try:
        os.rename(file, path)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with path_to_write(path) as draft:  # another disk: `path` is there once all of it is
            shutil.copy2(file, draft)
        file.unlink()


def _read_trash(trash: Path, root: Path) -> dict[str, list[_Entry]]:
    """Everything in one trash by the place where it lay."""
    found: dict[str, list[_Entry]] = {}
    for info in (trash / "info").glob("*.trashinfo"):
        parser = ConfigParser(interpolation=None)
        try:
            parser.read_string(info.read_text(encoding="utf-8"))
            said = parser["Trash Info"]
            lay_at = os.path.normpath(root / unquote(said["Path"], errors="surrogateescape"))
            file = trash / "files" / info.name.removesuffix(".trashinfo")
            found.setdefault(lay_at, []).append((said.get("DeletionDate", ""), info, file))
        except (OSError, ValueError, KeyError, Error):
            continue
    return found


def _trashes(path: Path) -> Iterator[tuple[Path, Path]]:
    """Trashes of the user and of the volume that may have a file, and what a relative path there is relative to."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    yield data / "Trash", data
    user = str(os.getuid()) if hasattr(os, "getuid") else ""
    volumes = dict.fromkeys(filter(None, (_mount_of(path.parent), _mount_of(Path(os.path.realpath(path.parent))))))
    for volume in volumes:
        yield volume / ".Trash" / user, volume
        yield volume / f".Trash-{user}", volume


def _mount_of(folder: Path) -> Path | None:
    return next((at for at in (folder, *folder.parents) if os.path.ismount(at)), None)
