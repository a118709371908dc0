"""docs/keys.md says what the window does.

Written anew by: CATALEJO_WRITE_PAGES=1 python3 -m tests tests/gui/test_keys_page.py
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gui.furnish import furnish
from gui.main_window import MainWindow
from gui.palette.command_palette import keys_page
from gui.preferences import Preferences
from tests.gui.conftest import RunnerNow

PAGE = Path(__file__).resolve().parents[2] / "docs" / "keys.md"


@pytest.fixture
def window(qtbot: QtBot, preferences: Preferences, runner_now: RunnerNow) -> Iterator[MainWindow]:
    """With everything in it."""
    window = MainWindow(preferences, runner_now)
    qtbot.addWidget(window)
    furnish(window, runner_now, preferences)
    yield window
    window.close()


def test_the_page_of_keys_is_that_of_the_window(window: MainWindow) -> None:
    wanted = keys_page(window.actions_table.all())
    if os.environ.get("CATALEJO_WRITE_PAGES"):
        PAGE.write_text(wanted, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == wanted


def test_every_key_is_on_it(window: MainWindow) -> None:
    page = keys_page(window.actions_table.all())
    keys = [key for action in window.actions_table.all() for key in action.keys]
    assert len(keys) > 30 and all(f"`{key}`" in page for key in keys)


def test_the_readme_leads_there() -> None:
    assert "(docs/keys.md)" in (PAGE.parents[1] / "README.md").read_text(encoding="utf-8")
