"""A deleted run leaves the catalog and the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import RunError, StorageError
from core.project.project import Project
from core.project.runs import RunRow, find_run, list_runs, record_run
from core.workflow import runs, system_trash
from core.workflow.runs import remove_run


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.catalejo") as made:
        record_run(made, RunRow("a", "transfer", "b", 0, 5))
        (made.run_path("a")).mkdir(parents=True)
        (made.run_path("a") / "run.json").write_text("{}")
        yield made


def no_trash(_: Path) -> None:
    raise OSError("there is no trash here")


def test_the_folder_goes_to_the_trash(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_trash, "send2trash", lambda folder: Path(folder).rename(tmp_path / "trash"))
    assert remove_run(project, "a")
    assert list_runs(project) == () and not project.run_path("a").exists()
    assert (tmp_path / "trash" / "run.json").is_file()


def test_without_a_trash_it_is_deleted(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_trash, "send2trash", no_trash)
    assert not remove_run(project, "a")
    assert list_runs(project) == () and not project.run_path("a").exists()


def test_a_folder_that_cannot_be_deleted_is_said(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_trash, "send2trash", no_trash)
    monkeypatch.setattr(runs.shutil, "rmtree", no_trash)
    with pytest.raises(StorageError) as error:
        remove_run(project, "a")
    assert error.value.message.code == "runs.folder_not_deleted"


def test_a_run_without_a_folder_and_an_unknown_one(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_trash, "send2trash", no_trash)
    record_run(project, RunRow("b", "transfer", "b", 0, 5))
    assert not remove_run(project, "b")
    with pytest.raises(RunError, match="no run"):
        remove_run(project, "b")
    assert [run.id for run in list_runs(project)] == ["a"] and project.run_path("a").is_dir()


# ── names and links from elsewhere ───────────────────────────────────────────


def plant(project: Project, run_id: str) -> None:
    """A run of that name as a foreign catalog may have it."""
    with project.catalog.transaction() as db:
        db.execute("UPDATE run SET id = ? WHERE id = 'a'", (run_id,))


@pytest.mark.parametrize("name", ["../../precious", "ABSOLUTE", "..", ".", "", "a/../../precious", "a\0b"])
def test_a_name_that_is_a_path_removes_nothing_but_the_row(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(system_trash, "send2trash", no_trash)
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis.txt").write_text("years of work")
    name = str(tmp_path / "precious") if name == "ABSOLUTE" else name
    plant(project, name)
    (row,) = list_runs(project)
    assert row.damage is not None and row.damage.params["what"].code == "runs.row_name"
    with pytest.raises(RunError, match="damaged"):
        find_run(project, row.id)
    assert not remove_run(project, row.id)
    assert list_runs(project) == ()
    assert (tmp_path / "precious" / "thesis.txt").read_text() == "years of work"
    assert (project.runs_path / "a" / "run.json").is_file()


def test_a_name_that_is_no_text_can_be_shown_and_deleted(project: Project) -> None:
    record_run(project, RunRow("b", "transfer", "b", 0, 5))
    with project.catalog.transaction() as db:
        db.execute("UPDATE run SET id = CAST(x'ff2e2e' AS TEXT) WHERE id = 'b'")
    damaged, sound = list_runs(project)
    assert damaged.id == "\ufffd.." and damaged.damage and sound.id == "a"
    assert not remove_run(project, damaged.id)
    assert [run.id for run in list_runs(project)] == ["a"]


def test_of_a_link_in_the_place_of_a_run_the_link_is_removed(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system_trash, "send2trash", no_trash)
    project.run_path("a").rename(tmp_path / "precious")
    project.run_path("a").symlink_to(tmp_path / "precious")
    assert not remove_run(project, "a")
    assert not project.run_path("a").is_symlink() and (tmp_path / "precious" / "run.json").is_file()


def test_runs_on_another_disk_are_left_alone_and_said(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system_trash, "send2trash", no_trash)
    project.runs_path.rename(tmp_path / "disk")
    project.runs_path.symlink_to(tmp_path / "disk")
    with pytest.raises(StorageError) as error:
        remove_run(project, "a")
    assert error.value.message.code == "runs.outside_project"
    assert list_runs(project) == () and (tmp_path / "disk" / "a" / "run.json").is_file()
