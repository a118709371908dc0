"""The whole job with mouse and keyboard in the real window, and the ways it may go wrong."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.text import text
from core.worker import EngineProcess
from gui.actions import Action
from gui.faults import install_hooks
from gui.furnish import furnish
from gui.jobs import JobRunner
from gui.widgets.visible_browser import visible_browser
from gui.main_window import MainWindow
from gui.messages import Message
from gui.pages import PageContext
from gui.preferences import Preferences
from tests.conftest import write_class_folder

HOME = Path(__file__).resolve().parents[2]
LONG_MS = 60_000
Open = Callable[[], PageContext]


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Ten red pictures in a class folder, ten blue ones loose, one of them red in truth."""
    root = tmp_path / "pictures"
    write_class_folder(root / "red", "red", 10)
    write_class_folder(root, "blue", 9, first_seed=100)
    write_class_folder(root, "red", 1, first_seed=500)
    return root


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    """Opens windows that share their preferences, each with an engine process of its own."""
    opened: list[PageContext] = []

    def build() -> PageContext:
        preferences = Preferences(tmp_path / "preferences")
        window = MainWindow(preferences, JobRunner(EngineProcess()))
        context = furnish(window, window._runner, preferences)
        window.resize(1280, 800)
        window.show()
        opened.append(context)
        return context

    yield build
    for context in opened:
        context.runner.close()
        context.window.close()
        context.window.deleteLater()


@pytest.fixture
def context(open_window: Open) -> PageContext:
    return open_window()


def do(context: PageContext, name: str) -> None:
    action: Action = next(a for a in context.window.actions_table.all() if a.name == name)
    assert action.can_be_done, name
    context.window.actions_table.do(name)


def make_project(context: PageContext, qtbot: QtBot, folder: Path, pictures: Path) -> None:
    with qtbot.waitSignal(context.jobs.imported, timeout=LONG_MS):
        context.jobs.new_project(folder, pictures)


def train(context: PageContext, qtbot: QtBot) -> None:
    with qtbot.waitSignal(context.jobs.trained, timeout=LONG_MS):
        do(context, "train.start")


def label_blue_by_keys(context: PageContext) -> None:
    """Everything loose becomes blue, by the key of a new class."""
    session = context.session
    context.window.go_to("library")
    browser = visible_browser(context.window)
    assert browser is not None
    blue = session.add_class("blue")
    browser.listing.show(replace(browser.listing.which, is_labelled=False))
    browser.selection.set_current_row(0)
    assert blue.key is not None
    for _ in range(10):
        QTest.keyClicks(browser.grid, blue.key)


def test_from_a_folder_to_a_mended_classifier(
    context: PageContext, open_window: Open, qtbot: QtBot, tmp_path: Path, pictures: Path
) -> None:
    session, window = context.session, context.window
    folder = tmp_path / "colours.catalejo"
    make_project(context, qtbot, folder, pictures)
    assert window.has_project
    assert session.counts.n_labelled == 10

    label_blue_by_keys(context)
    assert session.counts.n_labelled == 20
    train(context, qtbot)
    first = session.run
    assert first is not None and first.accuracy == pytest.approx(0.95)  # the red one that was called blue

    red, blue = (next(c.id for c in session.classes if c.name == name) for name in ("red", "blue"))
    page = window.workbench.go_to("review")
    qtbot.waitExposed(page)
    page.show_cell(blue, red)  # what a click on the cell does, see tests/gui/review
    browser = visible_browser(window)
    assert browser is not None
    wrong = image_ids(session.project, ImageFilter(text="red_0", source_id=1))
    expected = [i for i in wrong.tolist() if i in browser.listing.ids.tolist()]
    assert browser.listing.ids.tolist() == expected and len(expected) == 1

    browser.selection.set_current_row(0)
    key = next(c.key for c in session.classes if c.id == red)
    QTest.keyClicks(browser.grid, key)
    assert session.counts.by_class == {red: 11, blue: 9}
    train(context, qtbot)
    assert session.run is not None and session.run.accuracy == 1.0

    do(context, "edit.undo")
    assert session.counts.by_class == {red: 10, blue: 10}
    do(context, "edit.redo")
    with qtbot.waitSignal(window.closed):
        window.close()

    again = open_window()
    again.window.open_asked.emit(folder)
    assert again.session.counts.by_class == {red: 11, blue: 9}
    assert len(again.session.runs) == 2
    do(again, "edit.undo")
    assert again.session.counts.by_class == {red: 10, blue: 10}


def test_an_engine_killed_while_training_loses_no_label(
    context: PageContext, qtbot: QtBot, tmp_path: Path, pictures: Path, messages: list[Message]
) -> None:
    make_project(context, qtbot, tmp_path / "p.catalejo", pictures)
    label_blue_by_keys(context)
    killer = QTimer()
    killer.setInterval(10)
    killer.timeout.connect(lambda: kill_engine(context))
    with qtbot.waitSignal(context.runner.job_failed, timeout=LONG_MS):
        do(context, "train.start")
        killer.start()
        context.session.label(context.session.selected_ids, context.session.classes[0].id)  # made during it
    killer.stop()
    labelled = context.session.counts.by_class
    assert any("killed" in m.sentence for m in messages), messages
    train(context, qtbot)
    assert context.session.run is not None
    assert context.session.counts.by_class == labelled


