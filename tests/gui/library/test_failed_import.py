"""An import that fails tells in the window why, and goes on telling it while its other parts are imported."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.project import folder_tree, importer, scan
from core.project.project import Project
from core.types import Skipped
from core.project.importer import ImportSummary
from core.text import Message as Text
from gui.furnish import furnish
from gui.library.importing import say_import
from gui.main_window import MainWindow
from gui.messages import Message
from gui.pages import PageContext
from gui.preferences import Preferences
from tests.conftest import write_class_folder
from tests.gui.conftest import RunnerNow
from tests.project_acts import import_folder


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    write_class_folder(tmp_path / "photos" / "train" / "red", "red", 3)
    write_class_folder(tmp_path / "photos" / "test", "red", 2, first_seed=50)
    return tmp_path / "photos"


@pytest.fixture
def context(preferences: Preferences, runner_now: RunnerNow, qtbot: QtBot, tmp_path: Path) -> Iterator[PageContext]:
    window = MainWindow(preferences, runner_now)
    qtbot.addWidget(window)
    context = furnish(window, runner_now, preferences)
    context.session.adopt(Project.create(tmp_path / "p.catalejo"))
    yield context
    window.close()


def shown(context: PageContext) -> str:
    """All sentences of messages that have not ended."""
    return " ".join(f"{one.sentence} {one.hint}" for one in context.window.message_log.open)


def test_a_folder_that_goes_away_meanwhile(
    context: PageContext, runner_now: RunnerNow, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_folder(context.session.project, photos / "train")
    before = context.session.project.catalog.rows("SELECT id, content_hash, status FROM image")
    for path in (photos / "train").rglob("*.png"):
        path.touch()  # read anew
    walk = scan.walk_files

    def unplugged(*args: object, **named: object) -> Iterator[bytes]:
        found = list(walk(*args, **named))  # type: ignore[arg-type]
        if photos.is_dir():
            photos.rename(photos.with_name("unplugged"))
        return iter(found)

    monkeypatch.setattr(scan, "walk_files", unplugged)
    context.jobs.import_images(photos / "train")
    runner_now.run_all()
    assert "went away" in shown(context) and str(photos / "train") in shown(context)
    assert context.session.project.catalog.rows("SELECT id, content_hash, status FROM image") == before


def test_a_disk_that_is_full_and_parts_that_follow(
    context: PageContext, runner_now: RunnerNow, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = importer.plan_import

    def full(db: sqlite3.Connection, result: object, **named: int) -> object:
        if result.asked.split == "train":  # type: ignore[attr-defined]
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        return plan(db, result, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(importer, "plan_import", full)
    context.jobs.import_images(photos)
    runner_now.run_all()
    assert context.session.counts.by_split == {"test": 2}
    assert "is full" in shown(context), "the other part came in, and why this one did not still stands"
    monkeypatch.undo()
    context.jobs.import_images(photos)
    runner_now.run_all()
    assert "full" not in shown(context) and context.session.counts.by_split == {"train": 3, "test": 2}


def test_a_folder_that_nobody_may_read(
    context: PageContext, runner_now: RunnerNow, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = folder_tree.os.scandir

    def refuse(path: object) -> object:
        if str(path).endswith("photos"):
            raise PermissionError(13, "Permission denied", str(path))
        return look(path)  # type: ignore[arg-type]

    monkeypatch.setattr(folder_tree.os, "scandir", refuse)
    context.jobs.import_images(photos)
    runner_now.run_all()
    assert "Permission denied" in shown(context) and str(photos) in shown(context)


def test_folders_inside_that_were_passed_over_are_said_beside_all_else(messages: list[Message]) -> None:
    skipped = (Skipped(Path("/photos/locked"), Text("images.gone")),)
    say_import(ImportSummary(1, 5, 5, 0, 0, 0, 2, 0, (), (), skipped, n_unreadable=1))
    said = messages[-1].sentence
    assert "/photos/locked" in said and "1 file cannot be read" in said and "2 images are no longer there" in said


def test_a_file_that_goes_away_meanwhile_is_missing_and_not_damaged(
    context: PageContext, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_folder(context.session.project, photos / "train")
    gone = photos / "train" / "red" / "red_1.png"
    content = context.session.project.catalog.rows("SELECT content_hash FROM image ORDER BY id")
    require = scan.require_folder

    def take_one(folder: Path) -> None:
        require(folder)
        walk = scan.walk_files

        def less(*args: object, **named: object) -> list[bytes]:
            found = list(walk(*args, **named))  # type: ignore[arg-type]
            gone.unlink()
            return found

        monkeypatch.setattr(scan, "walk_files", less)

    monkeypatch.setattr(scan, "require_folder", take_one)
    summary = import_folder(context.session.project, photos / "train")
    assert (summary.n_missing, summary.n_changed, summary.n_unreadable) == (1, 0, 0)
    assert context.session.project.catalog.rows("SELECT content_hash FROM image ORDER BY id") == content
