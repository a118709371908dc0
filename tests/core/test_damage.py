"""A project with one damaged value: every command ends well or with one sentence, and nothing outside is touched.

The values of a good project are changed one at a time, drawn by a seed: in the JSON files of its runs, trainings and
health check, and in every column of its catalog.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from core.errors import AppError
from core.jobs import JobCancelled, JobContext, Progress
from core.project.classes import list_classes
from core.project.project import Project
from core.project.queries import ImageFilter, count_all, image_ids
from core.project.rows import image_rows, list_sources
from core.project.runs import list_runs
from core.workflow.confusion import read_confusion
from core.workflow.readiness import known_findings
from core.workflow.health import check_health
from core.workflow.importing import new_project
from core.workflow.inspecting import look_at
from core.workflow.predicting import write_predictions, write_submission
from core.workflow.runs import describe_recorded, list_runs_with_damage, remove_run
from core.workflow.resuming import start_from, train_as_asked
from core.workflow.review_page import write_review
from core.settings import restore_settings
from core.training.registry import find_strategy
from core.workflow.runs import describe_runs
from core.workflow.training import train_project
from tests.conftest import write_class_folder
from tests.project_acts import list_journal, redo, undo

N_QUICK, N_LONG = 10, 1500
SCRATCH = {"network": "lenet", "n_epochs": 2}

VALUES: tuple[Any, ...] = (
    None, "", "x", "../../precious", "\0", "\ud800", "é" * 5000, True, -1, 0, 2**63, 10**40, 1.5, -1e308,
    float("nan"), float("inf"), [], {}, [[]], [None], ["x"], {"x": 1}, [1] * 1000, "[" * 50, "#zzzzzz",
    "2026-99-99", "unknown",
)
TEXTS = (
    b"", b"{", b"[]", b"null", b'"text"', b"7", b"\xff\xfe\0", b"[" * 20000, b'{"a":' * 20000, b"NaN", b"\0" * 4096,
)
SQL_VALUES = {
    "TEXT": ("''", "'x'", "'../../precious'", "'/'", "CAST(x'ff2f' AS TEXT)", "char(0)", "'[[[['", "'[]'", "'null'",
             "replace(hex(zeroblob(20000)), '0', '[')", "hex(zeroblob(20000))",
             "'{\"class_ids\": 3}'"),
    "INTEGER": ("-1", "0", "1", "99", "9223372036854775807", "-9223372036854775808"),
    "REAL": ("9e999", "-9e999", "-1.0", "2.0", "0.0"),
    "BLOB": ("x''", "x'00'", "zeroblob(33)", "x'2e2e2f2e2e2f70726563696f7573'", "x'ff'"),
}


def stop_after_an_epoch(progress: Progress) -> None:
    if progress.unit.startswith("epoch") and progress.done >= 1:
        raise JobCancelled


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with runs of three kinds, one of them broken off, and a health check."""
    root = tmp_path_factory.mktemp("sound")
    write_class_folder(root / "train" / "goldfish", "red", 12)
    write_class_folder(root / "train" / "hammer", "blue", 12, first_seed=100)
    write_class_folder(root / "test", "red", 3, first_seed=200)
    folder, context = root / "colours.catalejo", JobContext()
    new_project(folder, root / "train", root / "test", context)
    train_project(folder, "scratch", SCRATCH, context)
    try:
        train_project(folder, "scratch", {**SCRATCH, "seed": 1}, JobContext(on_progress=stop_after_an_epoch))
    except JobCancelled:
        pass
    train_project(folder, "zero-shot", {}, context)
    train_project(folder, "transfer", {}, context)
    check_health(folder, context, is_quick=True)
    return folder


def damage_json(folder: Path, rng: Random) -> str:
    path = rng.choice(sorted(folder.rglob("*.json")))
    if rng.random() < 0.15:
        path.write_bytes(rng.choice(TEXTS))
        return f"{path.relative_to(folder)} replaced"
    content = json.loads(path.read_text("utf-8"))
    owner, key = rng.choice(list(_places(content)))
    value = rng.choice(VALUES)
    if rng.random() < 0.15:
        del owner[key]
        value = "(gone)"
    else:
        owner[key] = value
    path.write_text(json.dumps(content), "utf-8")
    return f"{path.relative_to(folder)}: {key} = {str(value)[:40]!r}"


