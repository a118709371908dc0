"""Stars, notes and deletions of runs are decisions of a person: undone, redone, and forgotten with the run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import RunError
from core.project.journal import next_title, travel
from core.project.project import Project
from core.project.run_marks import RunMarks, read_marks, set_deleted, set_note, set_star
from core.project.runs import RunRow, find_run, list_runs, record_run
from core.workflow import system_trash
from core.workflow.run_acts import empty_deleted
from tests.conftest import write_older_catalog


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.catalejo") as made:
        for name in ("a", "b"):
            record_run(made, RunRow(name, "transfer", "n", 0, 5))
            made.run_path(name).mkdir(parents=True)
            (made.run_path(name) / "run.json").write_text("{}")
        yield made


def ids(project: Project) -> list[str]:
    return [run.id for run in list_runs(project)]


def test_each_mark_is_a_step_of_undo_and_the_same_again_is_none(project: Project) -> None:
    set_star(project, "a", True)
    set_note(project, "a", "  niña ")
    for again in (lambda: set_star(project, "a", True), lambda: set_note(project, "a", "niña")):
        again()
    assert read_marks(project) == {"a": RunMarks(True, "niña")}
    travel(project, is_undo=True)
    assert read_marks(project) == {"a": RunMarks(True)}
    travel(project, is_undo=True)
    assert read_marks(project) == {} and next_title(project, is_undo=True) is None
    travel(project, is_undo=False)
    travel(project, is_undo=False)
    assert read_marks(project) == {"a": RunMarks(True, "niña")}
    set_note(project, "a", "")
    assert read_marks(project) == {"a": RunMarks(True)}


def test_a_deleted_run_is_nowhere_and_comes_back(project: Project) -> None:
    assert set_deleted(project, ["b"], True) == 1 and set_deleted(project, ["b"], True) == 0
    assert ids(project) == ["a"] and find_run(project).id == "a" and project.run_path("b").is_dir()
    with pytest.raises(RunError) as caught:
        find_run(project, "b")
    assert caught.value.message.code == "runs.is_deleted"
    travel(project, is_undo=True)
    assert ids(project) == ["b", "a"] and find_run(project).id == "b"
    travel(project, is_undo=False)
    assert ids(project) == ["a"]
    assert set_deleted(project, ["b", "a"], False) == 1 and ids(project) == ["b", "a"]


def test_removed_for_good_there_is_nothing_to_undo(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(system_trash, "send2trash", lambda folder: Path(folder).rename(tmp_path / "trash"))
    set_star(project, "a", True)
    set_star(project, "b", True)
    set_deleted(project, ["b"], True)
    assert empty_deleted(project) == ("b",) and empty_deleted(project) == ()
    assert ids(project) == ["a"] and not project.run_path("b").exists() and (tmp_path / "trash").is_dir()
    assert read_marks(project) == {"a": RunMarks(True)}
    travel(project, is_undo=True)
    assert read_marks(project) == {} and next_title(project, is_undo=True) is None


def test_a_project_of_an_older_version_has_none(tmp_path: Path) -> None:
    write_older_catalog(tmp_path / "old", version=1)
    with Project.open(tmp_path / "old", read_only=True) as project:
        assert read_marks(project) == {} and list_runs(project) == ()
