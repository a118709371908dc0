"""A form for the settings of a strategy, made from their declarations: an editor for each kind of setting."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any

from PySide6.QtCore import QEvent, QLocale, QObject, Qt, Signal, SignalInstance
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import (
    QAbstractSpinBox, QCheckBox, QComboBox, QDoubleSpinBox, QLabel, QLineEdit, QSpinBox, QVBoxLayout,
    QWidget,
)

from core.settings import SettingInfo, choice_title, describe, nested_settings, owner_of, setting_title
from core.text import render, text
from gui import theme
from gui.widgets.fold import Fold
from gui.widgets.labels import wrapped_caption
from gui.widgets.layouts import column_of, fill

BOX_PX = 26
"""Height of boxes, as of the buttons beside them."""

INT_MAX = 2**31 - 1
"""The largest number that Qt's box for whole numbers can hold."""


@dataclass(frozen=True, slots=True)
class Editor:
    """The widget of one setting, and how it is read, shown and heard; `changed` comes with the user's changes too."""

    widget: QWidget
    value: Callable[[], Any]
    set_value: Callable[[Any], object]
    changed: SignalInstance


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
        return _choice_editor(info)
    if isinstance(info.default, bool):
        tick = QCheckBox(render(info.title))
        return Editor(tick, tick.isChecked, tick.setChecked, tick.toggled)
    if isinstance(info.default, int | float):
        return _number_editor(info)
    field = QLineEdit()
    return Editor(field, lambda: field.text().strip(), field.setText, field.editingFinished)


def _choice_editor(info: SettingInfo) -> Editor:
    box = QComboBox()
    shrink(box)
    box.setMinimumHeight(BOX_PX)
    for choice in info.choices:
        box.addItem(render(choice_title(choice)), choice)
    return Editor(
        box, box.currentData, lambda value: box.setCurrentIndex(box.findData(value)), box.currentIndexChanged)


def _number_editor(info: SettingInfo) -> Editor:
    """For whole numbers, also those beyond `INT_MAX` such as the start of random numbers, and for fractions."""
    number = int if isinstance(info.default, int) else float
    low, high = (-INT_MAX if info.low is None else info.low), (INT_MAX if info.high is None else info.high)
    box: Any = FractionBox() if number is float else QSpinBox() if high <= INT_MAX else QDoubleSpinBox(decimals=0)
    box.setRange(number(low), number(high))
    box.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
    box.setAlignment(Qt.AlignmentFlag.AlignRight)
    box.setKeyboardTracking(False)
    box.setMinimumHeight(BOX_PX)

    def value() -> int | float:
        box.interpretText()
        return number(box.value())

    return Editor(box, value, lambda given: box.setValue(number(given)), box.valueChanged)


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

    Attributes:
        editors, nested: By name of the setting.
        more: Where settings are folded away; a page may add its own.

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
        self.editors: dict[str, Editor] = {}
        self.nested: dict[str, NestedForm] = {}
        self._wheel = CalmWheel(self)
        self._column = _column(self)
        self.more = Fold(text("window_train.more"))
        for info in describe(settings_class):
            place = self.more.column if info.is_advanced or info.name in folded else self._column
            self._add_editor(info, special.get(info.name, build_editor)(info), place)
        for name, kind in nested_settings(settings_class).items():
            if name not in hidden:
                self._add_nested(name, kind)
        self._column.addWidget(self.more)
        self.more.setVisible(self.more.column.count() > 0)
        self.set_settings(self._base)

    def settings(self) -> Any:
        """What the form says now."""
        values = {name: editor.value() for name, editor in self.editors.items()}
        return replace(self._base, **values, **{name: form.settings() for name, form in self.nested.items()})

    def set_settings(self, settings: Any) -> None:
        """Show other settings of the same class; `changed` is not emitted."""
        self._base = settings
        was_blocked = self.blockSignals(True)
        for name, editor in self.editors.items():
            editor.set_value(getattr(settings, name))
        for name, form in self.nested.items():
            form.set_settings(getattr(settings, name))
        self.blockSignals(was_blocked)

    def _add_editor(self, info: SettingInfo, editor: Editor, column: QVBoxLayout) -> None:
        self.editors[info.name] = editor
        widget, title, words = editor.widget, render(info.title), render(info.help)
        widget.setObjectName(info.name)
        widget.setAccessibleName(title)
        widget.setAccessibleDescription(words)
        widget.setToolTip(words)
        _focusable(widget).setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        _focusable(widget).installEventFilter(self._wheel)
        if not isinstance(widget, QCheckBox):
            label = QLabel(title)
            label.setBuddy(_focusable(widget))
            column.addWidget(label)
        column.addWidget(widget)
        if _focusable(widget) is widget:  # an editor of several widgets explains itself
            column.addWidget(wrapped_caption(words))
        column.addSpacing(theme.INSIDE)
        editor.changed.connect(lambda *_: self.changed.emit())

    def _add_nested(self, name: str, kind: type) -> None:
        field = next(f for f in fields(self._base) if f.name == name)
        is_optional = field.default is None
        assert is_optional or field.default is not MISSING or field.default_factory is not MISSING
        form = NestedForm(render(setting_title(owner_of(type(self._base)), name)), kind, is_optional=is_optional)
        form.setObjectName(name)
        form.changed.connect(self.changed)
        self.nested[name] = form
        self.more.column.addWidget(form)


class NestedForm(QWidget):
    """Settings inside settings: under a tick box where there may be none, else under a title.

    Attributes:
        tick: Says whether there are such settings at all; None where there always are.

    Signals:
        changed: The user changed a value, or ticked the box.
    """

    changed = Signal()

    def __init__(self, title: str, settings_class: type, *, is_optional: bool) -> None:
        super().__init__()
        self.form = SettingsForm(settings_class)
        self.tick = QCheckBox(title) if is_optional else None
        column = _column(self)
        fill(column, self.tick or QLabel(title), self.form)
        self.form.setContentsMargins(theme.AROUND, 0, 0, 0)
        self.form.changed.connect(self.changed)
        if self.tick is not None:
            self.form.hide()
            self.tick.toggled.connect(self.form.setVisible)
            self.tick.toggled.connect(lambda _: self.changed.emit())

    def settings(self) -> Any:
        """What the form says, or None while the box is not ticked."""
        return self.form.settings() if self.tick is None or self.tick.isChecked() else None

    def set_settings(self, settings: Any) -> None:
        was_blocked = self.blockSignals(True)
        if self.tick is not None:
            self.tick.setChecked(settings is not None)
        if settings is not None:
            self.form.set_settings(settings)
        self.blockSignals(was_blocked)


def _focusable(widget: QWidget) -> QWidget:
    """What a title's key leads to: the list inside an editor of several widgets."""
    return widget.findChild(QComboBox) or widget


def _column(widget: QWidget) -> QVBoxLayout:
    return column_of(spacing=theme.INSIDE, parent=widget)
