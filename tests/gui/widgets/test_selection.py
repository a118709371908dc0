"""The selection is known by id and survives another list."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QItemSelection, QItemSelectionModel
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from gui.widgets.grid_view import GridView
from gui.widgets.image_model import ImageModel
from gui.widgets.selection import MAX_KEPT_RANGES, ImageSelectionModel


def test_selected_ids_in_the_order_shown(model: ImageModel, selection: ImageSelectionModel) -> None:
    model.set_ids(np.array([5, 3, 9, 1]))
    selection.select_ids(np.array([1, 3, 9, 77]))
    assert selection.selected_ids().tolist() == [3, 9, 1]
    assert len(selection.selected_ids()) == 3
    assert selection.current_id() == 3


def test_everything_of_a_million_is_one_range(
    grid: GridView, selection: ImageSelectionModel, model: ImageModel
) -> None:
    model.set_ids(np.arange(1_000_000))
    grid.selectAll()
    assert len(selection.selected_ids()) == 1_000_000
    assert len(selection.row_ranges()) == 1
    assert selection.selected_ids()[-1] == 999_999
    assert selection.is_row_selected(123_456)


def test_which_rows_are_selected(selection: ImageSelectionModel) -> None:
    selection.select_ids(np.array([2, 3, 4, 8]))
    assert [row for row in range(12) if selection.is_row_selected(row)] == [2, 3, 4, 8]


def test_another_order_keeps_the_selection(
    grid: GridView, selection: ImageSelectionModel, model: ImageModel, qtbot: QtBot
) -> None:
    table = QTableView()
    qtbot.addWidget(table)
    table.setModel(model)
    table.setSelectionModel(selection)
    selection.select_ids(np.array([4, 5, 700]))
    model.set_ids(np.arange(1000)[::-1])
    assert sorted(selection.selected_ids().tolist()) == [4, 5, 700]
    assert selection.current_id() == 4
    model.set_ids(np.arange(10))
    assert selection.selected_ids().tolist() == [4, 5]


def test_a_list_without_the_selected_images_selects_nothing(
    selection: ImageSelectionModel, model: ImageModel, qtbot: QtBot
) -> None:
    selection.select_ids(np.array([4]))
    with qtbot.waitSignal(selection.selected_ids_changed):
        model.set_ids(np.arange(500, 600))
    assert len(selection.selected_ids()) == 0
    assert selection.current_id() is None


def test_where_an_image_left_the_next_takes_its_place(selection: ImageSelectionModel, model: ImageModel) -> None:
    selection.select_ids(np.array([4]))
    model.set_ids(np.delete(np.arange(1000), 4), keeps_place=True)
    assert selection.current_id() == 5
    assert selection.selected_ids().tolist() == [5]
    selection.select_ids(np.array([999]))
    model.set_ids(np.arange(999), keeps_place=True)
    assert selection.current_id() == 998


def test_a_selection_in_too_many_pieces_is_let_go(selection: ImageSelectionModel, model: ImageModel) -> None:
    n = 4 * MAX_KEPT_RANGES
    model.set_ids(np.arange(0, 2 * n, 2))
    everything = QItemSelection(model.index(0, 0), model.index(n - 1, 0))
    selection.select(everything, QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows)
    model.set_ids(np.arange(2 * n))
    assert len(selection.selected_ids()) == 0


def test_current_is_announced_by_id(selection: ImageSelectionModel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(selection.current_id_changed) as changed:
        selection.set_current_row(42)
    assert changed.args == [42]


def test_each_view_on_the_model_does_not_announce_again(
    grid: GridView, selection: ImageSelectionModel, model: ImageModel, qtbot: QtBot
) -> None:
    table = QTableView()
    qtbot.addWidget(table)
    table.setModel(model)
    table.setSelectionModel(selection)
    selection.select_ids(np.array([4, 5]))
    announced: list[list[int]] = []
    selection.selected_ids_changed.connect(lambda: announced.append(selection.selected_ids().tolist()))
    model.set_ids(np.arange(100))
    assert announced == [[4, 5]]
