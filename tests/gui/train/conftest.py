"""The page in a window, on a project of drawn pictures; trainings run in this process."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.jobs import JobContext
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.training.registry import DEFAULT
from core.workflow.training import train_project
from gui.widgets.thumbnails import ThumbnailCache
from gui.furnish import build_context as make_context
from gui.main_window import MainWindow
from gui.pages import Page, PageContext
from gui.preferences import Preferences
from gui.session import Session
from gui.session_jobs import SessionJobs
from gui.train.page import build_page, page_actions
from gui.train.train_page import TrainPage
from tests.conftest import draw_image_folder
from tests.gui.conftest import RunnerNow
from tests.project_acts import import_folder

BuildContext = Callable[[RunnerNow], PageContext]


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes, 20 good labelled pictures, with the embeddings that a training by default left, and no run."""
    home = tmp_path_factory.mktemp("embedded")
    with Project.create(home / "drawn.catalejo") as project:
        import_folder(project, draw_image_folder(home / "pictures"))
    tried = shutil.copytree(home / "drawn.catalejo", home / "tried.catalejo")
    train_project(tried, DEFAULT, {}, JobContext())
    shutil.move(tried / "embeddings", home / "drawn.catalejo" / "embeddings")
    return home / "drawn.catalejo"


@pytest.fixture
def own_images(image_folder: Path) -> Path:
    """For a test that changes files: the images of its project are its own, and nothing is embedded."""
    return image_folder


@pytest.fixture
def project_folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of `embedded`, or a project of `own_images`."""
    folder = tmp_path / "drawn.catalejo"
    if "own_images" not in request.fixturenames:
        return Path(shutil.copytree(request.getfixturevalue("embedded"), folder))
    with Project.create(folder) as project:
        import_folder(project, request.getfixturevalue("own_images"))
    return folder


@pytest.fixture
def build_context(
    qtbot: QtBot, preferences: Preferences, project_folder: Path, tmp_path: Path
) -> Iterator[BuildContext]:
    sessions: list[Session] = []

    def build(runner: RunnerNow) -> PageContext:
        session = Session()
        sessions.append(session)
        window = MainWindow(preferences, runner)
        qtbot.addWidget(window)
        thumbnails: ThumbnailCache | None = None  # the page shows no pictures
        context = make_context(
            session, SessionJobs(session, runner), runner, preferences, thumbnails, window,  # type: ignore[arg-type]
        )
        others = [Page(name, name.title(), "image", lambda: QLabel("")) for name in ("library", "label", "review")]
        window.set_pages([*others, build_page(context)])
        window.add_actions(page_actions(context))
        session.open(project_folder)
        window.show_project(session.project_name)
        return context

    yield build
    for session in sessions:
        session.close()


@pytest.fixture
def context(build_context: BuildContext, runner_now: RunnerNow) -> PageContext:
    return build_context(runner_now)


@pytest.fixture
def page(context: PageContext) -> TrainPage:
    return show_page(context)


def show_page(context: PageContext) -> TrainPage:
    """Go to the page as a user does."""
    context.window.resize(1280, 800)
    context.window.show()
    page = context.window.workbench.go_to("train")
    assert isinstance(page, TrainPage)
    return page


def label(context: PageContext, n: int, before: int, after: int | None) -> None:
    """Change the label of n images of a class."""
    ids = image_ids(context.session.project, ImageFilter(class_ids=(before,)))[:n]
    context.session.label(ids, after)


def train(context: PageContext) -> None:
    """Train as planned, to the end."""
    runner = context.runner
    assert isinstance(runner, RunnerNow)
    context.window.actions_table.do("train.start")
    runner.run_all()
