"""The grid under keys, mouse and a million images."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QColor, QFontMetrics, QImage, QPalette, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableView
from pytestqt.qtbot import QtBot

from core.text import Message
from gui.widgets.grid_geometry import FOOT_PX
from gui.widgets.grid_view import MAX_SIDE_PX, MIN_SIDE_PX, GridView
from gui.widgets.image_model import ImageModel
from gui.widgets.selection import ImageSelectionModel
from gui.widgets.thumbnails import ThumbnailCache
from gui.widgets.browser_bar import BrowserBar
from tests.gui.widgets.conftest import FakeSource, FakeThumbnails

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton
NO_KEY, CONTROL, SHIFT = (
    Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier,
)


def center(grid: GridView, row: int) -> QPoint:
    return grid.visualRect(grid.model().index(row, 0)).center()


def click(grid: GridView, row: int, modifiers: Qt.KeyboardModifier = NO_KEY) -> None:
    QTest.mouseClick(grid.viewport(), LEFT, modifiers, center(grid, row))


def picture_of(grid: GridView) -> QImage:
    return grid.grab().toImage()


# keys


@pytest.mark.parametrize(
    ("start", "key", "row"),
    [
        (7, Key.Key_Left, 6), (7, Key.Key_Right, 8), (7, Key.Key_Up, 2), (7, Key.Key_Down, 12),
        (2, Key.Key_Up, 2), (0, Key.Key_Left, 0), (999, Key.Key_Right, 999), (997, Key.Key_Down, 997),
        (7, Key.Key_Home, 0), (7, Key.Key_End, 999), (7, Key.Key_PageDown, 22), (22, Key.Key_PageUp, 7),
        (7, Key.Key_PageUp, 2), (993, Key.Key_PageDown, 999),
    ],
)
def test_arrows_move(grid: GridView, selection: ImageSelectionModel, start: int, key: Key, row: int) -> None:
    assert grid._geometry.n_columns == 5
    selection.set_current_row(start)
    QTest.keyClick(grid, key)
    assert selection_of(grid).current_id() == row
    assert selection_of(grid).selected_ids().tolist() == [row]
    assert grid.viewport().rect().contains(grid.visualRect(grid.currentIndex()))


def test_down_from_the_line_above_a_short_last_line(
    grid: GridView, model: ImageModel, selection: ImageSelectionModel
) -> None:
    model.set_ids(np.arange(12))
    selection.set_current_row(9)
    QTest.keyClick(grid, Key.Key_Down)
    assert selection_of(grid).current_id() == 11


def test_without_a_current_image_a_key_takes_the_first_in_sight(
    grid: GridView, selection: ImageSelectionModel
) -> None:
    selection.clearCurrentIndex()
    grid.verticalScrollBar().setValue(10 * grid._geometry.line_height)
    first = grid.visible_rows().start
    QTest.keyClick(grid, Key.Key_Right)
    assert selection_of(grid).current_id() == first > 0


def test_shift_arrows_select_in_reading_order(grid: GridView, selection: ImageSelectionModel) -> None:
    selection.set_current_row(3)
    click(grid, 3)
    QTest.keyClick(grid, Key.Key_Down, SHIFT)
    QTest.keyClick(grid, Key.Key_Right, SHIFT)
    assert selection_of(grid).selected_ids().tolist() == list(range(3, 10))
    for _ in range(3):
        QTest.keyClick(grid, Key.Key_Up, SHIFT)
    assert selection_of(grid).current_id() == 4
    assert selection_of(grid).selected_ids().tolist() == [3, 4]
    QTest.keyClick(grid, Key.Key_Home, SHIFT)
    assert selection_of(grid).selected_ids().tolist() == [0, 1, 2, 3]


def test_control_a_and_shift_end_at_a_million(grid: GridView, model: ImageModel) -> None:
    model.set_ids(np.arange(1_000_000))
    QTest.keyClick(grid, Key.Key_A, CONTROL)
    assert len(selection_of(grid).selected_ids()) == 1_000_000
    click(grid, 1)
    QTest.keyClick(grid, Key.Key_End, SHIFT)
    assert len(selection_of(grid).selected_ids()) == 999_999
    click_row = grid.visible_rows().stop - 1
    click(grid, click_row, CONTROL)
    assert len(selection_of(grid).selected_ids()) == 999_998


def test_digits_and_other_label_keys_ask_and_do_not_search(
    grid: GridView, selection: ImageSelectionModel, qtbot: QtBot
) -> None:
    selection.set_current_row(4)
    with qtbot.waitSignal(grid.keys.relabel_requested) as asked:
        QTest.keyClick(grid, Key.Key_3)
    assert asked.args == [3]
    with qtbot.waitSignal(grid.keys.relabel_requested):
        QTest.keyClick(grid, Key.Key_3, Qt.KeyboardModifier.KeypadModifier)
    with qtbot.waitSignal(grid.keys.unlabel_requested):
        QTest.keyClick(grid, Key.Key_Backspace)
    with qtbot.waitSignal(grid.keys.accept_requested):
        QTest.keyClick(grid, Key.Key_Return)
    with qtbot.waitSignal(grid.keys.loupe_requested):
        QTest.keyClick(grid, Key.Key_Space)
    QTest.keyClicks(grid, "9a")
    assert selection_of(grid).current_id() == 4


# mouse


def test_clicks_with_control_and_shift(grid: GridView) -> None:
    click(grid, 1)
    click(grid, 3, CONTROL)
    assert selection_of(grid).selected_ids().tolist() == [1, 3]
    click(grid, 3, CONTROL)
    assert selection_of(grid).selected_ids().tolist() == [1]
    click(grid, 1)
    click(grid, 7, SHIFT)
    assert selection_of(grid).selected_ids().tolist() == list(range(1, 8))


def test_a_click_beside_the_tiles_selects_nothing(grid: GridView) -> None:
    click(grid, 1)
    QTest.mouseClick(grid.viewport(), LEFT, NO_KEY, QPoint(300, 2))
    assert len(selection_of(grid).selected_ids()) == 0


def test_a_double_click_activates(grid: GridView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(grid.doubleClicked) as activated:
        click(grid, 6)  # as the mouse does it; QTest sends the second press only
        QTest.mouseDClick(grid.viewport(), LEFT, NO_KEY, center(grid, 6))
    assert activated.args[0].row() == 6


def selection_of(grid: GridView) -> ImageSelectionModel:
    selection = grid.selectionModel()
    assert isinstance(selection, ImageSelectionModel)
    return selection


def drag(grid: GridView, start: QPoint, end: QPoint, modifiers: Qt.KeyboardModifier = NO_KEY) -> None:
    QTest.mousePress(grid.viewport(), LEFT, modifiers, start)
    QTest.mouseMove(grid.viewport(), (start + end) / 2)
    QTest.mouseMove(grid.viewport(), end)


def test_the_rubber_band_selects_what_it_touches(grid: GridView) -> None:
    drag(grid, center(grid, 1), center(grid, 7))
    assert selection_of(grid).selected_ids().tolist() == [1, 2, 6, 7]
    assert picture_of(grid) is not None
    QTest.mouseRelease(grid.viewport(), LEFT, NO_KEY, center(grid, 7))
    assert selection_of(grid).current_id() == 1
    drag(grid, center(grid, 2), center(grid, 3), CONTROL)
    QTest.mouseRelease(grid.viewport(), LEFT, CONTROL, center(grid, 3))
    assert selection_of(grid).selected_ids().tolist() == [1, 3, 6, 7]


def test_the_rubber_band_scrolls_at_the_edge(grid: GridView, qtbot: QtBot) -> None:
    start = center(grid, 0)
    drag(grid, start, QPoint(start.x(), grid.viewport().height() + 40))
    qtbot.waitUntil(lambda: len(selection_of(grid).selected_ids()) > 10)
    QTest.mouseRelease(grid.viewport(), LEFT, NO_KEY, QPoint(start.x(), grid.viewport().height() + 40))
    assert grid.verticalOffset() > 0
    assert set(np.diff(selection_of(grid).selected_ids()).tolist()) == {5}


# size


def test_control_plus_and_minus_change_the_columns(
    grid: GridView, selection: ImageSelectionModel, qtbot: QtBot
) -> None:
    selection.set_current_row(500)
    top = grid.visualRect(grid.currentIndex()).top()
    with qtbot.waitSignal(grid.tile_side_changed):
        QTest.keyClick(grid, Key.Key_Plus, CONTROL)
    assert grid._geometry.n_columns == 4
    assert grid.visualRect(grid.currentIndex()).top() == top
    QTest.keyClick(grid, Key.Key_Minus, CONTROL)
    QTest.keyClick(grid, Key.Key_Minus, CONTROL)
    assert grid._geometry.n_columns == 6


def test_control_wheel_keeps_the_image_under_the_pointer(grid: GridView) -> None:
    grid.verticalScrollBar().setValue(20 * grid._geometry.line_height)
    row = grid.visible_rows().start + 6
    before = grid.visualRect(grid.model().index(row, 0))
    position = QPointF(before.center())
    wheel = QWheelEvent(
        position, grid.viewport().mapToGlobal(position), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        CONTROL, Qt.ScrollPhase.NoScrollPhase, False,
    )
    QApplication.sendEvent(grid.viewport(), wheel)
    assert grid._geometry.n_columns == 4
    assert grid.visualRect(grid.model().index(row, 0)).top() == before.top()


def test_the_slider_and_the_grid_follow_each_other(grid: GridView, qtbot: QtBot) -> None:
    bar = BrowserBar(grid)
    qtbot.addWidget(bar)
    slider = bar.slider
    slider.setValue(200)
    assert grid.tile_side == 200
    grid.set_tile_side(10_000)
    assert slider.value() == grid.tile_side == MAX_SIDE_PX
    grid.set_tile_side(1)
    assert slider.value() == MIN_SIDE_PX


def test_resizing_keeps_the_first_line_in_sight(grid: GridView) -> None:
    grid.verticalScrollBar().setValue(50 * grid._geometry.line_height)
    first = grid.visible_rows().start
    grid.resize(500, 400)
    assert first in grid.visible_rows()


# painting


def test_nothing_but_the_visible_is_asked_for(grid: GridView, model: ImageModel, source: FakeSource) -> None:
    source.n_asked = 0
    model.set_ids(np.arange(1_000_000))
    picture_of(grid)
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
    picture_of(grid)
    assert source.n_asked <= 6 * len(grid.visible_rows())


def test_a_thumbnail_is_drawn_when_it_arrives(grid: GridView, fake_thumbnails: FakeThumbnails, qtbot: QtBot) -> None:
    red = QColor(200, 30, 30).name()
    qtbot.waitUntil(lambda: picture_of(grid).pixelColor(center(grid, 7)).name() == red)
    assert fake_thumbnails.loaded[: 5] == [0, 1, 2, 3, 4]


def test_scrolling_far_drops_what_was_asked_for(
    model: ImageModel, selection: ImageSelectionModel, fake_thumbnails: FakeThumbnails, qtbot: QtBot
) -> None:
    fake_thumbnails.is_open.clear()
    cache = ThumbnailCache(fake_thumbnails.load, n_threads=1)
    grid = GridView(model, selection, cache)
    qtbot.addWidget(grid)
    grid.resize(800, 600)
    grid.show()
    qtbot.waitUntil(lambda: fake_thumbnails.loaded == [0])
    grid.scrollToBottom()
    qtbot.waitUntil(lambda: all(r.content_hash > (900).to_bytes(32, "big") for r in cache._threads._pending))
    fake_thumbnails.is_open.set()
    qtbot.waitUntil(lambda: not cache._threads._pending)
    cache.close()
    assert all(number > 900 for number in fake_thumbnails.loaded[1:])


def test_relabelling_repaints_the_foot(grid: GridView, model: ImageModel, source: FakeSource, qtbot: QtBot) -> None:
    rect = grid.visualRect(model.index(2, 0))
    foot = QPoint(rect.left() + 20, rect.top() + rect.width() + FOOT_PX - 1)
    before = picture_of(grid).pixelColor(foot)
    source.changes[2] = {"label": "phone", "color": "#0072B2", "sign": "◆"}
    model.refresh(np.array([2]))
    after = picture_of(grid).pixelColor(foot)
    assert before.name().upper() == "#E69F00"
    assert after.name().upper() == "#0072B2"


def test_selected_tiles_have_an_accent_frame_and_tick(grid: GridView, selection: ImageSelectionModel) -> None:
    selection.select_ids(np.array([2]))
    accent = grid.palette().color(QPalette.ColorRole.Highlight)
    rect = grid.visualRect(grid.model().index(2, 0))
    picture = picture_of(grid)
    for corner in (rect.topLeft() - QPoint(3, 3), rect.bottomRight() + QPoint(3, 3)):
        assert picture.pixelColor(corner) == accent
    assert picture.pixelColor(rect.topRight() + QPoint(-5, 6)) == accent
    assert picture.pixelColor(grid.visualRect(grid.model().index(1, 0)).topLeft() - QPoint(3, 3)) != accent


def test_odd_tiles_are_drawn(grid: GridView, model: ImageModel, source: FakeSource) -> None:
    source.changes = {
        0: {"is_unreadable": True, "reason": Message("The file is cut off before the picture ends."), "label": "",
            "sign": ""},
        1: {"label": "", "color": "", "sign": ""},
        2: {"prediction": "semi-automatic assault rifle", "confidence": 0.97, "doubt": "may be mislabelled"},
        3: {"prediction": "phone", "label": "", "color": "", "sign": ""},
        4: {"label": "a class with a name that is far too long for its tile", "prediction": "x"},
        5: {"content_hash": b""},
    }
    model.refresh()
    for side in (MIN_SIDE_PX, 144, MAX_SIDE_PX):
        grid.set_tile_side(side)
        assert not picture_of(grid).isNull()


@pytest.mark.parametrize("width", [50, 80, 120, 160, 400])
@pytest.mark.parametrize("label", ["", "pistol", "a class with a long name"])
def test_captions_fit_and_name_the_prediction(grid: GridView, width: int, label: str) -> None:
    painter = grid._tile_painter
    shown, says, says_width = painter.caption.parts(label, "semi-automatic rifle", "■", "0.97", width)
    advance = QFontMetrics(painter.font).horizontalAdvance
    assert advance(shown) + says_width <= width + 1
    assert says.startswith("s" if width >= 100 else "") and says.endswith("0.97" if width > 50 else "")
    assert painter.caption.parts("pistol", "", "", "0.97", 400) == ("pistol", "", 0)


def test_an_empty_grid_answers_everything(grid: GridView, model: ImageModel) -> None:
    model.set_ids(np.empty(0, dtype=np.int64))
    for key in (Key.Key_Down, Key.Key_End, Key.Key_A, Key.Key_Space):
        QTest.keyClick(grid, key)
    QTest.mouseClick(grid.viewport(), LEFT, NO_KEY, QPoint(50, 50))
    drag(grid, QPoint(10, 10), QPoint(200, 200))
    QTest.mouseRelease(grid.viewport(), LEFT, NO_KEY, QPoint(200, 200))
    grid.zoom(-1)
    assert not picture_of(grid).isNull()
    assert selection_of(grid).current_id() is None
    assert len(selection_of(grid).selected_ids()) == 0


# screen readers


def test_screen_readers_hear_names_and_selection(
    grid: GridView, selection: ImageSelectionModel, qtbot: QtBot
) -> None:
    real = QTableView()  # the class whose name the grid borrows must not mind
    qtbot.addWidget(real)
    selection.select_ids(np.array([2]))
    reader = QAccessible.queryAccessibleInterface(grid)
    assert reader.role() == QAccessible.Role.Table
    assert grid.accessibleName() == "Images"
    columns = grid.model().columnCount()
    assert reader.childCount() == 1000 * columns
    tile = reader.child(2 * columns)
    assert tile.text(QAccessible.Text.Name) == "2.jpg, label pistol"
    assert tile.state().selected
    assert not reader.child(3 * columns).state().selected
    assert tile.rect().size() == grid.visualRect(grid.model().index(2, 0)).size()
