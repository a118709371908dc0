"""A trained project of drawn pictures, and a window with the Review page alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.jobs import JobContext
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.training.strategies.transfer import TransferSettings
from core.workflow.importing import new_project
from core.workflow.training import train_project
from gui.actions import Action
from gui.furnish import build_context
from gui.widgets.thumbnails import ProjectThumbnails
from gui.main_window import MainWindow
from gui.pages import Page, PageContext
from gui.preferences import Preferences
from gui.review.page import build_page, page_actions
from gui.review.review_page import ReviewPage
from gui.session import Session
from gui.session_jobs import SessionJobs
from gui.widgets.segments import Segments
from gui.submit.submission_dialog import submit_actions
from tests.conftest import write_class_folder
from tests.gui.conftest import RunnerNow

BLUE, RED = 1, 2
"""Classes in the catalog."""


@pytest.fixture(scope="session")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes of twelve, five test pictures, and three red pictures that are labelled blue."""
    home = tmp_path_factory.mktemp("colours")
    write_class_folder(home / "train" / "red", "red", 12)
    write_class_folder(home / "train" / "blue", "blue", 12, first_seed=100)
    write_class_folder(home / "test", "red", 3, first_seed=200)
    write_class_folder(home / "test", "blue", 2, first_seed=300)
    folder = home / "colours.catalejo"
    new_project(folder, home / "train", home / "test", JobContext())
    with Project.open(folder) as project:
        set_labels(project, image_ids(project, ImageFilter(class_ids=(RED,)))[:3], BLUE)
    return folder


@pytest.fixture(scope="session")
def trained(untrained: Path) -> Path:
    """The same with one run by transfer."""
    folder = untrained.with_name("trained.catalejo")
    shutil.copytree(untrained, folder)
    train_project(folder, "transfer", {}, JobContext())
    return folder


@pytest.fixture
def project_folder(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "colours.catalejo"))


@pytest.fixture
def context(qtbot: QtBot, preferences: Preferences, runner_now: RunnerNow) -> Iterator[PageContext]:
    """A window with the page, and pages for training and for all images that are a name only."""
    window = MainWindow(preferences, runner_now)
    qtbot.addWidget(window)
    session = Session(window)
    jobs = SessionJobs(session, runner_now, window)
    thumbnails = ProjectThumbnails(session, parent=window)
    made = build_context(session, jobs, runner_now, preferences, thumbnails.cache, window)
    train_page = Page("train", "Train", "train", lambda: QLabel("train"))
    library = Page("library", "Library", "library", lambda: QLabel("library"))
    window.set_pages([train_page, build_page(made), library])
    window.add_actions([Action("train.start", "Train again", "T", lambda: _train(jobs), "Train")])
    window.add_actions([*page_actions(made), *submit_actions(made)])
    session.project_opened.connect(lambda: window.show_project(session.project_name))
    window.resize(1200, 900)
    window.show()
    yield made
    thumbnails.close()
    session.close()


def _train(jobs: SessionJobs) -> None:
    jobs.train("transfer", TransferSettings())


@pytest.fixture
def open_page(context: PageContext) -> Callable[[Path], ReviewPage]:
    """Opens a project and goes to the page."""

    def show(folder: Path) -> ReviewPage:
        context.session.open(folder)
        page = context.window.workbench.go_to("review")
        assert isinstance(page, ReviewPage)
        return page

    return show


@pytest.fixture
def page(open_page: Callable[[Path], ReviewPage], project_folder: Path) -> ReviewPage:
    return open_page(project_folder)


def down(segments: Segments) -> str:
    """The key that is down; empty if none is."""
    return next((key for key, button in segments.buttons.items() if button.isChecked()), "")


def words(segments: Segments) -> dict[str, str]:
    """What stands on each visible button, by key."""
    return {key: button.text() for key, button in segments.buttons.items() if not button.isHidden()}


def count_now(page: ReviewPage) -> None:
    """Labels that changed are counted after a pause; it is over."""
    page.facts.findChild(QTimer).timeout.emit()
