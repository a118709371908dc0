"""What a catalog from elsewhere may not be: other tables or triggers than this program makes, links in its folder.

STRICT tables keep a text out of a column of numbers; a catalog whose tables were made otherwise could hold
anything in any place. A foreign trigger would act on each label. A link in the place of a file that the program
writes would lead its writing to a file of somebody else.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.errors import ProjectDamaged
from core.files.foreign import UNFINISHED
from core.project.schema import MIGRATIONS

_WRITTEN_FILES = ("catalog.", "thumbnails.sqlite")
"""How the names of files begin that the program writes into a project's folder."""

_WRITTEN_FOLDERS = ("health", "backups")
_STORES = "embeddings"
_RUNS = "runs"

_Shape = tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True)
class _Objects:
    """Tables by name, and everything that acts by itself."""

    tables: Mapping[str, _Shape]
    acting: frozenset[tuple[object, ...]]


def has_own_tables(db: sqlite3.Connection, version: int) -> bool:
    """Whether a catalog has the tables of its version as this program makes them, and nothing that acts by itself."""
    own = _own_objects(version)
    return _acting(db) == own.acting and all(_shape(db, name) == shape for name, shape in own.tables.items())


def require_no_links(folder: Path) -> None:
    """Make sure that what the program writes into a project lands there, and not where a link leads.

    Folders for embeddings and runs may be links to another disk; runs that are reached so are never deleted.

    Raises:
        ProjectDamaged: A file or folder that is written is a link.
    """
    for path in _written(folder):
        if path.is_symlink():
            raise ProjectDamaged(
                "project.holds_a_link", name=path.relative_to(folder), folder=folder,
            )


def _written(folder: Path) -> Iterator[Path]:
    for name in _names(folder):
        if name.startswith(_WRITTEN_FILES) or name in _WRITTEN_FOLDERS:
            yield folder / name
    for name in _WRITTEN_FOLDERS:
        yield from (folder / name / inner for inner in _names(folder / name))
    for name in _names(folder / _STORES):
        yield folder / _STORES / name
        yield from (folder / _STORES / name / inner for inner in _names(folder / _STORES / name))
    yield from (folder / _RUNS / name for name in _names(folder / _RUNS) if name.endswith(UNFINISHED))


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


@cache
def _own_objects(version: int) -> _Objects:
    """What an empty catalog of a version has."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript("".join(MIGRATIONS[:version]))
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return _Objects({name: _shape(db, name) for name in names}, _acting(db))


def _acting(db: sqlite3.Connection) -> frozenset[tuple[object, ...]]:
    """Triggers and views, word for word."""
    sql = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type IN ('trigger', 'view')"
    return frozenset(db.execute(sql).fetchall())


def _shape(db: sqlite3.Connection, table: str) -> _Shape:
    """Its columns with their types, whether they may be empty, and whether it is STRICT."""
    columns = db.execute("SELECT name, type, \"notnull\", pk, hidden FROM pragma_table_xinfo(?)", (table,)).fetchall()
    kinds = db.execute("SELECT type, wr, strict FROM pragma_table_list WHERE schema = 'main' AND name = ?", (table,))
    return (*kinds.fetchall(), *columns)
