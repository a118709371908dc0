"""The model asks for few tiles, notifies few rows, and keeps ids apart from rows."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from core.text import Message
from gui.widgets.image_model import BLOCK, MAX_TILES, TILE_ROLE, Column, ImageModel
from tests.gui.widgets.conftest import FakeSource


def test_qt_finds_no_fault_with_the_model(model: ImageModel) -> None:
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_ids(np.arange(5, 20))


def test_a_million_ids_ask_for_no_tile(model: ImageModel, source: FakeSource) -> None:
    model.set_ids(np.arange(1_000_000))
    assert model.rowCount() == 1_000_000
    assert source.n_asked == 0


def test_one_cell_fetches_its_neighbours_once(model: ImageModel, source: FakeSource) -> None:
    for row in range(10):
        model.index(row, Column.NAME).data()
    assert source.n_asked == BLOCK


def test_tiles_of_visible_rows_are_asked_for_once(model: ImageModel, source: FakeSource) -> None:
    assert [tile.id for tile in model.tiles(990, 1010)] == list(range(990, 1000))
    model.tiles(995, 999)
    assert source.n_asked == 10


def test_tiles_kept_are_bounded(model: ImageModel) -> None:
    model.set_ids(np.arange(3 * MAX_TILES))
    for first in range(0, 3 * MAX_TILES, 600):
        assert len(model.tiles(first, first + 999)) == min(1000, 3 * MAX_TILES - first)  # overlapping, as views ask
    assert len(model._tiles) <= MAX_TILES


def test_the_array_given_is_copied(model: ImageModel) -> None:
    ids = np.arange(10)
    model.set_ids(ids)
    ids[0] = 99
    assert model.id_at(0) == 0
    assert not model.ids.flags.writeable


def test_relabelling_notifies_only_rows_that_were_shown(model: ImageModel, source: FakeSource, qtbot: QtBot) -> None:
    model.tiles(100, 119)
    source.changes = {i: {"label": "phone"} for i in range(1000)}
    with qtbot.waitSignal(model.dataChanged) as changed:
        model.refresh(np.arange(110, 1000))
    first, last = changed.args[0], changed.args[1]
    assert (first.row(), last.row()) == (110, 119)
    assert model.index(110, Column.LABEL).data() == "phone"
    assert model.index(109, Column.LABEL).data() == "pistol"


def test_relabelling_out_of_sight_notifies_nothing(model: ImageModel, qtbot: QtBot) -> None:
    model.tiles(0, 9)
    with qtbot.assertNotEmitted(model.dataChanged):
        model.refresh(np.array([500]))


def test_rows_and_ids_in_another_order(model: ImageModel) -> None:
    model.set_ids(np.array([30, 10, 20]))
    assert model.row_of(20) == 2
    assert model.row_of(11) is None
    assert model.rows_of(np.array([20, 30, 99])).tolist() == [0, 2]
    assert model.id_at(1) == 10
    assert model.index(1, 0).data(TILE_ROLE).id == 10


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (Column.NAME, "7.jpg"), (Column.LABEL, "pistol"), (Column.PREDICTION, "phone"), (Column.CONFIDENCE, "0.97"),
        (Column.LOSS, "3.507"), (Column.SPLIT, "train"), (Column.SIZE, "160 × 120"),
    ],
)
def test_what_the_columns_say(model: ImageModel, source: FakeSource, column: Column, text: str) -> None:
    source.changes[7] = {"prediction": "phone", "confidence": 0.97, "loss": 3.5066}
    assert model.index(7, column).data() == text


def test_figures_stand_on_the_right(model: ImageModel) -> None:
    right = Qt.AlignmentFlag.AlignRight
    assert model.index(0, Column.LOSS).data(Qt.ItemDataRole.TextAlignmentRole) & right
    assert not model.index(0, Column.NAME).data(Qt.ItemDataRole.TextAlignmentRole) & right


def test_what_a_screen_reader_says(model: ImageModel, source: FakeSource) -> None:
    source.changes[1] = {"prediction": "phone", "confidence": 0.97, "doubt": "may be mislabelled"}
    source.changes[2] = {"is_unreadable": True, "reason": Message("The file is cut off.")}
    role = Qt.ItemDataRole.AccessibleTextRole
    assert model.index(0, 0).data(role) == "0.jpg, label pistol"
    assert model.index(1, 0).data(role) == "1.jpg, label pistol, predicted phone 0.97, may be mislabelled"
    assert model.index(2, 0).data(role) == "2.jpg, cannot be read, The file is cut off."


def test_a_header_click_asks_for_another_order(model: ImageModel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(model.sort_requested) as asked:
        model.sort(Column.LOSS, Qt.SortOrder.DescendingOrder)
    assert asked.args == [Column.LOSS, True]
    assert model.id_at(0) == 0


def test_no_rows_below_an_image(model: ImageModel) -> None:
    assert model.rowCount(model.index(0, 0)) == 0
    assert model.data(QModelIndex()) is None
