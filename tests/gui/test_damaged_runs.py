"""The window on a project with a damaged run: it opens, lists it as damaged, shows another one, and can delete it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.project.project import Project
from core.project.run_marks import set_deleted
from core.project.runs import RunRow, record_run
from gui.session import Session
from gui.runs.runs_model import NOTE, RunsModel


@pytest.mark.parametrize("change", [
    "id = '../../precious'", "figures = '[[['", "settings = 'null'", "figures = '{\"confusion\": 7}'",
    "strategy = CAST(x'ff' AS TEXT)", "accuracy = 9e999",
])
def test_a_damaged_run_is_listed_and_another_one_is_shown(tmp_path: Path, qapp: object, change: str) -> None:
    folder = tmp_path / "p.catalejo"
    with Project.create(folder) as project:
        for name in ("sound", "damaged"):
            record_run(project, RunRow(name, "transfer", "b", 0, 5, accuracy=0.9, low=0.8, high=0.95))
        with project.catalog.transaction() as db:
            db.execute(f"UPDATE run SET {change} WHERE id = 'damaged'")
    session = Session()
    session.open(folder)
    try:
        assert session.run is not None and session.run.id == "sound"
        assert [run.id for run in session.runs] == ["sound"]
        damaged, _ = session.listed_runs
        model = RunsModel()
        model.set_runs(session.listed_runs, "sound")
        assert "damaged" in model.data(model.index(0, NOTE))
        assert all(model.data(model.index(0, column)) is not None for column in range(model.columnCount()))
        session.choose_run(damaged.id)
        assert session.run is None
        session.choose_run("sound")
        session.change_runs(lambda project: set_deleted(project, [damaged.id], True))
        assert [run.id for run in session.listed_runs] == ["sound"]
    finally:
        session.close()