def _places(content: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(content, (dict, list)):
        for key in content if isinstance(content, dict) else range(len(content)):
            yield content, key
            yield from _places(content[key])


def damage_catalog(folder: Path, rng: Random) -> str:
    with closing(sqlite3.connect(folder / "catalog.sqlite")) as db:
        db.execute("PRAGMA ignore_check_constraints=ON")
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counts = {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}
        table = rng.choice([t for t, n in counts.items() if n and not t.startswith("sqlite_")] + ["run"] * 4)
        name, kind = rng.choice(db.execute("SELECT name, type FROM pragma_table_info(?)", (table,)).fetchall())
        value = rng.choice((*SQL_VALUES[kind], "NULL"))
        if table == "run" and name in ("settings", "figures") and rng.random() < 0.8:
            return _damage_run_values(db, name, rng)
        newest = f" WHERE rowid = (SELECT max(rowid) FROM {table})" if table in ("run", "class") else ""
        where = rng.choice(("", newest))
        try:
            db.execute(f"UPDATE OR REPLACE {table} SET {name} = {value}{where}")
            db.commit()
        except sqlite3.IntegrityError:
            return f"{table}.{name}: SQLite itself keeps {value} out"
    return f"{table}.{name} = {value[:40]}{where}"


def _damage_run_values(db: sqlite3.Connection, name: str, rng: Random) -> str:
    number, text = rng.choice(db.execute(f"SELECT number, {name} FROM run").fetchall())
    content = json.loads(text)
    owner, key = rng.choice(list(_places(content)))
    owner[key] = value = rng.choice(VALUES)
    db.execute(f"UPDATE run SET {name} = ? WHERE number = ?", (json.dumps(content), number))
    db.commit()
    return f"run.{name}: {key} = {str(value)[:40]!r}"


def open_as_the_window_does(folder: Path) -> None:
    with Project.open(folder) as project:
        for act in (list_classes, list_runs, list_sources, count_all, known_findings, list_journal):
            said(lambda act=act: act(project))  # type: ignore[misc]
        said(lambda: image_rows(project, image_ids(project, ImageFilter(status=None))))
        said(lambda: look_at(project, 1, run=next((run for run in list_runs(project) if not run.damage), None)))
        for run in list_runs(project):
            if not run.damage:
                said(lambda run=run: describe_recorded(run))  # type: ignore[misc]
                said(lambda run=run: read_confusion(project, run.id))  # type: ignore[misc]
                said(lambda run=run: restore_settings(  # type: ignore[misc]
                    find_strategy(run.strategy).settings, run.settings))
        said(lambda: undo(project))
        said(lambda: redo(project))


def remove_all_runs(folder: Path) -> None:
    with Project.open(folder) as project:
        for run in list_runs(project):
            said(lambda run=run: remove_run(project, run.id))  # type: ignore[misc]
        assert list_runs(project) == ()


def said(act: Callable[[], object]) -> str:
    """What an act ended with: an empty text, or its one sentence; anything else is a fault of the program."""
    try:
        act()
    except AppError as error:
        assert error.sentence and "\n" not in error.sentence.replace("\0", ""), error
        return error.sentence
    return ""


def acts_on(folder: Path, out: Path, rng: Random) -> Iterator[tuple[str, Callable[[], object]]]:
    """All that is quick, and one of what takes a second."""
    context = JobContext()
    yield "runs", lambda: list_runs_with_damage(folder)
    yield "unfinished", lambda: describe_runs(folder)["unfinished"]
    yield "window", lambda: open_as_the_window_does(folder)
    yield "health", lambda: check_health(folder, context, is_quick=True)
    for run in (None, *rng.sample([path.name for path in sorted((folder / "runs").iterdir())], 2)):
        yield f"predict {run}", lambda run=run: write_predictions(folder, out / "p.csv", context, run_id=run)
        yield f"review {run}", lambda run=run: write_review(folder, out / "r.html", context, run_id=run)
        if run:
            yield f"start from {run}", lambda run=run: start_from(folder, run, {})
    yield "submit", lambda: write_submission(folder, out / "s.csv", context)
    if rng.random() < 0.15:
        yield "resume", lambda: train_as_asked(folder, "scratch", {}, context, resume="latest")
    if rng.random() < 0.3:
        yield "train", lambda: train_project(folder, "transfer", {"n_folds": 2}, context)
    yield "delete", lambda: remove_all_runs(folder)


def try_one(sound: Path, place: Path, seed: int) -> str:
    """Damage a copy and do everything with it; returns what was damaged and what was said."""
    rng = Random(seed)
    folder = place / "a" / "b" / "copy.catalejo"
    shutil.copytree(sound, folder)
    (place / "precious").mkdir()
    (place / "precious" / "thesis.txt").write_text("years of work")
    (place / "a" / "precious").mkdir()
    (place / "a" / "precious" / "thesis.txt").write_text("years of work")
    what = rng.choice((damage_json, damage_catalog))(folder, rng)
    sentences = []
    for name, act in acts_on(folder, place, rng):
        try:
            if sentence := said(act):
                sentences.append(f"{name}: {sentence}")
        except Exception as error:
            raise AssertionError(f"seed {seed}, {what}, {name}: {type(error).__name__}: {error}") from error
    assert (place / "precious" / "thesis.txt").is_file() and (place / "a" / "precious" / "thesis.txt").is_file()
    return f"{what}: {len(sentences)} sentences"


@pytest.mark.parametrize("seed", range(N_QUICK))
def test_one_damaged_value(
    sound: Path, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch, expected_warnings: object
) -> None:
    monkeypatch.setattr("core.workflow.system_trash.send2trash", _no_trash)
    try_one(sound, tmp_path, seed)


@pytest.mark.long
def test_many_damaged_values(sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.workflow.system_trash.send2trash", _no_trash)
    for seed in range(N_QUICK, N_LONG):
        try_one(sound, tmp_path / str(seed), seed)
        shutil.rmtree(tmp_path / str(seed))


def _no_trash(_: Path) -> None:
    raise OSError("the trash of whoever tests is not filled")
