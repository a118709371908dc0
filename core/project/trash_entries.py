"""The undo entries about files in the trash: which files, and where each of them lay.

The payload of such an entry holds, beside the empty lists of classes and decisions,

    trash       image, kept (id of the image it is a copy of, or null), path, hash (hexadecimal) of each file
    is_moving   files are on their way, in either direction; still so after a kill, and then only the disk knows
    was_tried   an undo could not put all of them back

Each change of an entry and of the status of its images is one transaction. An image may have been removed from the
project meanwhile, or lie elsewhere: a file that is back is that of an image only at the place where this lies by now.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.images.reasons import write_reason
from core.project.journal import TRASH, title_to_text, write_entry
from core.project.catalog import as_json
from core.project.paths import absolute_path
from core.project.project import Project
from core.text import Message

IN_TRASH = write_reason(Message("images.in_trash"))
IN_TRASH_THEN = "The file was moved to the trash."
"""What earlier versions wrote."""


@dataclass(frozen=True, slots=True)
class TrashedFile:
    """One file in the trash, or on its way there.

    Attributes:
        kept_id: The image that it is a copy of; None where that is not known.
        path: Where it lay, absolute.
        content_hash: SHA-256 of its bytes.
    """

    image_id: int
    kept_id: int | None
    path: Path
    content_hash: bytes


@dataclass(frozen=True, slots=True)
class TrashEntry:
    """One entry of the journal about files in the trash; the attributes are those of the payload."""

    id: int
    is_undone: bool
    files: tuple[TrashedFile, ...]
    is_moving: bool = False
    was_tried: bool = False


def list_trash_entries(project: Project) -> tuple[TrashEntry, ...]:
    """All of them, newest first; one whose payload is damaged holds no files."""
    rows = project.catalog.rows(
        "SELECT id, undone, payload FROM journal WHERE action = ? ORDER BY id DESC", (TRASH,))
    return tuple(_entry(*row) for row in rows)


def begin_trash_entry(project: Project, files: Sequence[TrashedFile]) -> TrashEntry:
    """Note that files are about to go, before they do: their images count as missing from now on.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`; no file may be moved then.
    """
    with project.catalog.transaction() as db:
        title = Message("project.journal.trash", n=len(files))
        entry_id = write_entry(db, title, action=TRASH, more=_payload(files, is_moving=True))
        _mark(db, files, "missing", IN_TRASH, where="status = 'ok'")
    return TrashEntry(entry_id, False, tuple(files), is_moving=True)


def change_trash_entry(
    project: Project, entry: TrashEntry, *, present: Sequence[TrashedFile] = (), stayed: Sequence[TrashedFile] = (),
    gone: Sequence[TrashedFile] = (),
) -> None:
    """Write an entry as it is now, and what became of files; without files it leaves the journal.

    Args:
        present: Files that were found at their place, unchanged.
        stayed: Files that were to go and did not; their images are as they were before.
        gone: Files that are about to go.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    with project.catalog.transaction() as db:
        if entry.files:
            payload = {"before": [], "after": []} | _payload(entry.files, entry.is_moving, entry.was_tried)
            title = title_to_text(Message("project.journal.trash", n=len(entry.files)))
            db.execute("UPDATE journal SET title = ?, undone = ?, payload = ? WHERE id = ?",
                       (title, int(entry.is_undone), json.dumps(payload), entry.id))
        else:
            db.execute("DELETE FROM journal WHERE id = ?", (entry.id,))
        _mark(db, _at_their_place(db, present), "ok", None, where="status = 'missing'")
        _mark(db, stayed, "ok", None, where=f"status = 'missing' AND reason IN ('{IN_TRASH}', '{IN_TRASH_THEN}')")
        _mark(db, gone, "missing", IN_TRASH, where="status = 'ok'")


def _payload(files: Sequence[TrashedFile], is_moving: bool = False, was_tried: bool = False) -> dict[str, Any]:
    """JSON of what is told above; bytes of names that are no UTF-8 are kept as escaped surrogates."""
    return {
        "trash": [{"image": f.image_id, "kept": f.kept_id, "path": os.fspath(f.path), "hash": f.content_hash.hex()}
                  for f in files],
        "is_moving": is_moving, "was_tried": was_tried,
    }


def _entry(entry_id: int, undone: int, payload: str) -> TrashEntry:
    try:
        said = json.loads(payload)
        files = tuple(
            TrashedFile(int(f["image"]), None if f["kept"] is None else int(f["kept"]), Path(f["path"]),
                        bytes.fromhex(f["hash"]))
            for f in said["trash"]
        )
        return TrashEntry(entry_id, bool(undone), files, bool(said["is_moving"]), bool(said["was_tried"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return TrashEntry(entry_id, bool(undone), ())


def _mark(
    db: sqlite3.Connection, files: Sequence[TrashedFile], status: str, reason: str | None, *, where: str
) -> None:
    for table in _TABLES if files else ():
        db.execute(
            f"UPDATE {table} SET status = ?, reason = ? WHERE {where} AND id IN (SELECT value FROM json_each(?))",
            (status, reason, as_json([f.image_id for f in files])),
        )


_TABLES = ("image", "removed_image")


def _at_their_place(db: sqlite3.Connection, files: Sequence[TrashedFile]) -> tuple[TrashedFile, ...]:
    """The files whose images lie where they lay."""
    paths: dict[int, Path] = {}
    for table in _TABLES:
        sql = (f"SELECT i.id, coalesce(s.path, r.path), i.path FROM {table} i "
               "LEFT JOIN source s ON s.id = i.source_id LEFT JOIN removed_source r ON r.id = i.source_id "
               "WHERE i.id IN (SELECT value FROM json_each(?))")
        rows = db.execute(sql, (as_json([f.image_id for f in files]),))
        paths |= {i: absolute_path(root or b"", path) for i, root, path in rows}
    return tuple(f for f in files if paths.get(f.image_id) == f.path)
