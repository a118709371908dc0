"""Cancel says what it keeps, before and after; what was cancelled is not chosen; nothing is repeated by accident."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from core.jobs import Progress
from core.project.runs import STOPPED, list_runs, record_run
from core.text import Message as Said
from core.text import text
from core.training.known_times import keep_seconds
from core.training.settings import EpochFigures
from core.training.strategies.scratch import SCRATCH, ScratchSettings
from core.workflow.cancelling import Phase, kept_of_training
from core.worker_protocol import Published
from gui.home_project import HomeProject
from gui.messages import Message
from gui.pages import PageContext
from gui.train.train_page import TrainPage
from tests.gui.conftest import RunnerNow
from tests.gui.train.conftest import BuildContext, show_page


def figures(epoch: int, fold: int = 0) -> EpochFigures:
    return EpochFigures(epoch, 10, 1.0, 0.5, 1.0, 0.5, 0.001, 1.0, 9.0, True, fold)


@pytest.mark.parametrize(("phase", "code"), [
    (Phase("auto", is_running=False), "jobs.kept.not_begun"),
    (Phase("auto"), "jobs.kept.embeddings"),
    (Phase("ensemble"), "jobs.kept.models"),
    (Phase("scratch"), "jobs.kept.no_epoch"),
    (Phase("fine-tune", figures=(figures(3),)), "jobs.kept.epochs"),
    (Phase("fine-tune", figures=(figures(3, fold=2),)), "jobs.kept.folds"),
])
def test_what_is_kept_depends_on_the_phase(phase: Phase, code: str) -> None:
    assert kept_of_training(phase).code == code


def test_cancel_says_before_what_it_keeps(
    build_context: BuildContext, runner_now: RunnerNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_now, "_hand_over", runner_now._handed.append)  # only when the test says so
    context = build_context(runner_now)
    page, bar = show_page(context), context.window.job_bar
    context.plan.choose_strategy("scratch")
    page.start.click()
    assert bar._cancel.toolTip() == page.live.cancel.toolTip() == text("jobs.kept.not_begun")
    runner_now.prepare_all()
    job = context.training.job
    assert job is not None
    runner_now._hear(job.number, Progress(Said("jobs.training"), 0, 10, "epochs"))
    assert page.live.cancel.toolTip() == text("jobs.kept.no_epoch")
    runner_now._hear(job.number, Published(figures(2)))
    runner_now._hear(job.number, Progress(Said("jobs.training"), 2, 10, "epochs"))
    assert bar._cancel.toolTip() == page.live.cancel.toolTip() == text("jobs.kept.epochs", n=2)
    job.cancel()
    runner_now.run_all()


def test_cancel_says_afterwards_what_was_kept(
    page: TrainPage, context: PageContext, runner_now: RunnerNow, messages: list[Message]
) -> None:
    page.start.click()
    runner_now.prepare_all()
    page.live.cancel.click()
    runner_now.run_all()
    assert messages[-1].sentence == page.live.state.text() == text("jobs.cancelled.embeddings")


def test_a_cancelled_training_is_not_chosen(
    page: TrainPage, context: PageContext, runner_now: RunnerNow, messages: list[Message]
) -> None:
    page.start.click()
    runner_now.run_all()
    session = context.session
    finished = session.run
    assert finished is not None
    stopped = replace(finished, id=finished.id.replace("-001-", "-002-"), status=STOPPED)
    record_run(session.project, stopped)
    context.jobs._on_training_recorded(HomeProject(session), stopped)
    assert [run.id for run in session.runs] == [stopped.id, finished.id]
    assert session.run == finished and session.run_before(stopped) == finished
    assert messages[-1].sentence == text("jobs.cancelled.quick_answer", run=stopped.id)
    folder = session.project.folder
    session.close()
    session.open(folder)
    assert session.run is not None and session.run.id == finished.id


def test_choosing_a_strategy_starts_nothing(
    page: TrainPage, context: PageContext, runner_now: RunnerNow, qtbot: QtBot
) -> None:
    started: list[str] = []
    runner_now.job_started.connect(lambda job: started.append(job.task))
    settings = ScratchSettings(network="lenet", width_px=16, height_px=16, batch_size=8)
    keep_seconds(SCRATCH.apply_preset(settings, "quick"), n_labels=20, n_others=0, seconds=40)
    context.plan.choose_strategy("scratch")
    context.plan.keep_settings(settings)
    card = page.effort
    qtbot.waitUntil(lambda: card.buttons["quick"].text() == "Quick · about 40 s")
    assert card.buttons["best"].text() == "Best" and card.measure_button.isVisible()
    assert card.said.text() == text("window_train.time_not_measured")
    qtbot.waitUntil(lambda: page.preview.after.image is not None)
    assert "time-training" not in started and "augment-variants" not in started
    context.plan.choose_strategy("auto")
    qtbot.waitUntil(lambda: "about" in card.buttons["good"].text())
    assert not card.measure_button.isVisible() and "time-training" not in started


def test_nothing_new_is_not_trained_twice(
    page: TrainPage, context: PageContext, runner_now: RunnerNow, qtbot: QtBot
) -> None:
    for _ in range(2):
        context.window.actions_table.do("train.start")
        runner_now.run_all()
    (run,) = list_runs(context.session.project)
    assert not page.live.isVisible(), "there is nothing to tell of a training that did not begin"
    answer(context, "sameQuestion", "", qtbot)
    runner_now.run_all()
    assert len(context.session.runs) == 1
    context.window.actions_table.do("train.start")
    runner_now.run_all()
    box = answer(context, "sameQuestion", "again", qtbot)
    assert run.id in box
    runner_now.run_all()
    assert len(context.session.runs) == 2
    context.session.label([1], 2)
    context.window.actions_table.do("train.start")
    runner_now.run_all()
    assert len(context.session.runs) == 3


def test_the_key_can_be_asked_about(
    page: TrainPage, context: PageContext, runner_now: RunnerNow, qtbot: QtBot
) -> None:
    context.preferences.asks_before_training = True
    context.window.actions_table.do("train.start")
    assert not context.training.is_training
    answer(context, "trainQuestion", "", qtbot)
    assert not context.training.is_training
    context.window.actions_table.do("train.start")
    answer(context, "trainQuestion", "train", qtbot)
    assert context.training.is_training
    runner_now.run_all()
    context.preferences.asks_before_training = False


def answer(context: PageContext, name: str, button_name: str, qtbot: QtBot) -> str:
    """Press the button of that name, or that which changes nothing; what was asked."""
    box = context.window.findChild(QMessageBox, name)
    assert box is not None
    said = box.text()
    button = next(b for b in box.buttons() if b.objectName() == button_name) if button_name else box.escapeButton()
    assert box.defaultButton() is box.escapeButton()
    with qtbot.waitSignal(box.finished):
        button.click()
    box.setObjectName("")
    return said
