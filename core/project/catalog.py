"""The SQLite file of a project: opened with every check, transactions with errors in plain words, `meta` values."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import (
    AppError, NotAProject, ProjectDamaged, ProjectLocked, ProjectReadOnly, ProjectTooNew, StorageError,
)
from core.files.writing import put_in_place
from core.project.backup_files import DRAFT_ENDING, copy_checked, find_backups, remove_with_journals, restore_hint
from core.project.schema import (
    APPLICATION_ID, OLDEST_READABLE, VERSION, has_own_tables, migrate, older_as_new,
)

CATALOG_NAME = "catalog.sqlite"
BUSY_TIMEOUT_S = 5.0

SHARED_MEMORY_BYTES = 32 * 1024
"""What SQLite's WAL mode takes beside the catalog to begin with."""

CACHE_KIB = 128 * 1024
"""Memory for pages; SQLite's own 2 MB make a million rows in random order ten times slower."""


class Catalog:
    """An open catalog; use it from the thread that opened it.

    Attributes:
        upgraded_from: The older version that it was brought from when it was opened, or None.

    Args:
        path: `catalog.sqlite`; must exist.
        is_read_only: Open without the right to change anything.

    Raises:
        NotAProject: The file is missing or belongs to another program.
        ProjectTooNew: A newer Catalejo wrote it.
        ProjectDamaged: It cannot be read.
        ProjectReadOnly: It must be brought to this version but cannot be written.
        StorageError: The disk is full or fails.
    """

    def __init__(self, path: Path, *, is_read_only: bool = False) -> None:
        self.path = path
        self.is_read_only = is_read_only
        self.upgraded_from: int | None = None
        if not path.is_file():
            raise not_a_project(path.parent)
        with errors_in_words(path.parent):
            self.db = _connect(path, is_read_only)
            try:
                self._prepare()
            except BaseException:
                self.db.close()
                raise

    def _prepare(self) -> None:
        version = self._check_marks()
        self.db.execute(f"PRAGMA cache_size={-CACHE_KIB}")
        self.db.execute("PRAGMA trusted_schema=OFF")
        if self.is_read_only:
            if version < OLDEST_READABLE:
                raise ProjectReadOnly("project.too_old", folder=self.path.parent)
            if version < VERSION:
                self.db.executescript(older_as_new(version))
            return
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=FULL")
        self.db.execute("PRAGMA foreign_keys=ON")
        if version < VERSION:
            if copy_checked(self.db, self.path.parent, of_version=version) is None:
                raise damaged(self.path.parent)
            migrate(self.db, from_version=version)
            self.upgraded_from = version

    def _check_marks(self) -> int:
        """The version of the catalog, after making sure that it is one of ours and whole."""
        folder = self.path.parent
        if self._pragma("application_id") != APPLICATION_ID:
            if find_backups(folder) or self.db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise damaged(folder)
            raise NotAProject("project.of_another_program", folder=folder)
        version = self._pragma("user_version")
        if version > VERSION:
            raise ProjectTooNew("project.too_new", folder=folder)
        if version >= OLDEST_READABLE and not has_own_tables(self.db, version):
            raise damaged(folder)
        self.db.execute("SELECT count(*) FROM class").fetchone()
        self.db.execute("SELECT id FROM image LIMIT 1").fetchone()
        return version

    def _pragma(self, name: str) -> int:
        return int(self.db.execute(f"PRAGMA {name}").fetchone()[0])

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Changes that are all made or none; acknowledged changes survive a crash.

        Raises:
            ProjectReadOnly: The project was opened for reading, or lies where nothing can be written.
            StorageError: The disk is full or fails; nothing was changed.
            ProjectDamaged: The catalog cannot be read.
        """
        if self.is_read_only:
            raise read_only(self.path.parent)
        with errors_in_words(self.path.parent):
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise

    def rows(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query.

        Raises:
            ProjectDamaged: The catalog cannot be read.
            StorageError: The disk fails.
        """
        with errors_in_words(self.path.parent):
            return self.db.execute(sql, parameters).fetchall()

    def close(self) -> None:
        """Close the file; harmless when closed already."""
        self.db.close()


