"""Qt has nothing to warn of, whatever page is shown in whatever size; `benchmarks.pictures` listens to dialogs."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.jobs import JobContext
from core.workflow.sample import make_trained_sample
from gui import theme
from gui.furnish import furnish
from gui.garbage import end_window
from gui.main_window import MainWindow
from gui.preferences import Preferences
from gui.screenshots import QtWarnings
from tests.gui.conftest import RunnerNow

SIZES = ((800, 560), (1440, 900), (800, 560))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_trained_sample(tmp_path_factory.mktemp("sample"), JobContext())


@pytest.mark.parametrize("text_scale", [1.0, 2.0])
def test_no_page_in_no_size_makes_qt_warn(
    qtbot: QtBot, preferences: Preferences, runner_now: RunnerNow, project: Path, text_scale: float,
    qapp: QApplication,
) -> None:
    before = qapp.font()
    qapp.setFont(theme.scaled_font(before, text_scale))
    with QtWarnings() as warned:
        window = MainWindow(preferences, runner_now)
        context = furnish(window, runner_now, preferences)
        window.show()
        window.open_asked.emit(project)
        for page in window.workbench.pages:
            window.go_to(page.name)
            for size in SIZES:
                warned.where = f"{page.name} {size}"
                window.resize(*size)
                QCoreApplication.processEvents()
            runner_now.run_all()
        for choice in ("dark", "light"):
            theme.current().choose(choice)
            QCoreApplication.processEvents()
        context.session.close()
        window.rebuilding.emit()  # ends the threads of what is shown
        window.close()
        end_window(window)
    qapp.setFont(before)
    assert warned.heard == []


def test_a_warning_of_qt_is_heard(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    with QtWarnings() as warned:
        warned.where = "here"
        widget.setMinimumSize(-1, 5)
    assert len(warned.heard) == 1 and warned.heard[0][0] == "here" and "Negative sizes" in warned.heard[0][1]
