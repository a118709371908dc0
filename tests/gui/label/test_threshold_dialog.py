"""Everything that the model is sure of at once: how many, which ones first, one step for undo."""

from __future__ import annotations

import numpy as np
from pytestqt.qtbot import QtBot

from core.text import text
from core.project.labels import set_labels
from core.workflow.labelling import Order, Suggestions, TrackRecord
from gui.label.threshold_dialog import ThresholdDialog
from gui.messages import Message
from tests.gui.label.conftest import Desk, choose


def open_dialog(desk: Desk) -> ThresholdDialog:
    choose(desk.page.bar.order, Order.SURE)
    desk.page.bar.sure.click()
    dialog = desk.window.findChild(ThresholdDialog)
    assert isinstance(dialog, ThresholdDialog)
    return dialog


def test_it_says_how_many_and_shows_the_least_sure_first(desk: Desk) -> None:
    desk.add_run({1: 0.96, 2: 0.99, 3: 0.03, 4: 0.7})
    dialog = open_dialog(desk)
    images = text("text.images", n=4)
    assert dialog.count.text() == text("window_label.confident_count", chosen=3, images=images) + ": cat 2, dog 1"
    assert dialog._model.ids.tolist() == [1, 3, 2]
    dialog.slider.setValue(980)
    assert dialog.chosen_ids().tolist() == [2] and dialog.button.text() == text("window_label.label_images", n=1)
    dialog.slider.setValue(1000)
    assert not dialog.button.isEnabled()
    dialog.reject()


def test_accepting_is_one_step_that_can_be_undone(desk: Desk, messages: list[Message]) -> None:
    desk.add_run({1: 0.96, 2: 0.99, 3: 0.03, 4: 0.7})
    open_dialog(desk).button.click()
    assert desk.labels() == ["cat", "cat", "dog", "", "", ""]
    assert desk.page.model.ids.tolist() == [4, 5, 6] and desk.current == 4
    assert messages[-1].sentence == "Predictions accepted as labels: 3 training images."
    desk.undo()
    assert desk.labels() == [""] * 6 and desk.current == 2


def test_labels_that_a_person_gave_are_left_alone(desk: Desk) -> None:
    set_labels(desk.session.project, [1], 2)
    desk.add_run({1: 0.99, 2: 0.99})
    open_dialog(desk).button.click()
    assert desk.labels()[:2] == ["dog", "cat"]


def test_it_says_how_often_the_model_was_right(desk: Desk) -> None:
    desk.add_run({1: 0.99})
    dialog = open_dialog(desk)
    assert dialog.doubt.text() == text("window_label.record_too_short")
    dialog.reject()


def test_a_record_that_is_long_enough_is_told(desk: Desk, qtbot: QtBot) -> None:
    confidences = np.linspace(1, 0.5, 50)
    record = TrackRecord(confidences, np.arange(50) != 10)
    none = Suggestions(np.array([1]), np.array([1]), np.array([0.5]))
    dialog = ThresholdDialog(desk.session, desk.context.thumbnails, suggestions=none, record=record)
    qtbot.addWidget(dialog)
    dialog.slider.setValue(500)
    assert dialog.doubt.text() == text("window_label.record_with_mistakes", count=50, n=1, share=0.02)
    dialog.slider.setValue(950)
    assert dialog.doubt.text() == text("window_label.record_too_short")


def test_without_a_run_there_is_nothing_to_accept(desk: Desk, messages: list[Message]) -> None:
    assert not desk.page.bar.sure.isVisible()
    desk.page.ask_for_sure()
    assert messages[-1].sentence == text("widgets.nothing_to_accept")
