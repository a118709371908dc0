"""The runs of a project: their names, and their rows, made from records and read back with every value checked.

A catalog may come from another person. A run is read only if its name can be the name of a folder and its values
are of the kinds that this program writes; one that is not must neither hide the other runs nor be taken for sound."""

from __future__ import annotations

import json
import math
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.errors import ProjectDamaged, RunError
from core.files.foreign import MOST_LETTERS, checked_run_id, is_run_id, parse_json
from core.files.plain import as_plain
from core.project.journal import now_text
from core.project.project import Project
from core.project.run_marks import deleted_ids
from core.runs.record import RunRecord
from core.text import Message

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


def list_runs(project: Project, *, with_deleted: bool = False) -> tuple[RunRow, ...]:
    """All runs, newest first; of a damaged one the row says so (`damage`) and has no values.

    Args:
        with_deleted: Also those that a person deleted and that can be brought back.
    """
    rows = map(_read_row, project.catalog.rows(f"SELECT {READ_COLUMNS} FROM run ORDER BY number DESC"))
    left_out = frozenset() if with_deleted else deleted_ids(project)
    return tuple(row for row in rows if row.id not in left_out)


def find_run(project: Project, run_id: str | None = None) -> RunRow:
    """A run by its id, or the latest that finished.

    Raises:
        RunError: There is no such run, it was deleted, or its row is damaged.
    """
    deleted = deleted_ids(project)
    if run_id in deleted:
        raise RunError("runs.is_deleted", run=run_id)
    if run_id is None:
        rows = project.catalog.rows(
            f"SELECT {READ_COLUMNS} FROM run WHERE status = 'finished' "
            "AND id NOT IN (SELECT value FROM json_each(?)) ORDER BY number DESC LIMIT 1",
            (json.dumps(sorted(deleted)),),
        )
        if not rows:
            raise RunError("runs.none_yet")
    else:
        rows = project.catalog.rows(f"SELECT {READ_COLUMNS} FROM run WHERE id = ?", (run_id,))
        if not rows:
            raise RunError("runs.not_here", run=run_id)
    found = _read_row(rows[0])
    if found.damage:
        raise RunError("runs.row_unusable", run=found.id, damage=found.damage)
    return found


def latest_finished(runs: Sequence[RunRow], *, before: str | None = None) -> str | None:
    """The run that finished last; None if there is none. One that was cancelled is never chosen by itself.

    Args:
        runs: Newest first.
        before: Only runs older than this one count.
    """
    ids = [run.id for run in runs]
    first = 0 if before is None else ids.index(before) + 1 if before in ids else len(ids)
    return next((run.id for run in runs[first:] if run.status == FINISHED), None)


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
        raise RunError("runs.not_here", run=run_id)
    return int(row[0])


COLUMNS = "id, created_at, strategy, backbone, seed, status, accuracy, low, high, n_train, settings, figures"
READ_COLUMNS = ", ".join(
    f"CASE typeof({name}) WHEN 'text' THEN CAST({name} AS BLOB) ELSE {name} END" for name in COLUMNS.split(", "))
"""Texts as bytes: one that is not UTF-8 would keep SQLite from giving any row at all."""

FINISHED, STOPPED, FAILED = "finished", "stopped", "failed"
STOPPED_BY_USER = "stopped by user"
"""The stop reason of a run that was cancelled with a usable model; see `core.training.settings.StopReason`."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run.

    Attributes:
        id: Such as "2026-11-22-001-transfer"; also its folder's name, unless it is damaged.
        strategy: "transfer", "zero-shot" …
        backbone: Key of the pretrained network; empty without one.
        n_train: Labelled images that it was trained on.
        status: "finished", "stopped" (cancelled, with a usable model) or "failed".
        accuracy: Share of right answers on images that the model did not see, 0 … 1, or None.
        low, high: 95 % interval of the accuracy, or None.
        settings: The settings as JSON values.
        figures: Further figures as JSON values (per class, confusion …).
        created_at: ISO 8601, UTC; filled in when recorded if empty.
        damage: What is wrong with its row in the catalog, one sentence; None for a sound one.
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
    damage: Message | None = None


def row_of_record(record: RunRecord, class_ids: Sequence[int]) -> RunRow:
    """What the catalog keeps of a run, out of its record.

    Args:
        record: As in `run.json`.
        class_ids: Rows of its classes in the catalog, in their order.
    """
    low, high = record.interval or (None, None)
    figures = {
        "classes": list(record.classes), "n_validation": record.n_validation, "accuracy_kind": record.accuracy_kind,
        "confusion": [list(row) for row in record.confusion], "log_loss": record.log_loss,
        "per_class": [f.to_json() for f in record.per_class],
        "seconds": record.seconds, "notes": list(record.notes), "findings": [dict(f) for f in record.findings],
        "class_ids": list(class_ids), "n_excluded": record.n_excluded,
    }
    if "stop_reason" in record.fit:
        figures |= {"stop_reason": str(record.fit["stop_reason"]), "best_epoch": record.fit.get("best_epoch"),
                    "history": list(record.fit.get("history", ()))}
    for name in ("groups", "calibration", "repeats"):
        if name in record.fit:
            figures[name] = dict(record.fit[name])
    return RunRow(
        record.run, record.strategy, record.backbone, record.seed, record.n_train,
        STOPPED if figures.get("stop_reason") == STOPPED_BY_USER else FINISHED, record.accuracy, low, high,
        dict(record.settings), figures, record.created_at,
    )


def _read_row(row: Sequence[Any]) -> RunRow:
    """A row of `READ_COLUMNS`; one that is damaged has `damage` and none of the values."""
    try:
        return _sound_row(row)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        what = error.message if isinstance(error, _Damage) else Message("runs.row_values")
        return RunRow(shown_id(row[0]), "", "", 0, 0, FAILED, damage=Message("runs.row_damaged", what=what))


def shown_id(stored: Any) -> str:
    """The id of a run as it can be shown and asked for again, whatever lies in the catalog."""
    return stored.decode("utf-8", "replace") if isinstance(stored, bytes) else str(stored)


class _Damage(ValueError):
    """What is wrong, as the end of a sentence."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.message = Message(code, **params)


