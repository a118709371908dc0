"""Saves a copy of a whole project in another folder: catalog, runs, embeddings, data check and maps, each read back.

The images stay where they are, and the copy knows them there. Thumbnails and backups are left out, for both are made
anew; what else lies in the project's folder is none of the project's and is named. The copy appears under its name
when all of it is there and equal to the project.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from core.errors import InputError, StorageError
from core.files.writing import DRAFT_START, open_to_write, put_in_place, reason_of, write_errors
from core.jobs import JobContext
from core.project.backup_files import BACKUPS_NAME, BESIDE
from core.project.catalog import CATALOG_NAME, errors_in_words
from core.project.paths import display_text
from core.project.project import OWN_LEFTOVERS, RUNS_NAME, THUMBNAILS_NAME, Project, require_place
from core.text import Message

FOLDERS = (RUNS_NAME, "embeddings", "health", "maps")
PAGES_AT_ONCE = 500
"""Of the catalog, between two looks whether the copying is cancelled."""

ROWS_AT_ONCE = 10_000
PIECE_BYTES = 1 << 20
_MB = 1_000_000
_NOT_COPIED = frozenset({
    *OWN_LEFTOVERS, BACKUPS_NAME, *(THUMBNAILS_NAME + beside for beside in ("", *BESIDE)),
    *(CATALOG_NAME + beside for beside in BESIDE)})


@dataclass(frozen=True, slots=True)
class CopyInput:
    """What is copied where.

    Attributes:
        folder: The project.
        target: Folder of the copy: not there yet, or empty, and not inside the project.
    """

    folder: Path
    target: Path


@dataclass(frozen=True, slots=True)
class CopiedProject:
    """A copy that is whole.

    Attributes:
        target: Its folder.
        n_files: Files that were copied, the catalog among them.
        n_bytes: Their sizes together.
        left_out: Names of what lies in the project's folder and is none of the project's, or is a link.
    """

    target: Path
    n_files: int
    n_bytes: int
    left_out: tuple[str, ...] = ()


def copy_project(inputs: CopyInput, context: JobContext) -> CopiedProject:
    """Copy a project, compare the copy with it, and give the copy its name.

    Raises:
        InputError: The target is not empty, lies in the project, or has no parent.
        NotAProject, ProjectTooNew, ProjectDamaged, ProjectReadOnly: See `Project.open`.
        StorageError: Something cannot be read or written, or the copy is not equal; nothing is left of it.
        JobCancelled: The caller asked to end; nothing is left of the copy.
    """
    folder, target = inputs.folder.expanduser().absolute(), inputs.target.expanduser().absolute()
    with Project.open(folder, read_only=True) as project:
        require_target(folder, target)
        present = (folder / CATALOG_NAME, *_list_files(folder)[0].values())
        sizes = sum(path.stat().st_size for path in present if path.is_file())
        tick = _Tick(context, sizes)
        draft = target.with_name(f"{DRAFT_START}{token_hex(8)}-{target.name}"[:200])
        try:
            with write_errors(draft):
                draft.mkdir()
            n_bytes = _copy_catalog(project, draft / CATALOG_NAME, tick)
            files, left_out = _list_files(folder)  # also those of a run that the catalog has got since
            n_files = 1
            for name, path in files.items():
                n_copied = _copy_file(path, draft / name, tick)
                n_files, n_bytes = n_files + (n_copied is not None), n_bytes + (n_copied or 0)
            tick.end()
            with write_errors(target):
                with suppress(FileNotFoundError):
                    target.rmdir()
                put_in_place(draft, target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return CopiedProject(target, n_files, n_bytes, left_out)


def require_target(folder: Path, target: Path) -> None:
    """Refuse a folder that cannot take the copy of a project; nothing is written.

    Raises:
        InputError: It is not empty, lies in the project or around it, or has no parent.
    """
    own, other = {(folder / name).resolve() for name in ("", *FOLDERS)}, target.resolve()
    if not own.isdisjoint((other, *other.parents)):
        raise InputError("project.copy_into_itself", folder=folder)
    require_place(target)
    try:
        is_empty = not target.exists() or not any(target.iterdir())
    except OSError as error:
        raise InputError("project.folder_unreadable", folder=target) from error
    if not is_empty:
        raise InputError("project.folder_is_not_empty", folder=target)


class _Tick:
    """Tells how far the copying is: each byte counts when it is written and when it is read back."""

    def __init__(self, context: JobContext, n_bytes: int) -> None:
        self._context, self._total, self._done = context, max(2 * n_bytes, 1), 0
        self(0)

    def __call__(self, n_bytes: int) -> None:
        self._done = min(self._done + n_bytes, self._total - 1)
        self._say(self._done)

    def end(self) -> None:
        """All is copied and compared."""
        self._say(self._total)

    def _say(self, done: int) -> None:
        total_mb = -(-self._total // _MB)
        done_mb = total_mb if done == self._total else min(done // _MB, total_mb - 1)
        self._context.progress(done_mb, total_mb, stage=Message("jobs.copying_project"), unit="megabytes")


def _list_files(folder: Path) -> tuple[dict[Path, Path], tuple[str, ...]]:
    """What is copied beside the catalog, by its place in the copy, and the names of what is not.

    `hashes.bin` of a store comes before the vectors that it counts, so that a store that grows meanwhile is whole.
    """
    files: dict[Path, Path] = {}
    left_out = [name for name in _names(folder) if name not in (*FOLDERS, *_NOT_COPIED, CATALOG_NAME)
                and not name.startswith(DRAFT_START) and not name.startswith(CATALOG_NAME)]
    for name in FOLDERS:
        root = (folder / name).resolve()  # runs and embeddings may lie on another disk
        for path in _walk(root):
            place = Path(name) / path.relative_to(root)
            if path.is_symlink() or not path.is_file():
                left_out.append(os.fspath(place))
            elif not path.name.startswith(DRAFT_START):
                files[place] = path
    return files, tuple(display_text(os.fsencode(name)) for name in left_out)


def _names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def _walk(root: Path) -> Iterator[Path]:
    """All files and links below a folder, sorted; links to folders are not followed."""
    for place, folders, names in os.walk(root):
        folders.sort()
        yield from (Path(place) / name for name in sorted([*names, *(
            name for name in folders if (Path(place) / name).is_symlink())]))


def _copy_catalog(project: Project, target: Path, tick: _Tick) -> int:
    """Copy the catalog as it is at one moment by SQLite's own way, and compare all rows; its size."""
    def step(_: int, n_left: int, n_pages: int) -> None:
        tick(0)

    db = project.catalog.db
    with errors_in_words(project.folder):
        db.execute("BEGIN")  # what is written meanwhile belongs to neither side of the comparison
        db.execute("SELECT count(*) FROM main.sqlite_master").fetchone()  # only a reading begins the moment
        try:
            with errors_in_words(target.parent), closing(sqlite3.connect(target, isolation_level=None)) as copy:
                db.backup(copy, pages=PAGES_AT_ONCE, progress=step)
                copy.execute("PRAGMA journal_mode=DELETE")
                tick(size := target.stat().st_size)
                if _digest(db, tick) != _digest(copy, tick):
                    raise StorageError("project.copy_differs", path=target)
                tick(size)
        finally:
            db.execute("COMMIT")
    return size


