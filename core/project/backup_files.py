"""The copies of a catalog in `backups/`: how they are called, how one is made and checked.

    catalog-000123-20261122-184000-123456.sqlite              the 123rd copy, as it was then, local time
    catalog-000124-version-1-20261122-184000-123456.sqlite    before it was brought from version 1 to a later one
    catalog-20261122-184000-123456.sqlite                     a copy of a version that did not number them

The number says which copy is newer, for a clock may be wrong; copies without one are older than all others.
"""

from __future__ import annotations

import errno
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import StorageError
from core.files.writing import put_in_place
from core.jobs import JobCancelled, JobContext
from core.text import Message

BACKUPS_NAME = "backups"
LOCK_NAME = "backups.lock"
DRAFT_ENDING = ".new"
WRITING_TIMEOUT_S = 60.0
"""So long a copy waits for another one that is being made."""

COPYING, CHECKING = Message("project.stage.copying_catalog"), Message("project.stage.checking_copy")

PAGES_AT_ONCE = 1_000
"""Of a catalog; after so many, about 4 MB, it is asked whether the copying is cancelled."""

STEPS_AT_ONCE = 10_000
"""Of SQLite's machine; after so many it is asked whether a check is cancelled."""

BESIDE = ("-journal", "-wal", "-shm")
"""Endings of the files that SQLite puts beside a catalog, and would apply to another one of its name."""

_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)
_NAME = re.compile(r"catalog-(?:(\d{6,})-)?(version-\d+-)?(\d{8}-\d{6}-\d{6})\.sqlite")
_STAMP = "%Y%m%d-%H%M%S-%f"


@dataclass(frozen=True, slots=True)
class Backup:
    """One copy of a catalog.

    Attributes:
        number: Larger for later copies; 0 for copies of versions that did not number them.
        made_at: When, by the clock of then, local time without zone.
        is_of_migration: Whether it was made before the catalog was brought to another version.
    """

    path: Path
    number: int
    made_at: datetime
    is_of_migration: bool


def find_backups(folder: Path) -> tuple[Backup, ...]:
    """The copies that lie in a project's folder, newest first; none where they cannot be listed.

    Of copies without a number, one dated in the future comes last: by which clock it was made is not known.
    """
    try:
        names = os.listdir(folder / BACKUPS_NAME)
    except OSError:
        return ()
    now = datetime.now()
    found = filter(None, (_backup(folder / BACKUPS_NAME, name) for name in names))
    return tuple(sorted(found, key=lambda b: (b.number, b.number > 0 or b.made_at <= now, b.made_at), reverse=True))


def _backup(folder: Path, name: str) -> Backup | None:
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    try:
        made_at = datetime.strptime(match[3], _STAMP)
    except ValueError:
        return None
    return Backup(folder / name, int(match[1] or 0), made_at, match[2] is not None)


def copy_checked(
    db: sqlite3.Connection, folder: Path, *, of_version: int | None = None, context: JobContext | None = None,
) -> Path | None:
    """Copy an open catalog into one file that appears under its name when it is whole and sound.

    One copy is made at a time; drafts that were left by a program that was killed are removed.

    Args:
        db: The catalog, in whatever journal mode.
        of_version: For a copy that is made before a migration, the version.
        context: Told of progress, where somebody waits for it.

    Returns:
        The copy, or None if the catalog turned out to be damaged; nothing was kept then.

    Raises:
        sqlite3.DatabaseError, OSError: It cannot be read or written.
        StorageError: Another copy is being made and does not end.
        JobCancelled: The caller asked to end; there is no copy.
    """
    (folder / BACKUPS_NAME).mkdir(exist_ok=True)
    with _one_at_a_time(folder):
        _remove_drafts(folder / BACKUPS_NAME)
        number = max((backup.number for backup in find_backups(folder)), default=0) + 1
        kind = "" if of_version is None else f"version-{of_version}-"
        path = folder / BACKUPS_NAME / f"catalog-{number:06}-{kind}{datetime.now():{_STAMP}}.sqlite"
        return path if _copy(db, path, context) else None


def _copy(db: sqlite3.Connection, path: Path, context: JobContext | None) -> bool:
    draft = path.with_name(path.name + DRAFT_ENDING)
    try:
        copy = sqlite3.connect(draft)
        try:
            _copy_pages(db, copy, context)
            copy.execute("PRAGMA journal_mode=DELETE")
            is_sound = is_whole(copy, context)
        finally:
            copy.close()
        if is_sound:
            put_in_place(draft, path)
        return is_sound
    finally:
        remove_with_journals(draft)


def _copy_pages(db: sqlite3.Connection, copy: sqlite3.Connection, context: JobContext | None) -> None:
    """In steps where somebody waits, of one state, or SQLite would begin anew with each label given meanwhile."""
    if context is None:
        db.backup(copy)
        return

    def tell(_: int, n_left: int, n_pages: int) -> None:
        context.progress(n_pages - n_left, n_pages, stage=COPYING, unit="")

    db.execute("BEGIN")
    db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    try:
        db.backup(copy, pages=PAGES_AT_ONCE, progress=tell)
    finally:
        db.execute("ROLLBACK")


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    lock = FileLock(folder / LOCK_NAME)
    try:
        lock.acquire(timeout=WRITING_TIMEOUT_S)
    except Timeout as error:
        raise StorageError("project.backup_in_progress", folder=folder) from error
    except (OSError, NotImplementedError) as error:
        if isinstance(error, OSError) and error.errno not in _NO_LOCKS:
            raise
        # some network disks know no locks: better a copy than none
    try:
        yield
    finally:
        lock.release()


def _remove_drafts(backups: Path) -> None:
    for ending in ("", *BESIDE):
        for draft in backups.glob(f"catalog-*.sqlite{DRAFT_ENDING}{ending}"):
            with suppress(OSError):
                draft.unlink()


def remove_with_journals(path: Path) -> None:
    """Remove a catalog that is no longer wanted, with what SQLite put beside it.

    Raises:
        OSError: It cannot be removed.
    """
    for ending in ("", *BESIDE):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def is_whole(db: sqlite3.Connection, context: JobContext | None = None) -> bool:
    """Whether all pages of a catalog are sound, by SQLite's own check.

    Args:
        context: Asked in between whether the check shall end.

    Raises:
        sqlite3.DatabaseError: It cannot be read for another reason than damage.
        JobCancelled: The caller asked to end.
    """
    ended: list[JobCancelled] = []

    def has_ended() -> bool:
        try:
            if context is not None and not ended:
                context.check()
        except JobCancelled as error:
            ended.append(error)  # SQLite would swallow it
        return bool(ended)

    if context is not None:
        context.progress(0, 0, stage=CHECKING, unit="")
        db.set_progress_handler(has_ended, STEPS_AT_ONCE)
    try:
        return bool(db.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.DatabaseError as error:
        if ended:
            raise ended[0] from None
        if (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return False
        raise
    finally:
        db.set_progress_handler(None, 0)


def restore_hint(folder: Path) -> Message:
    """What to do about a damaged catalog, naming the copy to go back to."""
    found = find_backups(folder)
    if not found:
        return Message("project.restore_no_backup")
    newest = found[0]
    return Message("project.restore", name=f"{BACKUPS_NAME}/{newest.path.name}", at=newest.made_at)
