"""A form made from the declaration of a settings dataclass; forms nest as the dataclasses do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, fields, replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QToolButton, QVBoxLayout, QWidget

from core.settings import SettingInfo, describe, nested_settings, owner_of, setting_title
from core.text import render, text
from gui import theme
from gui.train.setting_editors import CalmWheel, Editor, TickEditor, build_editor
from gui.widgets.labels import wrapped_caption
from gui.widgets.layouts import column_of, fill

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
    column = column_of(spacing=theme.INSIDE, parent=widget)
    return column
