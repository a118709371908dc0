"""The live preview of preparation and random changes, on real jobs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QCheckBox, QComboBox, QSlider
from pytestqt.qtbot import QtBot

from core.settings import describe
from core.training.settings import AUGMENT_PRESETS, AugmentSettings
from core.training.strategies.scratch import ScratchSettings
from gui.pages import PageContext
from gui.train.augment_sliders import AugmentSliders
from gui.train.preview_card import PreviewCard
from gui.train.train_page import TrainPage
from tests.gui.conftest import RunnerNow
from tests.gui.train.conftest import show_page

# each builds Keras layers in this process, as the engine does in its own: minutes, not seconds
pytestmark = pytest.mark.long


@pytest.fixture
def card(context: PageContext, runner_now: RunnerNow, qtbot: QtBot) -> PreviewCard:
    """The card with everything shown."""
    context.plan.choose_strategy("scratch")
    page = show_page(context)
    page.preview.another.click()
    wait(qtbot, lambda: page.preview.variants[0].image is not None and page.preview.after.image is not None)
    return page.preview


def wait(qtbot: QtBot, is_so: Callable[[], bool]) -> None:
    qtbot.waitUntil(is_so, timeout=30_000)


def settings(context: PageContext) -> ScratchSettings:
    found = context.plan.settings
    assert isinstance(found, ScratchSettings)
    return found


def size(image: QImage | None) -> tuple[int, int]:
    assert image is not None
    return image.width(), image.height()


def images(card: PreviewCard) -> list[QImage | None]:
    return [view.image for view in card.variants]


def test_not_for_strategies_that_leave_pictures_as_they_are(page: TrainPage) -> None:
    assert not page.preview.isVisible()


def test_before_and_after_follow_the_settings(card: PreviewCard, context: PageContext, qtbot: QtBot) -> None:
    assert card.isVisible() and size(card.after.image) == (64, 64) and size(card.before.image) == (96, 72)
    page = context.window.workbench.go_to("train")
    assert isinstance(page, TrainPage)
    page.setup.form.editors["width_px"].set_value(32)
    page.setup.form.editors["colour"].set_value("grey")
    wait(qtbot, lambda: size(card.after.image) == (32, 64))
    assert card.after.image is not None and card.after.image.isGrayscale()
    assert "32 × 64" in card.after_said.text() and "96 × 72" in card.before_said.text()


def test_next_and_previous_go_round(card: PreviewCard, qtbot: QtBot) -> None:
    assert "Image 1 of 20" in card.name.text
    first = card.after.image
    card.previous.click()
    wait(qtbot, lambda: "Image 20 of 20" in card.name.text and card.after.image != first)
    card.next.click()
    wait(qtbot, lambda: "Image 1 of 20" in card.name.text and card.after.image == first)


def test_a_slider_makes_the_changes_ones_own_and_a_preset_takes_them_back(
    card: PreviewCard, context: PageContext, qtbot: QtBot
) -> None:
    before = images(card)
    slider = card.sliders.editors["rotation_degrees"].widget
    assert isinstance(slider, QSlider)
    slider.setValue(100)
    own = settings(context).own_augment
    assert own is not None and own.rotation_degrees == 180 and own.zoom == AUGMENT_PRESETS["report"].zoom
    assert "Changed by you" in card.whose.text()
    wait(qtbot, lambda: images(card) != before)
    page = context.window.workbench.go_to("train")
    assert isinstance(page, TrainPage)
    page.setup.form.editors["augmentation"].set_value("gentle")
    assert settings(context).own_augment is None and settings(context).augmentation == "gentle"
    assert card.sliders.settings() == AUGMENT_PRESETS["gentle"] and "“gentle”" in card.whose.text()


def test_another_draw_gives_other_variants_and_the_same_training(
    card: PreviewCard, context: PageContext, qtbot: QtBot
) -> None:
    before, planned = images(card), settings(context)
    card.another.click()
    wait(qtbot, lambda: images(card) != before)
    assert settings(context) == planned


def test_many_moves_are_one_job_or_two(card: PreviewCard, runner_now: RunnerNow, qtbot: QtBot) -> None:
    started: list[str] = []
    runner_now.job_started.connect(lambda job: started.append(job.task))
    slider = card.sliders.editors["zoom"].widget
    assert isinstance(slider, QSlider)
    before = images(card)
    for value in range(60, 80):
        slider.setValue(value)
    wait(qtbot, lambda: images(card) != before)
    assert started.count("augment-variants") <= 2 and "preview-recipe" not in started


@pytest.mark.usefixtures("own_images")
def test_a_picture_that_cannot_be_read_is_explained(
    card: PreviewCard, context: PageContext, qtbot: QtBot
) -> None:
    image = card._image()
    assert image is not None
    image.path.write_bytes(b"broken")
    page = context.window.workbench.go_to("train")
    assert isinstance(page, TrainPage)
    page.setup.form.editors["width_px"].set_value(16)
    wait(qtbot, lambda: card.failure.text != "")
    assert card.after.image is None
    card.next.click()
    wait(qtbot, lambda: card.failure.text == "" and card.after.image is not None)


@pytest.mark.parametrize("name", list(AUGMENT_PRESETS))
def test_sliders_keep_what_they_are_given(qtbot: QtBot, name: str) -> None:
    sliders = AugmentSliders()
    qtbot.addWidget(sliders)
    for given in (AUGMENT_PRESETS[name], AugmentSettings(rotation_degrees=7.123, zoom=0.8999)):
        sliders.set_settings(given)
        assert sliders.settings() == given


def test_every_setting_has_a_widget(qtbot: QtBot) -> None:
    sliders = AugmentSliders()
    qtbot.addWidget(sliders)
    kinds = {info.name: type(sliders.editors[info.name].widget) for info in describe(AugmentSettings)}
    assert kinds["fill_mode"] is QComboBox and kinds["horizontal_flip"] is QCheckBox and kinds["zoom"] is QSlider
    assert all(sliders.editors[name].widget.accessibleName() for name in kinds)
