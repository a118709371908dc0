"""The runs of a project: their numbers and names, settings and figures."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.errors import RunError
from core.project.journal import now_text
from core.project.project import Project

_COLUMNS = "id, created_at, strategy, backbone, seed, status, accuracy, low, high, n_train, settings, figures"


@dataclass(frozen=True, slots=True)
class RunRow:
    """One training.

    Attributes:
        id: Such as "2026-11-22-001-transfer"; also its folder's name.
        strategy: "transfer", "zero-shot" …
        backbone: Key of the pretrained network; empty without one.
        seed: Start of its random numbers.
        n_train: Labelled images that it was trained on.
        status: "finished", "stopped" (cancelled, with a usable model) or "failed".
        accuracy: Share of right answers on images that the model did not see, 0 … 1, or None.
        low, high: 95 % interval of the accuracy, or None.
        settings: The settings as JSON values.
        figures: Further figures as JSON values (per class, confusion …).
        created_at: ISO 8601, UTC; filled in when recorded if empty.
    """

    id: str
    strategy: str
    backbone: str
    seed: int
    n_train: int
    status: str = "finished"
    accuracy: float | None = None
    low: float | None = None
    high: float | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)
    created_at: str = ""


def new_run_id(project: Project, strategy: str, *, today: date | None = None) -> str:
    """A name for a new run that neither the catalog nor a folder has: date, number of the day, strategy."""
    prefix = f"{today or date.today():%Y-%m-%d}-"
    names = [row[0] for row in project.catalog.rows("SELECT id FROM run WHERE substr(id, 1, 11) = ?", (prefix,))]
    if project.runs_path.is_dir():
        names += [path.name for path in project.runs_path.iterdir() if path.name.startswith(prefix)]
    numbers = [int(name[11:14]) for name in names if name[11:14].isdecimal()]
    return f"{prefix}{max(numbers, default=0) + 1:03d}-{strategy}"


def record_run(project: Project, run: RunRow) -> None:
    """Write a run into the catalog; one with the same id is replaced, its predictions stay.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    values = (
        run.id, run.created_at or now_text(), run.strategy, run.backbone, run.seed, run.status, run.accuracy,
        run.low, run.high, run.n_train, json.dumps(dict(run.settings)), json.dumps(dict(run.figures)),
    )
    renewed = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS.split(", ")[1:])
    with project.catalog.transaction() as db:
        marks = ", ".join("?" * len(values))
        db.execute(f"INSERT INTO run({_COLUMNS}) VALUES ({marks}) ON CONFLICT(id) DO UPDATE SET {renewed}", values)


def list_runs(project: Project) -> tuple[RunRow, ...]:
    """All runs, newest first."""
    return tuple(_row(row) for row in project.catalog.rows(f"SELECT {_COLUMNS} FROM run ORDER BY number DESC"))


def find_run(project: Project, run_id: str | None = None) -> RunRow:
    """A run by its id, or the latest that finished.

    Raises:
        RunError: There is no such run.
    """
    if run_id is None:
        rows = project.catalog.rows(
            f"SELECT {_COLUMNS} FROM run WHERE status = 'finished' ORDER BY number DESC LIMIT 1"
        )
        if not rows:
            raise RunError("Nothing has been trained in this project yet.", "Train first.")
    else:
        rows = project.catalog.rows(f"SELECT {_COLUMNS} FROM run WHERE id = ?", (run_id,))
        if not rows:
            raise RunError(f"There is no run “{run_id}” in this project.", "List the runs to see their names.")
    return _row(rows[0])


def delete_run(project: Project, run_id: str) -> None:
    """Remove a run and its predictions from the catalog; its folder stays.

    Raises:
        RunError: There is no such run.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    with project.catalog.transaction() as db:
        number = run_number(db, run_id)
        db.execute("DELETE FROM prediction WHERE run_number = ?", (number,))
        db.execute("DELETE FROM run WHERE number = ?", (number,))


def run_number(db: sqlite3.Connection, run_id: str) -> int:
    """The row of a run.

    Raises:
        RunError: There is no such run.
    """
    row = db.execute("SELECT number FROM run WHERE id = ?", (run_id,)).fetchone()
    if row is None:
        raise RunError(f"There is no run “{run_id}” in this project.", "List the runs to see their names.")
    return int(row[0])


def _row(row: tuple[Any, ...]) -> RunRow:
    run_id, created_at, strategy, backbone, seed, status, accuracy, low, high, n_train, settings, figures = row
    return RunRow(
        run_id, strategy, backbone, seed, n_train, status, accuracy, low, high,
        json.loads(settings), json.loads(figures), created_at,
    )
