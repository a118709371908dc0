"""A project whose making was cancelled leaves nothing behind, and takes nothing along that is not its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.images.thumbnails import ThumbnailStore
from core.jobs import JobCancelled
from core.project.backups import keep_backup
from core.project.classes import add_class
from core.project.discard import discard_unused
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import image_ids
from core.project.removal import remove_images
from core.workflow.importing import new_project
from tests.conftest import RecordingContext, write_class_folder
from tests.project_acts import import_folder, undo


@pytest.fixture
def made(tmp_path: Path) -> Project:
    """Just made, with all that is written into one before the first image."""
    project = Project.create(tmp_path / "p.catalejo")
    ThumbnailStore(project.thumbnails_path).close()
    keep_backup(project.folder)
    for folder in (project.health_path, project.embeddings_path, project.runs_path):
        folder.mkdir()
    return project


def test_nothing_is_left_of_an_empty_project(made: Project) -> None:
    assert discard_unused(made) and not made.folder.exists()
    Project.create(made.folder).close()


@pytest.mark.parametrize("name", ["notes.txt", "backups/mine.sqlite", "health/report.pdf", ".hidden", "runs/r/x"])
def test_what_is_not_its_own_stays_and_so_does_the_folder(made: Project, name: str) -> None:
    foreign = made.folder / name
    foreign.parent.mkdir(exist_ok=True)
    foreign.write_text("years of work")
    assert not discard_unused(made)
    left = [path for path in made.folder.rglob("*") if path.is_file()]
    assert left == [foreign] and foreign.read_text() == "years of work"


def test_a_link_in_the_place_of_one_of_its_folders_is_not_followed(made: Project, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "precious").write_text("x")
    made.runs_path.rmdir()
    made.runs_path.symlink_to(tmp_path / "disk")
    assert not discard_unused(made) and (tmp_path / "disk" / "precious").is_file()


@pytest.mark.parametrize("looks", [(), (".DS_Store", "desktop.ini")])
def test_a_folder_that_was_there_before_stays(tmp_path: Path, looks: tuple[str, ...]) -> None:
    (tmp_path / "own").mkdir()
    for name in looks:
        (tmp_path / "own" / name).write_text("a person's icon for the folder")
    assert not discard_unused(Project.create(tmp_path / "own"))
    assert sorted(path.name for path in (tmp_path / "own").iterdir()) == list(looks)


def test_whatever_was_in_it_once_keeps_it(tmp_path: Path) -> None:
    write_class_folder(tmp_path / "images" / "red", "red", 2)
    for number, act in enumerate(("import", "class", "undone", "removed")):
        with Project.create(tmp_path / f"{number}") as project:
            if act in ("class", "undone"):
                add_class(project, "cat")
            else:
                import_folder(project, tmp_path / "images", with_labels=False)
            if act == "undone":
                undo(project)
            if act == "removed":
                remove_images(project, image_ids(project))
            before = sorted(path.name for path in project.folder.iterdir())
            assert not discard_unused(project)
            assert sorted(path.name for path in project.folder.iterdir()) == before
            project.catalog.rows("SELECT 1")  # still open


def test_a_new_project_by_command_that_is_cancelled_or_fails_leaves_what_others_put_there(tmp_path: Path) -> None:
    write_class_folder(tmp_path / "images" / "red", "red", 3)
    folder = tmp_path / "p"

    class Nosy(RecordingContext):
        """Somebody puts a file into the folder while images are looked through."""

        def _is_time_to_end(self) -> bool:
            if folder.is_dir():
                (folder / "notes.txt").write_text("years of work")
            return super()._is_time_to_end()

    with pytest.raises(JobCancelled):
        new_project(folder, tmp_path / "images", None, Nosy(cancel_after=3))
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]
    (folder / "notes.txt").unlink()
    new_project(folder, tmp_path / "images", None, RecordingContext())
    with Project.open(folder) as project:
        set_labels(project, image_ids(project), None)
    with pytest.raises(JobCancelled):
        new_project(folder, tmp_path / "images", None, RecordingContext(cancel_after=0))
    with Project.open(folder) as project:
        assert len(image_ids(project)) == 3
