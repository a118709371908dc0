"""The card in which a training is set up offers what the registry declares."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.settings import describe
from core.text import render
from core.training.registry import STRATEGIES, list_strategies
from gui.pages import PageContext
from gui.train.member_chooser import MemberChooser
from gui.train.networks import Network, list_networks, what_to_fetch
from gui.train.setup_card import ELSEWHERE, SetupCard
from gui.train.train_page import TrainPage


@pytest.fixture
def card(page: TrainPage) -> SetupCard:
    card = page.findChild(SetupCard)
    assert card is not None
    return card


def test_the_window_offers_the_strategies_of_the_registry(card: SetupCard) -> None:
    buttons = card.strategies.buttons()
    assert [button.objectName() for button in buttons] == list(STRATEGIES)
    assert [button.text() for button in buttons] == [render(strategy.title) for strategy in list_strategies()]


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_form_has_every_declared_setting(card: SetupCard, context: PageContext, name: str) -> None:
    context.plan.choose_strategy(name)
    for info in describe(context.plan.declaration.settings):
        assert info.name in ELSEWHERE or card.form.editors[info.name].value() == info.default


def ticked(chooser: MemberChooser) -> list[str]:
    items = [chooser.list.item(row) for row in range(chooser.list.count())]
    return [item.data(Qt.ItemDataRole.UserRole) for item in items if item.checkState() == Qt.CheckState.Checked]


def test_members_of_an_ensemble_are_ticked(card: SetupCard, context: PageContext) -> None:
    context.plan.choose_strategy("ensemble")
    card.set_networks(list_networks())
    (chooser,) = card.form.findChildren(MemberChooser)
    assert ticked(chooser) == [f"efficientnet-lite{i}" for i in range(3)] and not chooser.facts.isVisibleTo(chooser)
    for row in range(2):
        chooser.list.item(row).setCheckState(Qt.CheckState.Unchecked)
    assert context.plan.settings.members == "efficientnet-lite2" and chooser.facts.isVisibleTo(chooser)
    chooser.list.item(0).setCheckState(Qt.CheckState.Checked)
    assert context.plan.settings.backbones == ("efficientnet-lite0", "efficientnet-lite2")
    card.set_networks(list_networks())
    assert ticked(chooser) == ["efficientnet-lite0", "efficientnet-lite2"]
    assert context.plan.backbones == ("efficientnet-lite0", "efficientnet-lite2")


def test_members_stay_as_they_were_written(qtbot: QtBot) -> None:
    chooser = MemberChooser()
    qtbot.addWidget(chooser)
    chooser.set_networks(list_networks())
    with qtbot.assertNotEmitted(chooser.changed):
        chooser.choose("EfficientNet_Lite2,efficientnet-lite0,gone")
    assert chooser.names == "EfficientNet_Lite2,efficientnet-lite0,gone"
    assert ticked(chooser) == ["efficientnet-lite0", "efficientnet-lite2", "gone"]


def test_what_is_not_here_is_fetched_after_one_question() -> None:
    here = Network("here", 224, None, "MIT", 0.0, is_here=True)
    away = replace(here, name="away", download_mb=10.0, is_here=False)
    far = replace(away, name="far", download_mb=5.5)
    assert what_to_fetch(("here",), (here, away)) is None
    found = what_to_fetch(("here", "Away", "far"), (here, away, far))
    assert found is not None and (found.name, found.download_mb, found.licence) == ("away, far", 15.5, "MIT")