def kill_engine(context: PageContext) -> None:
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):  # it may be dead already
            if "core.worker_child" in " ".join(child.cmdline()):
                child.send_signal(signal.SIGKILL)


def test_a_picture_folder_that_was_moved_is_found_again(
    context: PageContext, qtbot: QtBot, tmp_path: Path, pictures: Path
) -> None:
    make_project(context, qtbot, tmp_path / "p.catalejo", pictures)
    label_blue_by_keys(context)
    before = context.session.counts.by_class
    moved = pictures.with_name("moved")
    pictures.rename(moved)
    context.thumbnails.forget()
    browser = visible_browser(context.window)
    assert browser is not None
    browser.grid.viewport().repaint()
    with qtbot.waitSignal(context.jobs.imported, timeout=LONG_MS):
        context.jobs.import_images(moved)
    assert context.session.counts.by_class == before
    assert context.session.counts.n_missing == 0
    train(context, qtbot)


def test_pictures_that_are_gone_are_told_and_counted_as_missing(
    context: PageContext, qtbot: QtBot, tmp_path: Path, pictures: Path, messages: list[Message]
) -> None:
    make_project(context, qtbot, tmp_path / "p.catalejo", pictures)
    n_images = context.session.counts.n_images
    for path in filter(Path.is_file, pictures.rglob("*")):
        path.unlink()
    messages.clear()
    with qtbot.waitSignal(context.jobs.imported, timeout=LONG_MS):
        context.jobs.import_images(pictures)
    assert context.session.counts.n_missing == n_images
    assert any("no longer there" in m.sentence for m in messages), messages


def test_a_second_window_is_told_who_has_the_project(
    context: PageContext, qtbot: QtBot, tmp_path: Path, pictures: Path, messages: list[Message]
) -> None:
    folder = tmp_path / "p.catalejo"
    make_project(context, qtbot, folder, pictures)
    context.session.close()
    code = ("import sys; from pathlib import Path; from core.project.project import Project\n"
            "with Project.open(Path(sys.argv[1]), program='project.window'): print(1, flush=True); input()")
    other = subprocess.Popen([sys.executable, "-c", code, str(folder)], cwd=HOME, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    other.stdout.readline()
    try:
        context.window.open_asked.emit(folder)
        assert not context.session.is_open
        assert any(text("project.window") in m.sentence + m.hint for m in messages), messages
    finally:
        other.communicate("\n")


def test_a_project_that_cannot_be_written_can_be_looked_at(
    context: PageContext, qtbot: QtBot, tmp_path: Path, pictures: Path, messages: list[Message],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Root may write everywhere, so the refusal itself is played; the looking is real."""
    from core.errors import ProjectReadOnly

    folder = tmp_path / "p.catalejo"
    make_project(context, qtbot, folder, pictures)
    context.session.close()
    really_open = Project.open

    def refuse(path: Path, *, read_only: bool = False, program: str = "") -> Project:
        if not read_only:
            raise ProjectReadOnly("Nothing can be written.", "Copy it.")
        return really_open(path, read_only=True)

    monkeypatch.setattr(Project, "open", refuse)
    context.window.open_asked.emit(folder)
    assert context.session.is_open and context.session.project.is_read_only
    assert any(getattr(m.said, "code", "") == "window.project_read_only" for m in messages)
    browser = visible_browser(context.window)
    assert browser is not None and len(browser.listing.ids) == 20
    browser.selection.set_current_row(0)
    QTest.keyClicks(browser.grid, "1")
    assert getattr(messages[-1].said, "code", "") == "project.read_only"


def test_closing_while_a_job_runs_asks_and_ends_soon(
    context: PageContext, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = tmp_path / "many"
    write_class_folder(many / "red", "red", 300)
    write_class_folder(many / "blue", "blue", 300, first_seed=1000)
    make_project(context, qtbot, tmp_path / "p.catalejo", many)
    asked: list[str] = []

    def answer(box: QMessageBox) -> int:
        asked.append(box.text())
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)
    do(context, "train.start")
    qtbot.waitUntil(lambda: context.runner.current is not None and context.runner.current.progress is not None,
                    timeout=LONG_MS)
    started = time.monotonic()
    with qtbot.waitSignal(context.window.closed, timeout=10_000):
        context.window.close()
    assert len(asked) == 1 and "Training" in asked[0]
    assert time.monotonic() - started < 10
    with Project.open(tmp_path / "p.catalejo") as project:
        assert len(image_ids(project)) == 600


def test_a_slot_that_raises_is_reported_and_the_window_goes_on(
    context: PageContext, qtbot: QtBot, tmp_path: Path, pictures: Path, messages: list[Message],
    own_hooks: None, expected_warnings: pytest.LogCaptureFixture,
) -> None:
    make_project(context, qtbot, tmp_path / "p.catalejo", pictures)
    install_hooks()
    QTimer.singleShot(0, stumble)
    qtbot.waitUntil(lambda: any(m.is_fault for m in messages))
    label_blue_by_keys(context)
    assert context.session.counts.n_labelled == 20


def stumble() -> None:
    raise RuntimeError("a slot stumbled")
