"""The page in a window, on a project of drawn pictures without any label."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from core.project.classes import add_class
from core.project.predictions import record_predictions
from core.runs.predictions import NEW, RunPredictions
from core.project.project import Project
from core.project.rows import image_row
from core.project.runs import RunRow, record_run
from gui.edit_actions import edit_actions
from gui.label.label_bar import Choice
from gui.label.label_page import LabelPage
from gui.label.page import build_page, page_actions
from gui.furnish import build_context
from gui.widgets.thumbnails import ProjectThumbnails
from gui.main_window import MainWindow
from gui.pages import Page, PageContext
from gui.preferences import Preferences
from gui.session import Session
from gui.session_jobs import SessionJobs
from tests.conftest import write_class_folder
from tests.gui.conftest import RunnerNow
from tests.project_acts import import_folder

BuildPage = Callable[[Path], LabelPage]
N_TRAIN, N_TEST = 6, 2


class Desk:
    """A window with the page in sight, and what tests ask it."""

    def __init__(self, context: PageContext, page: LabelPage) -> None:
        self.context, self.page = context, page
        self.session, self.window = context.session, context.window

    def press(self, *keys: Qt.Key) -> None:
        """Press keys wherever the keyboard is."""
        for key in keys:
            QTest.keyClick(QApplication.focusWidget() or self.page, key)

    def type(self, text: str) -> None:
        QTest.keyClicks(QApplication.focusWidget(), text)

    def undo(self) -> None:
        QTest.keyClick(self.page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    def labels(self) -> list[str]:
        """Names of the labels of the training pictures, "" for none."""
        names = {row.id: row.name for row in self.session.classes}
        rows = [image_row(self.session.project, i) for i in range(1, N_TRAIN + 1)]
        return [names.get(row.class_id or 0, "") for row in rows]

    @property
    def current(self) -> int | None:
        return self.page.position.current_id

    def add_run(self, p_first: dict[int, float], run_id: str = "a") -> None:
        """A run that gives the first class these chances, by image id."""
        record_run(self.session.project, RunRow(run_id, "transfer", "b", 0, N_TRAIN))
        chances = np.array([[p, 1 - p] for p in p_first.values()], np.float32)
        kinds = np.full(len(p_first), NEW, np.uint8)
        classes = tuple(row.id for row in self.session.classes[:2])
        record_predictions(
            self.session.project, run_id, RunPredictions(np.array(list(p_first)), kinds, chances), classes)
        self.session.run_was_added(run_id)


@pytest.fixture
def empty_folder(tmp_path: Path) -> Path:
    """A project without pictures."""
    Project.create(tmp_path / "empty.catalejo").close()
    return tmp_path / "empty.catalejo"


@pytest.fixture
def unlabelled_folder(tmp_path: Path) -> Path:
    """Training pictures 1–6, test pictures 7 and 8; no class, no label."""
    write_class_folder(tmp_path / "train", "red", N_TRAIN)
    write_class_folder(tmp_path / "test", "blue", N_TEST, first_seed=50)
    with Project.create(tmp_path / "drawn.catalejo") as project:
        import_folder(project, tmp_path / "train", with_labels=False)
        import_folder(project, tmp_path / "test", split="test", with_labels=False)
    return tmp_path / "drawn.catalejo"


@pytest.fixture
def open_desk(qtbot: QtBot, preferences: Preferences, runner_now: RunnerNow) -> Iterator[Callable[[Path], Desk]]:
    desks: list[tuple[Desk, ProjectThumbnails]] = []

    def build(folder: Path) -> Desk:
        window = MainWindow(preferences, runner_now)
        qtbot.addWidget(window)
        session = Session(window)
        thumbnails = ProjectThumbnails(session, parent=window)
        jobs = SessionJobs(session, runner_now)
        context = build_context(session, jobs, runner_now, preferences, thumbnails.cache, window)
        others = [Page(name, name.title(), "image", lambda: QLabel("")) for name in ("library", "train")]
        window.set_pages([others[0], build_page(context), others[1]])
        window.add_actions([*edit_actions(context), *page_actions(context)])
        session.open(folder)
        window.show_project(session.project_name)
        window.resize(1280, 800)
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        page = window.workbench.go_to("label")
        assert isinstance(page, LabelPage)
        desk = Desk(context, page)
        desks.append((desk, thumbnails))
        return desk

    yield build
    for desk, thumbnails in desks:
        desk.page.body.view.close_files()
        thumbnails.close()
        desk.session.close()


@pytest.fixture
def fresh_desk(open_desk: Callable[[Path], Desk], unlabelled_folder: Path) -> Desk:
    """No class yet."""
    return open_desk(unlabelled_folder)


@pytest.fixture
def desk(open_desk: Callable[[Path], Desk], unlabelled_folder: Path) -> Desk:
    """The classes cat (key 1) and dog (key 2)."""
    with Project.open(unlabelled_folder) as project:
        add_class(project, "cat")
        add_class(project, "dog")
    return open_desk(unlabelled_folder)


def choose(box: Choice, value: str) -> None:
    """As if a person chose it."""
    box.setCurrentIndex(box.findData(str(value)))
    box.activated.emit(box.currentIndex())