def create_catalog(path: Path) -> None:
    """Write an empty catalog; it appears under its name only when complete.

    Raises:
        ProjectReadOnly: The folder cannot be written.
        StorageError: The disk is full or fails.
    """
    draft = path.with_name(path.name + DRAFT_ENDING)
    with errors_in_words(path.parent):
        remove_with_journals(draft)  # a journal that a killed one left would be applied to this one
        try:
            with closing(sqlite3.connect(draft, isolation_level=None)) as db:
                db.execute("PRAGMA journal_mode=MEMORY")  # a draft that fails is thrown away whole
                migrate(db, from_version=0)
            put_in_place(draft, path)
        finally:
            remove_with_journals(draft)


def _connect(path: Path, is_read_only: bool) -> sqlite3.Connection:
    if not is_read_only:
        return sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_S)
    uri = path.absolute().as_uri()
    try:
        db = sqlite3.connect(f"{uri}?mode=ro", uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_S)
        db.execute("PRAGMA user_version").fetchone()
    except sqlite3.OperationalError:
        # on a disk that cannot be written, WAL has nowhere to put its shared memory
        _require_no_journal(path)
        db = sqlite3.connect(f"{uri}?immutable=1", uri=True, isolation_level=None)
    return db


def _require_no_journal(path: Path) -> None:
    """An immutable catalog is read without its journal: labels of a program that was killed would be missing."""
    journal = path.with_name(path.name + "-wal")
    if journal.is_file() and journal.stat().st_size:
        raise ProjectReadOnly(
            "project.unfinished_changes", folder=path.parent,
        )


_SIGNS_OF_DAMAGE = ("no such table", "no such column", "Could not decode to UTF-8")
"""What errors say that come without a code, or with one that says nothing."""


@contextmanager
def errors_in_words(folder: Path) -> Iterator[None]:
    """Turn SQLite's and the system's errors into ours, naming the project's folder."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        known = _in_words(error, folder)
        if known is None:
            raise
        raise known from error
    except PermissionError as error:
        raise read_only(folder) from error
    except OSError as error:
        raise StorageError("project.not_written", folder=folder, reason=error.strerror or str(error)) from error


def _in_words(error: sqlite3.DatabaseError, folder: Path) -> AppError | None:
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _is_full(folder)):
        return StorageError("project.disk_is_full", folder=folder)
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return read_only(folder)
    is_damage = code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    if is_damage or any(sign in str(error) for sign in _SIGNS_OF_DAMAGE):
        return damaged(folder)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return ProjectLocked("project.busy", folder=folder)
    if code == sqlite3.SQLITE_IOERR:
        return StorageError("project.disk_failed", folder=folder)
    return None


def _is_full(folder: Path) -> bool:
    """Whether the disk has no page left; SQLite says only "disk I/O error" when its shared memory finds no room."""
    try:
        return shutil.disk_usage(folder).free < SHARED_MEMORY_BYTES
    except OSError:
        return False


def as_json(ids: Sequence[int] | np.ndarray) -> str:
    """Ids as one parameter for `json_each`, which takes any number of them."""
    return json.dumps(np.asarray(ids, dtype=np.int64).tolist())


def not_a_project(folder: Path) -> NotAProject:
    """The error for a folder without a catalog."""
    if find_backups(folder):
        return NotAProject("project.catalog_gone", restore_hint(folder), folder=folder)
    return NotAProject("project.not_a_project", folder=folder)


def read_only(folder: Path) -> ProjectReadOnly:
    """The error for a folder that nothing can be written to."""
    return ProjectReadOnly("project.read_only", folder=folder)


def damaged(folder: Path, code: str = "project.catalog_damaged") -> ProjectDamaged:
    """The error for a catalog that cannot be trusted."""
    return ProjectDamaged(code, restore_hint(folder), folder=folder)


def read_meta(db: sqlite3.Connection, key: str, default: Any) -> Any:
    """The value of a key; the default where there is none, or what stands there is damaged or of another kind."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    try:
        value = json.loads(row[0]) if row else default
    except (ValueError, RecursionError):
        return default
    return value if isinstance(value, type(default)) else default


def write_meta(db: sqlite3.Connection, key: str, value: Any) -> None:
    """Keep a value; to be called inside a transaction."""
    sql = "INSERT INTO meta(key, value) VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value"
    db.execute(sql, (key, json.dumps(value)))
