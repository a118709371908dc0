"""Table, empty state and tiles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget, QStyleOptionHeader
from pytestqt.qtbot import QtBot

from gui.widgets.empty_state import EmptyState
from gui.widgets.browser_bar import BrowserBar
from gui.widgets.grid_view import GridView
from gui.widgets.image_model import Column, ImageModel
from gui.widgets.labels import ElidedButton
from gui.widgets.layouts import FoldingRow, column_of, row_of
from gui.widgets.row_list import Row, RowList
from gui.widgets.selection import ImageSelectionModel
from gui.widgets.sort_header import SortHeader
from gui.widgets.table_view import TableView
from gui.widgets.thumbnails import ThumbnailCache
from gui.widgets.tile import Tile
from tests.gui.widgets.conftest import FakeSource, FakeThumbnails

TILE = Tile(1, Path("/a.jpg"), b"", "a.jpg", label="pistol")


@pytest.fixture
def table(
    model: ImageModel, selection: ImageSelectionModel, thumbnails: ThumbnailCache, qtbot: QtBot
) -> TableView:
    view = TableView(model, selection, thumbnails)
    qtbot.addWidget(view)
    view.resize(900, 400)
    view.show()
    return view


def test_table_and_grid_share_their_selection(
    table: TableView, grid: GridView, selection: ImageSelectionModel, model: ImageModel
) -> None:
    selection.select_ids(np.array([3, 5]))
    assert selection.selected_ids().tolist() == [3, 5]
    assert table.selectionModel() is grid.selectionModel() is selection
    assert table.selectionModel().isRowSelected(5)
    model.set_ids(np.arange(1000)[::-1])
    assert sorted(selection.selected_ids().tolist()) == [3, 5]


def test_the_table_of_a_million_asks_for_what_it_shows(
    table: TableView, model: ImageModel, source: FakeSource, qtbot: QtBot
) -> None:
    source.n_asked = 0
    model.set_ids(np.arange(1_000_000))
    table.scrollToBottom()
    assert not table.grab().isNull()
    assert source.n_asked < 500


def test_a_header_click_asks_once_and_showing_asks_nothing(
    model: ImageModel, selection: ImageSelectionModel, thumbnails: ThumbnailCache, qtbot: QtBot
) -> None:
    with qtbot.assertNotEmitted(model.sort_requested):
        table = TableView(model, selection, thumbnails)
        qtbot.addWidget(table)
        table.resize(900, 400)
        table.show()
    header = table.horizontalHeader()
    with qtbot.waitSignal(model.sort_requested) as asked:
        x = header.sectionViewportPosition(Column.LOSS) + 20
        position = header.viewport().rect().center()
        position.setX(x)
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=position)
    assert asked.args[0] == Column.LOSS


def test_table_keys_label_and_open_the_loupe(table: TableView, selection: ImageSelectionModel, qtbot: QtBot) -> None:
    selection.set_current_row(4)
    with qtbot.waitSignal(table.keys.relabel_requested) as asked:
        QTest.keyClick(table, Qt.Key.Key_1)
    assert asked.args == [1]
    with qtbot.waitSignal(table.keys.loupe_requested):
        QTest.keyClick(table, Qt.Key.Key_Space)


def test_an_empty_state_acts(qtbot: QtBot) -> None:
    empty = EmptyState("No mistakes here.", "Look at the most unsure instead")
    qtbot.addWidget(empty)
    empty.show()
    button = empty.findChildren(QPushButton)[0]
    with qtbot.waitSignal(empty.acted):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    empty.say("Nothing is here.")
    assert not button.isVisible()


@pytest.mark.parametrize(
    ("changes", "differing"),
    [
        ({"prediction": None}, ""), ({"prediction": "pistol"}, ""),
        ({"prediction": "phone"}, "phone"), ({"prediction": "phone", "label": ""}, "phone"),
    ],
)
def test_when_a_prediction_differs(changes: dict[str, str | None], differing: str) -> None:
    assert replace(TILE, **changes).differing_prediction == differing  # type: ignore[arg-type]


def test_large_text_ends_in_dots_and_the_tooltip_has_it_whole(qtbot: QtBot) -> None:
    button = ElidedButton("copy", "Show in the folder", "Opens it")
    qtbot.addWidget(button)
    button.show()
    button.resize(button.sizeHint())
    assert button.text() == "Show in the folder" and button.toolTip() == "Opens it"
    button.resize(button.sizeHint().width() // 2, 30)
    assert button.text().endswith("…") and button.toolTip() == "Show in the folder\nOpens it"


def test_two_parts_fold_where_there_is_no_room_for_both(qtbot: QtBot) -> None:
    first, second = QPushButton("Copy the path"), QPushButton("Show in the folder")
    window = QWidget()
    column_of(FoldingRow(row_of(first), row_of(second)), parent=window)
    qtbot.addWidget(window)
    window.show()
    window.resize(window.sizeHint().width() + 20, 80)
    assert first.y() == second.y()
    window.resize(second.sizeHint().width(), 80)
    qtbot.waitUntil(lambda: first.y() < second.y())


def test_the_tooltip_of_a_row_names_it(qtbot: QtBot) -> None:
    rows = RowList("Filters")
    qtbot.addWidget(rows)
    rows.set_rows([
        Row("a", "Most uncertain", tool_tip="Labels help most there."), Row("b", "x", tool_tip="x\nThe key")])
    tips = [rows.model().index(i, 0).data(Qt.ItemDataRole.ToolTipRole) for i in range(2)]
    assert tips == ["Most uncertain\nLabels help most there.", "x\nThe key"]


def test_the_arrow_in_the_header_points_as_beside_the_images(
    table: TableView, grid: GridView, qtbot: QtBot
) -> None:
    header, bar = table.horizontalHeader(), BrowserBar(grid)
    qtbot.addWidget(bar)
    assert isinstance(header, SortHeader)
    for order, shown, arrow in (
        (Qt.SortOrder.AscendingOrder, "↑", QStyleOptionHeader.SortIndicator.SortUp),
        (Qt.SortOrder.DescendingOrder, "↓", QStyleOptionHeader.SortIndicator.SortDown),
    ):
        bar.show_order("loss", is_descending=order is Qt.SortOrder.DescendingOrder, has_run=True)
        header.setSortIndicator(Column.LOSS, order)
        option = QStyleOptionHeader()
        header.initStyleOption(option)
        header.initStyleOptionForIndex(option, Column.LOSS)
        assert bar._direction.text() == shown and option.sortIndicator == arrow


def test_the_table_asks_for_thumbnails_of_what_it_shows_and_paints_them(
    table: TableView, model: ImageModel, fake_thumbnails: FakeThumbnails, thumbnails: ThumbnailCache, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: thumbnails.get((0).to_bytes(32, "big")) is not None)
    assert max(fake_thumbnails.loaded) < 60
    left = table.visualRect(model.index(0, Column.NAME)).center()
    left.setX(table.visualRect(model.index(0, Column.NAME)).left() + 8 + 18)
    assert table.viewport().grab().toImage().pixelColor(left).red() > 150, "the thumbnails of the test are red"


def test_names_have_room_in_a_narrow_table(table: TableView) -> None:
    for width, hidden in ((1200, []), (620, [Column.LOSS, Column.SPLIT, Column.SIZE, Column.TAGS]), (1200, [])):
        table.resize(width, 400)
        assert [column for column in Column if table.isColumnHidden(column)] == hidden
        assert table.columnWidth(Column.NAME) >= 150
