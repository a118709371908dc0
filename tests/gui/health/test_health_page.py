"""The Health page on a drawn project: checked when looked at, findings dealt with by keys, everything undone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from core.errors import StorageError
from core.project.decisions import LABEL, list_decisions
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.rows import image_row
from core.text import text
from gui.health import page as page_module
from gui.health import watch
from gui.health.health_page import HealthPage
from gui.health.trash_dialog import TrashDialog
from gui.edit_actions import edit_actions
from gui.messages import Message
from gui.pages import PageContext
from gui.preferences import Preferences
from tests.conftest import draw_picture
from tests.gui.conftest import RunnerNow, window_of_one_page
from tests.gui.health.conftest import GiveEmbeddings, draw_reds_and_blues
from tests.project_acts import import_folder


@pytest.fixture
def project_folder(tmp_path: Path, give_embeddings: GiveEmbeddings) -> Path:
    """Small reds, large blues, twelve each; one red among the blues, and a copy of a blue one."""
    train = tmp_path / "train"
    draw_reds_and_blues(train)
    shutil.copy(train / "blue" / "blue_3.png", train / "blue" / "copy.png")
    with Project.create(tmp_path / "drawn.catalejo") as project:
        import_folder(project, train)
        give_embeddings(project)
    return tmp_path / "drawn.catalejo"


@pytest.fixture
def context(
    qtbot: QtBot, preferences: Preferences, runner_now: RunnerNow, project_folder: Path
) -> Iterator[PageContext]:
    with window_of_one_page(page_module, project_folder, preferences, runner_now, qtbot) as context:
        yield context


@pytest.fixture
def page(context: PageContext, runner_now: RunnerNow) -> HealthPage:
    """Looked at, and checked."""
    found = context.window.workbench.go_to("health")
    assert isinstance(found, HealthPage)
    assert found.watch.is_checking and found.state.text == text("window_health.checking")
    runner_now.run_all()
    return found


def test_the_order_button_says_that_the_worst_come_first(page: HealthPage) -> None:
    bar = page.browser.bar
    assert bar._order_button.text() == text("window_health.worst_first") and not bar._direction.isEnabled()
    bar.order_asked.emit("bytes", True)
    assert bar._order_button.text() == "File size" and bar._direction.isEnabled()


def test_the_gravest_finding_is_shown_with_its_pictures(page: HealthPage, context: PageContext) -> None:
    keys = [finding.key for finding in page.list.findings]
    assert keys[0] == "shortcut:file:all_metadata" and {"duplicates", "label errors"} <= set(keys)
    assert page.panel.figure.text().endswith("%") and "Counter-test" in page.panel.details.text()
    finding = page.finding
    assert finding is not None and page.browser.model.ids.tolist() == list(finding.image_ids)
    assert text("window_health.checked", n=26) in page.state.text


def test_images_that_a_check_had_to_skip_are_named_in_one_line(
    page: HealthPage, project_folder: Path, runner_now: RunnerNow
) -> None:
    assert not page.skipped.isVisible()
    (project_folder.parent / "train" / "blue" / "blue_7.png").unlink()
    page.watch.check()
    runner_now.run_all()
    assert page.skipped.isVisible()
    assert page.skipped.text == text("checks.images_skipped", n=1, names=["blue/blue_7.png"])


def test_a_suggestion_is_taken_by_enter_and_undone(page: HealthPage, context: PageContext, qtbot: QtBot) -> None:
    page.list.choose("label errors")
    stray = int(page.browser.model.ids[0])
    session = context.session
    blue = image_row(session.project, stray).class_id
    assert text("checks.label_issue", label="blue", suggested="red") in page.panel.note.text()
    assert "labelled “red”" in page.panel.note.text()
    tile = page.browser.model.tile(0)
    assert tile.label == "blue" and tile.differing_prediction == "red"
    page.take_keyboard()
    qtbot.keyClick(page.browser.grid, Qt.Key.Key_Return)
    red = next(c.id for c in session.classes if c.name == "red")
    assert image_row(session.project, stray).class_id == red
    assert all(stray not in f.image_ids for f in page.list.findings if f.key == "label errors")
    assert page.watch.is_stale
    session.undo()
    assert image_row(session.project, stray).class_id == blue and page.watch.find("label errors") is not None


def test_a_sure_label_is_never_shown_again(page: HealthPage, context: PageContext) -> None:
    page.list.choose("label errors")
    stray = int(page.browser.model.ids[0])
    context.window.actions_table.do("health.keep")
    assert len(list_decisions(context.session.project, LABEL)) == 1
    assert all(stray not in f.image_ids for f in page.list.findings if f.key == "label errors")
    context.session.undo()
    page.list.choose("label errors")
    assert stray in page.browser.model.ids


def test_a_finding_is_accepted_with_a_reason(
    page: HealthPage, monkeypatch: pytest.MonkeyPatch, context: PageContext
) -> None:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("drawn on purpose", True))
    page.panel.buttons["acknowledge"].click()
    last = page.list.findings[-1]
    assert (last.key, last.reason) == ("shortcut:file:all_metadata", "drawn on purpose")
    page.list.choose(last.key)
    assert "drawn on purpose" in page.panel.details.text()
    page.panel.buttons["count"].click()
    assert page.list.findings[0].reason is None


@pytest.fixture
def own_trash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from tests.trash_acts import trash_as_specified

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(
        "core.workflow.system_trash.send2trash", lambda path: trash_as_specified(tmp_path, Path(path)))


def ask_for_trash(page: HealthPage, context: PageContext) -> TrashDialog:
    page.list.choose("duplicates")
    page.panel.buttons["trash"].click()
    return next(iter(context.window.findChildren(TrashDialog)))


def test_copies_go_after_asking_and_come_back(
    page: HealthPage, context: PageContext, own_trash: None, tmp_path: Path
) -> None:
    dialog = ask_for_trash(page, context)
    assert dialog.list.topLevelItemCount() == 1 and not dialog.with_test.isVisible()
    copy = tmp_path / "train" / "blue" / "copy.png"
    other = tmp_path / "train" / "blue" / "blue_3.png"
    assert copy.exists() and other.exists(), "nothing happens by asking"
    dialog.move_button.click()
    assert [copy.exists(), other.exists()].count(True) == 1
    assert len(image_ids(context.session.project, ImageFilter())) == 25
    assert page.back_button.isVisible()
    page.back_button.click()
    assert copy.exists() and other.exists() and not page.back_button.isVisible()
    assert len(image_ids(context.session.project, ImageFilter())) == 26


def test_undo_brings_files_back_and_does_not_reach_the_import(
    page: HealthPage, context: PageContext, own_trash: None, messages: list[Message]
) -> None:
    window, session = context.window, context.session
    window.add_actions(edit_actions(context))
    ask_for_trash(page, context).move_button.click()
    undo = next(a for a in window.actions_table.all() if a.name == "edit.undo")
    assert undo.shown_title == "Undo: move 1 duplicate to the trash"
    window.actions_table.do("edit.undo")
    assert messages[-1].sentence == "Undone: Move 1 duplicate to the trash."
    assert len(image_ids(session.project, ImageFilter())) == 26 and session.counts.n_labelled == 26
    assert not page.back_button.isVisible()
    window.actions_table.do("edit.undo")
    box = window.findChild(QMessageBox, "undoQuestion")
    assert box is not None and "26 labels, 2 classes" in box.text()
    assert session.counts.n_labelled == 26, "nothing happens by asking"
    box.reject()
    assert session.counts.n_labelled == 26
    window.actions_table.do("edit.redo")
    assert len(image_ids(session.project, ImageFilter())) == 25


def test_what_cannot_be_put_back_is_named_and_asked_about(
    page: HealthPage, context: PageContext, own_trash: None, messages: list[Message], tmp_path: Path
) -> None:
    window, session = context.window, context.session
    window.add_actions(edit_actions(context))
    ask_for_trash(page, context).move_button.click()
    shutil.rmtree(tmp_path / "data")
    window.actions_table.do("edit.undo")
    assert messages[-1].sentence == "1 of 1 file could not be moved."
    assert "no longer in the trash" in messages[-1].hint
    assert session.counts.n_labelled == 25
    window.actions_table.do("edit.undo")
    box = window.findChild(QMessageBox, "undoQuestion")
    assert box is not None and box.text() == text("trash.leave_in_trash", n=1)
    next(b for b in box.buttons() if b.objectName() == "undo").click()
    assert "Label by the folders" in str(session.undo_title) and session.counts.n_labelled == 25


def test_duplicates_among_test_images_go_on_request_only(
    page: HealthPage, context: PageContext, own_trash: None, runner_now: RunnerNow, tmp_path: Path
) -> None:
    (tmp_path / "test").mkdir()
    for name in ("a.png", "b.png", "c.png"):
        draw_picture(7, "green").save(tmp_path / "test" / name)
    import_folder(context.session.project, tmp_path / "test", split="test", with_labels=False)
    context.session.images_were_changed()
    page.watch.check()
    runner_now.run_all()
    dialog = ask_for_trash(page, context)
    assert not dialog.with_test.isChecked() and dialog.move_button.text() == text("trash.move", n=1)
    assert dialog.with_test.text() == text("trash.with_test_images", n=2)
    dialog.with_test.click()
    assert dialog.list.topLevelItemCount() == 3 and dialog.move_button.text() == text("trash.move", n=3)
    dialog.with_test.click()
    dialog.move_button.click()
    assert len(list((tmp_path / "test").iterdir())) == 3


def test_a_training_goes_first(page: HealthPage, context: PageContext, runner_now: RunnerNow) -> None:
    from core.training.strategies.transfer import TransferSettings
    page.watch.check()
    check = page.watch.job
    assert check is not None
    context.jobs.train("transfer", TransferSettings())
    assert page.watch.job is None and check not in runner_now.waiting
    page.watch.check()
    assert not page.watch.is_checking, "only once the training is over"
    runner_now.run_all()
    page.watch.read()
    assert page.watch.is_stale, "the run knows more"


def test_what_is_kept_is_read_again(page: HealthPage, context: PageContext, project_folder: Path) -> None:
    keys = [finding.key for finding in page.list.findings]
    context.session.close()
    assert page.watch.findings == ()
    context.session.open(project_folder)
    page.watch.read()
    assert [finding.key for finding in page.list.findings] == keys and not page.watch.is_stale


def test_no_pictures_say_so(context: PageContext, tmp_path: Path) -> None:
    context.session.adopt(Project.create(tmp_path / "empty"))
    found = context.window.workbench.go_to("health")
    assert isinstance(found, HealthPage) and not found.watch.is_checking
    assert found.browser.model.ids.tolist() == np.empty(0).tolist()


def test_in_a_larger_project_what_is_known_is_read_in_a_thread(
    page: HealthPage, context: PageContext, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(watch, "AT_ONCE", 0)
    known, folder = page.watch.findings, context.session.project.folder
    context.session.close()
    assert page.watch.findings == ()
    context.session.open(folder)
    assert page.watch.result is None, "not yet"
    page.watch.want()
    qtbot.waitUntil(lambda: page.watch.result is not None, timeout=20_000)
    assert page.watch.findings == known and not page.watch.is_stale and not page.watch.is_checking
    context.session.label(image_ids(context.session.project, ImageFilter())[:3], None)
    started: list[str] = []
    context.runner.job_started.connect(lambda job: started.append(job.task))
    page.watch.want()
    qtbot.waitUntil(lambda: started == ["check-health"], timeout=20_000)
    page.watch._query.end()


def test_findings_that_cannot_be_kept_are_shown_all_the_same(
    page: HealthPage, runner_now: RunnerNow, monkeypatch: pytest.MonkeyPatch, messages: list[Message]
) -> None:
    def fail(*_: object) -> None:
        raise StorageError("The disk is full.", "Free some space.")

    known = page.watch.findings
    monkeypatch.setattr(watch, "keep_health", fail)
    page.watch.check()
    runner_now.run_all()
    assert page.watch.findings == known and [m.sentence for m in messages] == ["The disk is full."]


def test_a_right_click_on_a_finding_offers_what_can_be_done_about_it(
    page: HealthPage, context: PageContext, qtbot: QtBot
) -> None:
    row = [finding.key for finding in page.list.findings].index("duplicates")
    page.list.choose("duplicates")
    page.list.customContextMenuRequested.emit(page.list.visualItemRect(page.list.item(row)).center())
    menu = page.list.findChild(QMenu)
    assert menu is not None
    names = [action.objectName() for action in menu.actions() if not action.isSeparator()]
    offered = [f"health.{remedy.name}" for remedy in page.remedies.offered(page.list.findings[row])]
    assert names == [*offered, "health.check", "health.put_back"] and "health.trash" in names
    trash = next(action for action in menu.actions() if action.objectName() == "health.trash")
    menu.close()
    trash.trigger()
    dialog = context.window.findChild(TrashDialog)
    assert dialog is not None
    dialog.reject()
    context.window.workbench.go_to("other")
    assert not next(a for a in context.window.actions_table.all() if a.name == "health.trash").can_be_done
