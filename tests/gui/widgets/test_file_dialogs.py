"""Dialogs for files begin in Pictures, then where the last one of their purpose ended."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from gui.preferences import Preferences
from gui.widgets import file_dialogs


@pytest.fixture
def parent(qtbot: QtBot, preferences: Preferences, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> QWidget:
    """Pictures are in `tmp_path / "Pictures"`."""
    (tmp_path / "Pictures").mkdir()
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _: str(tmp_path / "Pictures"))
    monkeypatch.setattr(file_dialogs, "_memory", [])
    file_dialogs.remember_in(preferences)
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def test_the_first_begins_in_pictures_and_the_next_where_it_ended(
    parent: QWidget, preferences: Preferences, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    began: list[str] = []
    chosen = tmp_path / "deep" / "flowers"
    chosen.mkdir(parents=True)

    def choose(_: object, title: str, start: str) -> str:
        began.append(start)
        return str(chosen)

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", choose)
    assert file_dialogs.ask_for_folder(parent, "t", "images") == chosen
    file_dialogs.ask_for_folder(parent, "t", "images")
    file_dialogs.ask_for_folder(parent, "t", "project")
    assert began == [str(tmp_path / "Pictures"), str(chosen.parent), str(tmp_path / "Pictures")]
    preferences.save()
    file_dialogs.remember_in(Preferences(tmp_path / "preferences"))
    assert file_dialogs.first_folder("images") == chosen.parent, "also after a new start"
    chosen.rmdir()
    chosen.parent.rmdir()
    assert file_dialogs.first_folder("images") == tmp_path / "Pictures", "a folder that is gone is no place to begin"


def test_a_file_is_proposed_beside_the_project_and_then_where_the_last_one_went(
    parent: QWidget, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    began: list[str] = []

    def choose(_: object, title: str, start: str, kinds: str) -> tuple[str, str]:
        began.append(start)
        return str(tmp_path / "Pictures" / "out.csv"), kinds

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    for name in ("a.csv", "b.csv"):
        file_dialogs.ask_where_to_save(parent, "t", "output", tmp_path / name)
    assert began == [str(tmp_path / "a.csv"), str(tmp_path / "Pictures" / "b.csv")]
