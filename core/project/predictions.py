"""Predictions in the catalog: recorded in bulk, read back by image, counted into a confusion matrix.

A prediction is of a content. Only those of the content that an image has now are in the catalog: others are not
recorded, and a trigger (see `core.project.schema`) removes them when the content changes.
"""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from core.project.catalog import as_json
from core.project.project import Project
from core.project.runs import RunRow, record_run, run_number
from core.runs.predictions import OUT_OF_FOLD, RunPredictions

_SMALLEST_P = 1e-12
_CHUNK = 100_000
_SHORT_CHUNK = 2_000
"""Rows of a transaction that a key may have to wait for, some twenty milliseconds."""


@dataclass(frozen=True, slots=True)
class PredictionRow:
    """What a run says of one image.

    Attributes:
        kind: `OUT_OF_FOLD` or `NEW`.
        class_id: The predicted class.
        confidence: Its probability, 0 … 1.
        margin: Lead over the runner-up, 0 … 1.
        uncertainty: Entropy over its largest value, 0 … 1.
        p_label: Probability of the label; None without one, or where it is another than when this was recorded (but
            for a change between two classes that were both not predicted).
        loss: -ln p_label, or None.
    """

    image_id: int
    kind: int
    class_id: int
    confidence: float
    margin: float
    uncertainty: float
    p_label: float | None
    loss: float | None


