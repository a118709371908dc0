"""At 200 % text in a window of 1024 × 700 nothing is cut or squeezed; what is too high scrolls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from core.jobs import JobContext
from core.workflow.importing import new_project
from core.workflow.training import train_project
from gui import theme
from gui.furnish import furnish
from gui.language import speak
from gui.main_window import MainWindow
from gui.pages import PageContext
from gui.preferences import Preferences
from gui.submit.submission_dialog import SubmissionDialog
from gui.train.train_page import TrainPage
from gui.widgets.browser_bar import BrowserBar
from tests.conftest import write_class_folder
from tests.gui.conftest import RunnerNow


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("large")
    for class_name, first_seed in (("red", 0), ("blue", 50)):
        write_class_folder(home / "train" / class_name, class_name, 6, first_seed=first_seed)
        write_class_folder(home / "test", class_name, 2, first_seed=first_seed + 20)
    new_project(home / "large.catalejo", home / "train", home / "test", JobContext())
    train_project(home / "large.catalejo", "transfer", {}, JobContext())
    return home / "large.catalejo"


@pytest.fixture(params=["en", "es"])
def context(
    request: pytest.FixtureRequest, qapp: QApplication, preferences: Preferences, runner_now: RunnerNow,
    trained: Path, qtbot: QtBot,
) -> Iterator[PageContext]:
    before = qapp.font()
    qapp.setFont(theme.scaled_font(before, 2))
    speak(request.param)
    window = MainWindow(preferences, runner_now)
    made = furnish(window, runner_now, preferences)
    window.resize(1024, 700)
    window.show()
    made.session.open(trained)
    window.show_project(made.session.project_name)
    yield made
    window.close()
    window.deleteLater()
    qapp.setFont(before)
    speak("en")


def squeezed(parent: QWidget) -> list[str]:
    """Fields and buttons in sight that are lower than a line of their text."""
    parts = [w for kind in (QLineEdit, QPushButton, QToolButton) for w in parent.findChildren(kind) if w.isVisible()]
    return [f"{type(w).__name__} “{w.text()}”" for w in parts if w.text() and w.height() < w.fontMetrics().height()]


@pytest.mark.parametrize("page", ["train", "review", "health"])
def test_nothing_is_squeezed(context: PageContext, page: str, qapp: QApplication) -> None:
    context.window.go_to(page)
    context.runner.run_all()  # type: ignore[attr-defined]
    qapp.processEvents()
    assert not squeezed(context.window)
    for bar in context.window.findChildren(BrowserBar):
        for button in bar.findChildren(QToolButton):
            shows_words = button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon
            needed = min(button.sizeHint().width(), button.maximumWidth()) if shows_words else 0
            assert not button.isVisible() or button.width() >= needed, button.text()


def test_train_never_scrolls_sideways(
    context: PageContext, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RunnerNow, "_hand_over", lambda runner, job: None)  # what jobs find takes no width
    context.window.go_to("train")
    page = context.window.findChild(TrainPage)
    for button in page.setup.strategies.buttons():
        button.click()
        qapp.processEvents()
        assert page.widget().minimumSizeHint().width() <= page.viewport().width(), button.text()


def test_the_submission_dialog_scrolls(context: PageContext, qtbot: QtBot) -> None:
    dialog = SubmissionDialog(context, context.window)
    dialog.show()
    qtbot.addWidget(dialog)
    dialog.resize(600, 500)
    assert dialog.height() == 500 and not squeezed(dialog)
