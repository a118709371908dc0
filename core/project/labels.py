"""Labels: what a person says an image shows. Each change and its undo record are one transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

import numpy as np

from core.errors import InputError
from core.project.journal import class_states, write_entry
from core.project.project import Project
from core.text import Message


def set_labels(project: Project, image_ids: Sequence[int] | np.ndarray, class_id: int | None) -> int:
    """Label images, or take their labels away.

    Args:
        project: An open project.
        image_ids: Rows of the catalog; unknown ones are ignored.
        class_id: The class, or None for no label.

    Returns:
        How many images changed their label, or got it confirmed that was given to an earlier version of their
        file; 0 leaves no entry in the journal.

    Raises:
        InputError: There is no such class.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    ids = as_json(image_ids)
    with project.catalog.transaction() as db:
        name = _class_name(db, class_id)
        sql = "SELECT count(*) FROM image WHERE id IN (SELECT value FROM json_each(?)) AND " + CHANGES.format("?")
        n_changed = int(db.execute(sql, (ids, class_id)).fetchone()[0])
        if n_changed:
            entry = write_entry(db, _title(n_changed, name), action="label")
            _change(db, entry, ids, class_id)
    return n_changed


CHANGES = "(class_id IS NOT {0} OR label_content IS NOT NULL)"
"""Whether giving an image this label, or none, says something new of it."""


def as_json(ids: Sequence[int] | np.ndarray) -> str:
    """Ids as one parameter for `json_each`, which takes any number of them."""
    return json.dumps(np.asarray(ids, dtype=np.int64).tolist())


def _change(db: sqlite3.Connection, entry: int, ids: str, class_id: int | None) -> None:
    which = "id IN (SELECT value FROM json_each(:ids)) AND " + CHANGES.format(":class")
    values = {"entry": entry, "ids": ids, "class": class_id}
    db.execute(f"INSERT INTO journal_label SELECT :entry, id, class_id, :class FROM image WHERE {which}", values)
    db.execute(f"UPDATE image SET class_id = :class WHERE {which}", values)


def _class_name(db: sqlite3.Connection, class_id: int | None) -> str | None:
    if class_id is None:
        return None
    state = class_states(db).get(class_id)
    if state is None:
        raise InputError("project.class_is_gone")
    return state.name


def _title(n_images: int, name: str | None) -> Message:
    code = "project.journal.remove_labels" if name is None else "project.journal.label"
    return Message(code, n=n_images, name=name or "")
