"""The card in which a training is set up offers what the registry declares."""

from __future__ import annotations

import pytest

from core.settings import describe
from core.text import render
from core.training.registry import STRATEGIES, list_strategies
from gui.pages import PageContext
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
