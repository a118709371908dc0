"""A damaged project comes back from the window, and a sound one goes back to an earlier state."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.project.backup_files import find_backups
from core.project.backups import keep_backup, list_contents
from core.project.catalog import CATALOG_NAME
from core.project.lock import ProjectLock
from core.project.project import Project
from core.text import text
from gui.messages import Message
from gui.pages import PageContext
from gui.restoring import RestoreDialog, Restoring
from tests.gui.conftest import RunnerNow
from tests.project_acts import import_folder


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


def damage(folder: Path) -> None:
    data = (folder / CATALOG_NAME).read_bytes()
    (folder / CATALOG_NAME).write_bytes(data[:4096] + os.urandom(len(data) - 4096))


def ask(context: PageContext, runner: RunnerNow) -> RestoreDialog:
    context.window.actions_table.do("file.restore")
    runner.run_all()
    return context.window.findChildren(RestoreDialog)[-1]


def test_opening_a_damaged_project_offers_what_a_backup_brings_back(
    context: PageContext, runner_now: RunnerNow, folder: Path, messages: list[Message]
) -> None:
    damage(folder)
    context.window.open_asked.emit(folder)
    runner_now.run_all()
    dialog = dialog_of(context)
    cells = [dialog.table.item(0, column).text() for column in range(1, 4)]
    assert cells == ["20", "20", "0"] and not context.session.is_open
    assert dialog.restore.isDefault()
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    runner_now.run_all()
    assert context.session.is_open and context.session.counts.n_labelled == 20
    assert "20 images" in messages[-1].sentence and "backups" in messages[-1].hint
    assert context.window.message_bar.messages == (messages[-1],)


@pytest.mark.parametrize("is_there", [False, True])
def test_without_a_sound_backup_the_damage_is_said(
    context: PageContext, runner_now: RunnerNow, folder: Path, messages: list[Message], is_there: bool
) -> None:
    for backup in find_backups(folder):
        backup.path.write_bytes(os.urandom(20_000)) if is_there else backup.path.unlink()
    (folder / CATALOG_NAME).write_bytes(os.urandom(20_000))
    context.window.open_asked.emit(folder)
    runner_now.run_all()
    assert context.window.findChild(RestoreDialog) is None and messages[-1].sentence


def test_an_open_project_goes_back_to_a_backup(context: PageContext, runner_now: RunnerNow, folder: Path) -> None:
    context.window.open_asked.emit(folder)
    context.session.label([1, 2, 3], None)
    assert context.session.counts.n_labelled == 17
    ask(context, runner_now).reject()
    assert context.session.counts.n_labelled == 17, "looking changes nothing"
    dialog = ask(context, runner_now)
    assert dialog.table.rowCount() == 1
    dialog.accept()
    runner_now.run_all()
    assert context.session.is_open and context.session.counts.n_labelled == 20


@pytest.mark.parametrize("is_read_only", [False, True])
@pytest.mark.parametrize("is_cancelled", [False, True])
def test_a_project_that_was_not_restored_is_open_as_it_was(
    context: PageContext, runner_now: RunnerNow, folder: Path, is_read_only: bool, is_cancelled: bool
) -> None:
    session = context.session
    session.adopt(Project.open(folder, read_only=is_read_only))
    project, [content] = session.project, list_contents(folder)
    context.window.go_to("runs")
    if not is_cancelled:
        content.backup.path.unlink()
    job = Restoring(context).restore(folder, content)
    if is_cancelled:
        job.cancel()
    runner_now.run_all()
    assert session.is_open and session.project.is_read_only == is_read_only and session.counts.n_labelled == 20
    assert (session.project is project) == is_read_only, "what needs no lock is not closed"
    assert len(context.window.message_bar.messages) == 1 and context.window.has_project


def test_a_project_of_another_program_cannot_be_restored_under_it(
    context: PageContext, runner_now: RunnerNow, folder: Path, messages: list[Message]
) -> None:
    lock = ProjectLock(folder, program="test")
    context.session.adopt(Project.open(folder, read_only=True))
    Restoring(context).restore(folder, list_contents(folder)[0])
    runner_now.run_all()
    assert context.session.is_open and str(folder) in messages[-1].sentence
    lock.release()


def test_a_backup_is_made_when_it_is_asked_for(
    context: PageContext, runner_now: RunnerNow, folder: Path, messages: list[Message]
) -> None:
    def back_up() -> None:
        context.window.actions_table.do("file.back_up")

    assert not next(a for a in context.window.actions_table.all() if a.name == "file.back_up").can_be_done
    context.window.open_asked.emit(folder)
    n = len(find_backups(folder))
    back_up()
    assert len(find_backups(folder)) == n, "it is done by a job"
    back_up()
    assert text("window.job_backing_up", name="drawn") in messages[-1].sentence, "it is under way"
    runner_now.run_all()
    assert len(find_backups(folder)) == n + 1 and str(find_backups(folder)[0].path) in messages[-1].sentence
    back_up()
    assert runner_now.current is not None
    runner_now.current.cancel()
    runner_now.run_all()
    assert messages[-1].sentence == text("window.copy_not_kept", name="drawn")
