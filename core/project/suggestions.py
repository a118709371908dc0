"""Taking a model's predictions as labels: a person's act, one step for undo."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.project.journal import write_entry
from core.project.labels import as_json
from core.project.project import Project
from core.project.runs import run_number
from core.text import Message


def accept_predictions(project: Project, run_id: str, image_ids: Sequence[int] | np.ndarray) -> int:
    """Label images as a run predicts them; those without a prediction stay as they are.

    Args:
        project: An open project.
        run_id: The run.
        image_ids: Rows of the catalog; unknown ones are ignored.

    Returns:
        How many images changed their label; 0 leaves no entry in the journal. A class that was
        deleted since the run is given to no image.

    Raises:
        RunError: There is no such run.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    with project.catalog.transaction() as db:
        rows = db.execute(_CHANGES, (run_number(db, run_id), as_json(image_ids))).fetchall()
        if rows:
            entry = write_entry(db, Message("project.journal.accept_predictions", n=len(rows)), action="accept")
            db.executemany("INSERT INTO journal_label VALUES (?, ?, ?, ?)", ((entry, *row) for row in rows))
            db.executemany("UPDATE image SET class_id = ? WHERE id = ?", ((new, i) for i, _, new in rows))
    return len(rows)


_CHANGES = (
    "SELECT i.id, i.class_id, p.class_id FROM prediction p JOIN image i ON i.id = p.image_id "
    "JOIN class c ON c.id = p.class_id AND c.deleted = 0 WHERE p.run_number = ? "
    "AND p.image_id IN (SELECT value FROM json_each(?)) "
    "AND (i.class_id IS NOT p.class_id OR i.label_content IS NOT NULL)"
)