def _sound_row(row: Sequence[Any]) -> RunRow:
    texts = dict(zip(COLUMNS.split(", "), row, strict=True))
    for name in ("id", "created_at", "strategy", "backbone", "status", "settings", "figures"):
        texts[name] = texts[name].decode("utf-8")
    if not is_run_id(texts["id"]):
        raise _Damage("runs.row_name")
    if max(len(texts["strategy"]), len(texts["backbone"])) > MOST_LETTERS:
        raise _Damage("runs.row_long_name")
    settings, figures = parse_json(texts.pop("settings")), parse_json(texts.pop("figures"))
    found = RunRow(**texts, settings=settings, figures=figures)
    _require_numbers(found)
    if not isinstance(settings, dict):
        raise _Damage("runs.row_settings")
    _require_figures(figures)
    return found


def _require_numbers(run: RunRow) -> None:
    if not all(isinstance(n, int) for n in (run.seed, run.n_train)) or run.n_train < 0:
        raise _Damage("runs.row_number")
    for share in (run.accuracy, run.low, run.high):
        if share is not None and not (isinstance(share, float) and 0 <= share <= 1):
            raise _Damage("runs.row_accuracy")


def _require_figures(figures: Any) -> None:
    """What every figure is that the program reads again; others may stand beside them."""
    if not isinstance(figures, dict):
        raise _Damage("runs.row_figures")
    for name, is_sound in _FIGURES.items():
        if name in figures and not is_sound(figures[name]):
            raise _Damage("runs.row_figure", name=name)
    n_classes = len(figures.get("classes", ()))
    confusion, class_ids = figures.get("confusion") or (), figures.get("class_ids")
    if confusion and (len(confusion) != n_classes or any(len(line) != n_classes for line in confusion)):
        raise _Damage("runs.row_confusion")
    if class_ids is not None and "classes" in figures and len(class_ids) != n_classes:
        raise _Damage("runs.row_classes")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300 or value != value


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_message(value: Any) -> bool:
    """A message as JSON, or a text of an earlier version."""
    return Message.from_json(value) is not None


def _are(kind: Any) -> Any:
    return lambda values: isinstance(values, list) and all(kind(value) for value in values)


def _are_classes(values: Any) -> bool:
    return bool(_are(_is_text)(values) and all(values) and len(set(values)) == len(values))


def _is_finding(value: Any) -> bool:
    return isinstance(value, dict) and "acknowledged" in value and _is_text(value["acknowledged"] or "") and (
        _is_text(value.get("key")) and _is_message(value.get("sentence")) and _is_message(value.get("figure", ""))
        and _are(_is_message)(value.get("details", [])))


def _is_class_figure(value: Any) -> bool:
    return isinstance(value, dict) and _is_text(value.get("name")) and _is_count(value.get("n", 0)) and all(
        value.get(name) is None or _is_number(value[name]) for name in ("precision", "recall"))


def _is_epoch(value: Any) -> bool:
    return isinstance(value, dict) and _is_count(value.get("epoch")) and _is_count(value.get("n_epochs")) and all(
        figure is None or _is_number(figure) or isinstance(figure, bool) for figure in value.values())


_FIGURES: Mapping[str, Any] = {
    "classes": _are_classes, "confusion": _are(_are(_is_count)), "class_ids": _are(_is_count),
    "n_validation": _is_count, "n_excluded": _is_count, "accuracy_kind": _is_text,
    "per_class": _are(_is_class_figure),
    "notes": _are(_is_message), "findings": _are(_is_finding), "history": _are(_is_epoch),
    "seconds": lambda value: _is_number(value) and 0 <= value < math.inf,
    "log_loss": lambda value: value is None or _is_number(value), "stop_reason": _is_text,
    "best_epoch": lambda value: value is None or _is_count(value),
}
