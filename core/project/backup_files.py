"""The copies of a catalog in `backups/`: how they are called, how one is made and checked.

    catalog-20261122-184000-123456.sqlite              as it was at that moment, local time
    catalog-version-1-20261122-184000-123456.sqlite    before it was brought from version 1 to a later one
"""

from __future__ import annotations

import os
import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

BACKUPS_NAME = "backups"
_NAME = re.compile(r"catalog-(version-\d+-)?(\d{8}-\d{6}-\d{6})\.sqlite")
_STAMP = "%Y%m%d-%H%M%S-%f"


@dataclass(frozen=True, slots=True)
class Backup:
    """One copy of a catalog.

    Attributes:
        path: The file.
        made_at: When, local time without zone.
        is_of_migration: Whether it was made before the catalog was brought to another version.
    """

    path: Path
    made_at: datetime
    is_of_migration: bool


def find_backups(folder: Path) -> tuple[Backup, ...]:
    """The copies that lie in a project's folder, newest first; none where they cannot be listed."""
    try:
        names = os.listdir(folder / BACKUPS_NAME)
    except OSError:
        return ()
    found = [
        Backup(folder / BACKUPS_NAME / name, datetime.strptime(match[2], _STAMP), match[1] is not None)
        for name in names if (match := _NAME.fullmatch(name))
    ]
    return tuple(sorted(found, key=lambda backup: backup.made_at, reverse=True))


def backup_path(folder: Path, *, of_version: int | None = None) -> Path:
    """What a copy made now is called; `of_version` for one that is made before a migration."""
    kind = "" if of_version is None else f"version-{of_version}-"
    return folder / BACKUPS_NAME / f"catalog-{kind}{datetime.now():{_STAMP}}.sqlite"


def copy_checked(db: sqlite3.Connection, path: Path) -> bool:
    """Copy an open catalog into one file that appears under its name when it is whole and sound.

    Args:
        db: The catalog, in whatever journal mode.
        path: Must not exist yet; its folder is made.

    Returns:
        False if the catalog turned out to be damaged; nothing was kept then.

    Raises:
        sqlite3.DatabaseError, OSError: It cannot be read or written.
    """
    path.parent.mkdir(exist_ok=True)
    draft = path.with_name(path.name + ".new")
    try:
        copy = sqlite3.connect(draft)
        try:
            db.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            is_sound = is_whole(copy)
        finally:
            copy.close()
        if is_sound:
            _flush_to_disk(draft)
            os.replace(draft, path)
        return is_sound
    finally:
        draft.unlink(missing_ok=True)


def is_whole(db: sqlite3.Connection) -> bool:
    """Whether all pages of a catalog are sound, by SQLite's own check."""
    try:
        return bool(db.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.DatabaseError as error:
        if (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return False
        raise


def restore_hint(folder: Path) -> str:
    """What to do about a damaged catalog, naming the copy to go back to."""
    found = find_backups(folder)
    if not found:
        return "There is no backup in the project; put a copy of catalog.sqlite of your own in its place."
    newest = found[0]
    return (f"Go back to “{BACKUPS_NAME}/{newest.path.name}” of {newest.made_at:%Y-%m-%d %H:%M} "
            "with the command: main.py restore PROJECT.")


def _flush_to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
