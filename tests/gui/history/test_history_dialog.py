"""The undo history: what it lists, the present point, and jumps with and without a question."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from gui.edit_actions import edit_actions
from gui.furnish import build_context
from gui.history.history_dialog import HistoryDialog
from gui.language import speak
from gui.main_window import MainWindow
from gui.messages import Message
from gui.pages import Page, PageContext
from gui.preferences import Preferences
from gui.session import Session
from gui.session_jobs import SessionJobs
from gui.widgets.thumbnails import ThumbnailCache
from tests.conftest import write_class_folder
from tests.gui.conftest import RunnerNow
from tests.project_acts import import_folder


@pytest.fixture
def context(
    qtbot: QtBot, preferences: Preferences, runner_now: RunnerNow, tmp_path: Path
) -> Iterator[PageContext]:
    """A window with the acts of the menu Edit, on a project of two classes of six images, imported in one go."""
    write_class_folder(tmp_path / "images" / "red", "red", 6)
    write_class_folder(tmp_path / "images" / "blue", "blue", 6, first_seed=50)
    with Project.create(tmp_path / "wvk.catalejo") as project:
        import_folder(project, tmp_path / "images")
    window, session = MainWindow(preferences, runner_now), Session()
    qtbot.addWidget(window)
    thumbnails: ThumbnailCache | None = None  # no pictures are shown
    context = build_context(
        session, SessionJobs(session, runner_now), runner_now, preferences, thumbnails,  # type: ignore[arg-type]
        window)

    def fill() -> None:
        window.set_pages([Page("library", "Library", "image", lambda: QLabel(""))])
        window.add_actions(edit_actions(context))

    window.fill_with(fill)
    window.resize(1024, 700)
    window.show()
    session.open(tmp_path / "wvk.catalejo")
    window.show_project(session.project_name)
    yield context
    speak("en")
    session.close()


@pytest.fixture
def dialog(context: PageContext) -> HistoryDialog:
    label(context, 1)
    label(context, 2)
    context.window.actions_table.do("edit.history")
    found = context.window.findChild(HistoryDialog)
    assert isinstance(found, HistoryDialog) and found.isVisible()
    return found


def label(context: PageContext, n: int) -> None:
    """The next blue images are red from now on."""
    blue, red = (next(row.id for row in context.session.classes if row.name == name) for name in ("blue", "red"))
    context.session.label(image_ids(context.session.project, ImageFilter(class_ids=(blue,)))[:n], red)


def titles(dialog: HistoryDialog) -> list[str]:
    role = Qt.ItemDataRole.ToolTipRole
    return [str(dialog.model.index(row, 0).data(role)) for row in range(dialog.model.rowCount())]


def select(dialog: HistoryDialog, row: int) -> None:
    dialog.rows.setCurrentIndex(dialog.model.index(row, 0))


def test_all_changes_are_listed_and_the_present_is_marked(dialog: HistoryDialog) -> None:
    assert titles(dialog) == [
        "Label 2 images “red” (the present state)", "Label 1 image “red”",
        "Label by the folders of “images”", "Before the first change",
    ]
    assert dialog.rows.currentIndex().row() == 0
    assert not dialog.go_button.isEnabled() and dialog.go_button.text() == "This is the present state"


def test_enter_goes_back_and_forth(
    dialog: HistoryDialog, context: PageContext, messages: list[Message], qtbot: QtBot
) -> None:
    before = context.session.counts.by_class
    select(dialog, 2)
    assert dialog.go_button.text() == "Undo 2 changes"
    dialog.go_button.click()
    assert titles(dialog)[:3] == [
        "Label 2 images “red” (undone)", "Label 1 image “red” (undone)",
        "Label by the folders of “images” (the present state)",
    ]
    assert messages[-1].sentence == "Undone: 2 changes, the last of them: Label 1 image “red”."
    select(dialog, 0)
    assert dialog.go_button.text() == "Redo 2 changes"
    dialog.rows.doubleClicked.emit(dialog.rows.currentIndex())
    qtbot.waitUntil(lambda: titles(dialog)[0].endswith("(the present state)"))
    assert context.session.counts.by_class == before


def test_a_jump_over_the_import_is_asked_about(
    dialog: HistoryDialog, context: PageContext, qtbot: QtBot
) -> None:
    select(dialog, 3)
    for name, n_labelled in (("", 12), ("undo", 0)):
        dialog.go_button.click()
        answer(dialog, name)
        qtbot.waitUntil(lambda: dialog.findChild(QMessageBox) is None)
        assert context.session.counts.n_labelled == n_labelled
        select(dialog, 3)
    assert titles(dialog)[3] == "Before the first change (the present state)"
    assert context.session.classes == ()


def answer(dialog: HistoryDialog, name: str) -> None:
    """Press the button of that name, or that which changes nothing."""
    box = dialog.findChild(QMessageBox, "undoQuestion")
    assert box is not None and "12 labels, 2 classes" in box.text()
    button = next(b for b in box.buttons() if b.objectName() == name)
    button.click()


def test_it_follows_the_project(dialog: HistoryDialog, context: PageContext, qtbot: QtBot) -> None:
    label(context, 3)
    qtbot.waitUntil(lambda: titles(dialog)[0].startswith("Label 3 images"))
    context.session.undo()
    qtbot.waitUntil(lambda: titles(dialog)[0].endswith("(undone)"))
    context.window.actions_table.do("edit.history")
    assert len(context.window.findChildren(HistoryDialog)) == 1
    context.session.close()
    assert not dialog.isVisible()


def test_another_language_needs_another_dialog(dialog: HistoryDialog, context: PageContext, qtbot: QtBot) -> None:
    context.window.choose_language("es")
    assert context.window.findChild(HistoryDialog) is None
    context.window.actions_table.do("edit.history")
    again = context.window.findChild(HistoryDialog)
    assert again is not None and again.windowTitle() == "Historial de cambios"
    assert again.model.headerData(0, Qt.Orientation.Horizontal) == "Cambio"


def test_the_key_opens_it(context: PageContext, qtbot: QtBot) -> None:
    with qtbot.waitActive(context.window):
        context.window.activateWindow()
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(context.window, Qt.Key.Key_H, both)
    assert context.window.findChild(HistoryDialog) is not None
