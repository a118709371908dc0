"""The Train page fits its window, whatever strategy is chosen."""

from __future__ import annotations


import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.training.registry import STRATEGIES
from gui.pages import PageContext
from gui.train.train_page import TrainPage


def test_two_columns_only_where_there_is_room(page: TrainPage, context: PageContext, qtbot: QtBot) -> None:
    context.window.resize(1400, 800)
    qtbot.waitUntil(lambda: page.result.mapTo(page, page.result.rect().topLeft()).x() > 300, timeout=60_000)
    context.window.resize(800, 700)
    qtbot.waitUntil(lambda: page.result.mapTo(page, page.result.rect().topLeft()).x() < 100, timeout=60_000)
    assert page.horizontalScrollBar().maximum() == 0


@pytest.mark.parametrize("width_px", [880, 950, 1180, 1440])
def test_no_strategy_needs_a_scroll_bar_sideways(page: TrainPage, context: PageContext, width_px: int) -> None:
    context.window.resize(width_px, 800)
    for strategy in STRATEGIES:
        context.plan.choose_strategy(strategy)
        QApplication.sendPostedEvents()
        needed_px = page.widget().minimumSizeHint().width()
        assert needed_px <= page.viewport().width(), (strategy, needed_px, page.viewport().width())
    context.plan.choose_strategy("transfer")  # no preview of these settings is asked for any more
