"""The page Runs in a window of its own, on a project of drawn pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.project.project import Project
from gui.furnish import build_context
from gui.main_window import MainWindow
from gui.pages import Page, PageContext
from gui.preferences import Preferences
from gui.runs.page import build_page, page_actions
from gui.runs.runs_page import RunsPage
from gui.session import Session
from gui.session_jobs import SessionJobs
from tests.gui.conftest import RunnerNow
from tests.project_acts import import_folder


@pytest.fixture
def context(
    qtbot: QtBot, preferences: Preferences, runner_now: RunnerNow, tmp_path: Path, image_folder: Path
) -> Iterator[PageContext]:
    with Project.create(tmp_path / "drawn.catalejo") as project:
        import_folder(project, image_folder)
    window, session = MainWindow(preferences, runner_now), Session()
    qtbot.addWidget(window)
    made = build_context(
        session, SessionJobs(session, runner_now), runner_now, preferences, None, window)  # type: ignore[arg-type]
    window.set_pages([Page("train", "Train", "train", lambda: QLabel("")), build_page(made)])
    window.add_actions(page_actions(made))
    session.open(tmp_path / "drawn.catalejo")
    window.show_project(session.project_name)
    window.resize(1280, 800)
    window.show()
    yield made
    session.close()


@pytest.fixture
def page(context: PageContext) -> RunsPage:
    found = context.window.workbench.go_to("runs")
    assert isinstance(found, RunsPage)
    return found
