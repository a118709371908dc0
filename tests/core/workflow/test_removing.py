"""A deleted run leaves the catalog and the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import RunError, StorageError
from core.project.project import Project
from core.project.runs import RunRow, list_runs, record_run
from core.workflow import removing
from core.workflow.removing import remove_run


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
    monkeypatch.setattr(removing, "send2trash", lambda folder: folder.rename(tmp_path / "trash"))
    assert remove_run(project, "a")
    assert list_runs(project) == () and not project.run_path("a").exists()
    assert (tmp_path / "trash" / "run.json").is_file()


def test_without_a_trash_it_is_deleted(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removing, "send2trash", no_trash)
    assert not remove_run(project, "a")
    assert list_runs(project) == () and not project.run_path("a").exists()


def test_a_folder_that_cannot_be_deleted_is_said(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removing, "send2trash", no_trash)
    monkeypatch.setattr(removing.shutil, "rmtree", no_trash)
    with pytest.raises(StorageError, match="gone from the list"):
        remove_run(project, "a")


def test_a_run_without_a_folder_and_an_unknown_one(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removing, "send2trash", no_trash)
    record_run(project, RunRow("b", "transfer", "b", 0, 5))
    assert not remove_run(project, "b")
    with pytest.raises(RunError, match="no run"):
        remove_run(project, "b")
    assert [run.id for run in list_runs(project)] == ["a"] and project.run_path("a").is_dir()
