"""The Preferences dialog: general choices, models and processors, and the key of every act."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QCheckBox, QComboBox, QDialog, QDialogButtonBox, QHeaderView, QKeySequenceEdit, QLineEdit,
    QPushButton, QSpinBox, QTabWidget, QTreeWidget, QTreeWidgetItem, QWidget,
)

from core import devices
from core.text import text
from core.text.language import LANGUAGES
from gui import theme
from gui.actions import Action, find_shared_keys, split_keys
from gui.palette.command_palette import group_by_menu, native_key
from gui.preferences import MAX_PROCESSORS, MAX_THUMBNAIL_MB, MIN_THUMBNAIL_MB, Preferences
from gui.theme import ThemeChoice
from gui.widgets.file_dialogs import ask_for_folder
from gui.widgets.layouts import column_of, form_of, row_of

_NAME = Qt.ItemDataRole.UserRole


class PreferencesDialog(QDialog):
    """Keeps everything when it is accepted; only the theme is shown at once, and taken back by Cancel.

    Args:
        preferences: What is changed.
        actions: Every act with the key that it has by default.
        strategies: Titles of the ways to train, by name.
    """

    def __init__(
        self, preferences: Preferences, actions: tuple[Action, ...], strategies: Mapping[str, str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(text("window.preferences_title"))
        self._preferences = preferences
        self._theme_before = theme.current().choice
        self.language = _choice({"": text("window.language_system"), **LANGUAGES}, preferences.language)
        self.theme = _choice({
            ThemeChoice.SYSTEM: text("window.theme_system"), ThemeChoice.LIGHT: text("window.theme_light"),
            ThemeChoice.DARK: text("window.theme_dark"),
        }, preferences.theme)
        self.theme.currentIndexChanged.connect(lambda _: theme.current().choose(self.theme.currentData()))
        self.folder = FolderField(preferences.default_folder)
        self.strategy = _choice({"": text("window.strategy_first"), **strategies}, preferences.strategy)
        self.asks_before_training = QCheckBox(text("window.asks_before_training"))
        self.asks_before_training.setChecked(preferences.asks_before_training)
        self.thumbnails = _number(MIN_THUMBNAIL_MB, MAX_THUMBNAIL_MB, preferences.thumbnail_mb, " MB")
        self.weights, self.cache = FolderField(preferences.weights_folder), FolderField(preferences.cache_folder)
        self.may_fetch = QCheckBox(text("window.may_fetch"))
        self.may_fetch.setChecked(preferences.may_fetch)
        self.processors = _number(0, min(os.cpu_count() or 1, MAX_PROCESSORS), preferences.processors)
        self.processors.setSpecialValueText(text("window.processors_all"))
        self.device = _choice({
            name if name != devices.AUTO else "": text(f"window.device_{name}") for name in devices.CHOICES
        }, preferences.device)
        self.keys = KeysEditor(actions, preferences.keys)
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._build()

    def accept(self) -> None:
        """Keep what was chosen, then close."""
        kept = self._preferences
        kept.language, kept.theme = self.language.currentData(), ThemeChoice(self.theme.currentData())
        kept.default_folder, kept.strategy = self.folder.folder, self.strategy.currentData()
        kept.asks_before_training = self.asks_before_training.isChecked()
        kept.thumbnail_mb, kept.processors = self.thumbnails.value(), self.processors.value()
        kept.weights_folder, kept.cache_folder = self.weights.folder, self.cache.folder
        kept.device = self.device.currentData()
        kept.may_fetch, kept.keys = self.may_fetch.isChecked(), self.keys.chosen
        kept.save()
        super().accept()

    def reject(self) -> None:
        """Take the theme back, then close."""
        theme.current().choose(self._theme_before)
        super().reject()

    def _build(self) -> None:
        tabs = QTabWidget()
        tabs.addTab(_form({
            "window.language_label": self.language, "window.theme_label": self.theme,
            "window.default_folder_label": self.folder, "window.strategy_label": self.strategy,
            "": self.asks_before_training,
        }), text("window.tab_general"))
        tabs.addTab(_form({
            "window.weights_label": self.weights, "window.cache_label": self.cache, "": self.may_fetch,
            "window.device_label": self.device, "window.processors_label": self.processors,
            "window.thumbnails_label": self.thumbnails,
        }), text("window.tab_models"))
        tabs.addTab(self.keys, text("window.tab_keys"))
        self.keys.problem_changed.connect(
            self._buttons.button(QDialogButtonBox.StandardButton.Ok).setDisabled)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        column_of((tabs, 1), self._buttons, spacing=theme.AROUND, margins=theme.AROUND, parent=self)
        self.resize(620, 480)


class FolderField(QWidget):
    """A folder that is typed or chosen; empty for none."""

    def __init__(self, folder: Path | None) -> None:
        super().__init__()
        self.field = QLineEdit(str(folder) if folder else "")
        self.field.setPlaceholderText(text("window.usual_folder"))
        button = QPushButton(text("window.choose_folder"))
        button.clicked.connect(self._on_button_clicked)
        row_of((self.field, 1), button, parent=self)
        self.setFocusProxy(self.field)

    @property
    def folder(self) -> Path | None:
        typed = self.field.text().strip()
        return Path(typed).expanduser().absolute() if typed else None

    def _on_button_clicked(self) -> None:
        chosen = ask_for_folder(self, text("window.choose_folder_title"), "folder", self.folder)
        if chosen is not None:
            self.field.setText(str(chosen))


class KeysEditor(QWidget):
    """All acts by menu with their keys; the chosen act gets the keys that are typed below.

    Args:
        actions: Every act with the key that it has by default; acts that widgets do by themselves are left out.
        chosen: Keys that were chosen, by name.

    Signals:
        problem_changed(bool): Whether two acts have one key.
    """

    problem_changed = Signal(bool)

    def __init__(self, actions: tuple[Action, ...], chosen: Mapping[str, str]) -> None:
        super().__init__()
        self._actions = {action.name: action for action in actions if action.slot is not None}
        self._fixed = {key: action for action in actions if action.slot is None for key in action.keys}
        self._keys = {name: chosen.get(name, action.key) for name, action in self._actions.items()}
        self._items: dict[str, QTreeWidgetItem] = {}
        self.tree, self.editor = QTreeWidget(), QKeySequenceEdit()
        self.problem = theme.caption_label("")
        self._build()
        self._refresh()

    @property
    def chosen(self) -> dict[str, str]:
        """The keys that are not those by default."""
        return {name: keys for name, keys in self._keys.items() if keys != self._actions[name].key}

    def set_key(self, name: str, keys: str) -> None:
        """Give an act other keys, several separated by “; ”, or none."""
        self._keys[name] = keys
        self._refresh()

    def reset(self) -> None:
        """Every act has its key by default again."""
        self._keys = {name: action.key for name, action in self._actions.items()}
        self._refresh()
        self._on_tree_current_changed()

    def _build(self) -> None:
        self.tree.setHeaderLabels([text("window.acts_column"), text("window.keys_column")])
        self.tree.setAccessibleName(text("window.tab_keys"))
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.header().setStretchLastSection(False)
        for title, group in group_by_menu(self._actions.values(), with_keys_only=False).items():
            heading = QTreeWidgetItem(self.tree, [title])
            heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
            heading.setExpanded(True)
            for action in group:
                item = self._items[action.name] = QTreeWidgetItem(heading, [action.title.replace("&&", "&")])
                item.setToolTip(0, item.text(0))
                item.setData(0, _NAME, action.name)
        self.tree.currentItemChanged.connect(lambda *_: self._on_tree_current_changed())
        self.editor.setMaximumSequenceLength(1)
        self.editor.setAccessibleName(text("window.new_key"))
        self.editor.setToolTip(text("window.new_key"))
        self.editor.editingFinished.connect(self._on_editor_finished)
        row = row_of((self.editor, 1))
        for words, act in (("window.no_key", lambda: self._set_current("")), ("window.default_key", self._on_default),
                           ("window.all_default_keys", self.reset)):
            button = QPushButton(text(words))
            button.clicked.connect(act)
            row.addWidget(button)
        self.problem.setWordWrap(True)
        column_of((self.tree, 1), row, self.problem, margins=theme.AROUND, parent=self)

    def _refresh(self) -> None:
        for name, item in self._items.items():
            item.setText(1, " / ".join(native_key(key) for key in split_keys(self._keys[name])))
        problem = self._find_problem()
        self.problem.setText(problem)
        self.problem_changed.emit(bool(problem))

    def _find_problem(self) -> str:
        now = [replace(action, key=self._keys[name]) for name, action in self._actions.items()]
        for key, (first, second, *_) in find_shared_keys([*now, *self._fixed.values()]).items():
            return text("window.key_twice", key=native_key(key), first=first.title, second=second.title)
        digit = next((a for a in now for key in a.keys if key.isdigit()), None)
        return text("window.key_is_digit", title=digit.title) if digit is not None else ""

    def _current(self) -> str:
        item = self.tree.currentItem()
        return str(item.data(0, _NAME) or "") if item is not None else ""

    def _set_current(self, keys: str) -> None:
        if name := self._current():
            self.set_key(name, keys)
            self._on_tree_current_changed()

    def _on_default(self) -> None:
        if name := self._current():
            self._set_current(self._actions[name].key)

    def _on_tree_current_changed(self) -> None:
        keys = split_keys(self._keys.get(self._current(), ""))
        self.editor.setEnabled(bool(self._current()))
        self.editor.setKeySequence(QKeySequence(keys[0] if keys else ""))

    def _on_editor_finished(self) -> None:
        typed = self.editor.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        keys = split_keys(self._keys.get(self._current(), ""))
        if typed and (not keys or typed != keys[0]):
            self._set_current(typed)


def _choice(titles: Mapping[str, str], chosen: str) -> QComboBox:
    box = QComboBox()
    for value, title in titles.items():
        box.addItem(title, str(value))
    box.setCurrentIndex(max(box.findData(str(chosen)), 0))
    return box


def _number(low: int, high: int, value: int, suffix: str = "") -> QSpinBox:
    box = QSpinBox()
    box.setRange(low, high)
    box.setSuffix(suffix)
    box.setValue(value)
    return box


def _form(fields: Mapping[str, QWidget]) -> QWidget:
    page = QWidget()
    rows = ((text(code) if code else "", field) for code, field in fields.items())
    form_of(rows, margins=theme.AROUND, parent=page)
    return page
