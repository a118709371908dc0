"""A new project from the window: the plan comes first, and whoever does not want it is left with nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.text import text
from gui.library.plan_dialog import PlanDialog
from gui.messages import Message
from gui.pages import PageContext
from gui.welcome.new_project_dialog import NewProjectDialog
from tests.conftest import write_class_folder
from tests.gui.conftest import RunnerNow


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for name in ("blue", "red"):
        write_class_folder(tmp_path / "photos" / "train" / name, name, 3)
    write_class_folder(tmp_path / "photos" / "test", "red", 2, first_seed=50)
    return tmp_path / "photos"


def ask(context: PageContext, runner: RunnerNow, folder: Path) -> PlanDialog | None:
    """As far as the plan; Enter in the first dialog does what its default button says."""
    context.window.new_asked.emit(folder)
    dialog = context.window.findChildren(NewProjectDialog)[-1]
    QTest.keyClick(dialog._test, Qt.Key.Key_Return)
    runner.run_all()
    found = context.window.findChildren(PlanDialog)
    return found[-1] if found else None


def test_the_plan_says_what_there_is_and_enter_imports(
    context: PageContext, runner_now: RunnerNow, photos: Path
) -> None:
    plan = ask(context, runner_now, photos)
    assert plan is not None and not (photos.parent / "photos.catalejo").exists()
    cells = [[plan.table.item(row, column).text() for column in range(3)] for row in range(plan.table.rowCount())]
    assert cells == [["train", "6", "blue (3), red (3)"], ["test", "2", "2 without a label"]]
    assert plan.names_classes.isVisible() and plan.names_classes.isChecked()
    QTest.keyClick(plan, Qt.Key.Key_Return)
    runner_now.run_all()
    assert context.session.counts.n_labelled == 6 and context.session.counts.by_split["test"] == 2
    assert context.window.workbench.current_page == "library"


def test_without_folder_names_as_labels_all_comes_unlabelled(
    context: PageContext, runner_now: RunnerNow, photos: Path
) -> None:
    plan = ask(context, runner_now, photos)
    assert plan is not None
    plan.names_classes.click()
    plan.import_button.click()
    runner_now.run_all()
    assert context.session.counts.n_ok == 8 and context.session.counts.n_labelled == 0
    assert context.session.classes == ()


def test_whoever_cancels_is_left_with_nothing(context: PageContext, runner_now: RunnerNow, photos: Path) -> None:
    before = sorted(photos.parent.iterdir())
    plan = ask(context, runner_now, photos)
    assert plan is not None
    QTest.keyClick(plan, Qt.Key.Key_Escape)
    runner_now.run_all()
    assert sorted(photos.parent.iterdir()) == before and not context.session.is_open


def test_an_empty_folder_makes_no_project(
    context: PageContext, runner_now: RunnerNow, tmp_path: Path, messages: list[Message]
) -> None:
    (tmp_path / "empty").mkdir()
    assert ask(context, runner_now, tmp_path / "empty") is None
    assert "empty" in messages[-1].sentence and not (tmp_path / "empty.catalejo").exists()
    assert not context.session.is_open


def test_the_same_folder_is_read_once_and_of_two_one_plan_comes_after_the_other(
    context: PageContext, runner_now: RunnerNow, photos: Path, messages: list[Message], qtbot: QtBot
) -> None:
    write_class_folder(photos.parent / "others" / "red", "red", 2)
    for folder in (photos, photos, photos.parent / "others"):
        context.window.new_asked.emit(folder)
        dialog = context.window.findChildren(NewProjectDialog)[-1]
        QTest.keyClick(dialog._test, Qt.Key.Key_Return)
    assert [m.sentence for m in messages] == [text("window.already_under_way", title="Reading the folder photos")]
    runner_now.run_all()
    first, second = context.window.findChildren(PlanDialog)
    assert first.isVisible() and not second.isVisible()
    first.reject()
    qtbot.waitUntil(second.isVisible)
    second.reject()


def cancel_all(context: PageContext) -> None:
    jobs = [job for job in (context.runner.current, *context.runner.waiting) if job is not None]
    for job in reversed(jobs):
        job.cancel()


def test_whoever_cancels_the_import_is_left_with_nothing(
    context: PageContext, runner_now: RunnerNow, photos: Path, messages: list[Message]
) -> None:
    plan = ask(context, runner_now, photos)
    assert plan is not None
    plan.import_button.click()
    folder = context.session.project.folder
    assert folder.is_dir() and context.preferences.recent_projects()
    cancel_all(context)
    runner_now.run_all()
    assert not folder.exists() and not context.session.is_open and str(folder) in messages[-1].sentence
    assert folder not in [one.folder for one in context.preferences.recent_projects()]


def test_what_came_in_before_a_cancel_stays(context: PageContext, runner_now: RunnerNow, photos: Path) -> None:
    plan = ask(context, runner_now, photos)
    assert plan is not None
    plan.import_button.click()
    context.runner.waiting[0].cancel()
    runner_now.run_all()
    assert context.session.is_open and context.session.counts.by_split == {"train": 6}


def test_foreign_files_and_labels_outlive_a_cancelled_import(
    context: PageContext, runner_now: RunnerNow, photos: Path, messages: list[Message]
) -> None:
    plan = ask(context, runner_now, photos)
    assert plan is not None
    plan.import_button.click()
    folder = context.session.project.folder
    context.session.add_class("cat")  # while it runs
    cancel_all(context)
    runner_now.run_all()
    assert context.session.is_open and context.session.classes[0].name == "cat"
    context.session.close()
    plan = ask(context, runner_now, photos)
    assert plan is not None
    plan.import_button.click()
    other = context.session.project.folder
    assert other != folder
    (other / "notes.txt").write_text("years of work")
    cancel_all(context)
    runner_now.run_all()
    assert not context.session.is_open and [path.name for path in other.iterdir()] == ["notes.txt"]
    assert "other files" in messages[-1].sentence
