"""One editor a setting, chosen by its type: tick box, list, numbers, text; all with the same few methods."""

from __future__ import annotations

from typing import Any, Protocol

from PySide6.QtCore import QEvent, QLocale, QObject, Qt
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox, QWidget

from core.settings import SettingInfo, choice_title
from core.text import render

BOX_PX = 26
"""Height of boxes, as of the buttons beside them."""

INT_MAX = 2**31 - 1
"""The largest number that Qt's box for whole numbers can hold."""


class Editor(Protocol):
    """What a form needs of the editor of one setting."""

    @property
    def widget(self) -> QWidget: ...

    def value(self) -> Any: ...

    def set_value(self, value: Any) -> None: ...

    def on_changed(self, function: Any) -> None:
        """Call a function without arguments whenever the user changes the value."""


class TickEditor:
    """For True and False."""

    def __init__(self, info: SettingInfo) -> None:
        self.widget: QCheckBox = QCheckBox(render(info.title))

    def value(self) -> bool:
        return self.widget.isChecked()

    def set_value(self, value: bool) -> None:
        self.widget.setChecked(value)

    def on_changed(self, function: Any) -> None:
        self.widget.toggled.connect(lambda _: function())


class ChoiceEditor:
    """For one of a few values."""

    def __init__(self, info: SettingInfo) -> None:
        self.widget: QComboBox = QComboBox()
        shrink(self.widget)
        self.widget.setMinimumHeight(BOX_PX)
        for choice in info.choices:
            self.widget.addItem(render(choice_title(choice)), choice)

    def value(self) -> Any:
        return self.widget.currentData()

    def set_value(self, value: Any) -> None:
        self.widget.setCurrentIndex(self.widget.findData(value))

    def on_changed(self, function: Any) -> None:
        self.widget.currentIndexChanged.connect(lambda _: function())


class NumberEditor:
    """For whole numbers and fractions, within their range."""

    def __init__(self, info: SettingInfo) -> None:
        self._is_whole = isinstance(info.default, int)
        low = info.low if info.low is not None else -INT_MAX
        high = info.high if info.high is not None else INT_MAX
        self.widget: QAbstractSpinBox
        if self._is_whole and high <= INT_MAX:
            whole = self.widget = QSpinBox()
            whole.setRange(int(low), int(high))
            self._box: QSpinBox | QDoubleSpinBox = whole
        else:
            box = self.widget = WholeBox() if self._is_whole else FractionBox()
            box.setRange(low, high)
            self._box = box
        self.widget.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        self.widget.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.widget.setKeyboardTracking(False)
        self.widget.setMinimumHeight(BOX_PX)

    def value(self) -> int | float:
        self._box.interpretText()
        return int(self._box.value()) if self._is_whole else float(self._box.value())

    def set_value(self, value: float) -> None:
        if isinstance(self._box, QSpinBox):
            self._box.setValue(int(value))
        else:
            self._box.setValue(value)

    def on_changed(self, function: Any) -> None:
        self._box.valueChanged.connect(lambda _: function())


class TextEditor:
    """For words."""

    def __init__(self, info: SettingInfo) -> None:
        self.widget: QLineEdit = QLineEdit()

    def value(self) -> str:
        return self.widget.text().strip()

    def set_value(self, value: str) -> None:
        self.widget.setText(value)

    def on_changed(self, function: Any) -> None:
        self.widget.editingFinished.connect(function)


class WholeBox(QDoubleSpinBox):
    """Whole numbers beyond `INT_MAX`, such as the start of random numbers."""

    def __init__(self) -> None:
        super().__init__(decimals=0)
        self.setGroupSeparatorShown(False)


class FractionBox(QDoubleSpinBox):
    """Fractions from 0.0000001 to large, written as short as they can be."""

    def __init__(self) -> None:
        super().__init__(decimals=9)
        self.setLocale(QLocale.c())

    def textFromValue(self, value: float) -> str:
        return f"{value:g}"

    def valueFromText(self, text: str) -> float:
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return self.value()

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            return QValidator.State.Intermediate, text, position
        is_inside = self.minimum() <= value <= self.maximum()
        return QValidator.State.Acceptable if is_inside else QValidator.State.Intermediate, text, position


class CalmWheel(QObject):
    """Keeps the wheel for scrolling the page: a field changes by it only while it has the focus."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


def build_editor(info: SettingInfo) -> Editor:
    """The editor that fits the type of a setting."""
    if info.choices:
        return ChoiceEditor(info)
    if isinstance(info.default, bool):
        return TickEditor(info)
    return NumberEditor(info) if isinstance(info.default, int | float) else TextEditor(info)


def shrink(box: QComboBox) -> None:
    """Let a list be narrower than its longest entry."""
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
