"""A training under way on the Train page: one at a time, labelling meanwhile, cancelled, failed, with its curves."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.training.strategies.scratch import ScratchSettings
from gui import theme
from core.text import text
from gui.jobs import Job
from gui.messages import Message
from gui.pages import PageContext
from gui.train.train_page import TrainPage
from tests.gui.conftest import RunnerNow
from tests.gui.train.conftest import BuildContext, label, show_page, train
from tests.gui.train.trainings import BY_EPOCHS, FAILING


def test_one_training_at_a_time(page: TrainPage, context: PageContext, messages: list[Message]) -> None:
    page.start.click()
    context.window.actions_table.do("train.start")
    assert "is not finished" in messages[-1].sentence and len(context.runner.waiting) == 0
    page.live.cancel.click()


def test_labelling_goes_on_while_training(page: TrainPage, context: PageContext, runner_now: RunnerNow) -> None:
    page.start.click()
    runner_now.prepare_all()
    label(context, 3, 1, 2)
    assert page.live.moved.text.startswith("3 labels changed since this training began")
    context.session.undo()
    assert page.live.moved.text == ""
    label(context, 1, 1, None)
    assert page.live.moved.text.startswith("1 label changed")
    label(context, 1, 2, None)
    assert page.live.moved.text.startswith("2 labels changed")
    runner_now.run_all()
    assert context.session.runs[0].n_train == 20, "it learnt from the labels as they were"
    assert page.result.moved.text == text("window_train.changed_since_run", n=2)


def test_labels_that_change_while_the_snapshot_is_taken_are_told_if_it_has_them_not(
    page: TrainPage, context: PageContext, runner_now: RunnerNow
) -> None:
    page.start.click()
    label(context, 2, 1, 2)
    assert page.live.moved.text == "", "whether it learns from them is not known yet"
    runner_now.prepare_all()
    assert page.live.moved.text == "", "the snapshot was taken after them"
    context.session.undo()
    assert page.live.moved.text.startswith("2 labels changed")


class RunnerLater(RunnerNow):
    """Runs its jobs by `run_all` only."""

    def _hand_over(self, job: Job) -> None:
        self._handed.append(job)


def test_what_is_going_on_comes_into_sight(build_context: BuildContext, qtbot: QtBot) -> None:
    runner = RunnerLater()
    context = build_context(runner)
    page = show_page(context)
    context.window.resize(800, 560)
    qtbot.waitUntil(lambda: page.width() <= 800, timeout=60_000)
    assert page.verticalScrollBar().value() == 0
    page.setup.form.more.button.click()  # makes the page longer
    context.window.actions_table.do("train.start")
    qtbot.waitUntil(lambda: not page.live.cancel.visibleRegion().isEmpty(), timeout=20_000)
    page.live.cancel.click()
    runner.run_all()


def test_cancelling_keeps_no_run(page: TrainPage, context: PageContext, runner_now: RunnerNow) -> None:
    page.start.click()
    page.live.cancel.click()
    assert page.live.state.text() == "Cancelling …" and not page.live.cancel.isEnabled()
    runner_now.run_all()
    assert page.live.state.text().startswith("Cancelled: no run was made.") and context.session.runs == ()
    assert page.start.isEnabled()


def test_a_training_that_waits_says_for_what(page: TrainPage, context: PageContext, tmp_path: Path) -> None:
    context.runner.start("Counting", "count", 3)
    page.start.click()
    assert page.live.state.text() == text("window_train.waits_for", title="Counting")
    page.live.cancel.click()
    assert page.live.state.text() == text("jobs.cancelled.not_begun")


def test_a_failure_shows_its_sentence(build_context: BuildContext, messages: list[Message]) -> None:
    runner = RunnerNow(FAILING)
    context = build_context(runner)
    page = show_page(context)
    page.start.click()
    runner.run_all()
    assert page.live.failure.text == "There is not enough memory to train this network. Try a smaller batch."
    assert page.live.isVisible() and page.start.isEnabled() and not page.live.cancel.isVisible()


def test_curves_of_epochs(build_context: BuildContext) -> None:
    runner = RunnerNow(BY_EPOCHS)
    context = build_context(runner)
    page = show_page(context)
    assert page.live.curves.charts == {}
    page.start.click()
    runner.run_all()
    chart = page.live.curves.charts["accuracy"]
    assert [x for x, _ in chart.points["val"]] == [1, 2, 3], "the second part began anew"
    assert chart.points["val"][0][1] == pytest.approx(60)
    chart.show_at(1.8)
    assert chart.said.text() == "Epoch 2 · validation set 80 · training set 85"
    context.window.resize(1200, 1000)
    theme.current().choose("dark")
    axis = page.live.curves.charts["loss"].plot.getPlotItem().getAxis("left")
    assert axis.autoSIPrefixScale == 1, "0.5 nats are not written as 500"
    chart.copy_table()
    lines = QApplication.clipboard().text().splitlines()
    titles = "Epoch\tvalidation set\ttraining set"
    assert lines[:2] == [text("window_train.accuracy_axis"), titles] and len(lines) == 5
    chart.copy_image()
    assert not QApplication.clipboard().pixmap().isNull()
    assert set(page.live.curves.charts) == {"accuracy", "loss", "learning_rate"}


def test_the_page_catches_up_with_a_training_that_began_without_it(build_context: BuildContext) -> None:
    runner = RunnerNow(BY_EPOCHS)
    context = build_context(runner)
    train(context)
    page = show_page(context)
    assert len(page.live.curves.charts["loss"].points["train"]) == 3


def test_the_curves_of_a_finished_run_stay(page: TrainPage, context: PageContext) -> None:
    plan = context.plan
    plan.choose_strategy("scratch")
    plan.keep_settings(ScratchSettings(network="lenet", width_px=16, height_px=16, n_epochs=3))
    train(context)
    assert page.result.end.text().startswith("All 3 epochs were completed.")
    assert "held-out images, used neither for training nor to decide when to stop" in page.result.measure.text()
    chart = page.result.curves.charts["accuracy"]
    assert [x for x, _ in chart.points["val"]] == [1, 2, 3]
    assert page.result.gap.isVisible() and not page.live.isVisible(), "the curves stand once"
    plan.choose_strategy("transfer")
    train(context)
    assert page.result.curves.charts == {} and not page.result.end.isVisible()
    context.session.choose_run(context.session.runs[1].id)
    assert set(page.result.curves.charts) == {"accuracy", "loss", "learning_rate"}
