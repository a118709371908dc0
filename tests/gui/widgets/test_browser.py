"""The browser on a real catalog: keys label, filters combine, only the one in sight speaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStackedWidget
from pytestqt.qtbot import QtBot

from core.text import text
from core.project.labels import set_labels
from core.project.predictions import record_predictions
from core.runs.predictions import NEW, RunPredictions
from core.project.project import Project
from core.project.queries import ImageFilter
from core.project.rows import image_row
from core.project.runs import RunRow, record_run
from gui.widgets.browser import ImageBrowser
from gui.widgets.image_model import Column
from gui.widgets.image_query import ImageQuery
from gui.widgets.thumbnails import ThumbnailCache
from gui.messages import Message
from gui.preferences import Preferences
from gui.session import Session
from tests.conftest import write_class_folder
from tests.project_acts import import_folder


@pytest.fixture
def browser(
    session: Session, thumbnails: ThumbnailCache, preferences: Preferences, qtbot: QtBot
) -> Iterator[ImageBrowser]:
    widget = ImageBrowser(session, thumbnails, preferences=preferences)
    qtbot.addWidget(widget)
    widget.resize(800, 600)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.take_keyboard()
    yield widget
    widget.end()


def add_run(session: Session, said: dict[int, int]) -> None:
    """A run that says these classes (1 or 2), by image id."""
    record_run(session.project, RunRow("a", "transfer", "b", 0, 20))
    probabilities = np.array([[0.9, 0.1] if c == 1 else [0.2, 0.8] for c in said.values()], np.float32)
    kinds = np.full(len(said), NEW, np.uint8)
    record_predictions(session.project, "a", RunPredictions(np.array(list(said)), kinds, probabilities), (1, 2))
    session.run_was_added("a")


def label_of(session: Session, image_id: int) -> int | None:
    return image_row(session.project, image_id).class_id


def ids_of(browser: ImageBrowser) -> list[int]:
    return browser.model.ids.tolist()


def test_a_digit_labels_and_moves_on(browser: ImageBrowser, session: Session) -> None:
    first, second = ids_of(browser)[:2]
    QTest.keyClick(browser.grid, Qt.Key.Key_2)
    assert label_of(session, first) == 2 and label_of(session, second) == 1
    assert browser.selection.current_id() == session.image_id == second
    assert browser.selection.selected_ids().tolist() == session.selected_ids.tolist() == [second]
    assert session.counts.by_class == {1: 9, 2: 11}
    assert browser.model.tile(0).label == "red"


def test_counts_kept_by_difference_are_those_counted_anew(browser: ImageBrowser, session: Session) -> None:
    browser.grid.selectAll()
    assert session.counts.n_labelled == 20
    for act in (browser.unlabel, lambda: browser.label(1), browser.unlabel):
        act()
        kept = session.counts
        session._counts = None
        assert session.counts == kept


def test_a_letter_that_is_a_class_key_wins_over_the_window(browser: ImageBrowser, session: Session) -> None:
    session.set_class_key(2, "f")
    first = ids_of(browser)[0]
    QTest.keyClick(browser.grid, Qt.Key.Key_F)
    assert label_of(session, first) == 2


def test_a_digit_of_no_class_is_said(browser: ImageBrowser, messages: list[Message]) -> None:
    QTest.keyClick(browser.grid, Qt.Key.Key_7)
    assert "key 7" in messages[-1].sentence


def test_backspace_takes_the_label_of_all_selected_and_stays(browser: ImageBrowser, session: Session) -> None:
    ids = ids_of(browser)[:3]
    browser.selection.select_ids(np.array(ids))
    QTest.keyClick(browser.grid, Qt.Key.Key_Backspace)
    assert [label_of(session, i) for i in ids] == [None] * 3
    assert browser.selection.selected_ids().tolist() == ids
    session.undo()
    assert [label_of(session, i) for i in ids] == [1] * 3


def test_enter_accepts_where_the_model_says_something(
    browser: ImageBrowser, session: Session, messages: list[Message]
) -> None:
    first, second, third = ids_of(browser)[:3]
    QTest.keyClick(browser.grid, Qt.Key.Key_Return)
    assert messages[-1].sentence == text("widgets.nothing_to_accept")
    set_labels(session.project, [first, second], None)
    add_run(session, {first: 2})
    browser.selection.select_ids(np.array([first, second]))
    QTest.keyClick(browser.grid, Qt.Key.Key_Return)
    assert (label_of(session, first), label_of(session, second)) == (2, None)
    assert browser.selection.current_id() == third


def test_in_the_loupe_a_key_means_the_picture_alone(browser: ImageBrowser, session: Session) -> None:
    ids = ids_of(browser)[:3]
    browser.selection.select_ids(np.array(ids))
    QTest.keyClick(browser.grid, Qt.Key.Key_Space)
    assert browser.is_loupe_open and browser._loupe is not None
    QTest.keyClick(browser._loupe, Qt.Key.Key_2)
    assert [label_of(session, i) for i in ids] == [2, 1, 1] and session.image_id == ids[1]
    QTest.keyClick(browser._loupe, Qt.Key.Key_Escape)
    assert not browser.is_loupe_open and browser.grid.isVisible() and browser.bar.isVisible()


def test_labelling_does_not_take_a_picture_out_of_the_list(browser: ImageBrowser, session: Session) -> None:
    browser.show_query(ImageQuery({"class_ids": (1,)}))
    before = ids_of(browser)
    QTest.keyClick(browser.grid, Qt.Key.Key_2)
    assert ids_of(browser) == before
    browser.refresh()
    assert ids_of(browser) == before[1:] and browser.selection.current_id() == before[1]


def test_filters_replace_or_combine_and_go_by_their_chip(browser: ImageBrowser, session: Session) -> None:
    assert browser.bar.count.text() == text("text.images", n=21)
    browser.show_query(ImageQuery({"class_ids": (1,)}))
    assert browser.bar.count.text() == text("widgets.images_of_all", shown=10, images=text("text.images", n=21))
    browser.show_query(ImageQuery({"text": "1"}, adds=True))
    assert browser.listing.which.class_ids == (1,) and browser.model.rowCount() < 10
    assert browser.bar.search.text() == "1"
    browser.show_query(ImageQuery({"class_ids": (2,)}))
    assert browser.model.rowCount() == 10 and not browser.listing.which.text
    browser.bar.chips.removed.emit("class_ids")
    assert browser.listing.which == browser.listing.start and browser.model.rowCount() == 21


def test_typing_in_the_search_field_narrows(browser: ImageBrowser, qtbot: QtBot) -> None:
    browser.bar.start_search()
    with qtbot.waitSignal(browser.listing.changed):
        QTest.keyClicks(browser.bar.search, "ALPHA")
    assert browser.model.rowCount() == 1
    QTest.keyClick(browser.bar.search, Qt.Key.Key_Escape)
    assert browser.focusWidget() is browser.grid


def test_an_empty_list_says_what_to_do_next(browser: ImageBrowser, session: Session, qtbot: QtBot) -> None:
    browser.show_query(ImageQuery({"is_labelled": False, "split": "train"}))
    assert browser._empty._sentence.text() == text("widgets.all_labelled")
    browser._empty.acted.emit()
    assert browser.model.rowCount() == 21
    add_run(session, {ids_of(browser)[0]: 1})
    browser.show_query(ImageQuery({"is_mistake": True}, "loss", True))
    assert browser._empty._sentence.text() == text("widgets.no_mistakes")
    browser._empty.acted.emit()
    assert browser.listing.order == "uncertainty" and browser.model.rowCount() == 1


def test_the_page_answers_where_nothing_was_ever(
    tmp_path: Path, thumbnails: ThumbnailCache, qtbot: QtBot
) -> None:
    session = Session()
    session.adopt(Project.create(tmp_path / "empty.catalejo"))
    browser = ImageBrowser(session, thumbnails)
    qtbot.addWidget(browser)
    browser.say_when_empty("Nothing yet.", "Add")
    with qtbot.waitSignal(browser.empty_acted):
        browser._empty._button.click()
    session.close()


def test_a_header_click_orders_the_list(browser: ImageBrowser) -> None:
    browser.show_table(True)
    assert browser._table is not None and browser._table.isVisible()
    browser.model.sort_requested.emit(int(Column.SIZE), True)
    assert browser.listing.order == "pixels" and browser.listing.is_descending
    browser.model.sort_requested.emit(int(Column.LABEL), True)
    assert browser._table.horizontalHeader().sortIndicatorSection() == Column.SIZE


def test_only_the_browser_in_sight_speaks_and_asks(
    session: Session, thumbnails: ThumbnailCache, qtbot: QtBot
) -> None:
    stack = QStackedWidget()
    qtbot.addWidget(stack)
    first, second = ImageBrowser(session, thumbnails), ImageBrowser(session, thumbnails)
    stack.addWidget(first)
    stack.addWidget(second)
    with qtbot.waitExposed(stack):
        stack.show()
    first.selection.set_current_row(3)
    shown = session.image_id
    stack.setCurrentWidget(second)
    assert session.image_id == second.selection.current_id()
    first.selection.set_current_row(5)
    assert session.image_id == second.selection.current_id() != shown
    n_before = first.model.rowCount()
    first.listing.show(ImageFilter(class_ids=(1,)))
    assert first.model.rowCount() == n_before
    stack.setCurrentWidget(first)
    assert first.model.rowCount() == 10


def test_the_size_of_the_tiles_is_remembered(browser: ImageBrowser, preferences: Preferences) -> None:
    browser.grid.set_tile_side(200)
    assert preferences.number("tile_library", 0) == 200


def test_while_images_come_in_the_list_stays_at_its_first(
    browser: ImageBrowser, session: Session, image_folder: Path
) -> None:
    earlier = image_folder.parent / "aaa"
    write_class_folder(earlier / "aa", "blue", 3, first_seed=900)
    before = browser.selection.current_id()
    import_folder(session.project, earlier)
    session.images_were_changed()
    assert browser.selection.current_id() == browser.model.id_at(0) != before
    QTest.mouseClick(browser.grid.viewport(), Qt.MouseButton.LeftButton,
                     pos=browser.grid.visualRect(browser.model.index(0, 0)).center())
    chosen = browser.selection.current_id()
    first = image_folder.parent / "a"
    write_class_folder(first / "a0", "red", 2, first_seed=950)
    import_folder(session.project, first)
    session.images_were_changed()
    assert browser.selection.current_id() == chosen, "what a person chose stays"
