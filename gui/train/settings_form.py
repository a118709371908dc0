"""A form for the settings of a strategy, made from their declarations: an editor for each kind of setting."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, fields, replace
from typing import Any, Protocol

from PySide6.QtCore import QEvent, QLocale, QObject, Qt, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import (
    QAbstractSpinBox, QCheckBox, QComboBox, QDoubleSpinBox, QLabel, QLineEdit, QSpinBox, QToolButton, QVBoxLayout,
    QWidget,
)

from core.settings import SettingInfo, choice_title, describe, nested_settings, owner_of, setting_title
from core.text import render, text
from gui import theme
from gui.widgets.labels import wrapped_caption
from gui.widgets.layouts import column_of, fill

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


BuildEditor = Callable[[SettingInfo], Editor]


class SettingsForm(QWidget):
    """Shows and changes settings; what it has no field for stays as it was given.

    Args:
        settings_class: A settings dataclass whose fields all have defaults.
        special: Builds the editor of some settings by their name, such as the list of networks.
        folded: Names of settings that are folded away although they are not declared as advanced.
        hidden: Names of settings without a field here, because another part of the page has one.

    Signals:
        changed: The user changed a value.
    """

    changed = Signal()

    def __init__(
        self, settings_class: type, special: Mapping[str, BuildEditor] = {}, *, folded: Collection[str] = (),
        hidden: Collection[str] = (),
    ) -> None:
        super().__init__()
        self._base = settings_class()
        self._editors: dict[str, Editor] = {}
        self._nested: dict[str, NestedForm] = {}
        self._wheel = CalmWheel(self)
        self._column = _column(self)
        self._more = Fold(text("window_train.more"))
        for info in describe(settings_class):
            place = self._more.column if info.is_advanced or info.name in folded else self._column
            self._add_editor(info, special.get(info.name, build_editor)(info), place)
        for name, kind in nested_settings(settings_class).items():
            if name not in hidden:
                self._add_nested(name, kind)
        self._column.addWidget(self._more)
        self._more.setVisible(self._more.column.count() > 0)
        self.set_settings(self._base)

    @property
    def more(self) -> Fold:
        """Where settings are folded away; a page may add its own."""
        return self._more

    def editor(self, name: str) -> Editor:
        return self._editors[name]

    def nested(self, name: str) -> NestedForm:
        return self._nested[name]

    def settings(self) -> Any:
        """What the form says now."""
        values = {name: editor.value() for name, editor in self._editors.items()}
        return replace(self._base, **values, **{name: form.settings() for name, form in self._nested.items()})

    def set_settings(self, settings: Any) -> None:
        """Show other settings of the same class; `changed` is not emitted."""
        self._base = settings
        was_blocked = self.blockSignals(True)
        for name, editor in self._editors.items():
            editor.set_value(getattr(settings, name))
        for name, form in self._nested.items():
            form.set_settings(getattr(settings, name))
        self.blockSignals(was_blocked)

    def _add_editor(self, info: SettingInfo, editor: Editor, column: QVBoxLayout) -> None:
        self._editors[info.name] = editor
        widget, title, words = editor.widget, render(info.title), render(info.help)
        widget.setObjectName(info.name)
        widget.setAccessibleName(title)
        widget.setAccessibleDescription(words)
        widget.setToolTip(words)
        _focusable(widget).setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        _focusable(widget).installEventFilter(self._wheel)
        if not isinstance(editor, TickEditor):
            label = QLabel(title)
            label.setBuddy(_focusable(widget))
            column.addWidget(label)
        column.addWidget(widget)
        if _focusable(widget) is widget:  # an editor of several widgets explains itself
            column.addWidget(wrapped_caption(words))
        column.addSpacing(theme.INSIDE)
        editor.on_changed(self.changed.emit)

    def _add_nested(self, name: str, kind: type) -> None:
        field = next(f for f in fields(self._base) if f.name == name)
        is_optional = field.default is None
        assert is_optional or field.default is not MISSING or field.default_factory is not MISSING
        form = NestedForm(render(setting_title(owner_of(type(self._base)), name)), kind, is_optional=is_optional)
        form.setObjectName(name)
        form.changed.connect(self.changed)
        self._nested[name] = form
        self._more.column.addWidget(form)


class NestedForm(QWidget):
    """Settings inside settings: under a tick box where there may be none, else under a title.

    Signals:
        changed: The user changed a value, or ticked the box.
    """

    changed = Signal()

    def __init__(self, title: str, settings_class: type, *, is_optional: bool) -> None:
        super().__init__()
        self._form = SettingsForm(settings_class)
        self._tick = QCheckBox(title) if is_optional else None
        column = _column(self)
        fill(column, self._tick or QLabel(title), self._form)
        self._form.setContentsMargins(theme.AROUND, 0, 0, 0)
        self._form.changed.connect(self.changed)
        if self._tick is not None:
            self._form.hide()
            self._tick.toggled.connect(self._form.setVisible)
            self._tick.toggled.connect(lambda _: self.changed.emit())

    @property
    def form(self) -> SettingsForm:
        return self._form

    @property
    def tick(self) -> QCheckBox | None:
        """Says whether there are such settings at all; None where there always are."""
        return self._tick

    def settings(self) -> Any:
        """What the form says, or None while the box is not ticked."""
        return self._form.settings() if self._tick is None or self._tick.isChecked() else None

    def set_settings(self, settings: Any) -> None:
        was_blocked = self.blockSignals(True)
        if self._tick is not None:
            self._tick.setChecked(settings is not None)
        if settings is not None:
            self._form.set_settings(settings)
        self.blockSignals(was_blocked)


class Fold(QWidget):
    """A column of widgets that opens and closes by a click on its title; closed at first."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.button = QToolButton()
        self.button.setText(title)
        self.button.setCheckable(True)
        self.button.setAutoRaise(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setArrowType(Qt.ArrowType.RightArrow)
        self._content = QWidget()
        self._content.hide()
        self.column = _column(self._content)
        outside = _column(self)
        outside.addWidget(self.button)
        outside.addWidget(self._content)
        self.button.toggled.connect(self._on_button_toggled)

    def _on_button_toggled(self, is_open: bool) -> None:
        self.button.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self._content.setVisible(is_open)


def _focusable(widget: QWidget) -> QWidget:
    """What a title's key leads to: the list inside an editor of several widgets."""
    return widget.findChild(QComboBox) or widget


def _column(widget: QWidget) -> QVBoxLayout:
    return column_of(spacing=theme.INSIDE, parent=widget)
