"""Names that are too long are cut so that those of neighbours can still be told apart."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QApplication, QStyleOptionViewItem, QTableWidget, QTableWidgetItem
from pytestqt.qtbot import QtBot

from gui.widgets.cut_names import cut_name, shared_starts
from gui.widgets.name_delegate import NameDelegate
from gui.widgets.row_list import SHARED_ROLE, Row, RowModel

NAMES = [f"class {i:03d} of a hundred with a name as long as some people write" for i in range(12)]


def test_long_names_of_neighbours_stay_different(qapp: QApplication) -> None:
    metrics = QFontMetrics(QFont())
    room = metrics.horizontalAdvance("class 000 of a")
    cut = [cut_name(metrics, name, n, room) for name, n in zip(NAMES, shared_starts(NAMES), strict=True)]
    assert all(metrics.horizontalAdvance(name) <= room for name in cut)
    assert all(before != after for before, after in zip(cut, cut[1:], strict=False))
    assert cut[7].startswith("…007 of"), "the whole number"
    assert cut_name(metrics, "short", 3, room) == "short"


def test_a_list_tells_what_its_rows_share(qtbot: QtBot) -> None:
    model = RowModel()
    model.set_rows([Row(i, name) for i, name in enumerate(NAMES)])
    assert [model.index(i).data(SHARED_ROLE) for i in (0, 9, 10)] == [8, 8, 8]
    model.set_rows([Row(i, name[6:]) for i, name in enumerate(NAMES)])
    assert model.index(0).data(SHARED_ROLE) == 2, "titles that changed are compared anew"


@pytest.mark.parametrize("sign", ["", "■  "])
def test_a_table_cuts_names_so_that_they_stay_different(qtbot: QtBot, sign: str) -> None:
    table = QTableWidget(len(NAMES), 1)
    qtbot.addWidget(table)
    delegate = NameDelegate(table)
    for row, name in enumerate(NAMES):
        table.setItem(row, 0, QTableWidgetItem(sign + name))
    option = QStyleOptionViewItem()
    table.initViewItemOption(option)
    option.rect = QRect(0, 0, table.fontMetrics().horizontalAdvance("class 000 of a" + sign), 20)
    painted = []
    for row in range(len(NAMES)):
        delegate.initStyleOption(option, table.model().index(row, 0))
        painted.append(option.text)
    assert len(set(painted)) == len(NAMES) and all(words.startswith(sign) for words in painted)
    option.rect.setWidth(5_000)
    delegate.initStyleOption(option, table.model().index(0, 0))
    assert option.text == sign + NAMES[0]
