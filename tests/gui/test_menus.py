"""Menu bar, context menus and the search of the palette, in the whole window on a real project."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from core.project.predictions import record_predictions
from core.project.project import Project
from core.project.runs import RunRow, record_run
from core.runs.predictions import OUT_OF_FOLD, RunPredictions
from core.text.language import LANGUAGES
from gui.furnish import furnish
from gui.language import speak
from gui.library.panel_sections import ClassSection, KeyDialog, SourceSection
from gui.main_window import MainWindow
from gui.pages import PageContext
from gui.palette.command_palette import MatchModel
from gui.preferences import Preferences
from gui.review.review_page import ReviewPage
from gui.runs.runs_page import RunsPage
from gui.widgets.browser import ImageBrowser
from gui.widgets.class_picker import ClassChooser
from gui.widgets.visible_browser import visible_browser
from tests.text.test_catalogues import templates
from tests.gui.conftest import RunnerNow
from tests.project_acts import import_folder

RUN = "2026-11-22-001-transfer"


@pytest.fixture
def context(
    tmp_path: Path, image_folder: Path, preferences: Preferences, runner_now: RunnerNow, qtbot: QtBot,
) -> Iterator[PageContext]:
    """Twenty images of two classes and a run that has some of them wrong."""
    project = Project.create(tmp_path / "drawn.catalejo")
    import_folder(project, image_folder)
    record_run(project, RunRow(RUN, "transfer", "b", 0, 20))
    ids = np.arange(1, 21)
    says = np.array([[0.1, 0.9] if i in (1, 2) else [0.8, 0.2] for i in ids], np.float32)
    record_predictions(project, RUN, RunPredictions(ids, np.full(20, OUT_OF_FOLD, np.uint8), says), (1, 2))
    window = MainWindow(preferences, runner_now)
    qtbot.addWidget(window)
    context = furnish(window, runner_now, preferences)
    window.resize(1280, 800)
    with qtbot.waitExposed(window):
        window.show()
    context.session.adopt(project)
    yield context
    window.close()
    speak("en")


def browser_of(context: PageContext) -> ImageBrowser:
    found = visible_browser(context.window)
    assert found is not None
    return found


def open_menu(widget: QWidget, at: QPoint) -> list[str]:
    """The names in the menu that a right click opens there; it is closed again."""
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, widget.mapToGlobal(at))
    QApplication.sendEvent(widget, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    names = [action.objectName() for action in menu.actions() if not action.isSeparator()]
    menu.close()
    return names


def test_file_has_what_other_programs_have_and_quit_comes_last(context: PageContext) -> None:
    file = context.window.menuBar().actions()[0].menu()
    names = [action.objectName() for action in file.actions() if not action.isSeparator()]
    wanted = ["file.new", "file.open", "file.recent", "file.add_train", "file.labels_in", "file.labels_out",
              "file.submission", "file.back_up", "file.save_copy", "file.restore", "edit.preferences",
              "file.close", "file.quit"]
    assert [name for name in names if name in wanted] == wanted and names[-1] == "file.quit"
    assert file.actions()[-2].isSeparator()


def test_recent_projects_are_a_submenu_and_entries_of_the_palette(context: PageContext, tmp_path: Path) -> None:
    table, other = context.window.actions_table, tmp_path / "other.catalejo"
    Project.create(other).close()
    with_other = context.session.project.folder
    context.window.open_asked.emit(other)
    context.window.open_asked.emit(with_other)
    recent = table.qt_action("file.recent").menu()
    recent.aboutToShow.emit()
    assert [action.text() for action in recent.actions()] == ["drawn", "other"]
    entry = next(a for a in table.doable() if a.name == "file.recent.1")
    assert entry.shown_title == "Open recent: other" and entry.slot is not None
    recent.actions()[1].trigger()
    assert context.session.project.folder == other
    assert context.window.workbench.current_page == "library"


def test_every_act_is_in_the_menu_bar(context: PageContext) -> None:
    assert [action.name for action in context.window.actions_table.all() if not action.menu] == []


@pytest.mark.parametrize(("language", "query", "name"), [
    ("en", "export", "file.labels_out"), ("en", "rename", "class.rename"), ("en", "duplicates", "view.page.health"),
    ("en", "theme", "view.theme.dark"), ("en", "csv", "file.labels_in"), ("en", "confusion", "review.matrix"),
    ("en", "settings", "edit.preferences"), ("en", "dark colours", "view.theme.dark"),
    ("es", "exportar", "file.labels_out"), ("es", "renombrar", "class.rename"),
    ("es", "duplicados", "view.page.health"), ("es", "aspecto", "view.theme.dark"), ("es", "csv", "file.labels_in"),
    ("es", "confusion", "review.matrix"), ("es", "ajustes", "edit.preferences"), ("es", "export", "file.labels_out"),
])
def test_the_palette_knows_other_words(context: PageContext, language: str, query: str, name: str) -> None:
    if language != "en":
        context.window.choose_language(language)
    model = MatchModel(context.window.actions_table.all())
    model.search(query)
    first = [model._shown[i].name for i in range(min(8, model.rowCount()))]
    assert name in first


def test_other_words_are_of_acts_that_there_are(context: PageContext) -> None:
    names = {action.name for action in context.window.actions_table.all()}
    for language in LANGUAGES:
        codes = templates(language, "keywords")
        assert {code.removeprefix("keywords.") for code in codes} <= names


def test_a_right_click_on_an_image_selects_it_and_offers_what_fits(context: PageContext, qtbot: QtBot) -> None:
    browser = browser_of(context)
    third = browser.grid.visualRect(browser.model.index(2, 0)).center()
    QTest.mousePress(browser.grid.viewport(), Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, third)
    names = open_menu(browser.grid.viewport(), third)
    assert browser.selection.selected_rows().tolist() == [2]
    assert {"image.loupe", "image.label", "image.unlabel", "image.copy_path", "image.show_file"} <= set(names)
    below = QPoint(5, browser.grid.viewport().height() - 2)
    assert "image.select_all" in open_menu(browser.grid.viewport(), below)
    browser.show_table(True)
    table = browser._view()
    row = table.visualRect(browser.model.index(1, 0)).center()
    QTest.mousePress(table.viewport(), Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, row)
    assert open_menu(table.viewport(), row) == names
    assert browser.selection.selected_rows().tolist() == [1]


def test_the_menu_of_a_class_acts_on_that_class(context: PageContext) -> None:
    section = context.window.workbench.findChild(ClassSection)
    assert section is not None
    menu = section.build_menu(2)
    entries = {action.objectName(): action for action in menu.actions()}
    assert entries["class.rename"].text().endswith("\tF2")
    entries["class.show"].trigger()
    assert browser_of(context).model.rowCount() == 10
    entries["class.key"].trigger()
    dialog = context.window.findChild(KeyDialog)
    assert dialog is not None and "red" in dialog.windowTitle()
    dialog.reject()
    menu.deleteLater()


def test_from_the_palette_a_class_is_asked_for(context: PageContext) -> None:
    context.window.actions_table.do("class.delete")
    chooser = context.window.findChild(ClassChooser)
    assert chooser is not None
    chooser.chosen.emit(1)
    assert [row.name for row in context.session.classes] == ["red"]
    context.session.undo()
    context.window.workbench.toggle_panel("left")
    context.window.actions_table.do("class.rename")
    context.window.findChildren(ClassChooser)[-1].chosen.emit(1)
    assert context.window.workbench.is_panel_shown("left")
    section = context.window.workbench.findChild(ClassSection)
    assert section is not None and section.rows.findChild(QLineEdit) is not None


def test_the_menu_of_a_source_is_about_that_source(context: PageContext) -> None:
    section = context.window.workbench.findChild(SourceSection)
    assert section is not None
    menu = section.build_menu(1)
    entries = {action.objectName(): action for action in menu.actions()}
    entries["source.show"].trigger()
    assert browser_of(context).listing.which.source_id == 1
    menu.deleteLater()


def test_the_menus_of_runs_and_cells(context: PageContext) -> None:
    context.window.go_to("runs")
    page = context.window.workbench.findChild(RunsPage)
    assert page is not None
    at = page.table.visualRect(page.table.order.index(0, 1)).center()
    page.table.clearSelection()
    names = open_menu(page.table.viewport(), at)
    assert names[0] == "runs.review" and "runs.delete" in names and [r.id for r in page.table.selected] == [RUN]
    context.window.actions_table.do("runs.star")
    assert context.session.marks[RUN].is_starred
    context.window.actions_table.do("review.matrix")
    review = context.window.workbench.findChild(ReviewPage)
    assert review is not None
    view = review.matrix.view
    cell = view.visualRect(review.matrix.model.index(0, 1)).center()
    assert "review.cell_row" in open_menu(view.viewport(), cell)
    context.window.actions_table.do("review.cell_row")
    assert review.listing.which.class_ids == (1,) and not review.listing.which.predicted_class_ids
    context.window.actions_table.do("review.copy_matrix")
    head, first, *_ = QGuiApplication.clipboard().text().splitlines()
    assert head.split("\t")[1:3] == ["blue", "red"] and first.startswith("blue\t")
