"""Files of selected images go to other programs, dragged or by the clipboard; a band is still drawn elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDrag
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from gui.messages import Message
from gui.session import Session
from gui.widgets import file_drag
from gui.widgets.browser import ImageBrowser
from gui.widgets.grid_view import GridView
from gui.widgets.thumbnails import ThumbnailCache

LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def browser(session: Session, thumbnails: ThumbnailCache, qtbot: QtBot) -> Iterator[ImageBrowser]:
    widget = ImageBrowser(session, thumbnails)
    qtbot.addWidget(widget)
    widget.resize(800, 600)
    with qtbot.waitExposed(widget):
        widget.show()
    yield widget
    widget.end()


@pytest.fixture
def dragged(monkeypatch: pytest.MonkeyPatch) -> list[list[Path]]:
    """What was dragged out, for nothing takes a drop in a test."""
    found: list[list[Path]] = []

    def take(drag: QDrag, *_: object) -> Qt.DropAction:
        found.append([Path(url.toLocalFile()) for url in drag.mimeData().urls()])
        return Qt.DropAction.CopyAction

    monkeypatch.setattr(QDrag, "exec", take)
    return found


def drag(view: GridView | QTableView, start: QPoint, end: QPoint) -> None:
    QTest.mousePress(view.viewport(), LEFT, NO_KEY, start)
    QTest.mouseMove(view.viewport(), (start + end) / 2)
    QTest.mouseMove(view.viewport(), end)
    QTest.mouseRelease(view.viewport(), LEFT, NO_KEY, end)


@pytest.mark.parametrize("is_table", [False, True])
def test_what_is_selected_is_dragged_out(
    browser: ImageBrowser, session: Session, dragged: list[list[Path]], is_table: bool
) -> None:
    browser.show_table(is_table)
    view = browser._view()
    ids = browser.model.ids[[1, 2]]
    browser.selection.select_ids(ids)
    places = [view.visualRect(browser.model.index(row, 0)).center() for row in (1, 5)]
    drag(view, *places)
    wanted = [browser.model.tile(row).path for row in (1, 2)]
    assert dragged == [wanted] and all(path.is_file() for path in wanted)
    assert browser.selection.selected_ids().tolist() == ids.tolist(), "and stays selected"


def test_from_another_image_a_band_is_drawn(browser: ImageBrowser, dragged: list[list[Path]]) -> None:
    browser.selection.set_current_row(0)
    places = [browser.grid.visualRect(browser.model.index(row, 0)).center() for row in (1, 2)]
    drag(browser.grid, *places)
    assert dragged == [] and browser.selection.selected_rows().tolist() == [1, 2]


def test_a_click_on_one_of_several_selects_it_alone(browser: ImageBrowser, dragged: list[list[Path]]) -> None:
    browser.grid.selectAll()
    place = browser.grid.visualRect(browser.model.index(3, 0)).center()
    QTest.mouseClick(browser.grid.viewport(), LEFT, NO_KEY, place)
    assert browser.selection.selected_rows().tolist() == [3] and dragged == []


def test_too_many_are_said_and_not_cut(
    browser: ImageBrowser, dragged: list[list[Path]], messages: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_drag, "MOST_DRAGGED", 2)
    browser.selection.select_ids(np.array(browser.model.ids[:3]))
    places = [browser.grid.visualRect(browser.model.index(row, 0)).center() for row in (1, 5)]
    drag(browser.grid, *places)
    assert dragged == [] and "3 images" in messages[-1].sentence


def test_the_clipboard_has_paths_and_files(tmp_path: Path) -> None:
    paths = [tmp_path / "a b.jpg", tmp_path / "ñ.png"]
    data = file_drag.mime_of(paths)
    assert data.text() == "\n".join(map(str, paths)) and [Path(u.toLocalFile()) for u in data.urls()] == paths
