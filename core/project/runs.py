"""The runs of a project: their numbers and names, settings and figures."""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import date

from core.errors import ProjectDamaged, RunError
from core.files.foreign import checked_run_id
from core.files.plain import as_plain
from core.project.journal import now_text
from core.project.project import Project
from core.project.run_rows import COLUMNS, READ_COLUMNS, read_row, shown_id
from core.project.run_rows import RunRow as RunRow

_MOST_RUNS = 2**53
"""No project has so many; a number beyond it is damage, and the next one could not be given."""

_NUMBER = re.compile(r"(\d{1,9})(?!\d)", re.ASCII)


def new_run_id(project: Project, strategy: str, *, today: date | None = None) -> str:
    """A name for a new run that neither the catalog nor a folder has: date, number of the day, strategy.

    Raises:
        ProjectDamaged: The catalog has a run whose number no other can follow.
    """
    if project.catalog.rows("SELECT 1 FROM run WHERE number > ?", (_MOST_RUNS,)):
        raise ProjectDamaged("runs.number_damaged", folder=project.folder)
    prefix = f"{today or date.today():%Y-%m-%d}-"
    rows = project.catalog.rows("SELECT CAST(id AS BLOB) FROM run WHERE substr(id, 1, 11) = ?", (prefix,))
    names = [shown_id(row[0]) for row in rows]
    if project.runs_path.is_dir():
        names += [path.name for path in project.runs_path.iterdir() if path.name.startswith(prefix)]
    numbers = [int(found[1]) for name in names if (found := _NUMBER.match(name, len(prefix)))]
    return f"{prefix}{max(numbers, default=0) + 1:03d}-{strategy}"


def record_run(project: Project, run: RunRow) -> None:
    """Write a run into the catalog; one with the same id is replaced, its predictions stay.

    Raises:
        RunError: Its id cannot be the name of a folder.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    values = (
        checked_run_id(run.id), run.created_at or now_text(), run.strategy, run.backbone, run.seed, run.status,
        run.accuracy, run.low, run.high, run.n_train, json.dumps(dict(run.settings)),
        json.dumps(dict(run.figures), default=as_plain),
    )
    renewed = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS.split(", ")[1:])
    with project.catalog.transaction() as db:
        marks = ", ".join("?" * len(values))
        db.execute(f"INSERT INTO run({COLUMNS}) VALUES ({marks}) ON CONFLICT(id) DO UPDATE SET {renewed}", values)


def list_runs(project: Project) -> tuple[RunRow, ...]:
    """All runs, newest first; of a damaged one the row says so (`damage`) and has no values."""
    return tuple(map(read_row, project.catalog.rows(f"SELECT {READ_COLUMNS} FROM run ORDER BY number DESC")))


def find_run(project: Project, run_id: str | None = None) -> RunRow:
    """A run by its id, or the latest that finished.

    Raises:
        RunError: There is no such run, or its row is damaged.
    """
    if run_id is None:
        rows = project.catalog.rows(
            f"SELECT {READ_COLUMNS} FROM run WHERE status = 'finished' ORDER BY number DESC LIMIT 1"
        )
        if not rows:
            raise RunError("runs.none_yet")
    else:
        rows = project.catalog.rows(f"SELECT {READ_COLUMNS} FROM run WHERE id = ?", (run_id,))
        if not rows:
            raise _no_such_run(run_id)
    found = read_row(rows[0])
    if found.damage:
        raise RunError("runs.row_unusable", run=found.id, damage=found.damage)
    return found


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
    """The number of a run.

    Raises:
        RunError: There is no such run.
    """
    row = db.execute("SELECT number FROM run WHERE id = ?", (run_id,)).fetchone()
    if row is None:  # the id of a damaged row is shown otherwise than it is written
        rows = db.execute("SELECT number, CAST(id AS BLOB) FROM run ORDER BY number DESC")
        row = next((row for row in rows if shown_id(row[1]) == run_id), None)
    if row is None:
        raise _no_such_run(run_id)
    return int(row[0])


def _no_such_run(run_id: str) -> RunError:
    return RunError("runs.not_here", run=run_id)
