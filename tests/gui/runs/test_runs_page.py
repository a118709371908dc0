"""The page Runs on real trainings of drawn pictures: sorted, narrowed, marked, deleted with undo, repeated, drawn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from core.project.run_marks import set_star
from core.project.runs import record_run
from core.review.training_curves import curve_of
from core.text import text
from core.training.strategies.transfer import TransferSettings
from core.workflow import system_trash
from gui.messages import Message
from gui.pages import PageContext
from gui.runs.curve_dialog import CurveDialog
from gui.runs.runs_model import HOW, NETWORK, NOTE, OWN, RIGHT, SECONDS, STAR, WHEN
from gui.runs.runs_page import RunsPage
from tests.gui.conftest import RunnerNow


def train(context: PageContext, settings: TransferSettings) -> None:
    assert isinstance(context.runner, RunnerNow)
    context.jobs.train("transfer", settings)
    context.runner.run_all()


@pytest.fixture
def two(page: RunsPage, context: PageContext) -> tuple[str, str]:
    """The older and the newer of two runs."""
    train(context, TransferSettings(n_folds=4))
    train(context, TransferSettings())
    newer, older = context.session.runs
    return older.id, newer.id


def shown(page: RunsPage) -> list[str]:
    return [run.id for run in page.table.order.runs()]


def cell(page: RunsPage, row: int, column: int) -> str:
    return str(page.table.order.index(row, column).data())


def test_without_runs_it_leads_to_training(page: RunsPage, context: PageContext) -> None:
    assert page.nothing.isVisible() and not page.table.isVisible()
    page.nothing.acted.emit()
    assert context.window.workbench.current_page == "train"


def test_it_is_narrowed_and_sorted_with_what_is_unknown_last(
    page: RunsPage, context: PageContext, two: tuple[str, str]
) -> None:
    older, newer = two
    assert shown(page) == [newer, older]
    run = next(run for run in context.session.runs if run.id == newer)
    record_run(context.session.project, replace(run, accuracy=None, low=None, high=None))
    context.session.run_was_added(newer)
    for direction in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
        page.table.sortByColumn(RIGHT, direction)
        assert shown(page) == [older, newer], direction
    page.search.setText("folds\": 4")
    assert shown(page) == [older]
    page.search.setText("zzz")
    assert shown(page) == [] and page.nothing.isVisible()
    page.nothing.acted.emit()
    assert len(shown(page)) == 2 and page.table.isVisible()
    page.starred.setChecked(True)
    assert shown(page) == []


def test_a_star_and_a_note_are_kept_and_undone(
    page: RunsPage, context: PageContext, two: tuple[str, str], qtbot: QtBot
) -> None:
    older, newer = two
    page.table.clicked.emit(page.table.order.index(1, STAR))
    assert cell(page, 1, STAR) == "★" and cell(page, 0, STAR) == "☆"
    page.starred.setChecked(True)
    assert shown(page) == [older]
    page.starred.setChecked(False)
    page.table.select_run(older)
    page.panel.note.selectAll()
    qtbot.keyClicks(page.panel.note, "the best")
    qtbot.keyClick(page.panel.note, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: cell(page, 1, OWN) == "the best")
    assert [run.id for run in page.table.selected] == [older], "the selection stays"
    context.session.undo()
    assert cell(page, 1, OWN) == "" and page.panel.note.text() == ""
    context.session.undo()
    assert cell(page, 1, STAR) == "☆" and page.panel.star.text() == text("window_runs.star")


def test_a_deleted_run_comes_back_by_undo_and_menu_until_it_is_removed_for_good(
    page: RunsPage, context: PageContext, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(system_trash, "send2trash", lambda run: Path(run).rename(tmp_path / "trash"))
    older, newer = two
    page.table.select_run(newer)
    page.panel.delete.click()
    assert shown(page) == [older] and context.session.run is not None and context.session.run.id == older
    assert page.deleted_button.text() == text("window_runs.deleted", n=1)
    context.session.undo()
    assert shown(page) == [newer, older] and not page.deleted_button.isVisible()
    context.session.redo()
    page.deleted_button.menu().actions()[0].trigger()
    assert shown(page) == [newer, older]
    page.table.select_run(newer)
    page.panel.delete.click()
    page.deleted_button.menu().actions()[-1].trigger()
    (box,) = (box for box in page.findChildren(QMessageBox) if box.isVisible())
    yes = box.findChild(QPushButton, "empty")
    assert yes is not None
    yes.click()
    assert shown(page) == [older] and not page.deleted_button.isVisible()
    assert not context.session.project.run_path(newer).exists() and (tmp_path / "trash").is_dir()


def test_two_are_compared_one_is_copied_and_repeated(
    page: RunsPage, context: PageContext, two: tuple[str, str], messages: list[Message]
) -> None:
    older, newer = two
    page.table.selectAll()
    assert page.panel.compared.text() == (
        f"{newer} – Since {older}: 0 fixed, 0 broken, 0 still wrong, of 20 images that both runs predict.")
    assert not page.panel.copy.isEnabled() and not page.panel.repeat.isEnabled()
    page.table.select_run(older)
    assert context.session.run is not None and context.session.run.id == older and page.panel.title.text() == older
    assert "Python" in page.panel.environment.text()
    page.panel.repeat.click()
    assert isinstance(context.runner, RunnerNow)
    context.runner.run_all()
    assert any("bit for bit" in message.sentence for message in messages)
    assert len(shown(page)) == 3
    page.table.select_run(older)
    page.panel.copy.click()
    assert context.plan.settings == TransferSettings(n_folds=4)
    assert context.window.workbench.current_page == "train"


def epochs(*held_out: float, fold: int = 0) -> list[dict[str, Any]]:
    return [{"epoch": at + 1, "n_epochs": 3, "accuracy": 0.99, "val_accuracy": value, "loss": 0.1, "val_loss": 0.6,
             "is_best": True, "fold": fold} for at, value in enumerate(held_out)]


def test_curves_of_several_runs_stand_in_one_chart_with_the_gap_in_words(
    page: RunsPage, context: PageContext, two: tuple[str, str]
) -> None:
    assert not page.panel.curves.isVisible()
    for run, history in zip(context.session.runs, (epochs(0.5, 0.8, 0.84), epochs(0.9, 0.98)), strict=True):
        record_run(context.session.project, replace(run, figures={
            **run.figures, "history": history, "n_validation": 500}))
    context.session.run_was_added(two[1])
    page.table.selectAll()
    curves = page.panel.curves
    assert curves.isVisible() and set(curves.charts) == {"accuracy", "loss"}
    points = curves.charts["accuracy"].points
    assert points["1 val"] == [(1, 50), (2, 80), (3, 84)] and points["2 val"] == [(1, 90), (2, 98)]
    assert len(points) == 4 and "Learnt by heart: 99 %" in curves.said[0] and "84 %" in curves.said[0]
    assert "No clear overfitting" in curves.said[1]
    page.table.select_run(two[0])
    assert len(curves.charts["loss"].points) == 2


def test_folds_are_averaged() -> None:
    history = epochs(0.5, 0.8, fold=1) + epochs(0.7, fold=2)
    assert curve_of(history, "accuracy", is_held_out=True) == [(1, pytest.approx(60)), (2, pytest.approx(80))]


def test_all_columns_that_are_shown_are_in_sight(
    page: RunsPage, context: PageContext, two: tuple[str, str], qtbot: QtBot
) -> None:
    table = page.table
    for width in (1400, 800):
        context.window.resize(width, 800)
        qtbot.waitUntil(lambda: table.horizontalHeader().length() == table.viewport().width(), timeout=60_000)
        assert not any(table.isColumnHidden(column) for column in (STAR, WHEN, RIGHT))
    assert table.isColumnHidden(NOTE) and table.isColumnHidden(SECONDS) and cell(page, 0, WHEN).startswith("today ")
    assert cell(page, 0, HOW) == "transfer"
    assert "efficientnet-lite0" in str(table.order.index(0, NETWORK).data(Qt.ItemDataRole.ToolTipRole))


def test_the_learning_curve_is_measured_and_said(page: RunsPage, context: PageContext, qtbot: QtBot) -> None:
    context.window.actions_table.do("runs.learning_curve")
    (dialog,) = context.window.findChildren(CurveDialog)
    assert dialog.said.text() == text("window_runs.measuring")
    assert isinstance(context.runner, RunnerNow)
    context.runner.run_all()
    assert dialog.said.text() == text("training.curve.too_few_labels") and dialog.plot is not None
    dialog.reject()


def test_what_another_part_marks_is_shown(page: RunsPage, context: PageContext, two: tuple[str, str]) -> None:
    context.session.change_runs(lambda project: set_star(project, two[1], True))
    assert cell(page, 0, STAR) == "★"
