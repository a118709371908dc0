"""How to train: the strategy, its few settings, weights of one's own, and the button that starts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup, QFileDialog, QPushButton, QRadioButton, QVBoxLayout, QWidget,
)

from core.text import render, text
from core.training.registry import list_strategies
from gui import theme
from gui.widgets.labels import ElidedLabel, wrapped_caption
from gui.train.card import Card
from gui.train.member_chooser import MemberChooser, members_editor
from gui.train.networks import Network, NetworkChooser, network_editor
from gui.train.plan import TrainingPlan
from gui.train.settings_form import SettingsForm
from gui.widgets.layouts import STRETCH, column_of, empty, fill, row_of

FOLDED = ("seed",)
"""Settings that nobody needs to see at first."""

ELSEWHERE = ("own_augment",)
"""Settings that another card of the page shows."""

RADIO_INDENT_PX = 22
"""Where the text of a radio button begins."""


class SetupCard(Card):
    """Shows the plan and changes it.

    Args:
        plan: What is shown and changed.

    Attributes:
        form: The settings of the chosen strategy.
        networks: Those that can be chosen.

    Signals:
        changed: The user changed something, or the plan did.
    """

    changed = Signal()

    def __init__(self, plan: TrainingPlan) -> None:
        super().__init__(text("window_train.how_to_train"))
        self._plan = plan
        self.networks: tuple[Network, ...] = ()
        self.strategies = QButtonGroup(self)
        self._place = QVBoxLayout()
        self.weights = WeightsRow()
        self._add_strategies()
        self.column.addLayout(self._place)
        self.weights.chosen.connect(self._on_weights_chosen)
        plan.changed.connect(self.refresh)
        plan.settings_kept.connect(self._on_plan_settings_kept)
        self.refresh()

    def set_networks(self, networks: tuple[Network, ...]) -> None:
        """Say which networks there are; asked again after each training, which may have fetched one."""
        self.networks = networks
        for chooser in self.form.findChildren(NetworkChooser):
            chooser.set_networks(networks)
        for members in self.form.findChildren(MemberChooser):
            members.set_networks(networks)

    def refresh(self) -> None:
        """Show the plan as it is now."""
        for button in self.strategies.buttons():
            button.setChecked(button.objectName() == self._plan.strategy)
        self._build_form()
        self.changed.emit()

    def _add_strategies(self) -> None:
        for strategy in list_strategies():
            button = QRadioButton(render(strategy.title))
            button.setObjectName(strategy.name)
            button.setAccessibleDescription(render(strategy.sentence))
            button.clicked.connect(lambda _=False, name=strategy.name: self._plan.choose_strategy(name))
            self.strategies.addButton(button)
            sentence = wrapped_caption(render(strategy.sentence), keeps_height=True)
            sentence.setContentsMargins(RADIO_INDENT_PX, 0, 0, theme.INSIDE)
            fill(self.column, button, sentence)

    def _build_form(self) -> None:
        self.weights.setParent(None)
        empty(self._place)
        special = {
            "backbone": lambda info: network_editor(info, self.networks),
            "members": lambda info: members_editor(info, self.networks),
        }
        self.form = SettingsForm(self._plan.declaration.settings, special, folded=FOLDED, hidden=ELSEWHERE)
        self.form.set_settings(self._plan.settings)
        self.form.changed.connect(self._on_form_changed)
        has_network = bool(self._plan.backbone)
        if has_network:
            self.form.more.column.addWidget(self.weights)
            self.form.more.show()
        self.weights.setVisible(has_network)
        self.weights.show_path(self._plan.weights)
        self._place.addWidget(self.form)

    def _on_form_changed(self) -> None:
        self._plan.keep_settings(_without_stale_changes(self._plan.settings, self.form.settings()))
        self.changed.emit()

    def _on_plan_settings_kept(self) -> None:
        """Another part of the page changed a setting."""
        if self.form.settings() != self._plan.settings:
            self.form.set_settings(self._plan.settings)
            self.changed.emit()

    def _on_weights_chosen(self, path: Path | None) -> None:
        self._plan.weights = path
        self.weights.show_path(path)
        self.changed.emit()


def _without_stale_changes(before: Any, now: Any) -> Any:
    """Whoever chooses a preset of random changes wants it, and not those of their own any more."""
    preset_before, preset_now = getattr(before, "augmentation", None), getattr(now, "augmentation", None)
    return now if preset_before == preset_now else replace(now, own_augment=None)


class WeightsRow(QWidget):
    """Lets the user take weights from a file instead of the published ones.

    Signals:
        chosen: `Path` of a file, or None for the published weights again.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._name = ElidedLabel()
        self.choose_button = QPushButton(text("window_train.own_weights"))
        self.choose_button.clicked.connect(self._on_choose_clicked)
        self.clear_button = QPushButton(text("window_train.published_weights"))
        self.clear_button.clicked.connect(lambda: self.chosen.emit(None))
        buttons = row_of(self.choose_button, self.clear_button, STRETCH)
        column_of(
            self._name, buttons, wrapped_caption(text("window_train.own_weights.tip")), spacing=theme.INSIDE,
            parent=self
        )
        self.show_path(None)

    def show_path(self, path: Path | None) -> None:
        self._name.set_text(str(path) if path is not None else "")
        self._name.setVisible(path is not None)
        self.clear_button.setVisible(path is not None)

    def _on_choose_clicked(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, text("window_train.choose_weights"), "",
            text("window_train.weights_filter"),
        )
        if path:
            self.chosen.emit(Path(path))
