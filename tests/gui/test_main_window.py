"""The frame: pages, panels, jobs and messages in it, and an orderly end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from core.errors import InputError
from core.jobs import Progress
from core.text import Message as Said
from core.worker import EngineProcess
from core.worker_protocol import Cancelled
from gui import messages as door
from gui import theme
from gui.about import AboutDialog
from gui.actions import Action
from gui.colors import DARK
from gui.faults import FaultDialog
from gui.job_bar import describe_progress
from gui.jobs import JobRunner
from gui.main_window import MainWindow
from gui.messages import Message
from gui.pages import Page
from gui.palette.command_palette import CommandPalette, KeysOverview
from gui.preferences import Preferences
from tests.gui.conftest import RunnerNow
from tests.jobs_for_tests import TASKS

Build = Callable[[], MainWindow]


@pytest.fixture
def build(qtbot: QtBot, preferences: Preferences, runner_now: RunnerNow) -> Build:
    def make() -> MainWindow:
        window = MainWindow(preferences, runner_now, log_path=Path("/logs/catalejo.log"))
        qtbot.addWidget(window)
        return window

    return make


@pytest.fixture
def window(build: Build) -> MainWindow:
    return build()


class Built(list[str]):
    """Names of pages in the order in which they were built."""

    def page(self, name: str, key: str = "") -> Page:
        def make() -> QWidget:
            self.append(name)
            return QLabel(name)

        return Page(name, name.title(), "image", make, key)


def furnish(window: MainWindow) -> Built:
    built = Built()
    window.set_pages([built.page("library", "Ctrl+1"), built.page("label", "Ctrl+2")])
    window.workbench.set_panel("left", QLabel("sources"))
    window.workbench.set_panel("right", QLabel("inspector"))
    return built


def opened(kind: type) -> list[QWidget]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]


def test_it_begins_with_the_welcome_page(window: MainWindow) -> None:
    assert not window.has_project and window.windowTitle() == "Catalejo"


def test_a_page_is_built_when_it_is_first_shown(window: MainWindow) -> None:
    built = furnish(window)
    assert built == []
    window.show_project("guns")
    assert built == ["library"] and window.windowTitle() == "guns – Catalejo"
    for name in ("label", "library", "label"):
        window.go_to(name)
    assert built == ["library", "label"] and window.workbench.current_page == "label"


def test_the_key_of_a_page_goes_there_once_a_project_is_open(window: MainWindow, qtbot: QtBot) -> None:
    furnish(window)
    with qtbot.waitActive(window):
        window.show()
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.workbench.current_page == ""
    window.show_project("guns")
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.workbench.current_page == "label"


def test_a_panel_is_hidden_by_its_key_and_comes_back_with_its_width(window: MainWindow, qtbot: QtBot) -> None:
    furnish(window)
    window.resize(1200, 800)
    with qtbot.waitActive(window):
        window.show()
    window.show_project("guns")
    bench = window.workbench
    bench._splitter.setSizes([300, 600, 300])
    bench._keep_widths()
    qtbot.keyClick(window, Qt.Key.Key_F9)
    assert not bench.is_panel_shown("left") and bench.is_panel_shown("right")
    qtbot.keyClick(window, Qt.Key.Key_F9)
    assert bench.is_panel_shown("left") and abs(bench._panels["left"].width() - 300) <= 4


def test_the_width_of_a_panel_does_not_depend_on_how_much_is_in_it(window: MainWindow, qtbot: QtBot) -> None:
    """Rows that fold by their width, and scroll bars that come with height, once ended with a full stack."""
    furnish(window)
    content = QWidget()
    window.workbench.set_panel("right", content)
    window.resize(1200, 800)
    window.show()
    window.show_project("guns")
    widths = []
    for height in (10, 5_000):
        content.setMinimumHeight(height)
        qtbot.wait(50)
        widths.append(content.width())
    assert content.isVisible() and widths[0] == widths[1]


def test_panels_are_remembered_from_one_start_to_the_next(build: Build) -> None:
    first = build()
    furnish(first)
    first.show()
    first.show_project("guns")
    first.workbench.toggle_panel("right")
    first.close()
    second = build()
    furnish(second)
    second.show_project("guns")
    assert second.workbench.is_panel_shown("left") and not second.workbench.is_panel_shown("right")


@pytest.mark.parametrize("size", [(1024, 700), (1440, 900)])
def test_everything_fits(window: MainWindow, size: tuple[int, int]) -> None:
    furnish(window)
    window.resize(*size)
    window.show()
    for show in (window.show_welcome, lambda: window.show_project("a long name " * 20)):
        show()
        QApplication.processEvents()
        assert (window.width(), window.height()) == size
        assert window.minimumSizeHint().width() <= 1024 and window.minimumSizeHint().height() <= 700


def test_a_job_is_shown_with_its_progress_and_can_be_cancelled(
    window: MainWindow, runner_now: RunnerNow, qtbot: QtBot
) -> None:
    bar = window.job_bar
    assert bar._cancel.isHidden() and bar.said.text == ""
    job = runner_now.start("Training transfer", "hang_until_cancelled", None)
    runner_now.start("Predicting", "count", 1)
    assert bar.said.text == "Training transfer · starting · then Predicting"
    runner_now._hear(job.number, Progress(Said("Training transfer"), 3, 5, "folds", 1.2))
    assert bar.said.text == "Training transfer · 3 of 5 folds · 2 s left in this step · then Predicting"
    assert (bar._progress.value(), bar._progress.maximum()) == (3, 5)
    bar._cancel.click()
    assert "cancelling" in bar.said.text and not bar._cancel.isEnabled()
    runner_now.run_all()
    assert bar.said.text == "Predicting · done" and bar._cancel.isHidden()


def test_progress_is_told_in_words() -> None:
    def said(*values: int, **others: Any) -> str:
        return describe_progress(Progress(Said("x"), *values, **others))

    assert said(12_345, 20_000) == "12,345 of 20,000 images"
    assert said(0, 1) == "0 of 1 image"
    assert said(7, 0, unit="files") == "7 files"
    assert said(0, 0) == said(0, 0, unit="") == ""
    left = [said(0, 0, seconds_left=seconds) for seconds in (0.2, 61, 300, 5400)]
    assert left == ["1 s left", "61 s left", "5 min left", "1 h 30 min left"]


def test_the_selection_is_counted(window: MainWindow) -> None:
    window.job_bar.set_selection_count(1234)
    assert window.job_bar._selection.text() == "1,234 selected"
    window.job_bar.set_selection_count(0)
    assert window.job_bar._selection.text() == ""


def test_a_failed_job_is_told_without_anybody_asking(
    window: MainWindow, runner_now: RunnerNow, messages: list[Message]
) -> None:
    runner_now.start("Training", "fail_foreseen", None)
    runner_now.run_all()
    assert [m.sentence for m in messages] == ["Only one class has labels."]
    assert window.message_bar.messages == tuple(messages)
    assert not opened(FaultDialog)


def test_a_fault_opens_one_dialog_and_the_rest_wait_in_the_bar(
    window: MainWindow, qtbot: QtBot, expected_warnings: pytest.LogCaptureFixture
) -> None:
    window.show()
    for word in ("first", "second", "first"):
        door.report(ValueError(word))
    dialogs = opened(FaultDialog)
    assert len(dialogs) == 1 and len(window.message_bar.messages) == 2
    dialogs[0].close()
    window.message_bar.close_first()
    window.message_bar._details.click()
    reopened = opened(FaultDialog)
    assert len(reopened) == 1 and isinstance(reopened[0], FaultDialog)
    assert "second" in reopened[0].details.toPlainText()
    reopened[0].close()


def test_the_theme_is_chosen_in_the_menu_and_remembered(window: MainWindow, preferences: Preferences) -> None:
    window.actions_table.do("view.theme.dark")
    assert theme.current().colors is DARK and preferences.theme == "dark"


@pytest.mark.parametrize(
    ("name", "kind"), [("help.palette", CommandPalette), ("help.keys", KeysOverview), ("help.about", AboutDialog)]
)
def test_dialogs_open_from_their_acts(window: MainWindow, name: str, kind: type) -> None:
    window.show()
    window.actions_table.do(name)
    dialogs = opened(kind)
    assert len(dialogs) == 1
    dialogs[0].close()


def test_about_tells_where_the_log_is(qtbot: QtBot) -> None:
    dialog = AboutDialog(Path("/logs/catalejo.log"))
    qtbot.addWidget(dialog)
    dialog.copy()
    assert "/logs/catalejo.log" in QApplication.clipboard().text()


def test_wishes_of_the_welcome_page_are_passed_on(window: MainWindow, qtbot: QtBot) -> None:
    for asked, say in (
        (window.new_asked, lambda: window.welcome.new_asked.emit(Path("/a"))),
        (window.open_asked, lambda: window.welcome.open_asked.emit(Path("/a"))),
        (window.sample_asked, window.welcome.sample_asked.emit),
    ):
        with qtbot.waitSignal(asked):
            say()


def test_acts_of_pages_are_in_the_menus(window: MainWindow) -> None:
    done: list[str] = []
    window.add_actions([Action("train.again", "Train again", "T", lambda: done.append("trained"), "Train")])
    menus = {a.text(): a.menu() for a in window.menuBar().actions()}
    assert list(menus) == ["&File", "&View", "&Train", "&Help"]
    menus["&Train"].actions()[0].trigger()
    assert done == ["trained"]


# ── the end ──────────────────────────────────────────────────────────────


def answer(words: str) -> list[str]:
    """Click a button of the question that is about to be asked; returns the asked sentences."""
    asked: list[str] = []

    def click() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        asked.append(box.text())
        next(b for b in box.buttons() if b.text() == words).click()

    QTimer.singleShot(0, click)
    return asked


def test_an_idle_window_closes_without_a_question(window: MainWindow, qtbot: QtBot) -> None:
    window.show()
    with qtbot.waitSignal(window.closed):
        assert window.close()


@pytest.fixture
def busy(qtbot: QtBot, preferences: Preferences) -> Iterator[MainWindow]:
    """A window whose real engine runs a job that does not listen."""
    runner = JobRunner(EngineProcess(tasks=TASKS, cancel_grace_s=0.3))
    window = MainWindow(preferences, runner)
    window.show()
    job = runner.start("Training transfer", "hang", None)
    with qtbot.waitSignal(job.progressed, timeout=20_000):
        pass
    yield window
    runner.close()
    window.deleteLater()


def test_closing_while_a_job_runs_asks_and_keeps_going(busy: MainWindow) -> None:
    asked = answer("Keep going")
    assert not busy.close()
    assert asked == ["“Training transfer” is not finished."]
    assert busy.isVisible() and busy._runner.is_busy


def test_closing_while_a_job_runs_cancels_it_in_time(busy: MainWindow, qtbot: QtBot) -> None:
    answer("Cancel and close")
    began = time.monotonic()
    with qtbot.waitSignal(busy.closed):
        assert busy.close()
    assert time.monotonic() - began < 10
    assert not busy.isVisible()


def test_no_message_moves_or_hides_anything(
    window: MainWindow, runner_now: RunnerNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A click on a button became one on another, because a message had pushed the page down."""
    monkeypatch.setattr(runner_now, "_hand_over", lambda job: None)  # it runs until the test ends it
    furnish(window)
    window.resize(1024, 700)
    window.show()
    window.show_project("guns")
    job = runner_now.start("Training transfer", "hang_until_cancelled", None)
    runner_now._hear(job.number, Progress(Said("Training transfer"), 3, 5, "folds", 1.2))
    bar = window.job_bar

    def places() -> list[tuple[object, ...]]:
        QApplication.processEvents()
        widgets = (window.workbench, window.workbench._stack, bar, bar._cancel, bar._progress, bar.list_button)
        return [w.mapTo(window, w.rect().topLeft()).toTuple() + w.size().toTuple() for w in widgets]

    before = places()
    door.warn(InputError("window.no_images", folder="/a/long/name" * 20))
    assert places() == before and window.message_bar.isVisible() and bar.said.isVisible()
    assert window.message_bar.geometry().right() < bar.said.geometry().left()
    door.tell("A note.")
    assert places() == before and window.message_bar.accessibleName() == "A note."
    window.message_log.begin(None)
    assert places() == before and not window.message_bar.isVisible()
    runner_now._hear(job.number, Cancelled())


def test_the_end_of_a_job_is_news_for_some_seconds(window: MainWindow, runner_now: RunnerNow) -> None:
    runner_now.start("Counting", "count", 1)
    runner_now.run_all()
    bar = window.job_bar
    assert bar.said.text == "Counting · done" and bar._end.isActive()
    bar._end.timeout.emit()
    assert bar.said.text == "" and bar.last is None


def test_an_error_of_a_job_ends_when_it_is_tried_again_and_all_end_with_the_project(
    window: MainWindow, runner_now: RunnerNow
) -> None:
    runner_now.start("Training", "fail_foreseen", None)
    runner_now.run_all()
    door.doubt("A doubt.")
    assert len(window.message_bar.messages) == 2
    runner_now.start("Training", "fail_foreseen", None)
    assert [m.sentence for m in window.message_bar.messages] == ["A doubt."]
    runner_now.run_all()
    window.begin_anew(Path("flowers"))
    assert window.message_bar.messages == () and len(window.message_log.heard) == 3
    assert window.job_bar.said.text == ""
