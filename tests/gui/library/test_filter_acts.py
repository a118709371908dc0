"""Filters by date, size, source and run; saved ones, which come back after a restart and can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QInputDialog, QMenu
from pytestqt.qtbot import QtBot

from core.project.project import Project
from core.project.runs import RunRow, record_run
from core.project.saved_filters import list_filters
from gui.furnish import furnish
from gui.library.file_filter_dialog import FileFilterDialog
from gui.main_window import MainWindow
from gui.pages import PageContext
from gui.preferences import Preferences
from gui.widgets.browser import ImageBrowser
from gui.widgets.filters import chips_of, say_range
from gui.widgets.visible_browser import visible_browser
from tests.gui.conftest import RunnerNow
from tests.project_acts import import_folder


@pytest.fixture
def context(
    tmp_path: Path, image_folder: Path, preferences: Preferences, runner_now: RunnerNow, qtbot: QtBot
) -> Iterator[PageContext]:
    project = Project.create(tmp_path / "drawn.catalejo")
    import_folder(project, image_folder)
    for run in ("2026-01-01-001-transfer", "2026-01-02-001-auto"):
        record_run(project, RunRow(run, "transfer", "b", 0, 20))
    window = MainWindow(preferences, runner_now)
    qtbot.addWidget(window)
    context = furnish(window, runner_now, preferences)
    window.show()
    context.session.adopt(project)
    yield context
    window.close()


def browser_of(context: PageContext) -> ImageBrowser:
    found = visible_browser(context.window)
    assert found is not None
    return found


def dialog_of(context: PageContext) -> FileFilterDialog:
    context.window.actions_table.do("view.filter_files")
    return context.window.findChildren(FileFilterDialog)[-1]


def test_bounds_narrow_and_show_as_chips_and_in_the_dialog_again(context: PageContext) -> None:
    browser, dialog = browser_of(context), dialog_of(context)
    assert all(not part for part in dialog.parts.values()), "nothing is asked at first"
    dialog.sides[0].tick.setChecked(True)
    dialog.sides[0].field.setValue(100_000)  # type: ignore[union-attr]
    dialog.since.tick.setChecked(True)
    dialog.accept()
    assert browser.model.rowCount() == 0
    chips = {chip.part: chip.text for chip in chips_of(context.session, browser.listing.which)}
    assert chips["sides_px"] == "longer side: from 100,000 px" and chips["changed_ns"].startswith("date: from ")
    again = dialog_of(context)
    assert again.sides[0].number == 100_000 and again.since.date == dialog.since.date and again.until.date is None
    again.sides[0].tick.setChecked(False)
    again.until.tick.setChecked(True)
    again.accept()
    assert browser.model.rowCount() == 20, "the images of the test were made today"


@pytest.mark.parametrize(("part", "bounds", "words"), [
    ("sizes", (1000, 5001), "file size: 1.0 kB to 5.0 kB"), ("sides_px", (None, 257), "longer side: up to 256 px"),
    ("sides_px", (), ""), ("sizes", (None, None), ""),
])
def test_a_range_is_said(context: PageContext, part: str, bounds: tuple[int | None, ...], words: str) -> None:
    assert say_range(part, bounds) == words


def menu_of(browser: ImageBrowser) -> dict[str, QMenu]:
    browser.bar.filter_menu.aboutToShow.emit()
    return {action.text(): action.menu() for action in browser.bar.filter_menu.actions() if action.menu()}


def test_sources_and_runs_stand_in_the_menu(context: PageContext) -> None:
    browser = browser_of(context)
    menus = menu_of(browser)
    menus["Source"].actions()[0].trigger()
    assert browser.listing.which.source_id == 1
    run = menus["Predictions of run"].actions()[1]
    assert not run.isChecked()
    run.trigger()
    assert context.session.run is not None and context.session.run.id == run.text()
    menu_of(browser)["Source"].actions()[0].trigger()
    assert browser.listing.which.source_id is None


def test_a_saved_filter_is_used_again_and_can_be_undone(context: PageContext) -> None:
    browser, table = browser_of(context), context.window.actions_table
    save = next(action for action in table.all() if action.name == "view.save_filter")
    assert not save.can_be_done, "there is nothing to save without a filter"
    browser.narrow(class_ids=(2,))
    browser.listing.sort("bytes", is_descending=True)
    table.do("view.save_filter")
    dialog = context.window.findChildren(QInputDialog)[-1]
    dialog.setTextValue("large red")
    dialog.accept()
    browser.show_all()
    browser.narrow(text="0")
    entry = next(action for action in table.doable() if action.name == "view.filters.0")
    assert entry.shown_title == "Saved filters: large red" and entry.slot is not None
    entry.slot()
    which = browser.listing.which
    assert (which.class_ids, which.text, browser.listing.order) == ((2,), "", "bytes")
    assert browser.model.rowCount() == 10 and browser.listing.is_descending
    assert [a.text() for a in menu_of(browser)["Saved filters"].actions()] == ["large red"]
    next(action for action in table.doable() if action.name == "view.forget_filter.0").slot()  # type: ignore[misc]
    assert list_filters(context.session.project) == ()
    context.session.undo()
    assert [saved.name for saved in list_filters(context.session.project)] == ["large red"]
