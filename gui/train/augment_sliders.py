"""Sliders for the random changes of images, made from the declaration of their settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QSlider, QWidget

from core.settings import SettingInfo, choice_title, describe
from core.text import render
from core.training.settings import AugmentSettings
from gui import theme
from gui.train.settings_form import CalmWheel, shrink
from gui.widgets.labels import wrapped

STEPS = 100
"""Positions of a slider between its lowest and highest value."""

WIDEST_FIGURE, LABEL_MAX_PX = "100 %", 200


class AugmentSliders(QWidget):
    """One row a setting: title, slider, figure; tick boxes and a list for what is no number.

    Signals:
        changed: The user moved something.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._base = AugmentSettings()
        self._widgets: dict[str, QSlider | QCheckBox | QComboBox] = {}
        self._figures: dict[str, QLabel] = {}
        self._infos = {info.name: info for info in describe(AugmentSettings)}
        self._wheel = CalmWheel(self)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.BETWEEN)
        self._grid.setVerticalSpacing(theme.INSIDE)
        self._grid.setColumnStretch(1, 1)
        for info in self._infos.values():
            self._add(info)
        self.set_settings(self._base)

    def widget(self, name: str) -> QSlider | QCheckBox | QComboBox:
        """The slider, box or list of a setting."""
        return self._widgets[name]

    def settings(self) -> AugmentSettings:
        """What the sliders say; a value that no slider position has stays as it was given until it is moved."""
        values = {name: self._value(name) for name in self._widgets}
        kept = {name: getattr(self._base, name) for name in values if self._position(name) == values[name]}
        return replace(self._base, **{**values, **kept})

    def set_settings(self, settings: AugmentSettings) -> None:
        """Show others; `changed` is not emitted."""
        self._base = settings
        for name, widget in self._widgets.items():
            value = getattr(settings, name)
            was_blocked = widget.blockSignals(True)
            if isinstance(widget, QSlider):
                widget.setValue(_step_of(value, self._infos[name]))
                self._figures[name].setText(_figure(value, self._infos[name]))
            elif isinstance(widget, QCheckBox):
                widget.setChecked(value)
            else:
                widget.setCurrentIndex(widget.findData(value))
            widget.blockSignals(was_blocked)

    def _add(self, info: SettingInfo) -> None:
        row, title = self._grid.rowCount(), render(info.title)
        widget = self._build(info, title)
        self._widgets[info.name] = widget
        widget.setObjectName(info.name)
        widget.setAccessibleName(title)
        widget.setToolTip(render(info.help))
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        widget.installEventFilter(self._wheel)
        if isinstance(widget, QCheckBox):
            self._grid.addWidget(widget, row, 0, 1, 3)
            return
        label = wrapped(title)
        label.setMinimumWidth(min(label.fontMetrics().horizontalAdvance(title) + 1, LABEL_MAX_PX))
        label.setBuddy(widget)
        label.setToolTip(render(info.help))
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(widget, row, 1, 1, 1 if isinstance(widget, QSlider) else 2)
        if isinstance(widget, QSlider):
            figure = self._figures[info.name] = QLabel()
            figure.setFont(theme.tabular(figure.font()))
            figure.setFixedWidth(figure.fontMetrics().horizontalAdvance(WIDEST_FIGURE))
            figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(figure, row, 2)

    def _build(self, info: SettingInfo, title: str) -> QSlider | QCheckBox | QComboBox:
        if isinstance(info.default, bool):
            tick = QCheckBox(title)
            tick.toggled.connect(lambda _: self.changed.emit())
            return tick
        if info.choices:
            combo = QComboBox()
            shrink(combo)
            for choice in info.choices:
                combo.addItem(render(choice_title(choice)), choice)
            combo.currentIndexChanged.connect(lambda _: self.changed.emit())
            return combo
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, STEPS)
        slider.setPageStep(STEPS // 10)
        slider.valueChanged.connect(lambda _: self._on_slider_moved(info))
        return slider

    def _on_slider_moved(self, info: SettingInfo) -> None:
        self._figures[info.name].setText(_figure(self._value(info.name), info))
        self.changed.emit()

    def _value(self, name: str) -> Any:
        widget, info = self._widgets[name], self._infos[name]
        if isinstance(widget, QSlider):
            low, high = float(info.low or 0), float(info.high or 1)
            return round(low + (high - low) * widget.value() / STEPS, 4)
        return widget.isChecked() if isinstance(widget, QCheckBox) else widget.currentData()

    def _position(self, name: str) -> Any:
        """The value that the given settings have once rounded to a position of the slider."""
        value, info = getattr(self._base, name), self._infos[name]
        if not isinstance(self._widgets[name], QSlider):
            return value
        low, high = float(info.low or 0), float(info.high or 1)
        return round(low + (high - low) * _step_of(value, info) / STEPS, 4)


def _step_of(value: float, info: SettingInfo) -> int:
    low, high = float(info.low or 0), float(info.high or 1)
    return round(STEPS * (value - low) / (high - low))


def _figure(value: float, info: SettingInfo) -> str:
    """ "30°" or "20 %"."""
    return f"{value:.0f}°" if info.name.endswith("degrees") else f"{100 * value:.0f} %"
