"""Reading without training on the page: the map of classes, and what the pictures were read as."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.project.queries import ImageFilter, image_ids
from core.training.strategies.zero_shot import ZeroShotSettings
from core.text import text
from gui.messages import Message
from gui.pages import PageContext
from gui.train.class_map_card import INDEX, ClassMapCard
from gui.train.train_page import TrainPage
from tests.gui.conftest import RunnerNow
from tests.gui.train.conftest import show_page, train

BLUE, RED = 1, 2


@pytest.fixture
def reading_page(context: PageContext, runner_now: RunnerNow, qtbot: QtBot) -> TrainPage:
    """The page with the strategy chosen; the classes are called cat and lamp."""
    context.session.rename_class(BLUE, "cat")
    context.session.rename_class(RED, "lamp")
    context.plan.choose_strategy("zero-shot")
    page = show_page(context)
    wait_for_suggestion(page.class_map, runner_now, qtbot)
    return page


def wait_for_suggestion(card: ClassMapCard, runner: RunnerNow, qtbot: QtBot) -> None:
    def is_there() -> bool:
        runner.run_all()
        return card.is_ready

    qtbot.waitUntil(is_there, timeout=60_000)


def shown(card: ClassMapCard) -> list[str]:
    tops = (card.links.topLevelItem(i) for i in range(card.links.topLevelItemCount()))
    return [top.text(0) for top in tops if top is not None]


def settings(context: PageContext) -> ZeroShotSettings:
    found = context.plan.settings
    assert isinstance(found, ZeroShotSettings)
    return found


def test_the_card_is_there_for_readings_alone(page: TrainPage) -> None:
    assert not page.class_map.isVisible() and not page.readings.isVisible()


def test_the_suggestion_is_shown_and_not_kept(reading_page: TrainPage, context: PageContext) -> None:
    card = reading_page.class_map
    assert card.isVisible() and card.classes.count() == 2
    assert "Egyptian cat" in shown(card) and settings(context).own_map is None
    card.classes.setCurrentRow(1)
    assert "table lamp" in shown(card) and "Egyptian cat" not in shown(card)
    assert card.said.text() == "Suggested from the names of the classes." and not card.restore.isEnabled()


def test_a_thing_is_found_by_typing_and_goes_to_one_class_only(
    reading_page: TrainPage, context: PageContext, qtbot: QtBot
) -> None:
    card = reading_page.class_map
    cats = card.own_map["cat"]
    card.classes.setCurrentRow(1)
    qtbot.keyClicks(card.search, "egyptian c")
    qtbot.keyClick(card.search, Qt.Key.Key_Return)
    said = text("window_train.link_moved", name="Egyptian cat", other="cat")
    assert "Egyptian cat" in shown(card) and card.said.text() == said
    own_map = settings(context).own_map
    assert own_map is not None and len(own_map["cat"]) == len(cats) - 1
    qtbot.waitUntil(lambda: card.search.text() == "", timeout=60_000)
    assert reading_page.setup.form.settings() == settings(context)


def test_removed_and_back_to_the_suggestion(reading_page: TrainPage, context: PageContext) -> None:
    card = reading_page.class_map
    n = len(shown(card))
    card.links.selectAll()
    card.remove.click()
    assert shown(card) == [] and card.said.text() == text("window_train.class_without_link", name="cat")
    assert settings(context).own_map == {**card.own_map, "cat": ()}
    card.restore.click()
    assert len(shown(card)) == n and settings(context).own_map is None


def test_an_own_map_follows_the_classes(
    reading_page: TrainPage, context: PageContext, runner_now: RunnerNow, qtbot: QtBot
) -> None:
    card = reading_page.class_map
    card.links.setCurrentItem(card.links.topLevelItem(0))
    card.remove.click()
    context.session.rename_class(RED, "dog")
    wait_for_suggestion(card, runner_now, qtbot)
    assert set(card.own_map) == {"cat", "dog"} and card.own_map["dog"]
    train(context)
    assert context.session.runs[0].figures["classes"] == ["cat", "dog"]


def test_without_a_single_label_the_pictures_are_read(
    reading_page: TrainPage, context: PageContext, qtbot: QtBot
) -> None:
    context.session.label(image_ids(context.session.project, ImageFilter()), None)
    qtbot.waitUntil(lambda: reading_page.start.text() == text("window_train.predict_images", n=20), timeout=60_000)
    assert reading_page.start.isEnabled()
    train(context)
    assert reading_page.result.verdict.text() == text("review.no_accuracy")
    assert not reading_page.result.interval.isVisible()
    assert reading_page.readings.said.text() == text("window_train.readings_unlabelled")


def test_one_class_is_too_few_to_read(
    reading_page: TrainPage, context: PageContext, qtbot: QtBot, messages: list[Message]
) -> None:
    context.session.delete_class(RED)
    qtbot.waitUntil(lambda: not reading_page.start.isEnabled(), timeout=60_000)
    assert "at least two classes" in reading_page.hint.text()
    context.window.actions_table.do("train.start")
    assert "at least two classes" in messages[-1].sentence


def test_what_was_read_is_counted_and_can_be_given_to_a_class(
    reading_page: TrainPage, context: PageContext, qtbot: QtBot
) -> None:
    train(context)
    tree, card = reading_page.readings.tree, reading_page.readings
    assert card.isVisible() and tree.topLevelItemCount() == 2
    top = tree.topLevelItem(0)
    assert top is not None and top.text(2) == "10"
    counts = [int(top.child(i).text(2)) for i in range(top.childCount())]
    assert counts == sorted(counts, reverse=True) and sum(counts) == 10
    asked: list[tuple[int, ...]] = []
    card.images_asked.connect(asked.append)
    first = top.child(0)
    tree.itemClicked.emit(first, 0)
    assert [len(ids) for ids in asked] == [counts[0]]
    found = image_ids(context.session.project, ImageFilter(image_ids=asked[0]))
    assert np.array_equal(np.sort(found), np.sort(np.array(asked[0])))
    assert first.text(1) == "none of these"
    tree.setCurrentItem(first)
    name = first.text(0)
    card.give_button.click()
    assert name in shown(reading_page.class_map)
    index = int(reading_page.class_map.links.topLevelItem(reading_page.class_map.links.topLevelItemCount() - 1)
                .data(0, INDEX))  # type: ignore[union-attr]
    assert index in (settings(context).own_map or {})["cat"]
