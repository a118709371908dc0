"""Marks labels that a person gave to an earlier version of a file, and takes the marks back when they no longer hold.

The mark is `image.label_content`, the content that the label was given to. It follows from the journal alone, so
that undo and redo bring the right mark with the right label, also after a restart: the latest change of an image's
label that was not undone is the one that gave it, and `journal_content` notes what the image showed then, as soon as
its file changes. A label that came from a class folder is never marked, for the folder says the same of the new
content.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from core.project.project import Project

IMPORT = "import"
"""Action of a change whose labels come from the folders."""

_MOVES = "'merge_classes', 'delete_class'"
"""Actions that change labels without anybody looking at an image."""

_REFRESH = f"""
WITH latest AS MATERIALIZED (
    SELECT l.image_id, max(l.journal_id) AS journal_id
    FROM journal_label l JOIN journal j ON j.id = l.journal_id
    WHERE j.undone = 0 AND j.action NOT IN ({_MOVES}) AND l.image_id IN (SELECT value FROM json_each(:ids))
    GROUP BY l.image_id
)
UPDATE image SET label_content = CASE
    WHEN image.class_id IS NULL OR j.action = '{IMPORT}' OR c.content IS image.content_hash THEN NULL
    ELSE c.content END
FROM latest JOIN journal j ON j.id = latest.journal_id
LEFT JOIN journal_content c ON c.image_id = latest.image_id AND c.journal_id = latest.journal_id
WHERE image.id = latest.image_id
"""


def note_contents(db: sqlite3.Connection, image_ids: Sequence[int]) -> None:
    """Note what images show now beside all changes of their labels; to be called before their contents change.

    Args:
        db: A connection inside a transaction.
        image_ids: The images whose files have another content now.
    """
    db.execute(
        "INSERT OR IGNORE INTO journal_content SELECT l.image_id, l.journal_id, i.content_hash "
        "FROM journal_label l JOIN image i ON i.id = l.image_id "
        "WHERE l.image_id IN (SELECT value FROM json_each(?)) AND i.content_hash IS NOT NULL", (_as_json(image_ids),),
    )


def refresh_marks(db: sqlite3.Connection, image_ids: Sequence[int]) -> None:
    """Mark the labels of these images, or take the marks away, as the journal says.

    Args:
        db: A connection inside a transaction.
        image_ids: The images whose contents or labels changed.
    """
    if len(image_ids):
        db.execute(_REFRESH, {"ids": _as_json(image_ids)})


def mark_travelled(db: sqlite3.Connection, journal_id: int) -> None:
    """Refresh the marks of the images of a change that was undone or redone."""
    is_noted = "image_id IN (SELECT image_id FROM journal_content)"
    sql = f"SELECT image_id FROM journal_label WHERE journal_id = ? AND {is_noted}"
    refresh_marks(db, [row[0] for row in db.execute(sql, (journal_id,))])


def marked_ids(project: Project) -> frozenset[int]:
    """The images whose label was given to an earlier version of their file."""
    return frozenset(row[0] for row in project.catalog.rows("SELECT id FROM image WHERE label_content IS NOT NULL"))


def count_marked(project: Project, *, split: str | None = None) -> int:
    """How many readable images have a label that was given to an earlier version of their file."""
    sql = "SELECT count(*) FROM image WHERE label_content IS NOT NULL AND status = 'ok' AND (? IS NULL OR split = ?)"
    return int(project.catalog.rows(sql, (split, split))[0][0])


def _as_json(image_ids: Sequence[int]) -> str:
    return json.dumps(list(image_ids))