def record_predictions(project: Project, run_id: str, said: RunPredictions, class_ids: Sequence[int]) -> None:
    """Write predictions into the catalog in place of those that the run had for the same images.

    Those of another content than an image has now, or that are no numbers, are left out.

    Args:
        said: What it predicts.
        class_ids: Row in the catalog of each column.

    Raises:
        RunError: There is no such run.
        ValueError: The arrays do not fit each other.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    _require_fit(said, class_ids)
    with project.catalog.transaction() as db:
        number = run_number(db, run_id)
        for start in range(0, len(said.image_ids), _CHUNK):
            _insert(db, number, said.choose(slice(start, start + _CHUNK)), class_ids)


def record_new_run(
    project: Project, run: RunRow, said: RunPredictions, class_ids: Sequence[int], *, gives_way: bool = False
) -> None:
    """Write a run with its predictions; it is there once all of them are.

    The predictions are written first, in short transactions under the number that the run will have, and
    belong to nothing until the run's own row names it. So a label never waits for a million of them. What
    a recording left that was killed is removed by the next one.

    Args:
        run: The run; one with the same id is renewed, by transactions as long as they are.
        said, class_ids: As for `record_predictions`.
        gives_way: Leave as much time between the transactions as they take, for another thread that writes.

    Raises:
        ValueError: The arrays do not fit each other.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`; there is no such run then.
    """
    _require_fit(said, class_ids)
    if project.catalog.rows("SELECT 1 FROM run WHERE id = ?", (run.id,)):
        record_run(project, run)
        record_predictions(project, run.id, said, class_ids)
        return
    with _numbers_ahead(project):
        with project.catalog.transaction() as db:
            number = db.execute("SELECT coalesce(max(number), 0) + 1 FROM run").fetchone()[0]
            db.execute("DELETE FROM prediction WHERE run_number >= ?", (number,))
        for start in range(0, len(said.image_ids), _SHORT_CHUNK):
            begun = time.monotonic()
            with project.catalog.transaction() as db:
                _insert(db, number, said.choose(slice(start, start + _SHORT_CHUNK)), class_ids)
            if gives_way:
                time.sleep(time.monotonic() - begun)
        record_run(project, run)  # SQLite gives it the next number, the one that was asked for above


@contextmanager
def _numbers_ahead(project: Project) -> Iterator[None]:
    """Predictions may name a run that is not there yet."""
    project.catalog.rows("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        project.catalog.rows("PRAGMA foreign_keys=ON")


def _require_fit(said: RunPredictions, class_ids: Sequence[int]) -> None:
    n, n_classes = said.probabilities.shape
    columns = (column for column in (said.image_ids, said.kinds, said.hashes) if column is not None)
    if any(len(column) != n for column in columns) or len(class_ids) != n_classes:
        raise ValueError(f"expected {n} ids, kinds and hashes and {n_classes} classes")


def _insert(db: sqlite3.Connection, number: int, said: RunPredictions, class_ids: Sequence[int]) -> None:
    sql = "SELECT id, class_id, content_hash FROM image WHERE id IN (SELECT value FROM json_each(?))"
    now = {image_id: rest for image_id, *rest in db.execute(sql, (as_json(said.image_ids),))}
    is_kept = np.asarray(np.isfinite(said.probabilities).all(axis=1))
    if said.hashes is not None:
        is_kept &= said.of_contents({image_id: content_hash for image_id, (_, content_hash) in now.items()})
    said = said.choose(is_kept)
    columns = _columns(said, class_ids, {image_id: class_id for image_id, (class_id, _) in now.items()})
    sql = "INSERT OR REPLACE INTO prediction VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    db.executemany(sql, zip([number] * len(said.image_ids), *columns, strict=True))


def list_predictions(
    project: Project, run_id: str, image_ids: Sequence[int] | np.ndarray | None = None
) -> tuple[PredictionRow, ...]:
    """Predictions of a run by image id; of all its images, or of those asked for that it has.

    Raises:
        RunError: There is no such run.
    """
    number = run_number(project.catalog.db, run_id)
    # the label was the predicted class when this was recorded, or was not: where that is otherwise now it is another
    is_of_label = "i.class_id IS NOT NULL AND (p.p_label = p.confidence) IS (i.class_id = p.class_id)"
    sql = (
        "SELECT p.image_id, p.kind, p.class_id, p.confidence, p.margin, p.uncertainty, "
        f"CASE WHEN {is_of_label} THEN p.p_label END, CASE WHEN {is_of_label} THEN p.loss END "
        "FROM prediction p JOIN image i ON i.id = p.image_id WHERE p.run_number = ?"
    )
    if image_ids is None:
        rows = project.catalog.rows(sql + " ORDER BY p.image_id", (number,))
    else:
        chosen = " AND p.image_id IN (SELECT value FROM json_each(?)) ORDER BY p.image_id"
        rows = project.catalog.rows(sql + chosen, (number, as_json(image_ids)))
    return tuple(PredictionRow(*row) for row in rows)


def predicted_ids(project: Project, run_id: str) -> np.ndarray:
    """The images that a run says something of, (n_images,) int64.

    Raises:
        RunError: There is no such run.
    """
    number = run_number(project.catalog.db, run_id)
    rows = project.catalog.rows("SELECT image_id FROM prediction WHERE run_number = ?", (number,))
    return np.fromiter((row[0] for row in rows), np.int64, len(rows))


def count_confusion(project: Project, run_id: str) -> dict[tuple[int, int], int]:
    """How many images have which label, as labels are now, and which out-of-fold prediction; not excluded ones.

    Returns:
        Counts by (class id of the label, class id of the prediction).

    Raises:
        RunError: There is no such run.
    """
    number = run_number(project.catalog.db, run_id)
    sql = (
        "SELECT i.class_id, p.class_id, count(*) FROM prediction p JOIN image i ON i.id = p.image_id "
        "WHERE p.run_number = ? AND p.kind = ? AND i.class_id IS NOT NULL AND i.excluded IS NULL GROUP BY 1, 2"
    )
    return {(label, predicted): n for label, predicted, n in project.catalog.rows(sql, (number, OUT_OF_FOLD))}


def _columns(
    said: RunPredictions, class_ids: Sequence[int], labels: dict[int, int | None]
) -> tuple[Sequence[object], ...]:
    """Columns of the table `prediction` after the run's number."""
    probabilities = np.asarray(said.probabilities, dtype=np.float64)
    ids, kinds = said.image_ids.tolist(), said.kinds.tolist()
    ordered = np.sort(probabilities, axis=1)
    margin = ordered[:, -1] - ordered[:, -2] if probabilities.shape[1] > 1 else ordered[:, -1]
    best = probabilities.argmax(axis=1)
    column = {class_id: i for i, class_id in enumerate(class_ids)}
    p_label = [
        None if (at := column.get(labels.get(image_id) or 0)) is None else float(probabilities[i, at])
        for i, image_id in enumerate(ids)
    ]
    loss = [None if p is None else -math.log(max(p, _SMALLEST_P)) for p in p_label]
    predicted = np.asarray(class_ids, dtype=np.int64)[best]
    return (
        ids, kinds, predicted.tolist(), ordered[:, -1].tolist(), margin.tolist(),
        _entropy(probabilities).tolist(), p_label, loss,
    )


def _entropy(probabilities: np.ndarray) -> np.ndarray:
    """Entropy of each row over its largest possible value, (n_images,) float64, 0 … 1."""
    n_classes = probabilities.shape[1]
    if n_classes < 2:
        return np.zeros(len(probabilities))
    safe = np.clip(probabilities, _SMALLEST_P, 1.0)
    entropy: np.ndarray = -(safe * np.log(safe)).sum(axis=1)
    return np.clip(entropy / math.log(n_classes), 0.0, 1.0)
