"""The tables of a catalog, the numbered steps from one version to the next, and what a foreign catalog may not have.

Version n is reached by the n-th script in `MIGRATIONS`; a script that has been released is
never changed, a new one is added.

STRICT tables keep a text out of a column of numbers; a catalog whose tables were made otherwise could hold
anything in any place. A foreign trigger would act on each label. A link in the place of a file that the program
writes would lead its writing to a file of somebody else.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path

from core.errors import ProjectDamaged
from core.files.foreign import UNFINISHED

APPLICATION_ID = 0x43544C4A
"""Marks a SQLite file as a Catalejo catalog ("CTLJ")."""

_VERSION_1 = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE source(
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE,              -- os.fsencode of the absolute folder
    split TEXT NOT NULL CHECK (split IN ('train', 'test')),
    added_at TEXT NOT NULL
) STRICT;

CREATE TABLE class(
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,                     -- a path such as guns/pistol
    color TEXT NOT NULL,                    -- #RRGGBB
    key TEXT,                               -- one character, or none
    position INTEGER NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX class_name ON class(name) WHERE deleted = 0;
CREATE UNIQUE INDEX class_key ON class(key) WHERE deleted = 0 AND key IS NOT NULL;

CREATE TABLE image(
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES source(id),
    path BLOB NOT NULL,                     -- relative to the source, parts joined by /
    name TEXT NOT NULL,                     -- the same as readable text
    sort_key TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    content_hash BLOB,                      -- SHA-256; none where not even the bytes could be read
    format TEXT,
    width INTEGER,
    height INTEGER,
    mode TEXT,
    split TEXT NOT NULL CHECK (split IN ('train', 'test')),
    class_id INTEGER REFERENCES class(id),  -- the label that a person gave
    status TEXT NOT NULL CHECK (status IN ('ok', 'unreadable', 'missing')),
    reason TEXT,
    added_at TEXT NOT NULL,
    UNIQUE (source_id, path)
) STRICT;
CREATE INDEX image_hash ON image(content_hash);
-- holds what filters ask for, so that a million rows in order are read from the index alone
CREATE INDEX image_order ON image(sort_key, id, status, split, source_id, class_id);
CREATE INDEX image_class ON image(class_id, status, split, sort_key);
CREATE INDEX image_not_ok ON image(status) WHERE status <> 'ok';

CREATE TABLE journal(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    action TEXT NOT NULL,
    title TEXT NOT NULL,
    undone INTEGER NOT NULL DEFAULT 0,
    payload TEXT NOT NULL                   -- JSON: classes before and after
) STRICT;
CREATE TABLE journal_label(
    journal_id INTEGER NOT NULL REFERENCES journal(id) ON DELETE CASCADE,
    image_id INTEGER NOT NULL,
    before_class_id INTEGER,
    after_class_id INTEGER,
    PRIMARY KEY (journal_id, image_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE run(
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,                -- 2026-11-22-001-transfer
    created_at TEXT NOT NULL,
    strategy TEXT NOT NULL,
    backbone TEXT NOT NULL,
    seed INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('finished', 'stopped', 'failed')),
    accuracy REAL,
    low REAL,
    high REAL,
    n_train INTEGER NOT NULL,
    settings TEXT NOT NULL,                 -- JSON
    figures TEXT NOT NULL                   -- JSON
) STRICT;
CREATE TABLE prediction(
    run_number INTEGER NOT NULL REFERENCES run(number) ON DELETE CASCADE,
    image_id INTEGER NOT NULL,
    kind INTEGER NOT NULL,                  -- 0 out of fold, 1 new
    class_id INTEGER NOT NULL,
    confidence REAL NOT NULL,               -- probability of class_id
    margin REAL NOT NULL,                   -- lead over the runner-up
    uncertainty REAL NOT NULL,              -- entropy, 0 … 1
    p_label REAL,                           -- probability of the label when recorded
    loss REAL,                              -- -ln p_label
    PRIMARY KEY (run_number, image_id)
) STRICT, WITHOUT ROWID;
"""

_VERSION_2 = """
CREATE TABLE finding_decision(              -- what a person said to a finding of the data check
    kind TEXT NOT NULL,                     -- 'label' or 'finding'
    subject TEXT NOT NULL,                  -- content hash and class of a label, or the key of a finding
    reason TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;
"""

