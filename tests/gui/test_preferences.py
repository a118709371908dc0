"""What is remembered, and that a damaged memory costs nothing else."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QSettings

from gui.faults import start_logging
from gui.preferences import N_RECENT, Preferences, RecentProject
from gui.theme import ThemeChoice

NOON = datetime(2026, 11, 22, 12)


def project(name: str, folder: Path) -> RecentProject:
    return RecentProject(name, folder / name, NOON, 10, 5, 2)


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    first = Preferences(tmp_path)
    first.theme = ThemeChoice.DARK
    first.keep_state("window", QByteArray(b"\x00\xff"))
    first.keep_number("left_width", 300)
    first.remember_project(project("niño", tmp_path))
    first.save()
    second = Preferences(tmp_path)
    assert second.theme is ThemeChoice.DARK
    assert second.state("window") == QByteArray(b"\x00\xff")
    assert second.number("left_width", 1) == 300
    assert second.recent_projects() == (project("niño", tmp_path),)


def test_without_a_memory_there_are_defaults(preferences: Preferences) -> None:
    assert preferences.theme is ThemeChoice.SYSTEM
    assert preferences.state("window").isEmpty()
    assert preferences.number("left_width", 7) == 7
    assert preferences.recent_projects() == ()


def test_the_last_opened_comes_first_and_once(preferences: Preferences, tmp_path: Path) -> None:
    for name in ("a", "b", "a"):
        preferences.remember_project(project(name, tmp_path))
    assert [p.name for p in preferences.recent_projects()] == ["a", "b"]
    preferences.forget_project(tmp_path / "a")
    assert [p.name for p in preferences.recent_projects()] == ["b"]


def test_the_list_has_an_end(preferences: Preferences, tmp_path: Path) -> None:
    for n in range(N_RECENT + 5):
        preferences.remember_project(project(str(n), tmp_path))
    assert len(preferences.recent_projects()) == N_RECENT
    assert preferences.recent_projects()[0].name == str(N_RECENT + 4)


@pytest.mark.parametrize(
    "text", ["{", "3", '["x"]', '[{"name": "a"}]', '[{"name":"a","folder":"b","opened_at":"?"}]']
)
def test_a_damaged_list_is_an_empty_one(tmp_path: Path, text: str) -> None:
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    settings.setValue("projects/recent", text)
    settings.setValue("window/theme", "purple")
    settings.setValue("number/left_width", "wide")
    settings.setValue("state/window", "text")
    settings.sync()
    damaged = Preferences(tmp_path)
    assert damaged.recent_projects() == ()
    assert damaged.theme is ThemeChoice.SYSTEM
    assert damaged.number("left_width", 3) == 3 and damaged.state("window").isEmpty()


def test_a_name_that_is_not_utf8_is_kept(preferences: Preferences) -> None:
    odd = RecentProject("odd", Path("/pictures/caf\udce9"), NOON)
    preferences.remember_project(odd)
    preferences.save()
    assert preferences.recent_projects() == (odd,)


def test_the_log_is_written_and_kept_small(tmp_path: Path) -> None:
    root = logging.getLogger()
    level, before = root.level, list(root.handlers)
    path = start_logging(tmp_path / "deep" / "log")
    assert path is not None
    for _ in range(30):
        logging.getLogger("gui.test").info("x" * 100_000)
    logging.getLogger("gui.test").info("caf\udce9")
    added = [h for h in root.handlers if h not in before]
    for handler in added:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    assert path.read_text(encoding="utf-8").count("gui.test") >= 1
    assert 2 <= len(list(path.parent.iterdir())) <= 5


def test_a_log_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert start_logging(tmp_path / "file" / "log") is None
