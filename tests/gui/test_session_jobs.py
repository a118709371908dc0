"""After an import in the window: a copy of the catalog is kept, and images that changed are predicted anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from core.jobs import JobContext
from core.project.backups import list_contents
from core.project.queries import ImageFilter, image_ids
from core.workflow.importing import new_project
from core.workflow.training import train_project
from gui.widgets.tile import catalog_tiles
from gui.session import Session
from gui.session_jobs import SessionJobs
from tests.conftest import draw_picture, write_class_folder
from tests.gui.conftest import RunnerNow


@pytest.fixture
def session(tmp_path: Path, qapp: QApplication) -> Iterator[Session]:
    """Trained on red and blue, with a red test image."""
    write_class_folder(tmp_path / "train" / "red", "red", 4)
    write_class_folder(tmp_path / "train" / "blue", "blue", 4, first_seed=100)
    write_class_folder(tmp_path / "test", "red", 1, first_seed=200)
    new_project(tmp_path / "p", tmp_path / "train", tmp_path / "test", JobContext())
    train_project(tmp_path / "p", "transfer", {}, JobContext())
    session = Session()
    session.open(tmp_path / "p")
    yield session
    session.close()


def said_of_test(session: Session) -> list[str | None]:
    ids = image_ids(session.project, ImageFilter(split="test"))
    return [tile.prediction for tile in catalog_tiles(session, ids)]


def test_a_changed_image_is_predicted_as_it_is_now(session: Session, tmp_path: Path) -> None:
    runner = RunnerNow()
    jobs = SessionJobs(session, runner)
    assert said_of_test(session) == ["red"]
    draw_picture(300, "blue").save(tmp_path / "test" / "red_0.png")
    heard: list[list[str | None]] = []
    jobs.imported.connect(lambda _: heard.append(said_of_test(session)))
    jobs.import_images(tmp_path / "test", split="test")
    runner.run_all()
    assert heard == [[None]] and said_of_test(session) == ["blue"]
    jobs.import_images(tmp_path / "test", split="test")
    runner.run_all()
    assert len(heard) == 2 and said_of_test(session) == ["blue"]
    runner.close()


def test_an_import_leaves_a_copy_of_the_catalog_with_its_images(session: Session, tmp_path: Path) -> None:
    runner = RunnerNow()
    jobs = SessionJobs(session, runner)
    write_class_folder(tmp_path / "more" / "red", "red", 3, first_seed=400)
    jobs.import_images(tmp_path / "more")
    runner.run_all()
    newest = list_contents(session.project.folder)[0]
    assert (newest.n_images, newest.n_labels) == (12, 11)
    runner.close()
