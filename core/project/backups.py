"""Keeping a few sound copies of the catalog, and going back to one.

Labels are hours of a person's work and lie in one file. A copy is made after every import and every table of
labels, and beside the window's long acts when the last one has become old. It is checked before an older one
is removed, so a damage that nobody has noticed yet never replaces the last sound copy.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from core.errors import InputError, ProjectDamaged
from core.files.writing import put_in_place
from core.jobs import JobContext
from core.project.backup_files import (
    BACKUPS_NAME, BESIDE, COPYING, DRAFT_ENDING, Backup, copy_checked, find_backups, is_whole, remove_with_journals,
    restore_hint,
)
from core.project.catalog import CATALOG_NAME, errors_in_words
from core.project.lock import ProjectLock
from core.text import Message

READING = Message("project.stage.reading_copies")

BYTES_AT_ONCE = 8 * 1024 * 1024
"""After so many it is asked whether a restoring is cancelled."""

APART = timedelta(minutes=10)
"""Copies that are kept lie at least so far apart, but for the newest."""

N_KEPT = 3


def keep_backup(folder: Path, context: JobContext | None = None, *, only_if_due: bool = False) -> Path | None:
    """Copy the catalog of a project into `backups/`, through a connection of its own; any thread may do it.

    Writers are not held up meanwhile. Copies made before a migration are not touched.

    Args:
        context: Told of progress, where somebody waits for it.
        only_if_due: Make no copy while the newest is younger than `APART`.

    Returns:
        The copy, or None if none was due.

    Raises:
        ProjectDamaged: The catalog is damaged; the copies that there are were kept.
        ProjectReadOnly, StorageError: Nothing can be written, or the disk is full.
        JobCancelled: The caller asked to end; there is no copy, and all that there were are kept.
    """
    found = _own(folder)
    if only_if_due and found and abs(datetime.now() - found[0].made_at) < APART:
        return None
    with errors_in_words(folder), closing(_connect(folder / CATALOG_NAME)) as db:
        path = copy_checked(db, folder, context=context)
        if path is None:
            raise ProjectDamaged("project.catalog_damaged", restore_hint(folder), folder=folder)
        for backup in _surplus(_own(folder)):
            if backup.path != path:
                backup.path.unlink(missing_ok=True)
    return path


@dataclass(frozen=True, slots=True)
class Content:
    """What a copy would bring back.

    Attributes:
        backup: The copy.
        n_images, n_labels, n_runs: How many readable images, labels on them and runs are in it.
    """

    backup: Backup
    n_images: int
    n_labels: int
    n_runs: int


def list_contents(folder: Path, context: JobContext | None = None) -> tuple[Content, ...]:
    """The sound copies of a project's catalog with what is in them, newest first; each is read as a whole.

    Raises:
        JobCancelled: The caller asked to end.
    """
    found, backups = [], find_backups(folder)
    for n_read, backup in enumerate(backups):
        if context is not None:
            context.progress(n_read, len(backups), stage=READING, unit="files")
        with suppress(sqlite3.DatabaseError, OSError):
            if _is_sound(backup.path):
                counts = _count_rows(backup.path)
                found.append(Content(backup, counts["images"], counts["labels"], counts["runs"]))
    if context is not None:
        context.progress(len(backups), len(backups), stage=READING, unit="files")
    return tuple(found)


def restore_backup(
    folder: Path, *, chosen: Path | None = None, context: JobContext | None = None
) -> Mapping[str, Any]:
    """Put the newest sound copy in the place of a damaged or missing catalog, which is kept beside the copies.

    Args:
        folder: The project, which nobody has open.
        chosen: The copy to go back to instead, one of `find_backups`; then a sound catalog is replaced, too.
        context: Told of progress, where somebody waits for it.

    Returns:
        `project, backup, made_at`, how many `images, labels, runs` are in it, and `aside`, the folder of the damaged
        catalog, or None if there was none.

    Raises:
        InputError: The catalog is sound and no copy was chosen, or there is no sound copy.
        ProjectLocked: Another program has the project.
        ProjectReadOnly, StorageError: Nothing can be written, or the disk is full.
        JobCancelled: The caller asked to end; the catalog is as it was.
    """
    asked, folder = folder, folder.expanduser().absolute()
    if not folder.is_dir():
        raise InputError("project.does_not_exist", folder=folder)
    found = find_backups(folder)
    if not found:
        raise InputError("project.no_backup", folder=folder / BACKUPS_NAME)
    lock = ProjectLock(folder, program="catalejo restore")
    try:
        with errors_in_words(folder):
            if chosen is None and _is_sound(folder / CATALOG_NAME):
                raise InputError("project.catalog_is_sound", folder=folder)
            wanted = found if chosen is None else [b for b in found if b.path.name == chosen.name]
            backup = next((b for b in wanted if _is_sound(b.path)), None)
            if backup is None:
                raise InputError("project.backups_damaged", folder=folder)
            facts = {"project": str(asked), "backup": str(backup.path), "made_at": f"{backup.made_at:%Y-%m-%d %H:%M}",
                     **_count_rows(backup.path),
                     "aside": str(backup.path.parent) if (folder / CATALOG_NAME).exists() else None}
            _replace(folder / CATALOG_NAME, backup.path, context)
            return facts
    finally:
        lock.release()


def _own(folder: Path) -> list[Backup]:
    """Copies that come and go, newest first."""
    return [backup for backup in find_backups(folder) if not backup.is_of_migration]


def _surplus(found: list[Backup]) -> list[Backup]:
    """What can go: the one after the newest if it lies too near the next older one, and all beyond `N_KEPT`."""
    # a negative time between two says that the clock was set back, and nothing of how far they are apart
    is_near = len(found) > 2 and timedelta(0) <= found[1].made_at - found[2].made_at < APART
    too_near = found[1:2] if is_near else []
    return too_near + [backup for backup in found if backup not in too_near][N_KEPT:]


def _connect(path: Path) -> sqlite3.Connection:
    """For reading; with a rollback journal beside it SQLite must be allowed to write, or it refuses to read."""
    mode = "rw" if path.with_name(path.name + "-journal").exists() else "ro"
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True)


def _is_sound(path: Path) -> bool:
    if not path.is_file():
        return False
    with closing(_connect(path)) as db:
        if not is_whole(db):
            return False
        return bool(db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'image'").fetchone()[0])


def _count_rows(path: Path) -> dict[str, int]:
    readable = "image WHERE status <> 'unreadable'"
    counted = {"images": readable, "labels": f"{readable} AND class_id IS NOT NULL", "runs": "run"}
    with closing(_connect(path)) as db:
        return {name: db.execute(f"SELECT count(*) FROM {what}").fetchone()[0] for name, what in counted.items()}


def _replace(catalog: Path, backup: Path, context: JobContext | None) -> None:
    """Without its journal: the damaged catalog's would be applied to the copy and damage it too."""
    draft = catalog.with_name(catalog.name + DRAFT_ENDING)
    remove_with_journals(draft)
    try:
        _copy_file(backup, draft, context)
        kind = "replaced" if _is_sound(catalog) else "damaged"
        aside = backup.with_name(f"{kind}-{datetime.now():%Y%m%d-%H%M%S-%f}.sqlite")
        for ending in ("", *BESIDE):
            old = catalog.with_name(catalog.name + ending)
            if old.exists():
                os.replace(old, aside.with_name(aside.name + ending))
        put_in_place(draft, catalog)
    finally:
        remove_with_journals(draft)


def _copy_file(source: Path, target: Path, context: JobContext | None) -> None:
    """The last moment at which a restoring can be cancelled is before the end of it."""
    if context is None:
        shutil.copyfile(source, target)
        return
    n_bytes = source.stat().st_size
    with source.open("rb") as read, target.open("wb") as written:
        while piece := read.read(BYTES_AT_ONCE):
            written.write(piece)
            context.progress(read.tell(), max(n_bytes, read.tell()), stage=COPYING, unit="")
