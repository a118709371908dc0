"""The page from the keyboard: label, accept, skip, undo, name a class; the list stays put."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from core.text import text
from core.workflow.labelling import Order, Scope
from gui.widgets.decoded_images import key_of
from gui.messages import Message
from tests.conftest import write_class_folder
from tests.gui.label.conftest import Desk, choose
from tests.project_acts import import_folder

Key = Qt.Key


def test_digits_label_and_move_on(desk: Desk) -> None:
    desk.press(Key.Key_1, Key.Key_2)
    assert desk.labels() == ["cat", "dog", "", "", "", ""]
    assert desk.current == desk.session.image_id == 3
    assert desk.session.selected_ids.tolist() == [3]
    assert desk.page.bar._words.text() == "2 of 6 labelled · 2 in a row"


def test_the_list_stays_put_while_labelling(desk: Desk) -> None:
    before = desk.page.model.ids.tolist()
    desk.press(Key.Key_1, Key.Key_1)
    assert desk.page.model.ids.tolist() == before == [1, 2, 3, 4, 5, 6]
    desk.press(Key.Key_Left, Key.Key_Left)
    assert desk.current == 1 and desk.page.body.caption.words == "cat"


def test_after_a_correction_one_is_back_at_the_first_without_label(desk: Desk) -> None:
    desk.press(Key.Key_1, Key.Key_1, Key.Key_1, Key.Key_Left, Key.Key_Left, Key.Key_2)
    assert desk.labels()[:3] == ["cat", "dog", "cat"] and desk.current == 4
    assert desk.page.bar._words.text().startswith("3 of 6 labelled")


def test_a_label_that_was_there_already_is_no_new_one(desk: Desk) -> None:
    desk.press(Key.Key_1, Key.Key_Left, Key.Key_1)
    assert desk.page.n_in_a_row == 1 and desk.current == 2


def test_backspace_unlabels_and_stays(desk: Desk) -> None:
    desk.press(Key.Key_1, Key.Key_1, Key.Key_Left, Key.Key_Backspace)
    assert desk.labels()[:2] == ["cat", ""] and desk.current == 2
    assert desk.page.n_in_a_row == 1


@pytest.mark.parametrize("key", [Key.Key_Period, Key.Key_Tab])
def test_skipping_goes_on_and_ends_the_row(desk: Desk, key: Qt.Key) -> None:
    desk.press(Key.Key_1, Key.Key_1, key)
    assert desk.current == 4 and desk.page.n_in_a_row == 0
    assert desk.labels()[2] == ""


def test_undo_goes_back_to_its_picture(desk: Desk) -> None:
    desk.press(Key.Key_1, Key.Key_1, Key.Key_Right, Key.Key_Right)
    assert desk.current == 5
    desk.undo()
    assert desk.labels()[:2] == ["cat", ""] and desk.current == 2
    desk.undo()
    assert desk.labels()[0] == "" and desk.current == 1


def test_undo_finds_a_picture_that_has_left_the_list(desk: Desk) -> None:
    desk.press(Key.Key_1)
    desk.page.queue.refresh()
    assert desk.page.model.ids.tolist() == [2, 3, 4, 5, 6] and desk.current == 2
    desk.undo()
    assert desk.current == 1


def test_enter_accepts_what_the_model_says(desk: Desk, messages: list[Message]) -> None:
    desk.press(Key.Key_Return)
    assert "nothing to accept" in messages[-1].sentence and desk.current == 1
    desk.add_run({1: 0.97, 3: 0.25})
    assert desk.page.body.suggestion.text == text("window_label.prediction") + " cat 0.97"
    desk.press(Key.Key_Return)
    assert desk.labels()[0] == "cat" and desk.current == 2
    assert desk.page.body.suggestion.text == text("window_label.no_prediction")
    desk.press(Key.Key_Right)
    assert desk.page.body.suggestion.text == text("window_label.uncertain_prediction") + " dog 0.75"


def test_a_key_held_down_accepts_one_picture(desk: Desk) -> None:
    desk.add_run(dict.fromkeys(range(1, 7), 0.9))
    desk.press(Key.Key_Return)
    for key in (Key.Key_Return, Key.Key_1):
        text = "1" if key == Key.Key_1 else ""
        repeated = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, text, True)
        QApplication.sendEvent(desk.page, repeated)
    assert desk.labels() == ["cat", "", "", "", "", ""]


def test_the_first_label_of_a_project_needs_the_keyboard_alone(fresh_desk: Desk) -> None:
    desk = fresh_desk
    assert QApplication.focusWidget() is desk.page.body.buttons.field
    desk.type("cat")
    desk.press(Key.Key_Return)
    assert desk.labels()[0] == "cat" and desk.current == 2
    desk.press(Key.Key_1)
    assert desk.labels()[:3] == ["cat", "cat", ""]


@pytest.mark.parametrize("key", [Key.Key_N, Key.Key_Plus])
def test_a_new_class_is_named_inline(desk: Desk, key: Qt.Key) -> None:
    desk.press(key)
    desk.type("1 hamster")
    desk.press(Key.Key_Return)
    assert desk.labels()[0] == "1 hamster" and [c.name for c in desk.session.classes] == ["cat", "dog", "1 hamster"]
    desk.press(Key.Key_3)
    assert desk.labels()[1] == "1 hamster"


def test_escape_leaves_the_field_without_a_class(desk: Desk) -> None:
    desk.press(Key.Key_N)
    desk.type("ham")
    desk.press(Key.Key_Escape, Key.Key_2)
    assert desk.labels()[0] == "dog" and len(desk.session.classes) == 2


def test_a_name_that_is_there_labels_with_that_class(desk: Desk) -> None:
    desk.press(Key.Key_N)
    desk.type("DOG")
    desk.press(Key.Key_Return)
    assert desk.labels()[0] == "dog" and len(desk.session.classes) == 2


def test_a_digit_of_no_class_is_said(desk: Desk, messages: list[Message]) -> None:
    desk.press(Key.Key_7)
    assert "key 7" in messages[-1].sentence and desk.current == 1


def test_a_letter_key_of_a_class_wins_over_the_window(desk: Desk) -> None:
    desk.session.set_class_key(2, "n")
    desk.press(Key.Key_N)
    assert desk.labels()[0] == "dog"


def test_keys_are_heard_while_a_button_has_the_keyboard(desk: Desk) -> None:
    button = desk.page.body.buttons.buttons[0]
    button.setFocus()
    desk.press(Key.Key_2)
    assert desk.labels()[0] == "dog" and QApplication.focusWidget() is button
    desk.press(Key.Key_Space)
    assert desk.labels()[1] == "cat"


def test_a_click_on_a_class_labels(desk: Desk) -> None:
    QTest.mouseClick(desk.page.body.buttons.buttons[1], Qt.MouseButton.LeftButton)
    assert desk.labels()[0] == "dog" and desk.current == 2


def test_the_label_is_marked_on_its_button(desk: Desk) -> None:
    desk.press(Key.Key_2, Key.Key_Left)
    assert [b.is_label for b in desk.page.body.buttons.buttons] == [False, True]
    desk.press(Key.Key_Right)
    assert not any(b.is_label for b in desk.page.body.buttons.buttons)


def test_a_click_in_the_strip_moves(desk: Desk) -> None:
    strip = desk.page.body.strip
    point = next(QPoint(x, 20) for x in range(strip.width()) if strip.row_at(QPoint(x, 20)) == 3)
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=point)
    assert desk.current == 4


def test_the_end_leads_to_what_was_skipped_and_then_to_training(desk: Desk) -> None:
    desk.press(Key.Key_1, Key.Key_Period, *[Key.Key_1] * 4)
    page = desk.page
    assert page.is_at_end and desk.current is None and desk.session.image_id is None
    assert button_of(desk).text() == text("window_label.label_the_rest")
    button_of(desk).click()
    assert page.model.ids.tolist() == [2] and desk.current == 2
    desk.press(Key.Key_2)
    assert page.is_at_end and button_of(desk).text() == text("window_label.train_on_labels", n=6)
    assert desk.labels() == ["cat", "dog", "cat", "cat", "cat", "cat"]
    desk.press(Key.Key_1)
    assert desk.labels()[1] == "dog"
    button_of(desk).click()
    assert desk.window.workbench.current_page == "train"


def test_undo_and_left_lead_back_from_the_end(desk: Desk) -> None:
    desk.press(*[Key.Key_1] * 6)
    assert desk.page.is_at_end
    desk.press(Key.Key_Left)
    assert desk.current == 6
    desk.press(Key.Key_1)
    assert desk.page.is_at_end
    desk.undo()
    assert desk.current == 6 and desk.labels()[5] == ""


def test_a_project_without_pictures_offers_to_add_some(
    open_desk: Callable[[Path], Desk], empty_folder: Path, tmp_path: Path
) -> None:
    desk = open_desk(empty_folder)
    assert desk.page.is_at_end and button_of(desk).text() == text("widgets.add_folder")
    write_class_folder(tmp_path / "more", "red", 2)
    import_folder(desk.session.project, tmp_path / "more", with_labels=False)
    desk.session.images_were_changed()
    assert not desk.page.is_at_end and desk.current == 1


def test_test_pictures_are_gone_through_for_themselves(desk: Desk) -> None:
    choose(desk.page.bar.scope, Scope.TEST)
    assert desk.page.model.ids.tolist() == [7, 8]
    desk.press(Key.Key_1)
    assert desk.page.bar._words.text() == "1 of 2 labelled"
    assert desk.session.look is not None and desk.session.look[0].split == "test"


def test_a_run_that_finishes_leaves_the_place(desk: Desk) -> None:
    desk.add_run({1: 0.6, 2: 0.9, 3: 0.7, 4: 0.99, 5: 0.8, 6: 0.65})
    choose(desk.page.bar.order, Order.SURE)
    assert desk.page.model.ids.tolist() == [4, 2, 5, 3, 6, 1]
    desk.press(Key.Key_1, Key.Key_1)
    assert desk.current == 5
    desk.add_run({1: 0.9, 2: 0.5, 3: 0.6, 4: 0.5, 5: 0.25, 6: 0.7}, "b")
    assert desk.current == 5 and desk.page.model.ids.tolist() == [4, 2, 5, 1, 6, 3]
    assert desk.page.body.suggestion.text == text("window_label.uncertain_prediction") + " dog 0.75"


def test_mistakes_are_looked_for_among_all(desk: Desk) -> None:
    desk.press(Key.Key_1, Key.Key_1)
    desk.add_run({1: 0.9, 2: 0.1, 3: 0.7})
    choose(desk.page.bar.order, Order.MISTAKES)
    assert desk.page.queue.scope is Scope.TRAIN and desk.current == 2
    assert desk.session.look is not None and desk.session.look[1] == "loss"
    assert desk.page.body.suggestion.text.endswith(text("window_label.differs", confidence="0.90"))
    choose(desk.page.bar.scope, Scope.UNLABELLED)
    assert desk.page.queue.order is Order.NAME


def test_without_a_run_only_the_order_of_names_can_be_chosen(desk: Desk) -> None:
    model = desk.page.bar.order.model()
    free = [bool(model.flags(model.index(i, 0)) & Qt.ItemFlag.ItemIsEnabled) for i in range(4)]
    assert free == [True, False, False, False]
    desk.add_run({1: 0.9})
    assert all(bool(model.flags(model.index(i, 0)) & Qt.ItemFlag.ItemIsEnabled) for i in range(4))


def test_what_was_labelled_elsewhere_is_gone_when_one_comes_back(desk: Desk) -> None:
    desk.press(Key.Key_Period)
    desk.window.go_to("library")
    desk.session.label([1, 2, 3], 1)
    desk.window.go_to("label")
    assert desk.page.model.ids.tolist() == [4, 5, 6] and desk.current == 4
    assert desk.page.bar._words.text().startswith("3 of 6 labelled")


def test_coming_back_one_goes_on_behind_a_picture_that_is_gone(desk: Desk) -> None:
    desk.press(Key.Key_Period, Key.Key_Period)
    desk.window.go_to("library")
    desk.session.label([3], 1)
    desk.window.go_to("label")
    assert desk.page.model.ids.tolist() == [1, 2, 4, 5, 6] and desk.current == 4


def test_the_picture_becomes_sharp_and_the_next_ones_are_decoded(desk: Desk, qtbot: QtBot) -> None:
    view = desk.page.body.view
    qtbot.waitUntil(lambda: view.is_sharp)
    after_next = key_of(desk.page.model.tile(2))
    qtbot.waitUntil(lambda: view._decoded.get(after_next) is not None)
    desk.press(Key.Key_Right)
    qtbot.waitUntil(lambda: view.is_sharp)
    desk.press(Key.Key_Z)
    assert not view.is_fitted


def test_many_classes_become_a_list_that_is_searched(desk: Desk) -> None:
    for i in range(20):
        desk.session.add_class(f"bird {i:02}")
    body = desk.page.body
    assert body.is_listed and body.list.isVisible() and not body.buttons.isVisible()
    desk.press(Key.Key_L)
    desk.type("d 17")
    desk.press(Key.Key_Return)
    assert desk.labels()[0] == "bird 17" and desk.current == 2
    desk.press(Key.Key_N)
    desk.type("emu")
    desk.press(Key.Key_Return, Key.Key_2)
    assert desk.labels()[1:3] == ["emu", "dog"]


def test_twelve_classes_wrap_inside_the_page(desk: Desk, qtbot: QtBot) -> None:
    for i in range(10):
        desk.session.add_class(f"a class with quite a long name {i}")
    buttons = desk.page.body.buttons
    assert len({b.y() for b in buttons.buttons}) > 1
    assert all(buttons.rect().contains(b.geometry()) for b in buttons.buttons)
    qtbot.waitUntil(lambda: buttons.geometry().bottom() < desk.page.body.strip.y())


def button_of(desk: Desk) -> QPushButton:
    """The button under the words at the end."""
    button = desk.page.empty.findChild(QPushButton)
    assert isinstance(button, QPushButton)
    return button


def test_x_excludes_the_picture_and_it_is_not_asked_for_again(desk: Desk) -> None:
    desk.press(Key.Key_X)
    assert desk.current == 2 and desk.page.bar._words.text().startswith("0 of 5 labelled")
    desk.press(Key.Key_Left)
    assert desk.current == 1, "it can still be gone back to"
    desk.press(Key.Key_X)
    assert desk.current == 1 and desk.page.bar._words.text().startswith("0 of 6 labelled")
    desk.press(Key.Key_X)
    desk.page.queue.refresh()
    assert desk.page.model.ids.tolist() == [2, 3, 4, 5, 6]
    desk.undo()
    assert desk.page.bar._words.text().startswith("0 of 6 labelled")
