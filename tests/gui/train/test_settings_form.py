"""A form is made from the declaration, and what goes in comes out."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QDoubleSpinBox, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from core.settings import nested_settings, setting
from core.training.strategies.transfer import TransferSettings
from core.training.settings import AugmentSettings
from core.training.strategies.scratch import ScratchSettings
from core.training.strategies.zero_shot import ZeroShotSettings
from core.training.registry import list_strategies
from gui.train.settings_form import SettingsForm


@dataclass(frozen=True, slots=True)
class Inner:
    share: float = setting(0.25, low=0, high=1)


@dataclass(frozen=True, slots=True)
class Outer:
    name: str = setting("plain")
    is_on: bool = setting(False)
    size: int = setting(3, low=1, high=9, is_advanced=True)
    inner: Inner = field(default_factory=Inner)
    own: Inner | None = None


def build(qtbot: QtBot, settings_class: type) -> SettingsForm:
    form = SettingsForm(settings_class)
    qtbot.addWidget(form)
    form.show()
    return form


@pytest.mark.parametrize("settings_class", [*(one.settings for one in list_strategies()), Outer])
def test_defaults_survive_the_form(qtbot: QtBot, settings_class: type) -> None:
    assert build(qtbot, settings_class).settings() == settings_class()


@pytest.mark.parametrize("settings", [
    TransferSettings("resnet50", seed=2**32 - 1, n_folds=20),
    ScratchSettings(network="vgg", n_epochs=7, learning_rate=3e-5, has_class_weights=False,
                    own_augment=AugmentSettings(zoom=0.35, vertical_flip=True)),
    ZeroShotSettings(own_map={"red": (3,)}),
    Outer("x", True, 9, Inner(0.125), Inner(1.0)),
])
def test_settings_survive_the_form(qtbot: QtBot, settings: object) -> None:
    form = build(qtbot, type(settings))
    with qtbot.assertNotEmitted(form.changed):
        form.set_settings(settings)
    assert form.settings() == settings
    form.set_settings(type(settings)())
    assert form.settings() == type(settings)(), "nothing of the other settings is left"


def test_a_change_is_told(qtbot: QtBot) -> None:
    form = build(qtbot, Outer)
    box = form.findChild(QSpinBox, "size")
    with qtbot.waitSignal(form.changed):
        box.setValue(5)
    with qtbot.waitSignal(form.changed):
        form.nested["own"].tick.click()  # type: ignore[union-attr]
    assert form.settings() == Outer(size=5, own=Inner())


def test_numbers_stay_in_their_range(qtbot: QtBot) -> None:
    form = build(qtbot, ScratchSettings)
    form.editors["n_epochs"].set_value(10**6)
    form.editors["held_back_share"].set_value(0.9)
    assert form.settings().n_epochs == 10_000 and form.settings().held_back_share == 0.45


def test_small_numbers_can_be_typed(qtbot: QtBot) -> None:
    form = build(qtbot, ScratchSettings)
    form.more.button.click()
    box = form.findChild(QDoubleSpinBox, "learning_rate")
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "3e-5")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert form.settings().learning_rate == 3e-5 and box.text() == "3e-05"


def test_advanced_settings_are_folded_away(qtbot: QtBot) -> None:
    form = build(qtbot, Outer)
    size = form.findChild(QSpinBox, "size")
    assert not size.isVisible()
    form.more.button.click()
    assert size.isVisible()


def test_every_field_says_what_it_is(qtbot: QtBot) -> None:
    form = build(qtbot, ScratchSettings)
    for name in ("network", "learning_rate", "has_class_weights", "n_epochs"):
        widget = form.findChild(QWidget, name)
        assert widget.accessibleName() and widget.accessibleDescription() and widget.toolTip()


def test_the_wheel_scrolls_the_page_not_the_value(qtbot: QtBot) -> None:
    form = build(qtbot, ScratchSettings)
    box = form.findChild(QComboBox, "network")
    box.clearFocus()
    form.setFocus()
    center = QPointF(box.rect().center())
    QApplication.sendEvent(box, QWheelEvent(
        center, box.mapToGlobal(center), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    ))
    assert form.settings().network == ScratchSettings().network


def test_nested_settings_of_these_tests_are_seen() -> None:
    assert set(nested_settings(Outer)) == {"inner", "own"}
