"""Labels: set by a person, taken from a model's predictions, and as a snapshot that a training starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.project.catalog import as_json, damaged
from core.project.classes import require_class
from core.project.journal import write_entry
from core.project.project import Project
from core.project.rows import REF_COLUMNS, image_ref, require_hashes
from core.project.runs import run_number
from core.text import Message
from core.types import ImageRef


def set_labels(project: Project, image_ids: Sequence[int] | np.ndarray, class_id: int | None) -> int:
    """Label images, or take their labels away.

    Args:
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
        name = "" if class_id is None else require_class(db, class_id).name
        sql = "SELECT count(*) FROM image WHERE id IN (SELECT value FROM json_each(?)) AND " + CHANGES.format("?")
        n_changed = int(db.execute(sql, (ids, class_id)).fetchone()[0])
        if n_changed:
            code = "project.journal.remove_labels" if class_id is None else "project.journal.label"
            entry = write_entry(db, Message(code, n=n_changed, name=name), action="label")
            which = "id IN (SELECT value FROM json_each(:ids)) AND " + CHANGES.format(":class")
            values = {"entry": entry, "ids": ids, "class": class_id}
            labelled = f"SELECT :entry, id, class_id, :class FROM image WHERE {which}"
            db.execute(f"INSERT INTO journal_label {labelled}", values)
            db.execute(f"UPDATE image SET class_id = :class WHERE {which}", values)
    return n_changed


CHANGES = "(class_id IS NOT {0} OR label_content IS NOT NULL)"
"""Whether giving an image this label, or none, says something new of it."""


def accept_predictions(project: Project, run_id: str, image_ids: Sequence[int] | np.ndarray) -> int:
    """Label images as a run predicts them; those without a prediction stay as they are.

    Args:
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


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Labelled images and their labels, ordered by row.

    Attributes:
        images: The images, n_images of them.
        labels: Index into `classes` of each image, (n_images,) int64.
        classes: Names of the classes that have images (or of all), in the order of the project.
        class_ids: Their rows in the catalog.
    """

    images: tuple[ImageRef, ...]
    labels: np.ndarray
    classes: tuple[str, ...]
    class_ids: tuple[int, ...]


def take_snapshot(project: Project, *, split: str = "train", has_empty_classes: bool = False) -> Snapshot:
    """The labelled, readable images of a split; not excluded ones, nor those whose label is of an earlier version.

    Args:
        split: "train" or "test".
        has_empty_classes: Whether classes without an image count too.

    Raises:
        ProjectDamaged, StorageError: See `Catalog.rows`.
    """
    sql = (
        f"SELECT {REF_COLUMNS}, i.class_id FROM image i JOIN source s ON s.id = i.source_id "
        "WHERE i.status = 'ok' AND i.split = ? AND i.class_id IS NOT NULL AND i.label_content IS NULL "
        "AND i.excluded IS NULL ORDER BY i.id"
    )
    rows = project.catalog.rows(sql, (split,))
    require_hashes(project, [row[3] for row in rows])
    used = {row[-1] for row in rows}
    names = project.catalog.rows("SELECT id, name FROM class WHERE deleted = 0 ORDER BY position, id")
    if not used <= {i for i, _ in names}:
        raise damaged(project.folder, "project.label_without_class")
    class_ids = tuple(i for i, _ in names if has_empty_classes or i in used)
    classes = tuple(name for i, name in names if i in class_ids)
    index = {class_id: i for i, class_id in enumerate(class_ids)}
    labels = np.fromiter((index[row[-1]] for row in rows), np.int64, len(rows))
    images = tuple(image_ref(*row[:-1]) for row in rows)
    return Snapshot(images, labels, classes, class_ids)
