"""Flags and tags in the window: by keys, in the editor, as signs and words, as filters and in the left panel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMenu
from pytestqt.qtbot import QtBot
import pytest

from core.project.saved_filters import list_filters, save_filter, SavedFilter
from core.project.tag_names import TAG
from core.project.tags import ImageTags, change_tags, read_tags
from gui.library.image_menu import ImageMenu
from gui.messages import Message
from gui.widgets.filters import chips_of, fill_filter_menu
from gui.widgets.image_query import saved_query
from gui.widgets.tag_editor import TagDialog
from tests.gui.library import test_side_panel as side

whole, Whole = side.whole, side.Whole
Key, Alt, Shift = Qt.Key, Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier


def tag_rows(whole: side.Whole) -> dict[str, int | None]:
    return {row.title: row.count for row in whole.panel.tags.rows.rows}


def test_keys_flag_what_is_selected_and_take_it_away(whole: side.Whole, qtbot: QtBot) -> None:
    browser, session = whole.browser, whole.session
    ids = browser.model.ids[:3].copy()
    browser.take_keyboard()
    QTest.keyClick(browser.grid, Key.Key_1, Alt)
    assert read_tags(session.project) == {int(ids[0]): ImageTags(("checked",))}
    assert browser.selection.current_id() == ids[0], "one stays where one is, for a second flag"
    assert browser.model.tile(0).flags == ("checked",) and "checked" in str(
        browser.model.data(browser.model.index(0, 0), Qt.ItemDataRole.ToolTipRole))
    browser.selection.select_ids(ids)
    QTest.keyClick(browser.grid, Key.Key_1, Alt)
    assert len(read_tags(session.project)) == 3, "those that lack it get it"
    QTest.keyClick(browser.grid, Key.Key_1, Alt)
    assert not read_tags(session.project)
    session.undo()
    assert browser.model.tile(2).flags == ("checked",)
    QTest.keyClick(browser.grid, Key.Key_5, Alt)
    QTest.keyClick(browser.grid, Key.Key_0, Alt)
    assert not read_tags(session.project)


def test_the_loupe_says_them_and_flags_its_image_alone(whole: side.Whole) -> None:
    browser = whole.browser
    browser.selection.select_ids(browser.model.ids[:4].copy())
    browser.open_loupe()
    whole.do("image.flag_star")
    assert list(read_tags(whole.session.project)) == [browser.selection.current_id()]
    assert browser._loupe is not None and "star" in browser._loupe.caption.words


def test_the_editor_tags_one_and_many(whole: side.Whole, qtbot: QtBot, messages: list[Message]) -> None:
    browser, project = whole.browser, whole.session.project
    ids = browser.model.ids[:3].copy()
    browser.selection.select_ids(ids[:1])
    whole.do("image.tags")
    dialog = whole.window.findChild(TagDialog)
    assert dialog is not None
    editor = dialog.editor
    editor.field.setText("Night; two words")
    QTest.keyClick(editor.field, Key.Key_Return)
    assert editor.chips.words == ("Night", "two words") and editor.field.text() == ""
    assert browser.model.tile(0).tag_words == "#Night, #two words"
    editor.field.setText("x" * 61)
    QTest.keyClick(editor.field, Key.Key_Return)
    assert messages and editor.field.text(), "what was refused can be mended"
    editor.field.clear()
    QTest.keyClick(editor.field, Key.Key_Return)
    qtbot.waitUntil(lambda: not whole.window.findChildren(TagDialog))
    browser.selection.select_ids(ids)
    whole.do("image.tags")
    editor = whole.window.findChildren(TagDialog)[-1].editor
    assert editor.chips.words == ("Night (1 of 3)", "two words (1 of 3)")
    editor.flags["hard"].click()
    editor.chips.removed.emit("Night")
    assert read_tags(project, ids[1:2])[int(ids[1])].flags == ("hard",)
    assert read_tags(project, ids[:1])[int(ids[0])].tags == ("two words",)
    browser.selection.select_ids(ids[2:])
    whole.do("image.tag_again")
    assert read_tags(project, ids[2:])[int(ids[2])].tags == ("Night", "two words"), "the tags given last"


def test_a_long_tag_has_its_chip_within_the_editor(whole: side.Whole, qtbot: QtBot) -> None:
    ids = whole.browser.model.ids[:1].copy()
    change_tags(whole.session.project, ids, add=[(TAG, "w" * 60), *((TAG, f"tag number {i}") for i in range(12))])
    dialog = TagDialog(whole.session, ids, whole.window)
    dialog.show()
    buttons = dialog.editor.chips._buttons
    qtbot.waitUntil(lambda: buttons[-1].geometry().top() > buttons[0].geometry().bottom())
    assert all(button.geometry().right() <= dialog.editor.chips.width() for button in buttons)
    dialog.reject()


def test_the_left_panel_counts_and_filters(whole: side.Whole, qtbot: QtBot) -> None:
    browser, session = whole.browser, whole.session
    assert whole.panel.tags.isHidden(), "nothing to show yet"
    ids = browser.model.ids.copy()
    browser.selection.select_ids(ids[:5])
    whole.do("image.flag_hard")
    change_tags(session.project, ids[3:6], add=[(TAG, "Night")])
    session.tags_changed.emit(ids[3:6])
    qtbot.waitUntil(lambda: tag_rows(whole) == {"hard": 5, "Night": 3})
    whole.panel.tags.rows.chosen.emit(("flag", "hard"), False)
    assert browser.listing.ids.tolist() == ids[:5].tolist()
    whole.panel.tags.rows.chosen.emit(("tag", "Night"), True)
    assert browser.listing.ids.tolist() == ids[3:5].tolist()
    assert [chip.part for chip in chips_of(session, browser.listing.which)] == ["flags", "tags"]
    browser.selection.select_ids(ids[3:4])
    whole.do("image.flag_hard")
    assert len(browser.listing.ids) == 2, "what no longer fits stays until the filter is applied again"
    browser.refresh()
    assert browser.listing.ids.tolist() == ids[4:5].tolist() and browser.selection.current_id() == ids[4]
    whole.do("view.all")
    session.undo()
    session.undo()
    qtbot.waitUntil(lambda: tag_rows(whole) == {"hard": 5})


def test_the_filter_menu_and_saved_filters_have_them(whole: side.Whole) -> None:
    browser, session = whole.browser, whole.session
    ids = browser.model.ids.copy()
    change_tags(session.project, ids[:2], add=[("flag", "star"), (TAG, "Night")])
    menu = QMenu(browser)
    fill_filter_menu(menu, session, browser.listing.which, browser.narrow, lambda _: None)
    flags, tags = (next(a.menu() for a in menu.actions() if a.menu() and a.text().startswith(start))
                   for start in ("Flagged", "Tagged"))
    next(a for a in flags.actions() if "Not" in a.text() and "star" in a.text()).trigger()
    good = [i for i in ids.tolist() if not browser.model.source(np.array([i]))[0].is_unreadable]
    assert browser.listing.ids.tolist() == good[2:]
    fill_filter_menu(menu, session, browser.listing.which, browser.narrow, lambda _: None)
    flags, tags = (next(a.menu() for a in menu.actions() if a.menu() and a.text().startswith(start))
                   for start in ("Flagged", "Tagged"))
    next(a for a in flags.actions() if a.text() == "star").trigger()
    tags.actions()[0].trigger()
    assert browser.listing.which.flags == ("star",) and not browser.listing.which.without_flags
    save_filter(session.project, SavedFilter("mine", browser.listing.which))
    whole.do("view.all")
    browser.show_query(saved_query(list_filters(session.project)[0]))
    assert browser.listing.which.tags == ("Night",) and browser.listing.ids.tolist() == good[:2]


def test_a_tag_is_renamed_shown_and_taken_from_all(whole: side.Whole) -> None:
    session, ids = whole.session, whole.browser.model.ids.copy()
    change_tags(session.project, ids[:2], add=[(TAG, "dim")])
    menu = whole.window.actions_table.build_menu(("tag.show", "tag.rename", "tag.delete"), whole.panel, of="dim")
    menu.actions()[0].trigger()
    assert whole.browser.listing.which.tags == ("dim",)
    menu.actions()[2].trigger()
    assert not read_tags(session.project)
    session.undo()
    assert len(read_tags(session.project)) == 2
    menu.close()


def test_flags_stand_in_the_context_menu_as_a_submenu(whole: side.Whole) -> None:
    menu = ImageMenu(whole.window).build(whole.browser, is_on_image=True)
    below = next(action.menu() for action in menu.actions() if action.menu() and action.text() == "Flags")
    assert [action.objectName() for action in below.actions() if not action.isSeparator()][:2] == [
        "image.flag_checked", "image.flag_hard"]
    menu.close()


def test_the_list_in_sight_is_written(whole: side.Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole.browser.narrow(text="red")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "l.txt"), ""))
    whole.do("view.save_list")
    lines = (tmp_path / "l.txt").read_text().splitlines()
    assert len(lines) == len(whole.browser.listing.ids) and all("red" in line for line in lines)
    assert np.unique(lines).size == len(lines)
