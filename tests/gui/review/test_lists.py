"""The lists of mistakes beside the images: what stands in them, where one is after a while, keys, folding."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from core.jobs import JobContext
from core.project.labels import set_labels
from core.project.project import Project
from core.project.run_marks import set_deleted
from core.project.runs import list_runs
from core.project.tags import set_flag
from core.workflow.comparing import compare_recorded
from core.workflow.run_acts import empty_deleted
from core.workflow.training import train_project
from gui.pages import PageContext
from gui.review import workspace
from gui.review.facts import PAUSE_MS
from gui.review.review_listing import Mode
from gui.review.review_page import ReviewPage
from gui.widgets.row_list import Row
from tests.gui.conftest import RunnerNow
from tests.gui.review.conftest import BLUE, RED


def rows(page: ReviewPage) -> dict[str, Row]:
    return {str(row.id): row for section in page.lists.sections.values() for row in section.rows.rows}


def click(page: ReviewPage, name: str) -> None:
    section = next(s for s in page.lists.sections.values() if any(row.id == name for row in s.rows.rows))
    section.rows.chosen.emit(name, False)


def marked(page: ReviewPage) -> set[object]:
    return {row for section in page.lists.sections.values() for row in section.rows._rows.marked if row}


def test_each_list_shows_as_many_images_as_it_says(page: ReviewPage) -> None:
    page.workspace.fold(is_shown=True)
    assert set(rows(page)) >= {"mistakes", "sure", "unchecked", "uncertain"}
    for name, row in rows(page).items():
        click(page, name)
        assert len(page.listing.ids) == row.count, name
        assert marked(page) == {name}
        assert page.browser.selection.currentIndex().row() == 0
    pair = next(name for name in rows(page) if name.startswith("pair:"))
    click(page, pair)
    assert page.listing.scope is not None and page.listing.scope.mode is Mode.CELL, "the cell of the matrix"


def test_one_comes_back_to_the_place_where_one_was(page: ReviewPage) -> None:
    page.workspace.fold(is_shown=True)
    click(page, "uncertain")
    page.browser.selection.set_current_row(5)
    here = page.browser.selection.current_id()
    click(page, "mistakes")
    click(page, "uncertain")
    assert page.browser.selection.current_id() == here
    click(page, "uncertain")
    assert page.browser.selection.current_id() == here, "also where the same list is asked for again"


def test_what_is_checked_leaves_its_list_and_the_place_stays(
    page: ReviewPage, context: PageContext, qtbot: QtBot
) -> None:
    page.workspace.fold(is_shown=True)
    click(page, "unchecked")
    ids, n = page.browser.model.ids.copy(), rows(page)["unchecked"].count
    page.browser.selection.set_current_row(1)
    set_flag(context.session.project, ids[1:2], "checked")
    context.session.tags_changed.emit(ids[1:2])
    qtbot.waitUntil(lambda: rows(page)["unchecked"].count == (n or 0) - 1)
    assert page.browser.model.ids.tolist() == ids.tolist(), "the list is that of before"
    page.browser.refresh()
    assert page.browser.selection.current_id() == ids[2] and page.browser.selection.currentIndex().row() == 1


def test_keys_go_from_list_to_list(page: ReviewPage, context: PageContext) -> None:
    table = context.window.actions_table
    page.workspace.fold(is_shown=False)
    page.show_mistakes()
    table.do("review.next_list")
    assert page.workspace.shown_name == "sure"
    table.do("review.previous_list")
    assert page.workspace.shown_name == "mistakes"
    table.do("review.previous_list")
    assert page.workspace.shown_name == "mistakes", "there is none before the first"


def test_folded_away_the_modes_lead_and_that_is_kept(page: ReviewPage, context: PageContext) -> None:
    context.window.actions_table.do("review.fold_lists") if page.workspace.is_shown else None
    assert page.lists.isHidden() and page.modes.modes.isVisibleTo(page)
    page.modes.unfold.click()
    assert page.lists.isVisibleTo(page) and not page.modes.modes.isVisibleTo(page)
    assert context.preferences.number("review_lists", -1) == 1


def test_in_little_room_lists_and_figures_take_turns(
    page: ReviewPage, context: PageContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace, "WIDE_PX", page.width() + 1)
    page.workspace.fold(is_shown=True)
    assert page.matrix.isHidden() and not page.lists.isHidden()
    context.window.actions_table.do("review.matrix")
    assert page.lists.isHidden() and not page.matrix.isHidden()


def test_without_mistakes_the_most_uncertain_come(
    open_page: Callable[[Path], ReviewPage], project_folder: Path
) -> None:
    with Project.open(project_folder) as project:
        run = project.catalog.rows("SELECT number FROM run")[0][0]
        for class_id in (BLUE, RED):
            sql = "SELECT image_id FROM prediction WHERE run_number = ? AND class_id = ? AND kind = 0"
            set_labels(project, [i for i, in project.catalog.rows(sql, (run, class_id))], class_id)
    page = open_page(project_folder)
    page.workspace.fold(is_shown=True)
    assert page.facts.shown is not None and page.facts.shown.n_wrong == 0
    assert page.workspace.shown_name == "uncertain" and len(page.listing.ids) == page.facts.shown.n_total
    assert page.lists.note.text() and rows(page)["mistakes"].count == 0
    page.show_mistakes()
    assert page.workspace.shown_name == "uncertain"


def test_another_run_to_compare_with(page: ReviewPage, context: PageContext, runner_now: RunnerNow) -> None:
    session = context.session
    set_labels(session.project, page.listing.ids[:1], RED)
    page.header.train.click()
    runner_now.run_all()
    page.workspace.fold(is_shown=True)
    first, second = session.runs[-1].id, session.runs[0].id
    assert first != second and page.workspace.other_runs() == [first]
    page.workspace.choose_against(first)
    found = compare_recorded(session.project, first, second)
    assert rows(page)["still_wrong"].count == len(found.still_wrong)
    click(page, "still_wrong")
    assert sorted(page.listing.ids.tolist()) == sorted(found.still_wrong.tolist())


def test_lists_of_a_project_that_was_left_are_not_read_in_the_next_one(
    page: ReviewPage, context: PageContext, trained: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    other = Path(shutil.copytree(trained, tmp_path / "other.catalejo"))
    train_project(other, "transfer", {}, JobContext())
    with Project.open(other) as project:  # its run has another name than the one that is shown
        set_deleted(project, [list_runs(project)[-1].id], True)
        empty_deleted(project)
    page.workspace.fold(is_shown=True)
    context.window.go_to("library")
    session = context.session
    session.open(other)
    set_flag(session.project, np.array([1]), "star")
    session.tags_changed.emit(np.array([1]))
    qtbot.wait(3 * PAUSE_MS)  # a fault in the window's thread fails the test
    session.tags_changed.emit(np.array([1]))
    session.close()
    qtbot.wait(3 * PAUSE_MS)


def test_lists_out_of_sight_are_read_when_one_comes_back(
    page: ReviewPage, context: PageContext, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.workspace.fold(is_shown=True)
    n, ids = rows(page)["unchecked"].count or 0, page.browser.model.ids
    context.window.go_to("library")
    shown: list[object] = []
    show = page.lists.show_lists
    monkeypatch.setattr(page.lists, "show_lists", lambda *args, **named: (shown.append(args), show(*args, **named)))
    set_flag(context.session.project, ids[:1], "checked")
    context.session.tags_changed.emit(ids[:1])
    qtbot.wait(3 * PAUSE_MS)
    assert not shown, "it takes a while, and nobody looks"
    context.window.go_to("review")
    assert shown and rows(page)["unchecked"].count == n - 1
