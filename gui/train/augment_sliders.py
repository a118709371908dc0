"""Sliders for the random changes of images, made from the declaration of their settings."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QSlider, QWidget

from core.settings import SettingInfo, describe
from core.text import render
from core.training.settings import AugmentSettings
from gui import theme
from gui.train.settings_form import CalmWheel, Editor, build_editor
from gui.widgets.labels import wrapped

STEPS = 100
"""Positions of a slider between its lowest and highest value."""

WIDEST_FIGURE, LABEL_MAX_PX = "100 %", 200


class AugmentSliders(QWidget):
    """One row a setting: title, slider, figure; tick boxes and a list for what is no number.

    Attributes:
        editors: The slider, box or list of each setting by its name.

    Signals:
        changed: The user moved something.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._base = AugmentSettings()
        self.editors: dict[str, Editor] = {}
        self._wheel = CalmWheel(self)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.BETWEEN)
        self._grid.setVerticalSpacing(theme.INSIDE)
        self._grid.setColumnStretch(1, 1)
        for info in describe(AugmentSettings):
            self._add(info)
        self.set_settings(self._base)

    def settings(self) -> AugmentSettings:
        """What the sliders say; a value that no slider position has stays as it was given until it is moved."""
        moved = {name: now for name, editor in self.editors.items() if (now := editor.value()) != self._shown[name]}
        return replace(self._base, **moved)

    def set_settings(self, settings: AugmentSettings) -> None:
        """Show others; `changed` is not emitted."""
        self._base = settings
        was_blocked = self.blockSignals(True)
        for name, editor in self.editors.items():
            editor.set_value(getattr(settings, name))
        self.blockSignals(was_blocked)
        self._shown = {name: editor.value() for name, editor in self.editors.items()}

    def _add(self, info: SettingInfo) -> None:
        row, title = self._grid.rowCount(), render(info.title)
        is_number = not info.choices and not isinstance(info.default, bool)
        editor = self.editors[info.name] = self._build_slider(info, row) if is_number else build_editor(info)
        editor.changed.connect(lambda *_: self.changed.emit())
        widget = editor.widget
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
        self._grid.addWidget(widget, row, 1, 1, 1 if is_number else 2)

    def _build_slider(self, info: SettingInfo, row: int) -> Editor:
        low, high = float(info.low or 0), float(info.high or 1)
        slider, figure = QSlider(Qt.Orientation.Horizontal), QLabel()
        slider.setRange(0, STEPS)
        slider.setPageStep(STEPS // 10)
        figure.setFont(theme.tabular(figure.font()))
        figure.setFixedWidth(figure.fontMetrics().horizontalAdvance(WIDEST_FIGURE))
        figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(figure, row, 2)

        def value() -> float:
            return round(low + (high - low) * slider.value() / STEPS, 4)

        def show(given: float) -> None:
            slider.setValue(round(STEPS * (given - low) / (high - low)))
            figure.setText(_figure(given, info))

        slider.valueChanged.connect(lambda _: figure.setText(_figure(value(), info)))
        return Editor(slider, value, show, slider.valueChanged)


def _figure(value: float, info: SettingInfo) -> str:
    """ "30°" or "20 %"."""
    return f"{value:.0f}°" if info.name.endswith("degrees") else f"{100 * value:.0f} %"
