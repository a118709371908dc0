"""Removes images and sources from a project, and brings them back.

No file is touched. What is removed is out of every list, count, training and submission; its labels, exclusions and
predictions wait with it (`core.project.removed_rows`) and come back with it, by undo or by `return_images`. What an
import does with their files is in `core.project.removed_files`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import InputError
from core.project.catalog import as_json
from core.project.journal import REMOVE, RETURN, note_removal, write_entry
from core.project.paths import absolute_path, display_text
from core.project.project import Project
from core.project.removed_rows import put_back, take_out
from core.text import Message


@dataclass(frozen=True, slots=True)
class RemovedImage:
    """An image that is out of the project and can come back.

    Attributes:
        path: Where its file lay, absolute.
    """

    id: int
    path: Path
    split: str


def remove_images(project: Project, image_ids: Sequence[int] | np.ndarray) -> int:
    """Take images out of the project, as one entry of the journal; how many.

    Args:
        image_ids: Rows of the catalog; unknown ones are ignored.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    with project.catalog.transaction() as db:
        sql = "SELECT id FROM image WHERE id IN (SELECT value FROM json_each(?))"
        ids = [row[0] for row in db.execute(sql, (as_json(image_ids),))]
        if ids:
            _note(db, Message("project.journal.remove_images", n=len(ids)), REMOVE, ids)
            take_out(db, ids)
    return len(ids)


def remove_source(project: Project, source_id: int) -> int:
    """Take a folder and all of its images out of the project, as one entry of the journal; how many images.

    Raises:
        InputError: There is no such source.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    with project.catalog.transaction() as db:
        found = db.execute("SELECT path FROM source WHERE id = ?", (source_id,)).fetchone()
        if found is None:
            raise InputError("project.no_such_source")
        ids = [row[0] for row in db.execute("SELECT id FROM image WHERE source_id = ?", (source_id,))]
        name = display_text(found[0].rpartition(b"/")[2]) or "/"
        _note(db, Message("project.journal.remove_source", name=name, n=len(ids)), REMOVE, ids, [source_id])
        take_out(db, ids, [source_id])
    return len(ids)


def return_images(project: Project, image_ids: Sequence[int] | np.ndarray) -> int:
    """Bring removed images back with their labels, as one entry of the journal; how many.

    Args:
        image_ids: From `list_removed`; others are ignored.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    with project.catalog.transaction() as db:
        sql = "SELECT id FROM removed_image WHERE id IN (SELECT value FROM json_each(?))"
        ids = [row[0] for row in db.execute(sql, (as_json(image_ids),))]
        if ids:
            back = ("SELECT DISTINCT r.id FROM removed_source r JOIN removed_image i ON i.source_id = r.id "
                    "WHERE i.id IN (SELECT value FROM json_each(?))")
            sources = [row[0] for row in db.execute(back, (as_json(ids),))]
            _note(db, Message("project.journal.return_images", n=len(ids)), RETURN, ids, sources)
            return put_back(db, ids)
    return 0


def _note(
    db: sqlite3.Connection, title: Message, action: str, image_ids: Sequence[int], source_ids: Sequence[int] = ()
) -> None:
    note_removal(db, write_entry(db, title, action=action, more={"sources": list(source_ids)}), image_ids)


def list_removed(project: Project) -> tuple[RemovedImage, ...]:
    """The images that were removed and can come back, in the order of their paths.

    Raises:
        ProjectDamaged, StorageError: See `Catalog.rows`.
    """
    rows = project.catalog.rows(
        "SELECT i.id, coalesce(s.path, r.path), i.path, i.split FROM removed_image i "
        "LEFT JOIN source s ON s.id = i.source_id LEFT JOIN removed_source r ON r.id = i.source_id "
        "ORDER BY i.sort_key")
    return tuple(RemovedImage(i, absolute_path(root or b"", path), split) for i, root, path, split in rows)


def count_removed(project: Project, *, split: str | None = None) -> int:
    """How many images are out of the project and can come back, of one part or of both."""
    sql = "SELECT count(*) FROM removed_image WHERE ? IS NULL OR split = ?"
    return int(project.catalog.rows(sql, (split, split))[0][0])
