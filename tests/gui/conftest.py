"""Fixtures of the window: one application with its theme and doors, and a runner without a second process."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtCore import QEvent, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from core.jobs import JobContext
from core.project.project import Project
from core.tasks import TASKS, Outcome, run_job
from core.worker_protocol import Published
from gui import messages as door_module
from gui import theme
from gui.app import build_application
from gui.furnish import build_context, furnish
from gui.jobs import Job, JobRunner, JobState, Prepared
from gui.main_window import MainWindow
from gui.messages import Message
from gui.pages import Page, PageContext
from gui.preferences import Preferences
from gui.session import Session
from gui.session_jobs import SessionJobs
from gui.widgets.thumbnails import ProjectThumbnails
from tests import jobs_for_tests
from tests.conftest import write_class_folder
from tests.project_acts import import_folder


class RunnerNow(JobRunner):
    """Runs each job in this process with the next turn of the event loop, or at once by `run_all`.

    Args:
        tasks: "module:function" by name, besides those of `core.tasks`.
    """

    def __init__(self, tasks: Mapping[str, str] = jobs_for_tests.TASKS) -> None:
        super().__init__()
        self.tasks = {**TASKS, **tasks}
        self._handed: list[Job] = []

    def run_all(self) -> None:
        """Finish every job that was started, and those that they start."""
        while self._handed:
            self._run_next()

    def prepare_all(self) -> None:
        """Take the snapshots of the jobs that were handed over, as happens in the background right away."""
        for job in self._handed:
            self._prepare(job)

    def _prepare(self, job: Job) -> None:
        if job.prepare is not None and job.inputs is None:
            self._hear(job.number, Prepared(job.prepare()))

    def _hand_over(self, job: Job) -> None:
        self._handed.append(job)
        QTimer.singleShot(0, self._run_next)

    def _run_next(self) -> None:
        if self._handed:
            job = self._handed.pop(0)
            self._hear(job.number, self._outcome_of(job))

    def _outcome_of(self, job: Job) -> Outcome:
        context = JobContext(
            lambda progress: self._hear(job.number, progress),
            lambda event: self._hear(job.number, Published(event)),
            lambda: job.state is JobState.CANCELLING,
        )
        return job.carry_out(
            lambda inputs: run_job(job.task, inputs, context, tasks=self.tasks),
            lambda prepared: self._hear(job.number, prepared),
        )


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    return QApplication


@pytest.fixture(scope="session")
def qapp() -> Iterator[QApplication]:
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else build_application()
    theme.current().choose("light")
    yield application


@pytest.fixture(autouse=True)
def fresh_application(qapp: QApplication) -> Iterator[None]:
    """Every test begins in the light theme, without the windows of the one before, and with events that arrive.

    After `QApplication.exit` outside its own loop every later event loop ends at once, without a word.
    """
    yield
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    theme.current().choose("light")
    loop = QEventLoop()
    QTimer.singleShot(0, loop.quit)
    assert loop.exec() == 0, "somebody told the application to quit; no test after this one would hear an event"


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    return Preferences(tmp_path / "preferences")


@pytest.fixture
def runner_now(qapp: QApplication) -> Iterator[RunnerNow]:
    runner = RunnerNow()
    yield runner
    runner.close()


@pytest.fixture
def messages(qapp: QApplication) -> Iterator[list[Message]]:
    """What came through the one door, oldest first."""
    heard: list[Message] = []
    door = door_module.door()
    door.take_unseen()
    door.posted.connect(heard.append)
    yield heard
    door.posted.disconnect(heard.append)


@pytest.fixture
def session(tmp_path: Path, image_folder: Path, qapp: object) -> Iterator[Session]:
    """Ten blue (key 1), ten red (key 2), one unreadable; no run."""
    project = Project.create(tmp_path / "drawn.catalejo")
    import_folder(project, image_folder)
    session = Session()
    session.adopt(project)
    yield session
    session.close()


@pytest.fixture
def context(preferences: Preferences, runner_now: RunnerNow, qtbot: QtBot) -> Iterator[PageContext]:
    """The whole window without a project; its jobs run when the test says so, or with the event loop."""
    window = MainWindow(preferences, runner_now)
    qtbot.addWidget(window)
    context = furnish(window, runner_now, preferences)
    window.resize(1200, 800)
    window.show()
    yield context
    window.close()


@contextmanager
def window_of_one_page(
    module: ModuleType, project: Path, preferences: Preferences, runner_now: RunnerNow, qtbot: QtBot
) -> Iterator[PageContext]:
    """The window with a project, one real page and a page of nothing to go away to.

    Args:
        module: Of the page, with `build_page` and `page_actions`.
    """
    window = MainWindow(preferences, runner_now)
    qtbot.addWidget(window)
    session = Session(window)
    thumbnails = ProjectThumbnails(session, parent=window)
    context = build_context(
        session, SessionJobs(session, runner_now, window), runner_now, preferences, thumbnails.cache, window)
    window.set_pages([Page("other", "Other", "image", lambda: QLabel("")), module.build_page(context)])
    window.add_actions(module.page_actions(context))
    session.open(project)
    window.show_project(session.project_name)
    window.resize(1280, 800)
    window.show()
    yield context
    thumbnails.close()
    session.close()


@pytest.fixture
def two_projects(tmp_path: Path) -> tuple[Path, Path]:
    """Projects of the same ids: eight labelled images and three test images."""
    for name in ("a", "b"):
        write_class_folder(tmp_path / name / "red", "red", 4)
        write_class_folder(tmp_path / name / "blue", "blue", 4, first_seed=50)
        write_class_folder(tmp_path / f"{name} test", "red", 3, first_seed=300)
        with Project.create(tmp_path / f"{name}.catalejo") as project:
            import_folder(project, tmp_path / name)
            import_folder(project, tmp_path / f"{name} test", split="test", with_labels=False)
    return tmp_path / "a.catalejo", tmp_path / "b.catalejo"


@pytest.fixture
def own_hooks() -> Iterator[None]:
    """Puts back whatever hooks a test installs."""
    import threading

    from PySide6.QtCore import qInstallMessageHandler

    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    yield
    sys.excepthook, threading.excepthook, sys.unraisablehook = before
    qInstallMessageHandler(None)


__all__ = ["RunnerNow"]