_VERSION_3 = """
-- inode change time when the file was last read: tells a file that was replaced with the same size and mtime
ALTER TABLE image ADD COLUMN ctime_ns INTEGER;
-- content that a person's label was given to, where the file has another one now; see core.project.journal
ALTER TABLE image ADD COLUMN label_content BLOB;
CREATE INDEX image_marked ON image(id) WHERE label_content IS NOT NULL;

CREATE TABLE journal_content(               -- what an image showed when the change was made, if it changed since
    image_id INTEGER NOT NULL,
    journal_id INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (image_id, journal_id)
) STRICT, WITHOUT ROWID;
-- whoever gives a label gives it to the content of now
CREATE TRIGGER image_label AFTER UPDATE OF class_id ON image WHEN old.label_content IS NOT NULL
BEGIN
    UPDATE image SET label_content = NULL WHERE id = old.id;
END;

-- nobody noted which content an older prediction of an unlabelled image was of; it costs little to predict again
DELETE FROM prediction WHERE kind <> 0;

-- a prediction is of a content: with the content it goes, also that of the run that is just being recorded
CREATE TRIGGER image_content AFTER UPDATE OF content_hash ON image WHEN old.content_hash IS NOT new.content_hash
BEGIN
    DELETE FROM prediction WHERE image_id = old.id
        AND run_number IN (SELECT number FROM run UNION SELECT coalesce(max(number), 0) + 1 FROM run);
END;
"""

_VERSION_4 = """
-- the same tables; notes and findings of runs, titles of the journal and reasons of images may be codes with
-- parameters (JSON of core.text.Message), which earlier versions would show as they lie there
"""

_VERSION_5 = """
-- why an image is neither learnt from nor judged: code as JSON, or a person's own words; see core.project.exclusion
ALTER TABLE image ADD COLUMN excluded TEXT;
CREATE INDEX image_excluded ON image(id) WHERE excluded IS NOT NULL;
CREATE TABLE journal_exclusion(
    journal_id INTEGER NOT NULL,
    image_id INTEGER NOT NULL,
    before_excluded TEXT,
    after_excluded TEXT,
    PRIMARY KEY (journal_id, image_id)
) STRICT, WITHOUT ROWID;

-- what a person took out of the project, whole, so that it can come back; columns as those of the tables without
-- "removed_", in their order; see core.project.removal
CREATE TABLE removed_source(id INTEGER PRIMARY KEY, path BLOB NOT NULL, split TEXT NOT NULL, added_at TEXT NOT NULL)
    STRICT;
CREATE TABLE removed_image(
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL,
    path BLOB NOT NULL,
    name TEXT NOT NULL,
    sort_key TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    content_hash BLOB,
    format TEXT,
    width INTEGER,
    height INTEGER,
    mode TEXT,
    split TEXT NOT NULL,
    class_id INTEGER REFERENCES class(id),
    status TEXT NOT NULL,
    reason TEXT,
    added_at TEXT NOT NULL,
    ctime_ns INTEGER,
    label_content BLOB,
    excluded TEXT
) STRICT;
CREATE INDEX removed_image_source ON removed_image(source_id);
CREATE TABLE removed_prediction(
    run_number INTEGER NOT NULL REFERENCES run(number) ON DELETE CASCADE,
    image_id INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    class_id INTEGER NOT NULL,
    confidence REAL NOT NULL,
    margin REAL NOT NULL,
    uncertainty REAL NOT NULL,
    p_label REAL,
    loss REAL,
    PRIMARY KEY (run_number, image_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE journal_removal(                -- which images a removal took out
    journal_id INTEGER NOT NULL,
    image_id INTEGER NOT NULL,
    PRIMARY KEY (journal_id, image_id)
) STRICT, WITHOUT ROWID;
"""

_VERSION_6 = """
-- flags of the program ("checked") and tags of a person's own; see core.project.tags
CREATE TABLE tag(
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('flag', 'tag')),
    name TEXT NOT NULL,                     -- a flag's code, or a tag as a person writes it
    folded TEXT NOT NULL,                   -- what names are compared by: case does not count
    UNIQUE (kind, folded)
) STRICT;
-- an image keeps its rows while it is out of the project
CREATE TABLE image_tag(
    tag_id INTEGER NOT NULL REFERENCES tag(id),
    image_id INTEGER NOT NULL,
    PRIMARY KEY (tag_id, image_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX image_tag_image ON image_tag(image_id);
CREATE TABLE journal_tag(
    journal_id INTEGER NOT NULL,
    tag_id INTEGER NOT NULL,
    image_id INTEGER NOT NULL,
    is_set INTEGER NOT NULL,                -- 1: the image got it, 0: it was taken away
    PRIMARY KEY (journal_id, tag_id, image_id)
) STRICT, WITHOUT ROWID;
"""

