"""Answers of projects that lie where nothing can be written."""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from core.cli.commands import run_command
from core.errors import ProjectLocked, ProjectReadOnly, StorageError
from core.jobs import JobContext
from core.project.project import Project
from core.text import text
from core.training.strategies.transfer import TransferSettings
from core.tasks import run_here
from core.workflow.answers import place_for_embeddings
from core.workflow.predicting import write_predictions, write_submission
from core.workflow.review_page import write_review
from core.workflow.training import prepare_training, record_training
from tests.conftest import write_class_folder
from tests.project_acts import import_folder


def files_of(folder: Path) -> dict[str, bytes]:
    """What lies in a folder, but for SQLite's files of the moment."""
    return {str(path): path.read_bytes() for path in folder.rglob("*")
            if path.is_file() and path.suffix not in (".sqlite-wal", ".sqlite-shm")}


@pytest.fixture
def protected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project on a disk that refuses to be written, with test pictures that its run has not seen."""
    write_class_folder(tmp_path / "train" / "red", "red", 8)
    write_class_folder(tmp_path / "train" / "blue", "blue", 8, first_seed=100)
    folder = tmp_path / "colours.catalejo"
    with Project.create(folder) as project:
        import_folder(project, tmp_path / "train")
        job = prepare_training(project, "transfer", TransferSettings())
        record_training(project, job, run_here("train", job))
        write_class_folder(tmp_path / "test", "blue", 2, first_seed=300)
        import_folder(project, tmp_path / "test", split="test", with_labels=False)
    acquire = FileLock.acquire

    def refuse(self: FileLock, *arguments: object, **named: object) -> object:
        if Path(self.lock_file).is_relative_to(folder):
            raise OSError(errno.EROFS, "Read-only file system")
        return acquire(self, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(FileLock, "acquire", refuse)
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(ProjectReadOnly):
        Project.open(folder)
    return folder


def test_new_pictures_are_predicted_and_nothing_is_written(protected: Path, tmp_path: Path) -> None:
    before = files_of(protected)
    facts = write_predictions(protected, tmp_path / "p.csv", JobContext(), split="test")
    assert facts["rows"] == 2 and facts["skipped"] == []
    assert [line.split(",")[1] for line in (tmp_path / "p.csv").read_text().splitlines()[1:]] == ["blue", "blue"]
    assert files_of(protected) == before


def test_a_competition_file_is_written_and_nothing_else(protected: Path, tmp_path: Path) -> None:
    before = files_of(protected)
    assert write_submission(protected, tmp_path / "s.csv", JobContext())["rows"] == 2
    assert files_of(protected) == before


def test_the_review_is_written_and_nothing_else(protected: Path, tmp_path: Path) -> None:
    before = files_of(protected)
    write_review(protected, tmp_path / "r.html", JobContext())
    assert (tmp_path / "r.html").is_file() and files_of(protected) == before


def test_the_review_does_not_disturb_whoever_has_the_project(tmp_path: Path) -> None:
    write_class_folder(tmp_path / "train" / "red", "red", 6)
    write_class_folder(tmp_path / "train" / "blue", "blue", 6, first_seed=100)
    with Project.create(tmp_path / "p") as project:
        import_folder(project, tmp_path / "train")
        job = prepare_training(project, "transfer", TransferSettings())
        record_training(project, job, run_here("train", job))
        assert write_review(tmp_path / "p", tmp_path / "r.html", JobContext())["mistakes"] == 0


HOLDER = """
import sys
from pathlib import Path
from core.project.project import Project
with Project.open(Path(sys.argv[1]), program="project.window"):
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Path]:
    """A trained project with two test images that are new, open in another process."""
    write_class_folder(tmp_path / "train" / "red", "red", 6)
    write_class_folder(tmp_path / "train" / "blue", "blue", 6, first_seed=100)
    write_class_folder(tmp_path / "test", "blue", 2, first_seed=300)
    with Project.create(tmp_path / "p") as project:
        import_folder(project, tmp_path / "train")
        job = prepare_training(project, "transfer", TransferSettings())
        record_training(project, job, run_here("train", job))
        import_folder(project, tmp_path / "test", split="test", with_labels=False)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "p")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[3],
    ) as holder:
        assert holder.stdout is not None and holder.stdin is not None and holder.stdout.readline() == "open\n"
        yield tmp_path / "p"
        holder.stdin.close()


def test_commands_that_only_read_work_while_the_window_has_the_project(
    held: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ProjectLocked):
        Project.open(held)
    before = files_of(held)
    commands = (
        ["predict", "--out", "p.csv"], ["submit", "--out", "s.csv"], ["review", "--out", "r.html"], ["runs"],
    )
    for name, *rest in commands:
        named = [str(tmp_path / one) if "." in one else one for one in rest]
        assert run_command([name, str(held), *named]) == 0, capsys.readouterr().err
    assert [len((tmp_path / name).read_text().splitlines()) for name in ("p.csv", "s.csv")] == [15, 3]
    assert files_of(held) == before, "embeddings and predictions of the new images are not kept"
    assert run_command(["health", str(held), "--quick"]) == 0
    assert run_command(["train", str(held)]) == 2, "what writes is refused"
    assert text("project.window") in capsys.readouterr().err


def test_no_place_at_all_is_said(protected: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr("tempfile.TemporaryDirectory", refuse)
    with Project.open(protected, read_only=True) as project, pytest.raises(StorageError) as caught:
        with place_for_embeddings(project):
            raise AssertionError("nothing should have been found")
    assert caught.value.hint
