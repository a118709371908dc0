"""Excluding, removing and relocating in the window, and the question before an act touches test images too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from core.project.exclusion import exclude_images, excluded_ids
from core.project.labels import set_labels
from core.project.queries import ImageFilter, image_ids
from core.project.removal import count_removed
from core.project.rows import image_row
from core.text import text
from gui.library import panel_sections, side_panel
from gui.library.panel_sections import SOURCE_MENU
from gui.messages import Message
from gui.widgets.filters import chips_of, fill_filter_menu
from gui.widgets.image_query import ImageQuery
from gui.widgets.mixed_parts import MixedPartsBox
from gui.widgets.tile_painter import TilePainter
from tests.conftest import write_class_folder
from tests.gui.conftest import RunnerNow
from tests.gui.library import test_side_panel as side
from tests.project_acts import import_folder

whole, Whole = side.whole, side.Whole
Key = Qt.Key


@pytest.fixture
def with_test(whole: side.Whole, tmp_path: Path) -> side.Whole:
    """Three test images beside the twenty for training."""
    write_class_folder(tmp_path / "test", "red", 3, first_seed=300)
    import_folder(whole.session.project, tmp_path / "test", split="test", with_labels=False)
    whole.session.images_were_changed()
    return whole


def question(whole: side.Whole) -> MixedPartsBox | None:
    return next((box for box in whole.window.findChildren(MixedPartsBox) if box.isVisible()), None)


def asked(whole: side.Whole) -> MixedPartsBox:
    found = question(whole)
    assert found is not None, "nothing is asked"
    return found


def test_x_excludes_and_goes_on_and_x_includes_again(whole: side.Whole, qtbot: QtBot) -> None:
    browser, session = whole.browser, whole.session
    first, second = browser.model.ids[:2].tolist()
    browser.take_keyboard()
    QTest.keyClick(browser.grid, Key.Key_X)
    assert excluded_ids(session.project) == {first} and browser.selection.current_id() == second
    assert browser.model.tile(0).excluded is not None
    assert text("widgets.excluded_because", reason=text("project.excluded.by_hand")) in str(
        browser.model.data(browser.model.index(0, 0), Qt.ItemDataRole.ToolTipRole))
    side.settle(whole, qtbot)
    qtbot.waitUntil(lambda: whole.filter_rows().get("excluded") == 1)
    browser.selection.set_current_row(0)
    QTest.keyClick(browser.grid, Key.Key_X)
    assert not excluded_ids(session.project) and session.counts.n_excluded == 0
    qtbot.waitUntil(lambda: "excluded" not in whole.filter_rows())


def test_undo_and_redo_say_what_they_do(whole: side.Whole, messages: list[Message]) -> None:
    session = whole.session
    whole.browser.selection.select_ids(whole.browser.model.ids[:3].copy())
    whole.do("image.exclude")
    assert str(session.undo_title) == text("project.journal.exclude", n=3) == "Exclude 3 images"
    assert messages[-1].sentence == "Excluded: 3 training images."
    assert session.counts.n_excluded == 3
    session.undo()
    assert not excluded_ids(session.project) and session.counts.n_excluded == 0
    assert all(tile.excluded is None for tile in whole.browser.model.tiles(0, 2))
    session.redo()
    assert len(excluded_ids(session.project)) == 3 and whole.browser.model.tile(0).excluded is not None


def test_the_filter_shows_them_and_a_mixture_is_excluded_whole(whole: side.Whole, qtbot: QtBot) -> None:
    browser, ids = whole.browser, whole.browser.model.ids.copy()
    browser.selection.select_ids(ids[:2])
    whole.do("image.exclude")
    browser.selection.select_ids(ids[:4])
    whole.do("image.exclude")
    assert excluded_ids(whole.session.project) == set(ids[:4].tolist())
    side.settle(whole, qtbot)
    whole.panel.filters.rows.chosen.emit("excluded", False)
    assert set(browser.model.ids.tolist()) == set(ids[:4].tolist())
    assert text("widgets.excluded") in [chip.text for chip in browser.bar.chips._chips]
    browser.grid.selectAll()
    whole.do("image.exclude")
    assert not excluded_ids(whole.session.project), "all of them were excluded"


def test_an_excluded_tile_looks_different(whole: side.Whole, qtbot: QtBot) -> None:
    """Without its thumbnail, only the sign in the corner can make the difference."""
    grid, painted = whole.browser.grid, list[object]()
    original = TilePainter._paint_excluded

    def count(self: TilePainter, *arguments: object) -> None:
        painted.append(arguments)
        original(self, *arguments)  # type: ignore[arg-type]

    before = grid.grab().toImage()
    TilePainter._paint_excluded = count  # type: ignore[method-assign]
    try:
        whole.do("image.exclude")
        whole.browser.selection.set_current_row(0)
        after = grid.grab().toImage()
    finally:
        TilePainter._paint_excluded = original  # type: ignore[method-assign]
    assert painted and before != after


def test_everything_and_a_digit_ask_once_about_the_test_images(
    with_test: side.Whole, messages: list[Message]
) -> None:
    browser, project = with_test.browser, with_test.session.project
    test = image_ids(project, ImageFilter(split="test"))
    browser.show_query(ImageQuery({"status": "ok"}))
    browser.grid.selectAll()
    QTest.keyClick(browser.grid, Key.Key_2)
    box = asked(with_test)
    assert box.text() == "Also label 3 test images?" and "20 training images" in box.informativeText()
    assert [image_row(project, int(i)).class_id for i in test] == [None] * 3, "nothing before the answer"
    assert box.defaultButton() is box.chosen_train
    box.chosen_train.click()
    assert {image_row(project, i).class_id for i in image_ids(project, ImageFilter(split="train")).tolist()} == {2}
    assert [image_row(project, int(i)).class_id for i in test] == [None] * 3
    assert messages[-1].sentence == "Labelled as “red”: 20 training images."
    assert str(with_test.session.undo_title).startswith("Label 10 images"), "one step"


@pytest.mark.parametrize("answer", ["all", "cancel"])
def test_all_or_none_of_a_mixed_selection(with_test: side.Whole, answer: str) -> None:
    browser, project = with_test.browser, with_test.session.project
    browser.show_query(ImageQuery({"status": "ok"}))
    browser.grid.selectAll()
    with_test.do("image.exclude")
    box = asked(with_test)
    (box.chosen_all if answer == "all" else box.button(QMessageBox.StandardButton.Cancel)).click()
    assert len(excluded_ids(project)) == (23 if answer == "all" else 0)
    assert question(with_test) is None


def test_images_of_one_part_are_not_asked_about(with_test: side.Whole, messages: list[Message]) -> None:
    browser = with_test.browser
    browser.show_query(ImageQuery({"split": "test"}))
    browser.grid.selectAll()
    QTest.keyClick(browser.grid, Key.Key_1)
    assert question(with_test) is None
    assert messages[-1].sentence == "Labelled as “blue”: 3 test images."
    QTest.keyClick(browser.grid, Key.Key_Backspace)
    assert question(with_test) is None


def test_accepting_and_removing_ask_too(with_test: side.Whole) -> None:
    browser, project = with_test.browser, with_test.session.project
    set_labels(project, image_ids(project), None)
    for act, sentence in (("image.accept", "accept the predictions"), ("image.remove", "remove 3 test images"),
                          ("image.unlabel", "remove the labels")):
        browser.show_query(ImageQuery({"status": "ok"}))
        browser.grid.selectAll()
        with_test.do(act)
        box = asked(with_test)
        assert sentence in box.text()
        box.button(QMessageBox.StandardButton.Cancel).click()
    assert count_removed(project) == 0


def test_images_leave_the_project_and_undo_brings_them_back(whole: side.Whole, messages: list[Message]) -> None:
    browser, session = whole.browser, whole.session
    ids = browser.model.ids[:2].copy()
    files = [image_row(session.project, int(i)).path for i in ids]
    browser.selection.select_ids(ids)
    whole.do("image.remove")
    assert not np.isin(ids, browser.model.ids).any() and all(path.is_file() for path in files)
    assert messages[-1].sentence == "Removed from the project: 2 training images. Files stay where they are."
    assert session.counts.by_class == {1: 8, 2: 10}
    session.undo()
    assert np.isin(ids, browser.model.ids).all() and session.counts.by_class == {1: 10, 2: 10}
    session.redo()
    assert not np.isin(ids, browser.model.ids).any()


def test_a_source_leaves_the_project_by_its_menu(with_test: side.Whole, messages: list[Message]) -> None:
    session, source = with_test.session, with_test.session.sources[1]
    assert {"source.remove", "source.locate"} <= set(SOURCE_MENU)
    menu = with_test.panel.sources.build_menu(source.id)
    act = next(action for action in menu.actions() if action.objectName() == "source.remove")
    act.trigger()
    assert [one.id for one in session.sources] == [1] and session.counts.by_split == {"train": 20}
    assert "3 test images" in messages[-1].sentence and "submission" in messages[-1].sentence
    session.undo()
    assert [one.id for one in session.sources] == [1, source.id] and session.counts.by_split["test"] == 3


def test_the_only_source_leaves_by_the_menu_bar_after_a_question_only(whole: side.Whole) -> None:
    whole.do("source.remove")
    dialog = next(iter(whole.window.findChildren(QInputDialog)))
    assert len(whole.session.sources) == 1, "nothing happens by asking"
    dialog.accept()
    assert whole.session.sources == () and whole.session.counts.n_images == 0


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_source_is_relocated(
    whole: side.Whole, image_folder: Path, tmp_path: Path, runner_now: RunnerNow, messages: list[Message],
    monkeypatch: pytest.MonkeyPatch, *, is_whole: bool,
) -> None:
    new = tmp_path / "elsewhere"
    image_folder.rename(new)
    if not is_whole:
        (new / "red" / "red_0.png").unlink()
    monkeypatch.setattr(panel_sections, "ask_for_folder", lambda *_: new)
    labels = dict(whole.session.counts.by_class)
    whole.panel.sources.locate(1)
    runner_now.run_all()
    assert whole.session.sources[0].path == new
    assert "21 images were found" in messages[-1].sentence if is_whole else "20 images" in messages[-1].sentence
    assert is_whole or "red/red_0.png" in messages[-1].sentence
    assert whole.session.counts.by_class == (labels if is_whole else {**labels, 2: 9})
    assert whole.session.counts.n_missing == (0 if is_whole else 1)


def test_the_menu_says_what_x_would_do(whole: side.Whole) -> None:
    browser, table = whole.browser, whole.window.actions_table
    act = {action.name: action for action in table.all()}
    browser.selection.select_ids(browser.model.ids[:2].copy())
    assert act["image.exclude"].shown_title == "Exclude" and not act["image.include"].can_be_done
    whole.do("image.exclude")
    browser.selection.select_ids(browser.model.ids[:2].copy())
    assert act["image.exclude"].shown_title == "Include again" and not act["image.include"].can_be_done, "not twice"
    browser.selection.select_ids(browser.model.ids[:3].copy())
    assert act["image.exclude"].shown_title == "Exclude" and act["image.include"].can_be_done
    whole.do("image.include")
    assert not excluded_ids(whole.session.project)


def test_table_and_loupe_say_it_in_words(whole: side.Whole) -> None:
    browser = whole.browser
    whole.do("image.exclude")
    browser.selection.set_current_row(0)
    browser.show_table(True)
    assert str(browser.model.index(0, 0).data()).startswith("⊘ ")
    assert not str(browser.model.index(1, 0).data()).startswith("⊘")
    browser.open_loupe()
    assert browser._loupe is not None and "Excluded: by hand" in browser._loupe.caption.words


def test_removed_images_are_brought_back_from_the_menu(whole: side.Whole, messages: list[Message]) -> None:
    browser, session = whole.browser, whole.session
    back = next(action for action in whole.window.actions_table.all() if action.name == "source.bring_back")
    assert not back.can_be_done
    ids = browser.model.ids[:2].copy()
    browser.selection.select_ids(ids)
    whole.do("image.remove")
    browser.selection.set_current_row(0)
    whole.do("image.unlabel")  # the removal is not the last step any more
    whole.do("source.bring_back")
    assert np.isin(ids, browser.model.ids).all() and count_removed(session.project) == 0
    assert "2 removed images are back" in messages[-1].sentence and not back.can_be_done
    session.undo()
    assert count_removed(session.project) == 2


def test_one_filter_is_marked_though_several_leave_excluded_images_out(whole: side.Whole, qtbot: QtBot) -> None:
    side.settle(whole, qtbot)
    whole.panel.filters.rows.chosen.emit("mistakes", False)
    which, order = whole.session.look or (ImageFilter(), "")
    assert which.is_excluded is False
    assert [f.name for f in whole.panel._filters if side_panel._is_shown(f.query, which, order)] == ["mistakes"]


def test_excluded_images_are_filtered_by_the_reason(whole: side.Whole) -> None:
    browser, session = whole.browser, whole.session
    ids = browser.model.ids.copy()
    session.change_images(ids[:2], lambda some: exclude_images(session.project, some, "outlier"))
    session.change_images(ids[2:5], lambda some: exclude_images(session.project, some, "too dark"))
    menu = QMenu()
    fill_filter_menu(menu, session, browser.listing.which, browser.narrow, lambda _: None)
    reasons = [sub for sub in menu.findChildren(QMenu) if sub.title() == text("widgets.of_reason")][-1]
    assert [action.text() for action in reasons.actions()] == ["too dark (3)", "outlier (2)"]
    reasons.actions()[1].trigger()
    assert browser.model.ids.tolist() == ids[:2].tolist()
    assert [chip.text for chip in chips_of(session, browser.listing.which)] == ["Excluded: outlier"]
    fill_filter_menu(menu, session, browser.listing.which, browser.narrow, lambda _: None)
    reasons = [sub for sub in menu.findChildren(QMenu) if sub.title() == text("widgets.of_reason")][-1]
    assert reasons.actions()[1].isChecked()
    reasons.actions()[1].trigger()
    assert len(browser.model.ids) == 5, "chosen again it is taken away"