MIGRATIONS: tuple[str, ...] = (_VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4, _VERSION_5, _VERSION_6)
VERSION = len(MIGRATIONS)
"""The catalog version that this program writes."""

PAGE_BYTES = 16 * 1024
"""Reading a million rows takes a quarter less time than in SQLite's pages of 4 kB."""

OLDEST_READABLE = 1
"""Catalogs from this version on can be looked at without being brought up to date."""

_COLUMNS_SINCE: Mapping[int, tuple[str, ...]] = {3: ("ctime_ns", "label_content"), 5: ("excluded",)}
"""The columns that `image` has got, by the version that brought them."""

_WITH_TABLES = {5: _VERSION_5, 6: _VERSION_6}
"""The scripts with tables that are asked without looking whether they are there."""


def older_as_new(version: int) -> str:
    """Makes a catalog of an older version readable by the questions of this one, for a connection that may not write.

    Returns:
        A script; empty for the version of this program.
    """
    lacking = [name for since, names in _COLUMNS_SINCE.items() if version < since for name in names]
    columns = ", ".join(f"NULL AS {name}" for name in lacking)
    view = f"CREATE TEMP VIEW image AS SELECT *, {columns} FROM main.image;" if lacking else ""
    scripts = (script for since, script in _WITH_TABLES.items() if version < since)
    tables = (re.findall(r"CREATE TABLE .*?STRICT[^;]*;", script, re.DOTALL) for script in scripts)
    return view + "".join(one.replace("CREATE TABLE", "CREATE TEMP TABLE") for some in tables for one in some)


def migrate(db: sqlite3.Connection, *, from_version: int) -> None:
    """Bring a catalog to `VERSION` in one transaction; 0 is an empty file.

    Raises:
        sqlite3.DatabaseError: A step failed; the catalog is as it was.
    """
    steps = "".join(MIGRATIONS[from_version:])
    marks = f"PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={VERSION};"
    if from_version == 0:
        db.execute(f"PRAGMA page_size={PAGE_BYTES}")
    try:
        db.executescript(f"BEGIN IMMEDIATE; {steps} {marks} COMMIT;")
    except sqlite3.DatabaseError:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


_WRITTEN_FILES = ("catalog.", "thumbnails.sqlite")
"""How the names of files begin that the program writes into a project's folder."""

_WRITTEN_FOLDERS = ("health", "backups", "maps")
_STORES = "embeddings"
_RUNS = "runs"

_Shape = tuple[tuple[object, ...], ...]


def has_own_tables(db: sqlite3.Connection, version: int) -> bool:
    """Whether a catalog has the tables of its version as this program makes them, and nothing that acts by itself."""
    tables, acting = _own_objects(version)
    return _acting(db) == acting and all(_shape(db, name) == shape for name, shape in tables.items())


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
def _own_objects(version: int) -> tuple[Mapping[str, _Shape], frozenset[tuple[object, ...]]]:
    """What an empty catalog of a version has: tables by name, and everything that acts by itself."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript("".join(MIGRATIONS[:version]))
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: _shape(db, name) for name in names}, _acting(db)


def _acting(db: sqlite3.Connection) -> frozenset[tuple[object, ...]]:
    """Triggers and views, word for word."""
    sql = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type IN ('trigger', 'view')"
    return frozenset(db.execute(sql).fetchall())


def _shape(db: sqlite3.Connection, table: str) -> _Shape:
    """Its columns with their types, whether they may be empty, and whether it is STRICT."""
    columns = db.execute("SELECT name, type, \"notnull\", pk, hidden FROM pragma_table_xinfo(?)", (table,)).fetchall()
    kinds = db.execute("SELECT type, wr, strict FROM pragma_table_list WHERE schema = 'main' AND name = ?", (table,))
    return (*kinds.fetchall(), *columns)
