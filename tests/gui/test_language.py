"""The language of the window: chosen at the start, changed while a project is open, with everything kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QFileInfo, QLocale
from PySide6.QtWidgets import (
    QAbstractButton, QDialogButtonBox, QFileDialog, QFileIconProvider, QLabel, QToolButton, QWidget,
)
from pytestqt.qtbot import QtBot

from core.errors import InputError
from core.project.queries import ImageFilter
from core.text import Message, text
from core.text.language import language
from core.worker_protocol import Cancelled
from gui import messages as door
from gui.furnish import furnish
from gui.jobs import JobState
from gui.language import speak
from gui.main_window import MainWindow
from gui.pages import PageContext
from gui.preferences import Preferences
from gui.widgets.labels import ElidedLabel
from gui.widgets.visible_browser import visible_browser
from tests.conftest import write_class_folder
from tests.gui.conftest import RunnerNow


@pytest.fixture
def context(
    qtbot: QtBot, preferences: Preferences, runner_now: RunnerNow, tmp_path: Path
) -> Iterator[PageContext]:
    """The real window on a project of two classes, one of them labelled."""
    write_class_folder(tmp_path / "images" / "xqz", "red", 4)
    write_class_folder(tmp_path / "images", "blue", 4, first_seed=50)
    window = MainWindow(preferences, runner_now)
    context = furnish(window, runner_now, preferences)
    window.resize(1280, 800)
    window.show()
    context.jobs.new_project(tmp_path / "wvk.catalejo", tmp_path / "images")
    runner_now.run_all()
    yield context
    speak("en")
    runner_now._current = None  # a job that a failed test left is asked about at closing
    window.close()
    window.deleteLater()


def page_titles(window: MainWindow) -> list[str]:
    buttons = [b for b in window.workbench.findChildren(QToolButton) if b.property("role") == "page"]
    return [b.accessibleName() for b in buttons]


def menu_titles(window: MainWindow) -> list[str]:
    return [action.text() for action in window.menuBar().actions()]


def test_qt_and_fields_speak_the_language_too(qtbot: QtBot) -> None:
    speak("es")
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    qtbot.addWidget(buttons)
    assert buttons.buttons()[0].text() == "Cerrar" and QLocale().decimalPoint() == ","
    speak("en")
    again = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    qtbot.addWidget(again)
    assert again.buttons()[0].text() == "Close" and QLocale().decimalPoint() == "."


def test_no_word_of_the_file_dialog_stays_english(qtbot: QtBot, tmp_path: Path) -> None:
    """Each label is another one in Spanish; Qt's own translation lacks some."""
    said: dict[str, list[str]] = {}
    for code in ("en", "es"):
        speak(code)
        dialog = QFileDialog()
        qtbot.addWidget(dialog)
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setNameFilter("x (*.csv)")
        labels = [label.text() for label in dialog.findChildren(QLabel)]
        buttons = [button.text() or button.toolTip() for button in dialog.findChildren(QAbstractButton)]
        kinds = [QFileIconProvider().type(QFileInfo(name)) for name in ("/", str(tmp_path))]
        said[code] = [words for words in labels + buttons + kinds if words]
    speak("en")
    assert len(said["en"]) == len(said["es"]) > 8
    assert not set(said["en"]) & set(said["es"])


def test_a_change_of_language_loses_nothing(
    context: PageContext, runner_now: RunnerNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_now, "_hand_over", lambda job: None)  # it runs until the test ends it
    session, window = context.session, context.window
    english = menu_titles(window), page_titles(window)
    window.go_to("library")
    browser = visible_browser(window)
    assert browser is not None
    browser.listing.show(ImageFilter(status=None, is_labelled=False), order="pixels", is_descending=True)
    browser.selection.select_ids(browser.listing.ids[1:3])
    selected = browser.selection.selected_ids().tolist()
    while window.message_bar.messages:
        window.message_bar.close_first()
    door.doubt(Message("window.project_read_only", folder="/wvk"))
    job = runner_now.start(Message("window.job_importing", folder="wvk"), "count", None)
    for code in ("es", "en"):
        old = window.centralWidget()
        window.choose_language(code)
        assert language() == code and window.centralWidget() is not old
        assert session.is_open and window.has_project and window.workbench.current_page == "library"
        assert window.workbench.project_name == "wvk"
        again = visible_browser(window)
        assert again is not None and again is not browser
        assert (again.listing.which.is_labelled, again.listing.order) == (False, "pixels")
        assert again.listing.is_descending and again.selection.selected_ids().tolist() == selected
        assert session.selected_ids.tolist() == selected
        assert window.job_bar.said.text.startswith(text("window.job_importing", folder="wvk"))
        assert [m.sentence for m in window.message_bar.messages] == [
            text("window.project_read_only", folder="/wvk")]
        browser = again
    assert (menu_titles(window), page_titles(window)) == english
    job.cancel()
    runner_now._hear(job.number, Cancelled())
    assert job.state is JobState.CANCELLED
    assert window.job_bar.said.text == text("window.job_cancelled", title=job.title)


def test_all_pages_live_on_after_a_change(context: PageContext, runner_now: RunnerNow, qtbot: QtBot) -> None:
    """Nothing of the window that is gone hears of labels, classes and runs any more."""
    window, session = context.window, context.session
    names = [page.name for page in window.workbench.pages]
    for name in names:
        window.go_to(name)
    old = list(window.centralWidget().findChildren(QWidget))
    window.choose_language("es")
    qtbot.wait(1)
    del old
    ids = browser_ids(context)
    row = session.add_class("zzt")
    session.label(ids, row.id)
    session.undo()
    session.redo()
    for name in names:
        window.go_to(name)
    assert session.counts.by_class[row.id] == len(ids)
    context.thumbnails.forget()
    runner_now.run_all()
    for action in window.actions_table.all():
        assert isinstance(action.can_be_done, bool)


def browser_ids(context: PageContext) -> list[int]:
    context.window.go_to("library")
    browser = visible_browser(context.window)
    assert browser is not None
    return browser.listing.ids.tolist()


def test_an_error_that_is_shown_follows_the_language(context: PageContext) -> None:
    while context.window.message_bar.messages:
        context.window.message_bar.close_first()
    door.warn(InputError("window.no_images", folder="/wvk"))
    context.window.choose_language("es")
    labels = [label.text for label in context.window.message_bar.findChildren(ElidedLabel)]
    assert "No hay imágenes en «/wvk»." in labels and "Elija una carpeta con imágenes." in labels


def test_the_choice_is_remembered_and_the_system_is_followed_without_one(
    context: PageContext, preferences: Preferences, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CATALEJO_LANG", raising=False)
    context.window.choose_language("es")
    assert preferences.language == "es"
    monkeypatch.setattr("core.text.language.system_language", lambda: "en_GB.UTF-8")
    context.window.choose_language("")
    assert preferences.language == "" and language() == "en"
