"""One table of acts: menus, keys and palette say the same and do the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMainWindow, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from gui.actions import Action, ActionTable
from gui.palette.command_palette import CommandPalette, KeysOverview, balance
from gui.widgets.fuzzy import rank, score


class Doer:
    """A window with a table of acts that write down what was done."""

    def __init__(self, qtbot: QtBot) -> None:
        self.window = QMainWindow()
        qtbot.addWidget(self.window)
        self.table = ActionTable(self.window)
        self.done: list[str] = []
        self.can_train = True
        self.table.add([
            Action("train", "Train again", "T", self._doing("train"), "Train", is_enabled=lambda: self.can_train),
            Action("undo", "Undo", "Ctrl+Z; Alt+Backspace", self._doing("undo"), "Edit", starts_group=True),
            Action("move", "Move in the grid", "Arrows", None, "Image"),
            Action("odd", "Página de ayuda", "", self._doing("odd")),
        ])

    def _doing(self, name: str) -> Callable[[], None]:
        return lambda: self.done.append(name)


@pytest.fixture
def doer(qtbot: QtBot) -> Doer:
    return Doer(qtbot)


def test_names_and_keys_belong_to_one_act_each(doer: Doer) -> None:
    with pytest.raises(ValueError, match="two acts"):
        doer.table.add([Action("undo", "Undo")])
    with pytest.raises(ValueError, match="both want the key T"):
        doer.table.add([Action("other", "Other", "T")])


def test_what_cannot_be_done_is_not_done(doer: Doer) -> None:
    doer.can_train = False
    for name in ("train", "move", "undo"):
        doer.table.do(name)
    assert doer.done == ["undo"]
    assert [a.name for a in doer.table.doable()] == ["undo", "odd"]


def test_menus_have_only_what_is_in_them_in_their_order(doer: Doer) -> None:
    doer.table.fill_menu_bar(doer.window.menuBar())
    assert [a.text() for a in doer.window.menuBar().actions()] == ["&Edit", "&Train"]


def test_an_open_menu_greys_and_a_key_asks_again(doer: Doer) -> None:
    doer.table.fill_menu_bar(doer.window.menuBar())
    menu = doer.window.menuBar().actions()[1].menu()
    doer.can_train = False
    menu.aboutToShow.emit()
    assert not doer.table.qt_action("train").isEnabled()
    menu.aboutToHide.emit()
    doer.can_train = True
    doer.table.qt_action("train").trigger()
    assert doer.done == ["train"]


def test_both_keys_of_an_act_work(doer: Doer, qtbot: QtBot) -> None:
    with qtbot.waitActive(doer.window):
        doer.window.show()
    qtbot.keyClick(doer.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(doer.window, Qt.Key.Key_Backspace, Qt.KeyboardModifier.AltModifier)
    assert doer.done == ["undo", "undo"]


def test_the_palette_finds_and_does(doer: Doer, qtbot: QtBot) -> None:
    palette = CommandPalette(doer.table, doer.window)
    palette.open()
    qtbot.keyClicks(palette.query, "pag")
    assert palette.matches.model().rowCount() == 1
    qtbot.keyClick(palette.query, Qt.Key.Key_Return)
    assert doer.done == ["odd"]


def test_arrows_in_the_field_move_in_the_list(doer: Doer, qtbot: QtBot) -> None:
    palette = CommandPalette(doer.table, doer.window)
    palette.open()
    qtbot.keyClick(palette.query, Qt.Key.Key_Down)
    qtbot.keyClick(palette.query, Qt.Key.Key_Return)
    assert doer.done == ["undo"]


def test_a_search_for_nothing_says_so_and_enter_is_harmless(doer: Doer, qtbot: QtBot) -> None:
    palette = CommandPalette(doer.table, doer.window)
    palette.open()
    qtbot.keyClicks(palette.query, "zzz")
    assert palette.matches.isHidden() and not palette._nothing.isHidden()
    qtbot.keyClick(palette.query, Qt.Key.Key_Return)
    assert doer.done == []


def test_escape_does_nothing_but_close(doer: Doer, qtbot: QtBot) -> None:
    palette = CommandPalette(doer.table, doer.window)
    palette.open()
    with qtbot.waitSignal(palette.finished):
        qtbot.keyClick(palette.query, Qt.Key.Key_Escape)
    assert doer.done == []


def test_letters_must_be_there_in_their_order() -> None:
    assert score("tra", "Train again") is not None
    assert score("art", "Train again") is None
    assert score("", "Train again") == 0


@pytest.mark.parametrize(
    ("query", "titles", "first"),
    [
        ("tn", ["Listen now", "Train now"], "Train now"),
        ("train", ["Strain", "Train again"], "Train again"),
        ("goli", ["Good listing", "Go to Library"], "Good listing"),
        ("gl", ["Single", "Go to Library"], "Go to Library"),
        ("accion", ["Otra", "Acción"], "Acción"),
    ],
)
def test_the_best_match_comes_first(query: str, titles: list[str], first: str) -> None:
    assert titles[rank(query, titles)[0]] == first


def test_the_overview_lists_every_key_also_of_widgets(doer: Doer, qtbot: QtBot) -> None:
    overview = KeysOverview(doer.table.all())
    qtbot.addWidget(overview)
    words = {label.text() for label in overview.findChildren(QLabel)}
    assert {"Train", "Train again", "T", "Arrows", "Move in the grid"} <= words
    assert "Página de ayuda" not in words


def test_the_overview_becomes_one_column_in_a_narrow_window(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    acts = [Action(f"a{i}", "Something that needs many words to be said", "Ctrl+Shift+A", menu=menu)
            for i in range(6) for menu in ("File", "Help")]
    for width, n_columns in ((1200, 2), (420, 1)):
        window.resize(width, 600)
        overview = KeysOverview(acts, window)
        overview.show()
        area = overview.findChildren(QScrollArea)[0]
        assert area.widget().layout().count() == n_columns
        assert overview.width() <= width and area.widget().width() <= area.viewport().width()


def test_columns_are_about_equally_long() -> None:
    groups = {name: [Action(f"{name}{i}", "x", "y") for i in range(n)] for name, n in (("a", 5), ("b", 1), ("c", 5))}
    assert balance(groups, 2) in ([["a", "b"], ["c"]], [["a"], ["b", "c"]])
