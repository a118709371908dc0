"""Presets with their times, and the size of the steps found by trying."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.project.queries import ImageFilter, image_ids
from core.text import Message
from core.training.strategies.scratch import SCRATCH, ScratchSettings
from core.types import Skipped
from gui.pages import PageContext
from gui.train.train_page import TrainPage
from tests.gui.conftest import RunnerNow
from tests.gui.train.conftest import show_page

# each builds Keras layers in this process, as the engine does in its own: minutes, not seconds
pytestmark = pytest.mark.long


@pytest.fixture
def scratch_page(context: PageContext) -> TrainPage:
    """The page with small pictures chosen, so that a trial takes a moment."""
    plan = context.plan
    plan.choose_strategy("scratch")
    plan.keep_settings(ScratchSettings(network="lenet", width_px=16, height_px=16, batch_size=8))
    return show_page(context)


def test_presets_say_how_long_they_take(scratch_page: TrainPage, context: PageContext, qtbot: QtBot) -> None:
    card, plan = scratch_page.effort, context.plan
    assert card.isVisible() and not any(button.isChecked() for button in card.buttons.values())
    card.measure_button.click()
    qtbot.waitUntil(lambda: "about" in card.buttons["best"].text(), timeout=60_000)
    assert card.buttons["quick"].text().startswith("Quick · about ")
    assert "With these settings at most" in card.said.text()
    card.buttons["quick"].click()
    assert card.buttons["quick"].isChecked() and not card.buttons["best"].isChecked()
    assert plan.settings == replace(ScratchSettings(batch_size=8), **SCRATCH.presets["quick"])
    assert scratch_page.setup.form.settings() == plan.settings
    plan.choose_strategy("transfer")
    assert not card.isVisible() and not scratch_page.rate.isVisible()


def test_the_steps_are_found_and_taken_over(
    scratch_page: TrainPage, context: PageContext, runner_now: RunnerNow
) -> None:
    card, plan = scratch_page.rate, context.plan
    assert not card.use_button.isVisible() and "starts with a learning rate of 0.001" in card.said.text()
    card.try_button.click()
    assert not card.try_button.isEnabled()
    runner_now.run_all()
    assert card.found is not None and card.plot is not None and card.plot.isVisible()
    assert len(card.plot.curve.getOriginalDataset()[0]) == len(card.found.rates)
    assert card.use_button.text() == f"Use {card.found.suggested:g}"
    card.use_button.click()
    assert plan.settings.learning_rate == card.found.suggested
    assert scratch_page.setup.form.editors["learning_rate"].value() == card.found.suggested
    assert not card.use_button.isEnabled() and card.try_button.isEnabled()
    card.found = replace(card.found, skipped=(Skipped(Path("lost.png"), Message("images.gone")),))
    card.refresh()
    assert "1 image was left out" in card.said.text()


def test_trying_without_labels_is_explained(scratch_page: TrainPage, context: PageContext) -> None:
    context.session.label(image_ids(context.session.project, ImageFilter()), None)
    scratch_page.rate.try_button.click()
    assert "at least two classes" in scratch_page.rate.failure.text
