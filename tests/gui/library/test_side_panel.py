"""The left panel, the acts and the Library page in a whole window."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.project.predictions import record_predictions
from core.runs.predictions import OUT_OF_FOLD, RunPredictions
from core.project.project import Project
from core.project.queries import count_images
from core.project.runs import RunRow, record_run
from core.text import text
from core.workflow.confusion import mistakes_of, read_confusion
from gui.library import smart_filters
from gui.library import page as library_page
from gui.widgets.browser import ImageBrowser
from gui.widgets.class_picker import ClassChooser
from gui.widgets.visible_browser import visible_browser
from gui.library.panel_sections import KeyDialog
from gui.widgets.image_query import ImageQuery
from gui.widgets.row_list import Row
from gui.library.side_panel import SidePanel
from gui.library.taking_labels import take_labels
from gui.library.smart_filters import SmartFilter
from gui.widgets.thumbnails import ThumbnailCache
from gui.furnish import build_context
from gui.main_window import MainWindow
from gui.messages import Message
from gui.pages import PageContext
from gui.preferences import Preferences
from gui.session import Session
from gui.session_jobs import SessionJobs
from tests.conftest import write_class_folder
from tests.gui.conftest import RunnerNow
from tests.project_acts import import_folder

RUN = "2026-11-22-001-transfer"


class Whole:
    """A window with the Library and the left panel over 20 pictures, of which a run has two wrong."""

    def __init__(self, context: PageContext) -> None:
        self.context, self.session, self.window = context, context.session, context.window
        self.window.set_pages([library_page.build_page(context)])
        self.window.add_actions(library_page.page_actions(context))
        self.panel = SidePanel(context)
        self.window.workbench.set_panel("left", self.panel)

    @property
    def browser(self) -> ImageBrowser:
        found = visible_browser(self.window)
        assert found is not None
        return found

    def do(self, name: str) -> None:
        self.window.actions_table.do(name)

    def class_rows(self) -> list[tuple[str, int | None]]:
        return [(row.title, row.count) for row in self.panel.classes.rows.rows]

    def filter_rows(self) -> dict[str, int | None]:
        return {str(row.id): row.count for row in self.panel.filters.rows.rows}


@pytest.fixture
def whole(
    tmp_path: Path, image_folder: Path, preferences: Preferences, runner_now: RunnerNow,
    thumbnails: ThumbnailCache, qtbot: QtBot,
) -> Iterator[Whole]:
    project = Project.create(tmp_path / "drawn.catalejo")
    import_folder(project, image_folder)
    record_run(project, RunRow(RUN, "transfer", "b", 0, 20))
    ids = np.arange(1, 21)
    says = np.array([[0.1, 0.9] if i in (1, 2) else [0.8, 0.2] for i in ids], np.float32)
    is_red = [project.catalog.rows("SELECT class_id = 2 FROM image WHERE id = ?", (int(i),))[0][0] for i in ids]
    says[[bool(red) for red in is_red]] = [0.2, 0.8]
    record_predictions(project, RUN, RunPredictions(ids, np.full(20, OUT_OF_FOLD, np.uint8), says), (1, 2))
    session, window = Session(), MainWindow(preferences, runner_now)
    qtbot.addWidget(window)
    session.adopt(project)
    jobs = SessionJobs(session, runner_now)
    made = Whole(build_context(session, jobs, runner_now, preferences, thumbnails, window))
    window.show_project("drawn")
    with qtbot.waitExposed(window):
        window.show()
    browser = made.browser
    yield made
    browser.end()
    made.panel.counts.end()
    session.close()


def settle(whole: Whole, qtbot: QtBot) -> None:
    """Until every smart filter is counted."""
    counts = whole.panel.counts
    qtbot.waitUntil(
        lambda: not counts._waiting and counts._asked is None and counts.get("mistakes") is not None, timeout=20_000)


def n_mistakes(whole: Whole) -> int:
    return count_images(whole.session.project, mistakes_of(RUN))


def test_mistakes_are_those_of_the_confusion_matrix(whole: Whole, qtbot: QtBot) -> None:
    """One that is gone counts there, too; what was predicted new and labelled since counts in neither."""
    project = whole.session.project
    rows = project.catalog.rows("SELECT image_id FROM prediction p JOIN image i ON i.id = p.image_id "
                                "WHERE p.class_id <> i.class_id")
    with project.catalog.transaction() as db:
        db.execute("UPDATE image SET status = 'missing' WHERE id = ?", rows[0])
        db.execute("UPDATE prediction SET kind = 1 WHERE image_id = ?", rows[1])
    whole.session.images_changed.emit()
    settle(whole, qtbot)
    qtbot.waitUntil(lambda: whole.panel.counts.get("mistakes") == read_confusion(project, RUN).n_wrong)
    assert n_mistakes(whole) == len(rows) - 1
    whole.panel.filters.rows.chosen.emit("mistakes", False)
    assert whole.browser.model.rowCount() == len(rows) - 1


def test_it_lists_what_there_is(whole: Whole, qtbot: QtBot) -> None:
    settle(whole, qtbot)
    assert whole.class_rows() == [("blue", 10), ("red", 10)]
    assert [(row.title, row.count) for row in whole.panel.sources.rows.rows] == [("pictures", 21)]
    rows = whole.filter_rows()
    assert rows["unlabelled"] == 0 and rows["mistakes"] == n_mistakes(whole) > 0 and rows["unreadable"] == 1
    assert "missing" not in rows


def test_in_a_large_project_filters_are_counted_in_a_thread(
    whole: Whole, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    settle(whole, qtbot)
    before, counts = whole.filter_rows(), whole.panel.counts
    monkeypatch.setattr(smart_filters, "LARGE", 0)
    counts._counts.clear()
    asked: list[object] = []
    monkeypatch.setattr(counts._query, "ask", lambda *a, ask=counts._query.ask: (asked.append(a), ask(*a)))
    counts.recount()
    settle(whole, qtbot)
    assert whole.filter_rows() == before and len(asked) == len([n for n in before.values() if n is not None]) + 3
    counts.recount()
    counts._timer.stop()
    counts._on_timer_timeout()
    assert counts._asked is not None
    whole.session.label([1, 2], None)
    assert counts._asked is None, "what is being counted is counted again after the label"
    settle(whole, qtbot)
    assert whole.filter_rows()["unlabelled"] == 2


def test_a_click_shows_exactly_what_is_counted(whole: Whole, qtbot: QtBot) -> None:
    settle(whole, qtbot)
    for name, count in whole.filter_rows().items():
        if count is not None:
            whole.panel.filters.rows.chosen.emit(name, False)
            assert whole.browser.model.rowCount() == count, name
    whole.panel.classes.rows.chosen.emit(1, False)
    assert whole.browser.model.rowCount() == 10
    assert whole.panel.classes.rows._rows.marked == {1}
    whole.panel.classes.rows.chosen.emit(1, False)
    assert whole.browser.model.rowCount() == 21


def test_what_is_in_sight_is_marked(whole: Whole) -> None:
    looks = whole.panel.filters.rows
    for name in ("mistakes", "unsure", "unlabelled"):
        looks.chosen.emit(name, False)
        assert looks._rows.marked == {name}
    whole.do("view.all")
    assert not looks._rows.marked


def test_with_control_filters_combine(whole: Whole) -> None:
    whole.panel.filters.rows.chosen.emit("mistakes", False)
    n = whole.browser.model.rowCount()
    whole.panel.classes.rows.chosen.emit(2, True)
    assert whole.browser.listing.which.is_mistake and whole.browser.model.rowCount() < n


def test_a_label_is_counted_by_its_difference(whole: Whole, qtbot: QtBot) -> None:
    settle(whole, qtbot)
    asked: list[object] = []

    def count(project: object, *, among: object = None) -> int:
        asked.append(among)
        return 21

    whole.panel.counts._filters.append(SmartFilter("all", "All", "filter", "", ImageQuery(), lambda: count))
    whole.panel.counts.recount()
    qtbot.waitUntil(lambda: whole.panel.counts.get("all") == 21 and not whole.panel.counts._waiting)
    asked.clear()
    right = int(whole.browser.model.ids[5])
    whole.browser.selection.select_ids(np.array([right]))
    before = whole.filter_rows()["mistakes"]
    label = 2 if whole.session.counts and whole.browser.model.tile(5).label == "blue" else 1
    whole.session.label([right], label)
    assert whole.filter_rows()["mistakes"] == n_mistakes(whole) != before
    assert all(among is not None for among in asked)
    whole.session.label([right], None)
    assert whole.filter_rows()["unlabelled"] == 1 and whole.filter_rows()["mistakes"] == n_mistakes(whole)
    whole.session.undo()
    settle(whole, qtbot)
    assert whole.filter_rows()["unlabelled"] == 0


def test_a_folder_that_is_gone_is_marked(whole: Whole, image_folder: Path) -> None:
    shutil.move(image_folder, image_folder.with_name("elsewhere"))
    whole.panel.sources.refresh()
    row: Row = whole.panel.sources.rows.rows[0]
    assert row.note == "missing" and "gone" in row.tool_tip


def test_classes_are_added_renamed_merged_and_deleted(whole: Whole, messages: list[Message]) -> None:
    classes = whole.panel.classes
    classes.add.click()
    QTest.keyClicks(classes._new_name, "green")
    QTest.keyClick(classes._new_name, Qt.Key.Key_Return)
    assert whole.class_rows()[-1] == ("green", 0)
    classes.rows.renamed.emit(3, "lime")
    classes.rows.renamed.emit(3, "red")
    assert whole.class_rows()[-1] == ("lime", 0) and "already a class" in messages[-1].sentence
    classes.merge(2, 3)
    assert whole.class_rows() == [("blue", 10), ("lime", 10)]
    QTest.keyClick(classes.rows, Qt.Key.Key_Down)
    classes.rows.delete_asked.emit(3)
    assert whole.class_rows() == [("blue", 10)] and "10 images" in messages[-1].sentence
    whole.session.undo()
    assert whole.class_rows() == [("blue", 10), ("lime", 10)]


def test_a_class_is_renamed_in_its_place(whole: Whole) -> None:
    rows = whole.panel.classes.rows
    rows.begin_renaming(2)
    editor = rows.focusWidget() or rows.findChild(type(whole.browser.bar.search))
    assert editor is not None
    QTest.keyClicks(editor, "crimson")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert whole.class_rows()[1][0] == "crimson"


def test_the_key_of_a_class_is_the_key_pressed(whole: Whole, qtbot: QtBot) -> None:
    whole.panel.classes.ask_for_key(2)
    dialog = whole.window.findChild(KeyDialog)
    assert dialog is not None
    QTest.keyClick(dialog, Qt.Key.Key_R)
    assert whole.session.find_class(2).key == "r"  # type: ignore[union-attr]


def test_label_as_finds_or_makes_a_class(whole: Whole) -> None:
    first = whole.browser.selection.current_id()
    whole.do("image.label")
    chooser = whole.window.findChild(ClassChooser)
    assert chooser is not None
    QTest.keyClicks(chooser.finder.field, "violet")
    QTest.keyClick(chooser.finder.field, Qt.Key.Key_Return)
    assert ("violet", 1) in whole.class_rows()
    assert whole.browser.model.tile(0).label == "violet" and whole.browser.selection.current_id() != first


def test_acts_go_to_the_browser_in_sight(whole: Whole) -> None:
    whole.do("image.select_all")
    assert whole.session.n_selected == 21
    whole.do("image.copy_path")
    assert len(QGuiApplication.clipboard().text().splitlines()) == 21
    whole.do("view.table")
    assert whole.browser.is_table
    whole.session.close()
    assert not any(a.can_be_done for a in whole.window.actions_table.all() if a.name.startswith("image."))


def test_pictures_are_added_and_their_number_said(
    whole: Whole, tmp_path: Path, runner_now: RunnerNow, messages: list[Message]
) -> None:
    write_class_folder(tmp_path / "more" / "green", "green", 3, first_seed=500)
    write_class_folder(tmp_path / "more" / "blue", "blue", 1, first_seed=600)
    page = whole.window.workbench.go_to("library")
    page._importing.add_folder(tmp_path / "more", "train")  # type: ignore[attr-defined]
    runner_now.run_all()
    assert whole.browser.model.rowCount() == 25 and "4 new" in messages[-1].sentence
    assert ("green", 3) in whole.class_rows()


def test_labels_go_out_and_come_back(whole: Whole, tmp_path: Path, messages: list[Message]) -> None:
    importing = whole.window.workbench.go_to("library")._importing  # type: ignore[attr-defined]
    importing.export(tmp_path / "labels.csv")
    assert text("text.images", n=21) in messages[-1].sentence
    whole.do("image.select_all")
    whole.browser.unlabel()
    take_labels(importing._session, tmp_path / "labels.csv", importing._window)
    assert whole.class_rows() == [("blue", 10), ("red", 10)] and "labelled" in messages[-1].sentence
    take_labels(importing._session, tmp_path / "none.csv", importing._window)
    assert "cannot be read" in messages[-1].sentence
