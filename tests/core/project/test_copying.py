"""A copy of a project is whole and equal, or not there; nothing of the project is touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.errors import InputError, NotAProject, StorageError
from core.jobs import JobCancelled, JobContext
from core.project import copying
from core.project.backups import keep_backup
from core.project.classes import add_class, list_classes
from core.project.copying import CopyInput, copy_project
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import image_ids
from core.project.rows import image_rows
from tests.conftest import RecordingContext
from tests.project_acts import undo


@pytest.fixture
def full(project: Project) -> Project:
    """With a file of each kind in it."""
    for name in ("runs/r1/run.json", "runs/r1/probabilities.npy", "runs/r2.training.unfinished/x", "health/cues.npz",
                 "maps/m.npz", "embeddings/k/hashes.bin", "embeddings/k/vectors.f16", "thumbnails.sqlite",
                 "notes.txt"):
        path = project.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode() * 300)
    keep_backup(project.folder)
    return project


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*")
            if path.is_file() and not path.name.endswith("-shm")}


def test_the_copy_is_the_project_and_the_open_one_goes_on(full: Project, tmp_path: Path) -> None:
    set_labels(full, image_ids(full)[:3], None)  # in the log beside the catalog
    before = contents(full.folder)
    context = RecordingContext()
    found = copy_project(CopyInput(full.folder, tmp_path / "copy"), context)
    assert contents(full.folder) == before and context.last.is_done
    assert found.left_out == ("notes.txt",) and found.n_files == 8
    copied = contents(tmp_path / "copy")
    assert sorted(copied) == ["catalog.sqlite", *sorted(
        name for name in before if name.startswith(("runs", "health", "embeddings", "maps")))]
    assert all(copied[name] == before[name] for name in copied if name != "catalog.sqlite")
    with Project.open(tmp_path / "copy") as copy:
        ids = image_ids(copy)
        assert image_rows(copy, ids) == image_rows(full, ids)
        undo(copy)
        assert image_rows(copy, ids) != image_rows(full, ids), "they are two projects now"
    add_class(full, "cat")


class _Labelling(JobContext):
    """Somebody labels during each step of the copying."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self.project, self.n = project, 0

    def check(self) -> None:
        if self.n < 30:  # or a copying that begins anew each time would not end
            self.n += 1
            add_class(self.project, f"class {self.n}")


def test_labels_given_meanwhile_are_the_projects_alone(
    full: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "PAGES_AT_ONCE", 3)
    context = _Labelling(full)
    copy_project(CopyInput(full.folder, tmp_path / "copy"), context)
    with Project.open(tmp_path / "copy") as copy:
        names = {row.name for row in list_classes(copy)}
    assert {"red", "blue"} <= names and len(names) < context.n, "the copy is of one moment"
    assert len(list_classes(full)) == context.n + 2


class _Finishing(JobContext):
    """A training ends while the catalog is copied."""

    def __init__(self, runs: Path) -> None:
        super().__init__()
        self.runs = runs

    def check(self) -> None:
        if not (self.runs / "r3").exists():
            (self.runs / "r2.training.unfinished").rename(self.runs / "r3")


def test_files_of_a_run_that_ends_meanwhile_come_along(full: Project, tmp_path: Path) -> None:
    copy_project(CopyInput(full.folder, tmp_path / "copy"), _Finishing(full.runs_path))
    copied = contents(tmp_path / "copy")
    assert {name for name in copied if name.startswith("runs")} == {
        "runs/r1/run.json", "runs/r1/probabilities.npy", "runs/r3/x"}


def test_folders_on_another_disk_are_copied_and_links_inside_are_said(full: Project, tmp_path: Path) -> None:
    full.runs_path.rename(tmp_path / "disk")
    full.runs_path.symlink_to(tmp_path / "disk")
    (tmp_path / "disk" / "r1" / "link").symlink_to("/etc/hostname")
    with pytest.raises(InputError) as error:
        copy_project(CopyInput(full.folder, tmp_path / "disk" / "copy"), JobContext())
    assert error.value.message.code == "project.copy_into_itself"
    found = copy_project(CopyInput(full.folder, tmp_path / "copy"), JobContext())
    assert (tmp_path / "copy" / "runs" / "r1" / "run.json").is_file()
    assert not (tmp_path / "copy" / "runs").is_symlink() and found.left_out == ("notes.txt", "runs/r1/link")


def test_into_itself_or_a_folder_with_things_in_it_is_refused(full: Project, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / ".DS_Store").write_text("x")
    (tmp_path / "way").symlink_to(full.folder)
    before = contents(full.folder)
    for target, code in (
        (full.folder, "project.copy_into_itself"), (full.folder / "copy", "project.copy_into_itself"),
        (tmp_path / "way" / "copy", "project.copy_into_itself"), (tmp_path / "taken", "project.folder_is_not_empty"),
        (tmp_path / "nowhere" / "copy", "project.parent_does_not_exist"),
        (tmp_path / "taken" / ".DS_Store", "project.is_a_file"),
    ):
        with pytest.raises(InputError) as error:
            copy_project(CopyInput(full.folder, target), JobContext())
        assert error.value.message.code == code, target
    with pytest.raises(NotAProject):
        copy_project(CopyInput(tmp_path / "taken", tmp_path / "copy"), JobContext())
    assert contents(full.folder) == before and sorted(p.name for p in tmp_path.iterdir()) == [
        "drawn.catalejo", "pictures", "taken", "way"]


@pytest.mark.parametrize("at", range(0, 24, 4))
def test_a_cancelled_copy_leaves_nothing(full: Project, tmp_path: Path, at: int) -> None:
    (tmp_path / "own").mkdir()
    before = sorted(tmp_path.iterdir())
    for target in (tmp_path / "own", tmp_path / "copy"):
        with pytest.raises(JobCancelled):
            copy_project(CopyInput(full.folder, target), RecordingContext(cancel_after=at))
        assert sorted(tmp_path.iterdir()) == before and list((tmp_path / "own").iterdir()) == []


def test_a_copy_that_is_not_equal_is_none(full: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = copying._read

    def lying(path: Path, *rest: object) -> bytes:
        found = read(path, *rest)  # type: ignore[arg-type]
        return b"other" if ".part-" in str(path) and path.name == "vectors.f16" else found

    monkeypatch.setattr(copying, "_read", lying)
    with pytest.raises(StorageError, match="vectors.f16"):
        copy_project(CopyInput(full.folder, tmp_path / "copy"), JobContext())
    assert not (tmp_path / "copy").exists() and not list(tmp_path.glob(".part*"))
    monkeypatch.setattr(copying, "_read", read)
    monkeypatch.setattr(copying, "_digest", lambda db, tick: os.urandom(8))
    with pytest.raises(StorageError, match="catalog.sqlite"):
        copy_project(CopyInput(full.folder, tmp_path / "copy"), JobContext())
    assert not (tmp_path / "copy").exists()
    add_class(full, "cat")  # the reading is over


def test_a_full_disk_and_a_file_that_cannot_be_read_are_said(
    full: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("core.files.writing.os.fsync", full_disk)
        with pytest.raises(StorageError, match="full"):
            copy_project(CopyInput(full.folder, tmp_path / "copy"), JobContext())
    monkeypatch.setattr(copying, "_piece", lambda read, path: (_ for _ in ()).throw(
        StorageError("project.copy_not_read", path=path, reason="Input/output error")))
    with pytest.raises(StorageError, match="Input/output"):
        copy_project(CopyInput(full.folder, tmp_path / "copy"), JobContext())
    assert not (tmp_path / "copy").exists() and not list(tmp_path.glob(".part*"))