def _digest(db: sqlite3.Connection, tick: _Tick) -> bytes:
    """Of the tables of a catalog and all of their rows."""
    found = hashlib.sha256()
    tables = db.execute("SELECT name, sql FROM main.sqlite_master ORDER BY type, name").fetchall()
    found.update(repr(tables).encode())
    for (name,) in db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table' ORDER BY name").fetchall():
        rows = db.execute(f'SELECT * FROM main."{name}"')
        while some := rows.fetchmany(ROWS_AT_ONCE):
            tick(0)
            found.update(repr(some).encode("utf-8", "surrogatepass"))
    return found.digest()


def _copy_file(source: Path, target: Path, tick: _Tick) -> int | None:
    """Copy one file and read the copy back; its size, or None if it is gone by now.

    Raises:
        StorageError: It cannot be read or written, or the copy is not equal.
    """
    with write_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    if not source.exists():
        return None
    with open_to_write(target) as file:
        then = _read(source, tick, file.write)
    now = _read(target, tick, lambda _: None)
    if then != now:
        raise StorageError("project.copy_differs", path=target)
    return target.stat().st_size


def _read(path: Path, tick: _Tick, take: Callable[[bytes], object]) -> bytes:
    """Read a file piece by piece; the SHA-256 of all.

    Raises:
        StorageError: It cannot be read.
    """
    found = hashlib.sha256()
    try:
        file = path.open("rb")
    except OSError as error:
        raise StorageError("project.copy_not_read", path=path, reason=reason_of(error)) from error
    with file:
        while piece := _piece(file.read, path):
            found.update(piece)
            take(piece)
            tick(len(piece))
    return found.digest()


def _piece(read: Callable[[int], bytes], path: Path) -> bytes:
    try:
        return read(PIECE_BYTES)
    except OSError as error:
        raise StorageError("project.copy_not_read", path=path, reason=reason_of(error)) from error
