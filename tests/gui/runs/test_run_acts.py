"""What can be done with the selected runs is enabled, and what cannot says why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from core.project.project import Project
from core.project.run_marks import set_star
from core.project.runs import STOPPED, RunRow, record_run
from core.text import Message, text
from gui.actions import REASON
from gui.pages import PageContext
from gui.runs.page import RUN_MENU
from gui.runs.run_rules import CHANGES, FOR_ONE, why_not
from gui.runs.runs_page import RunsPage

ACTS = (*FOR_ONE, "compare", "delete")


def run(name: str = "sound", **other: object) -> RunRow:
    return RunRow(name, "transfer", "b", 0, 5, **{"accuracy": 0.9, "low": 0.8, "high": 0.95, **other})


SOUND, DAMAGED = run(), run("damaged", damage=Message("window_runs.why.none"))


@pytest.mark.parametrize(("runs", "possible"), [
    ((), ()),
    ((SOUND,), (*FOR_ONE, "delete")),
    ((run(status=STOPPED),), ("review", "star", "note", "train_like", "delete")),
    ((DAMAGED,), ("star", "note", "delete")),
    ((SOUND, SOUND), ("compare", "delete")),
    ((SOUND, DAMAGED), ("delete",)),
    ((SOUND, SOUND, SOUND), ("delete",)),
])
def test_each_act_knows_its_runs(runs: tuple[RunRow, ...], possible: tuple[str, ...]) -> None:
    found = [act for act in ACTS if why_not(act, runs, can_write=True, is_training=False) is None]
    assert sorted(found) == sorted(possible)
    read_only = [act for act in ACTS if why_not(act, runs, can_write=False, is_training=False) is None]
    assert sorted(read_only) == sorted(set(possible) - set(CHANGES))


def test_nothing_is_repeated_beside_a_training() -> None:
    found = [act for act in ACTS if why_not(act, (SOUND,), can_write=True, is_training=True) is None]
    assert set(FOR_ONE) - set(found) == {"repeat"}


@pytest.fixture
def listed(context: PageContext, page: RunsPage) -> Iterator[RunsPage]:
    """Two sound runs and a damaged one; the newest sound one is shown."""
    project: Project = context.session.project
    for name in ("one", "two", "damaged"):
        record_run(project, run(name))
    with project.catalog.transaction() as db:
        db.execute("UPDATE run SET figures = '[[[' WHERE id = 'damaged'")
    context.session.run_was_added("two")
    yield page


def possible(context: PageContext) -> set[str]:
    acts = {action.name.partition(".")[2]: action for action in context.window.actions_table.all()}
    return {name for name in (*FOR_ONE, "delete") if acts[name].can_be_done}


def test_buttons_and_menu_follow_the_selection_and_say_why_not(
    context: PageContext, listed: RunsPage, qtbot: QtBot
) -> None:
    panel = listed.panel
    assert possible(context) == {*FOR_ONE, "delete"} and panel.repeat.isEnabled()
    listed.table.select_runs(["one", "two"])
    assert possible(context) == {"delete"} and panel.delete.isEnabled()
    for button in (panel.star, panel.copy, panel.repeat):
        assert not button.isEnabled() and button.toolTip() == text("window_runs.why.one")
    listed.table.select_run("damaged")
    assert possible(context) == {"star", "note", "delete"} and panel.star.isEnabled()
    assert panel.repeat.toolTip() == text("window_runs.why.damaged", run="damaged")
    menu = context.window.actions_table.build_menu(RUN_MENU, listed.table)
    menu.popup(QPoint(0, 0))
    entry = next(action for action in menu.actions() if action.objectName() == "runs.repeat")
    assert not entry.isEnabled() and entry.property(REASON) == panel.repeat.toolTip()
    place = menu.actionGeometry(entry).center()
    QApplication.sendEvent(menu, QHelpEvent(QEvent.Type.ToolTip, place, menu.mapToGlobal(place)))
    assert QToolTip.text() == panel.repeat.toolTip()
    QToolTip.hideText()
    menu.close()
    listed.table.select_runs(["one", "damaged"])
    assert panel.compared.text() == text("window_runs.why.damaged", run="damaged")


def test_from_another_page_an_act_concerns_the_run_that_is_shown(context: PageContext, listed: RunsPage) -> None:
    session, table = context.session, context.window.actions_table
    listed.table.select_runs(["one", "two", "damaged"])
    session.change_runs(lambda project: set_star(project, "one", True))
    listed.starred.setChecked(True)
    session.choose_run("two")
    context.window.go_to("train")
    assert possible(context) == {*FOR_ONE, "delete"}
    table.do("runs.delete")
    assert sorted(one.id for one in session.listed_runs) == ["damaged", "one"]
