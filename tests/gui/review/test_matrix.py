"""The matrix as a table: figures, words for screen readers, totals, many classes."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.project.journal import ClassRow
from core.workflow.confusion import Confusion, JudgedClass
from gui import theme
from gui.review.matrix_model import CELL_ROLE, NO_STYLE, STYLE_ROLE, MatrixModel
from gui.review.matrix_panel import CLASSES, CURVE, MATRIX, PAIRS, READINGS, MatrixPanel
from tests.gui.review.conftest import down

SPEAK, TIP = Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole
ACROSS = Qt.Orientation.Horizontal


def rows(n: int) -> list[ClassRow]:
    return [ClassRow(i + 1, f"class {i}", "#E69F00", None, i) for i in range(n)]


def square(n: int, *, gone: int = 0) -> Confusion:
    """Each class is right ten times and once taken for the next."""
    counts = np.eye(n, dtype=np.int64) * 10 + np.roll(np.eye(n, dtype=np.int64), 1, axis=1)
    return Confusion(tuple(JudgedClass(i + 1, f"class {i}", is_gone=i + 1 == gone) for i in range(n)), counts)


@pytest.fixture
def guns() -> MatrixModel:
    model = MatrixModel()
    counts = np.array([[384, 7], [1, 349]])
    classes = [ClassRow(1, "pistol", "#E69F00", "1", 0), ClassRow(2, "smartphone", "#56B4E9", "2", 1)]
    model.show(Confusion((JudgedClass(1, "pistol"), JudgedClass(2, "smartphone")), counts), classes)
    return model


def test_counts_shares_and_totals(guns: MatrixModel) -> None:
    assert [[guns.index(i, j).data() for j in range(3)] for i in range(3)] == [
        ["384", "7", "391"], ["1", "349", "350"], ["385", "356", "741"]]
    guns.show_percent(True)
    assert [guns.index(0, j).data() for j in range(3)] == ["98.2 %", "1.8 %", "100.0 %"]
    assert guns.index(2, 0).data() == "52.0 %"


def test_cells_are_spoken_in_words(guns: MatrixModel) -> None:
    assert guns.index(0, 1).data(SPEAK) == "7 images labelled pistol, predicted smartphone"
    assert guns.index(1, 0).data(SPEAK) == "1 image labelled smartphone, predicted pistol"
    assert guns.index(0, 2).data(SPEAK) == "391 images labelled pistol"
    assert guns.index(2, 1).data(SPEAK) == "356 images predicted smartphone"
    assert guns.index(2, 2).data(SPEAK) == "741 images in all"
    assert "1.8 % of the images labelled pistol" in guns.index(0, 1).data(TIP)


def test_headers_have_sign_colour_and_what_became_of_a_class(guns: MatrixModel) -> None:
    assert guns.headerData(1, ACROSS, STYLE_ROLE).sign == "◆"
    assert guns.headerData(1, ACROSS, STYLE_ROLE).color == "#56B4E9"
    assert guns.headerData(2, ACROSS) == "All"
    guns.show(square(2, gone=2), rows(1))
    assert "deleted or merged" in guns.headerData(1, ACROSS, TIP)
    assert guns.headerData(1, ACROSS, STYLE_ROLE) == NO_STYLE


def test_the_same_classes_again_keep_the_place(qtbot: QtBot) -> None:
    panel = MatrixPanel()
    qtbot.addWidget(panel)
    panel.show_confusion(square(3), rows(3))
    panel.view.stand_on(panel.model.index(1, 2))
    panel.show_confusion(square(3), rows(3))
    assert panel.view.currentIndex() == panel.model.index(1, 2)


def test_few_classes_have_no_pairs_and_many_begin_with_them(qtbot: QtBot) -> None:
    panel = MatrixPanel()
    qtbot.addWidget(panel)
    panel.show_confusion(square(12), rows(12))
    assert panel.is_matrix_shown and panel.kinds.buttons.keys() == {MATRIX, CLASSES, CURVE, READINGS}
    panel.show_confusion(square(13), rows(13))
    assert not panel.is_matrix_shown and down(panel.kinds) == PAIRS
    assert len(panel.pairs.rows) == 13
    panel.kinds.buttons[MATRIX].click()
    assert panel.is_matrix_shown
    panel.show_confusion(square(13), rows(13))
    assert panel.is_matrix_shown, "a relabelled picture must not lead back to the pairs"


def test_a_pair_asks_for_its_cell(qtbot: QtBot) -> None:
    panel = MatrixPanel()
    qtbot.addWidget(panel)
    panel.show_confusion(square(20), rows(20))
    with qtbot.waitSignal(panel.asked) as asked:
        panel.pairs.chosen.emit(panel.pairs.rows[0].id, False)
    assert asked.args == [1, 2]


@pytest.mark.parametrize("n", [1, 2, 12, 200])
@pytest.mark.parametrize("choice", ["light", "dark"])
def test_it_paints_in_both_themes(qtbot: QtBot, n: int, choice: str) -> None:
    theme.current().choose(choice)
    panel = MatrixPanel()
    qtbot.addWidget(panel)
    panel.show_confusion(square(n), rows(n))
    panel.kinds.buttons[MATRIX].click()
    panel.resize(900, 500)
    panel.mark((1, None))
    right = panel.view.visualRect(panel.model.index(0, 0))
    picture = panel.view.viewport().grab().toImage()
    ratio = picture.devicePixelRatio()
    color = picture.pixelColor(int((right.left() + 4) * ratio), int((right.top() + 6) * ratio))
    assert color != panel.palette().color(panel.palette().ColorRole.Base), "a cell with pictures is shaded"
    assert panel.model.index(0, 0).data(CELL_ROLE).is_right
