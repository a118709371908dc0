"""Preferences: chosen in the dialog, kept, in force at once, and taken back by Cancel."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from core.processors import keep_to_allowed, n_processors
from core.text.language import language
from core.training.registry import STRATEGIES
from gui import preferences as preferences_module
from gui import theme
from gui.colors import DARK, LIGHT
from gui.furnish import furnish
from gui.language import speak
from gui.main_window import MainWindow
from gui.pages import PageContext
from gui.preferences import Preferences, set_environment
from gui.preferences_dialog import PreferencesDialog
from gui.theme import ThemeChoice
from tests.gui.conftest import RunnerNow


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in preferences_module._given:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(preferences_module, "_given", dict.fromkeys(preferences_module._given))


@pytest.fixture
def context(
    qtbot: QtBot, preferences: Preferences, runner_now: RunnerNow, clean_environment: None
) -> Iterator[PageContext]:
    window = MainWindow(preferences, runner_now)
    context = furnish(window, runner_now, preferences)
    window.show()
    yield context
    speak("en")
    window.close()
    window.deleteLater()


def open_dialog(context: PageContext) -> PreferencesDialog:
    context.window.actions_table.do("edit.preferences")
    return context.window.findChildren(PreferencesDialog)[-1]


def test_what_is_chosen_is_kept_and_holds_at_once(context: PageContext, tmp_path: Path) -> None:
    dialog = open_dialog(context)
    dialog.language.setCurrentIndex(dialog.language.findData("es"))
    dialog.theme.setCurrentIndex(dialog.theme.findData("dark"))
    last = list(STRATEGIES)[-1]
    dialog.strategy.setCurrentIndex(dialog.strategy.findData(last))
    dialog.thumbnails.setValue(64)
    dialog.processors.setValue(1)
    dialog.may_fetch.setChecked(False)
    dialog.folder.field.setText(str(tmp_path))
    dialog.weights.field.setText(str(tmp_path / "weights"))
    dialog.accept()
    kept = context.preferences
    assert (kept.language, kept.theme, kept.strategy) == ("es", ThemeChoice.DARK, last)
    assert (kept.thumbnail_mb, kept.processors, kept.may_fetch) == (64, 1, False)
    assert kept.default_folder == tmp_path and kept.cache_folder is None
    assert language() == "es" and theme.current().colors is DARK
    assert context.thumbnails._max_bytes == 64 * 1024 * 1024
    assert os.environ["KERAS_HOME"] == str(tmp_path / "weights") and n_processors() == 1
    context.session.project_changed.emit()
    assert context.plan.strategy == last


def test_cancel_takes_the_theme_back_and_keeps_nothing(context: PageContext) -> None:
    dialog = open_dialog(context)
    dialog.theme.setCurrentIndex(dialog.theme.findData("dark"))
    assert theme.current().colors is DARK
    dialog.thumbnails.setValue(64)
    dialog.reject()
    assert theme.current().colors is LIGHT and context.preferences.theme is ThemeChoice.SYSTEM
    assert context.preferences.thumbnail_mb == preferences_module.THUMBNAIL_MB


def test_the_key_of_an_act_can_be_changed_and_a_conflict_is_said(context: PageContext) -> None:
    dialog = open_dialog(context)
    ok = dialog._buttons.button(QDialogButtonBox.StandardButton.Ok)
    dialog.keys.set_key("file.quit", "Ctrl+O")
    assert not ok.isEnabled() and "Quit" in dialog.keys.problem.text()
    dialog.keys.set_key("file.quit", "7")
    assert not ok.isEnabled()
    dialog.keys.set_key("file.quit", "Ctrl+Alt+Q")
    assert ok.isEnabled() and dialog.keys.chosen == {"file.quit": "Ctrl+Alt+Q"}
    dialog.accept()
    shortcuts = [k.toString() for k in context.window.actions_table.qt_action("file.quit").shortcuts()]
    assert shortcuts == ["Ctrl+Alt+Q"]
    again = open_dialog(context)
    again.keys.reset()
    again.accept()
    shortcuts = [k.toString() for k in context.window.actions_table.qt_action("file.quit").shortcuts()]
    assert shortcuts == ["Ctrl+Q"] and context.preferences.keys == {}


@pytest.mark.parametrize(("key", "written"), [
    ("window/language", "xx"), ("window/theme", "pink"), ("projects/folder", "/no\0where"),
    ("projects/folder", "here"),
    ("window/thumbnail_mb", "-3"), ("window/thumbnail_mb", "x"), ("models/may_fetch", "maybe"),
    ("engine/processors", "1e9"), ("window/keys", "{"), ("window/keys", "[1]"), ("window/keys", '{"a": 3}'),
])
def test_a_damaged_entry_costs_the_memory_only(preferences: Preferences, key: str, written: str) -> None:
    preferences.keep_text(key, written)
    name = next(n for n, p in vars(Preferences).items() if getattr(p, "key", "") == key)
    assert getattr(preferences, name) == getattr(Preferences, name).default


def test_damaged_keys_never_stop_the_window(
    qtbot: QtBot, preferences: Preferences, runner_now: RunnerNow, clean_environment: None
) -> None:
    preferences.keys = {"file.quit": "Ctrl+O", "file.new": "Ctrl+O", "nothing": "Ctrl+P"}
    window = MainWindow(preferences, runner_now)
    furnish(window, runner_now, preferences)
    keys = [key for action in window.actions_table.all() for key in action.keys]
    assert len(keys) == len(set(keys)) and keys.count("Ctrl+O") == 1
    window.close()
    window.deleteLater()


def test_the_environment_of_the_start_wins(
    preferences: Preferences, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KERAS_HOME", "/given")
    monkeypatch.setattr(preferences_module, "_given", {**preferences_module._given, "KERAS_HOME": "/given"})
    preferences.weights_folder = tmp_path
    set_environment(preferences)
    assert os.environ["KERAS_HOME"] == "/given"


def test_the_engine_keeps_to_the_allowed_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("this system cannot bind a process to processors")
    bound: list[int] = []
    monkeypatch.setattr(os, "sched_setaffinity", lambda pid, chosen: bound.extend(chosen))
    monkeypatch.setattr(os, "environ", {"CATALEJO_PROCESSORS": "1"})
    keep_to_allowed()
    assert len(bound) == 1 and os.environ["OMP_NUM_THREADS"] == "1"
