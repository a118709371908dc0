"""A damaged project comes back from the window, and a sound one goes back to an earlier state."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.project.backup_files import find_backups
from core.project.backups import keep_backup
from core.project.catalog import CATALOG_NAME
from core.project.project import Project
from core.project.queries import image_ids
from gui import restoring
from gui.cancelling import kept_if_cancelled
from gui.furnish import furnish
from gui.main_window import MainWindow
from gui.messages import Message
from gui.pages import PageContext
from gui.preferences import Preferences
from gui.restoring import RestoreDialog
from tests.gui.conftest import RunnerNow
from tests.project_acts import import_folder


@pytest.fixture
def context(preferences: Preferences, runner_now: RunnerNow, qtbot: QtBot) -> Iterator[PageContext]:
    window = MainWindow(preferences, runner_now)
    qtbot.addWidget(window)
    context = furnish(window, runner_now, preferences)
    window.show()
    yield context
    window.close()


@pytest.fixture
def folder(tmp_path: Path, image_folder: Path) -> Path:
    """A project with a backup of 20 labelled images."""
    project = Project.create(tmp_path / "drawn.catalejo")
    import_folder(project, image_folder)
    keep_backup(project.folder)
    project.close()
    return project.folder


def dialog_of(context: PageContext) -> RestoreDialog:
    found = context.window.findChild(RestoreDialog)
    assert found is not None
    return found


def test_opening_a_damaged_project_offers_what_a_backup_brings_back(
    context: PageContext, folder: Path, messages: list[Message]
) -> None:
    data = (folder / CATALOG_NAME).read_bytes()
    (folder / CATALOG_NAME).write_bytes(data[:4096] + os.urandom(len(data) - 4096))
    context.window.open_asked.emit(folder)
    dialog = dialog_of(context)
    cells = [dialog.table.item(0, column).text() for column in range(1, 4)]
    assert cells == ["20", "20", "0"] and not context.session.is_open
    assert dialog.restore.isDefault()
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert context.session.is_open and context.session.counts.n_labelled == 20
    assert "20 images" in messages[-1].sentence and "backups" in messages[-1].hint


def test_without_a_backup_the_damage_is_said(
    context: PageContext, folder: Path, messages: list[Message]
) -> None:
    for backup in find_backups(folder):
        backup.path.unlink()
    (folder / CATALOG_NAME).write_bytes(os.urandom(20_000))
    context.window.open_asked.emit(folder)
    assert context.window.findChild(RestoreDialog) is None and messages[-1].sentence


def test_an_open_project_goes_back_to_a_backup(context: PageContext, folder: Path) -> None:
    context.window.open_asked.emit(folder)
    context.session.label([1, 2, 3], None)
    assert context.session.counts.n_labelled == 17
    context.window.actions_table.do("file.restore")
    dialog_of(context).reject()
    assert context.session.counts.n_labelled == 17, "looking changes nothing"
    context.window.actions_table.do("file.restore")
    dialog = context.window.findChildren(RestoreDialog)[-1]
    assert dialog.table.rowCount() == 1
    dialog.accept()
    assert context.session.is_open and context.session.counts.n_labelled == 20


def test_a_backup_is_made_when_it_is_asked_for(
    context: PageContext, folder: Path, messages: list[Message]
) -> None:
    assert not next(a for a in context.window.actions_table.all() if a.name == "file.back_up").can_be_done
    context.window.open_asked.emit(folder)
    n = len(find_backups(folder))
    context.window.actions_table.do("file.back_up")
    assert len(find_backups(folder)) == n + 1 and str(find_backups(folder)[0].path) in messages[-1].sentence


def test_a_copy_of_the_project_is_saved_beside_it_and_a_refused_one_says_why(
    context: PageContext, runner_now: RunnerNow, folder: Path, messages: list[Message],
    monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "ask_for_folder", lambda *_: folder.parent)
    context.window.open_asked.emit(folder)
    (folder / "notes.txt").write_text("mine")
    context.window.actions_table.do("file.save_copy")
    runner_now.run_all()
    copy = folder.with_name("drawn 2.catalejo")
    assert str(copy) in messages[-1].sentence and "notes.txt" in messages[-1].sentence
    with Project.open(copy) as copied:
        assert len(image_ids(copied)) == 20
    assert context.session.project.folder == folder
    monkeypatch.setattr(restoring, "ask_for_folder", lambda *_: folder)
    context.window.actions_table.do("file.save_copy")
    assert "into itself" in messages[-1].sentence and not runner_now.is_busy
    monkeypatch.setattr(restoring, "ask_for_folder", lambda *_: folder.parent)
    context.window.actions_table.do("file.save_copy")
    job = runner_now.current
    assert job is not None and "copy" in kept_if_cancelled(job)
    job.cancel()
    runner_now.run_all()
    assert not folder.with_name("drawn 3.catalejo").exists()
