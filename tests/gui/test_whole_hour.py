"""A whole hour of a user in the real window with the real engine, in English and in Spanish.

`python3 -m tests --screen` runs the same on an X server with a window manager.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QMessageBox
from pytestqt.qtbot import QtBot

from core.project.catalog import CATALOG_NAME
from core.text.language import set_language
from core.training.strategies.scratch import ScratchSettings
from core.worker import EngineProcess
from gui.furnish import furnish
from gui.health.health_page import HealthPage
from gui.health.trash_dialog import TrashDialog
from gui.jobs import JobRunner
from gui.library.plan_dialog import PlanDialog
from gui.main_window import MainWindow
from gui.messages import Message
from gui.pages import PageContext
from gui.preferences import Preferences
from gui.restoring import RestoreDialog
from gui.review.review_page import ReviewPage
from gui.runs.runs_page import RunsPage
from gui.submit.submission_dialog import SubmissionDialog
from gui.train.train_page import TrainPage
from gui.welcome.new_project_dialog import NewProjectDialog
from gui.widgets.browser import ImageBrowser
from gui.widgets.visible_browser import visible_browser
from tests.conftest import draw_picture, write_class_folder

LONG_MS = 120_000
N_RED, N_LOOSE, N_TEST = 16, 14, 6
Dialog = TypeVar("Dialog", bound=QDialog)


class Hour:
    """One window after the other on the same preferences, and what a hand does in it."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot, self.folder = qtbot, folder
        self.context = self.open_window()

    def open_window(self) -> PageContext:
        preferences = Preferences(self.folder / "preferences")
        runner = JobRunner(EngineProcess())
        window = MainWindow(preferences, runner)
        self.context = furnish(window, runner, preferences)
        window.resize(1280, 800)
        window.show()
        return self.context

    def close_window(self) -> None:
        window = self.context.window
        with self.qtbot.waitSignal(window.closed):
            window.close()
        window.deleteLater()

    @property
    def browser(self) -> ImageBrowser:
        found = visible_browser(self.context.window)
        assert found is not None
        return found

    def do(self, name: str) -> None:
        action = next(a for a in self.context.window.actions_table.all() if a.name == name)
        assert action.can_be_done, name
        self.context.window.actions_table.do(name)

    def dialog(self, kind: type[Dialog]) -> Dialog:
        """The open dialog of a kind, as soon as there is one."""
        self.qtbot.waitUntil(lambda: bool(self._dialogs(kind)), timeout=LONG_MS)
        return self._dialogs(kind)[-1]

    def _dialogs(self, kind: type[Dialog]) -> list[Dialog]:
        return [dialog for dialog in self.context.window.findChildren(kind) if dialog.isVisible()]

    def train(self) -> None:
        with self.qtbot.waitSignal(self.context.jobs.trained, timeout=LONG_MS):
            self.do("train.start")

    def class_id(self, name: str) -> int:
        return next(c.id for c in self.context.session.classes if c.name == name)

    def key_of(self, name: str) -> str:
        key = next(c.key for c in self.context.session.classes if c.name == name)
        assert key is not None
        return key


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Training images, red ones in a folder and others loose, among them a copy; and test images without labels."""
    root = tmp_path / "pictures"
    write_class_folder(root / "train" / "red", "red", N_RED)
    write_class_folder(root / "train", "blue", N_LOOSE - 1, first_seed=100)
    write_class_folder(root / "train", "red", 1, first_seed=500)
    shutil.copy(root / "train" / "red" / "red_3.png", root / "train" / "red" / "red_3 copy.png")
    (root / "test").mkdir()
    for i in range(N_TEST):
        draw_picture(900 + i, "red" if i % 2 else "blue").save(root / "test" / f"img{i}.png")
    return root


@pytest.fixture(params=["en", pytest.param("es", marks=pytest.mark.long)])
def hour(request: pytest.FixtureRequest, qtbot: QtBot, tmp_path: Path) -> Iterator[Hour]:
    set_language(request.param)
    hour = Hour(qtbot, tmp_path)
    yield hour
    hour.context.runner.close()
    hour.context.window.close()
    hour.context.window.deleteLater()
    set_language("en")


def make_project(hour: Hour, pictures: Path) -> None:
    """By the dialogs: the folder, then the plan, which finds training and test images and one class."""
    context = hour.context
    context.window.new_asked.emit(pictures)
    hour.dialog(NewProjectDialog).accept()
    plan = hour.dialog(PlanDialog)
    assert not context.session.is_open, "a plan writes nothing"
    with hour.qtbot.waitSignal(context.jobs.imported, timeout=LONG_MS):
        plan.accept()
    hour.qtbot.waitUntil(lambda: not context.runner.is_busy, timeout=LONG_MS)
    counts = context.session.counts
    assert (counts.n_images, counts.n_labelled) == (N_RED + 1 + N_LOOSE + N_TEST, N_RED + 1)


def label_loose_images(hour: Hour) -> None:
    """All by the digit key of a new class, although one of them is red."""
    context = hour.context
    context.window.go_to("library")
    browser = hour.browser
    key = context.session.add_class("blue").key
    browser.listing.show(replace(browser.listing.which, is_labelled=False, split="train"))
    browser.selection.set_current_row(0)
    for _ in range(N_LOOSE):
        QTest.keyClicks(browser.grid, key)
    assert context.session.counts.by_class[hour.class_id("blue")] == N_LOOSE


def undo_after_restart(hour: Hour, folder: Path) -> None:
    hour.close_window()
    context = hour.open_window()
    context.window.open_asked.emit(folder)
    hour.do("edit.undo")
    assert context.session.counts.by_class[hour.class_id("blue")] == N_LOOSE - 1
    hour.do("edit.redo")
    assert context.session.counts.by_class[hour.class_id("blue")] == N_LOOSE


def cancel_and_resume(hour: Hour) -> None:
    """A training by epochs: cancelled, it is not the chosen run; resumed, it becomes one."""
    context = hour.context
    page = context.window.workbench.go_to("train")
    assert isinstance(page, TrainPage)
    context.plan.choose_strategy("scratch")
    context.plan.keep_settings(ScratchSettings(network="lenet", n_epochs=30, patience=0, augmentation="none"))
    chosen = context.session.run
    hour.do("train.start")
    job = context.training.job
    assert job is not None
    hour.qtbot.waitUntil(lambda: len(context.training.figures) > 2, timeout=LONG_MS)
    with hour.qtbot.waitSignal(job.finished, timeout=LONG_MS):
        job.cancel()
    assert context.session.run == chosen
    hour.qtbot.waitUntil(page.resume.isVisible, timeout=LONG_MS)
    with hour.qtbot.waitSignal(context.jobs.trained, timeout=LONG_MS):
        page.resume.go_on_button.click()
    run = context.session.run
    assert run is not None and run.strategy == "scratch" and run != chosen
    context.plan.choose_strategy("auto")


def nothing_new_is_not_trained_twice(hour: Hour, run_id: str) -> None:
    """The same labels and settings as an earlier run: the window names it and asks."""
    context = hour.context
    hour.do("train.start")
    hour.qtbot.waitUntil(
        lambda: context.window.findChild(QMessageBox, "sameQuestion") is not None, timeout=LONG_MS)
    box = context.window.findChild(QMessageBox, "sameQuestion")
    assert box is not None and run_id in box.text()
    box.reject()
    hour.qtbot.waitUntil(lambda: not context.runner.is_busy, timeout=LONG_MS)
    context.session.choose_run(run_id)


def mend_a_mistake(hour: Hour) -> None:
    """A click on a cell of the confusion matrix, a digit key, another training, and both runs side by side."""
    context = hour.context
    page = context.window.workbench.go_to("review")
    assert isinstance(page, ReviewPage)
    hour.qtbot.waitUntil(page.isVisible)
    page.show_cell(hour.class_id("blue"), hour.class_id("red"))
    assert len(hour.browser.listing.ids) == 1
    hour.browser.selection.set_current_row(0)
    QTest.keyClicks(hour.browser.grid, hour.key_of("red"))
    assert context.session.counts.by_class[hour.class_id("red")] == N_RED + 2
    before = context.session.run
    hour.train()
    after = context.session.run
    assert before is not None and after is not None and after.accuracy == 1.0
    runs = context.window.workbench.go_to("runs")
    assert isinstance(runs, RunsPage)
    runs.table.select_runs([before.id, after.id])
    assert len(runs.table.selected) == 2


def trash_a_duplicate_and_undo(hour: Hour, pictures: Path) -> None:
    context = hour.context
    page = context.window.workbench.go_to("health")
    assert isinstance(page, HealthPage)
    hour.qtbot.waitUntil(lambda: page.watch.find("duplicates") is not None, timeout=LONG_MS)
    page.list.choose("duplicates")
    page.panel.buttons["trash"].click()
    hour.dialog(TrashDialog).move_button.click()
    twins = [pictures / "train" / "red" / name for name in ("red_3.png", "red_3 copy.png")]
    assert [twin.exists() for twin in twins].count(True) == 1
    hour.do("edit.undo")
    assert all(twin.exists() for twin in twins)


def write_a_submission(hour: Hour, out: Path) -> None:
    hour.do("file.submission")
    dialog = hour.dialog(SubmissionDialog)
    hour.qtbot.waitUntil(dialog.save.isEnabled, timeout=LONG_MS)
    assert dialog.save_to(out)
    dialog.close()
    lines = out.read_text(encoding="utf-8").splitlines()[1:]
    codes = [line.rpartition(",")[2] for line in lines]
    assert codes == [str(i % 2) for i in range(N_TEST)], "blue is 0 and red is 1, in the order of the names"


def restore_after_damage(hour: Hour, folder: Path) -> None:
    """The catalog is overwritten; opening the project offers its newest copy."""
    context = hour.context
    n_images = context.session.counts.n_images
    context.session.close()
    (folder / CATALOG_NAME).write_bytes(b"not a catalog" * 1000)
    for ending in ("-wal", "-shm"):
        (folder / f"{CATALOG_NAME}{ending}").unlink(missing_ok=True)
    context.window.open_asked.emit(folder)
    assert not context.session.is_open
    hour.dialog(RestoreDialog).restore.click()
    hour.qtbot.waitUntil(lambda: context.session.is_open, timeout=LONG_MS)
    assert context.session.counts.n_images == n_images


@pytest.fixture
def own_trash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from tests.trash_acts import trash_as_specified

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(
        "core.workflow.system_trash.send2trash", lambda path: trash_as_specified(tmp_path, Path(path)))


@pytest.mark.timeout(600)  # on a busy computer
def test_the_whole_hour(
    hour: Hour, pictures: Path, tmp_path: Path, own_trash: None, messages: list[Message]
) -> None:
    make_project(hour, pictures)
    folder = hour.context.session.project.folder
    label_loose_images(hour)
    undo_after_restart(hour, folder)
    hour.train()
    run = hour.context.session.run
    assert run is not None and run.accuracy is not None and 0.9 < run.accuracy < 1, "one label is wrong"
    cancel_and_resume(hour)
    nothing_new_is_not_trained_twice(hour, run.id)
    mend_a_mistake(hour)
    trash_a_duplicate_and_undo(hour, pictures)
    write_a_submission(hour, tmp_path / "submission.csv")
    restore_after_damage(hour, folder)
    assert not [m for m in messages if m.is_fault]
