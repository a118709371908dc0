"""The page on real trainings of drawn pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from core.project.decisions import acknowledge
from core.project.queries import ImageFilter, image_ids
from core.project.rows import image_rows
from core.project.runs import record_run
from core.training.strategies.transfer import TransferSettings
from core.training.strategies.scratch import ScratchSettings
from core.review.expected import ExpectedAccuracy
from core.workflow.expected_words import describe_expected
from core.workflow.expecting import Expected
from core.checks.balance import ClassSize
from core.workflow.readiness import TrainingData
from gui import theme
from core.text import text
from gui.actions import Action
from gui.jobs import Job
from gui.messages import Message
from gui.pages import PageContext
from gui.widgets import expected_line
from gui.train.data_card import ConcernRow
from gui.train.networks import NetworkChooser, list_networks
from gui.train.train_page import TrainPage
from tests.conftest import draw_picture, write_class_folder
from tests.gui.conftest import RunnerNow
from tests.gui.train.conftest import BuildContext, show_page, train
from tests.gui.train.trainings import BY_EPOCHS, FAILING
from tests.project_acts import import_folder


def label(context: PageContext, n: int, before: int, after: int | None) -> None:
    """Change the label of n images of a class."""
    ids = image_ids(context.session.project, ImageFilter(class_ids=(before,)))[:n]
    context.session.label(ids, after)


def concerns(page: TrainPage) -> list[ConcernRow]:
    return [row for row in page.data.findChildren(ConcernRow) if not row.isHidden()]


def dialog(context: PageContext) -> QMessageBox:
    (box,) = (b for b in context.window.findChildren(QMessageBox) if b.isVisible())
    return box


def click(box: QMessageBox, name: str) -> None:
    button = box.findChild(QPushButton, name)
    assert button is not None
    button.click()


def test_before_the_first_training(page: TrainPage) -> None:
    assert page.start.text() == text("window_train.train_on", n=20) and page.start.isEnabled()
    assert page.result.verdict.text() == text("window_train.no_run")
    assert not page.result.review.isVisible() and not page.all_runs.isVisible() and not page.live.isVisible()
    assert concerns(page) == [] and page.data.others.text() == text("window_train.all_labelled")


def test_a_training_from_button_to_verdict(page: TrainPage, context: PageContext, runner_now: RunnerNow) -> None:
    page.start.click()
    assert page.live.isVisible() and not page.start.isEnabled()
    runner_now.run_all()
    assert page.start.isEnabled() and not page.live.isVisible()
    assert page.result.verdict.text().startswith("Accuracy 100 %")
    assert text("review.measured_by_cross_validation", n=20) in page.result.measure.text()
    assert page.result.classes.rowCount() == 2 and page.result.interval.accessibleDescription()
    assert page.result.review.text() == text("window_train.review_uncertain")
    assert page.all_runs.isVisible()


def test_labels_change_the_counts_the_mistakes_and_the_comparison(
    page: TrainPage, context: PageContext, qtbot: QtBot
) -> None:
    train(context)
    label(context, 2, 1, 2)
    qtbot.waitUntil(lambda: page.result.review.text() == text("window_train.review_mistakes", n=2), timeout=60_000)
    assert page.result.moved.text == text("window_train.changed_since_run", n=2)
    label(context, 1, 2, None)
    qtbot.waitUntil(lambda: page.start.text() == text("window_train.train_on", n=19), timeout=60_000)
    assert page.data.others.text().startswith("1 image without a label")
    train(context)
    assert page.result.moved.text == ""
    assert page.result.change.text.startswith(f"Since {context.session.runs[1].id}: ")
    assert page.result.change.text.endswith("of 19 images that both runs predict.")


def test_the_button_leads_to_the_mistakes(page: TrainPage, context: PageContext) -> None:
    train(context)
    page.result.review.click()
    assert context.window.workbench.current_page == "review"


def test_the_button_asks_the_review_page_for_the_mistakes(page: TrainPage, context: PageContext) -> None:
    asked: list[str] = []
    context.window.add_actions([Action("review.mistakes", "Look", slot=lambda: asked.append("mistakes"))])
    train(context)
    page.result.review.click()
    assert asked == ["mistakes"]


def test_mistakes_on_test_images_are_led_to_where_there_are_no_others(
    page: TrainPage, context: PageContext, qtbot: QtBot
) -> None:
    asked: list[str] = []
    context.window.add_actions([Action("review.test_mistakes", "Look", slot=lambda: asked.append("test"))])
    project = context.session.project
    folder = project.folder.parent / "tests"
    write_class_folder(folder / "red", "blue", 2, first_seed=900)
    import_folder(project, folder, split="test")
    context.session.images_were_changed()
    train(context)
    assert page.result.test.verdict.text().startswith("Test accuracy 0.0 %")
    assert page.result.review.text() == text("window_train.review_test_mistakes", n=2)
    page.result.review.click()
    assert asked == ["test"]


def test_labels_that_changed_are_told_of_a_run_of_another_day_too(
    page: TrainPage, context: PageContext, build_context: BuildContext, runner_now: RunnerNow, qtbot: QtBot
) -> None:
    train(context)
    label(context, 2, 1, 2)
    context.session.close()
    later = build_context(runner_now)
    its_page = show_page(later)
    qtbot.waitUntil(lambda: its_page.result.moved.text == text("window_train.changed_since_run", n=2), timeout=60_000)
    label(later, 1, 1, 2)
    qtbot.waitUntil(lambda: its_page.result.moved.text == text("window_train.changed_since_run", n=3), timeout=60_000)
    train(later)
    assert its_page.result.moved.text == ""
    later.session.choose_run(later.session.runs[1].id)
    qtbot.waitUntil(lambda: its_page.result.moved.text == text("window_train.changed_since_run", n=3), timeout=60_000)


def test_images_that_changed_since_the_run_are_told_beside_its_figure(
    page: TrainPage, context: PageContext, qtbot: QtBot
) -> None:
    train(context)
    assert page.result.contents.text == ""
    project = context.session.project
    row = image_rows(project, image_ids(project)[:1])[0]
    draw_picture(700, "blue").save(row.path)
    import_folder(project, row.path.parents[1])
    context.session.images_were_changed()
    words = text("review.changed_since", n=1)
    qtbot.waitUntil(lambda: page.result.contents.text == words, timeout=60_000)


def test_labels_of_earlier_versions_are_told_where_the_labels_are_counted(page: TrainPage) -> None:
    page.data.show_data(TrainingData((ClassSize(1, "red", 5),), 0, 0, 2), (), page._session)
    assert page.data.others.text().endswith(" · 2 labels given to an earlier version of the file: not used")


def test_few_labels_are_a_doubt_and_lead_to_labelling(page: TrainPage, context: PageContext, qtbot: QtBot) -> None:
    label(context, 7, 1, None)
    qtbot.waitUntil(lambda: len(concerns(page)) == 1, timeout=60_000)
    (row,) = concerns(page)
    assert "“blue” (3) has fewer than 5 images" in row.text.text and page.start.isEnabled()
    row.button.click()
    assert context.window.workbench.current_page == "label"
    show_page(context)
    train(context)
    assert page.result.doubt.text.startswith("Too few labels:")


def test_without_enough_labels_nothing_starts(
    page: TrainPage, context: PageContext, qtbot: QtBot, messages: list[Message]
) -> None:
    label(context, 99, 1, None)
    qtbot.waitUntil(lambda: not page.start.isEnabled(), timeout=60_000)
    assert "All labels are of one class, “red”" in page.hint.text()
    context.window.actions_table.do("train.start")
    assert not context.training.is_training
    assert "All labels are of one class" in messages[-1].sentence


def test_t_trains_from_any_page_and_before_the_page_was_seen(
    context: PageContext, runner_now: RunnerNow, qtbot: QtBot
) -> None:
    with qtbot.waitActive(context.window):
        context.window.show()
        context.window.activateWindow()
    context.window.go_to("library")
    qtbot.keyClick(context.window, Qt.Key.Key_T)
    assert context.training.is_training
    runner_now.run_all()
    assert len(context.session.runs) == 1
    assert show_page(context).result.verdict.text().startswith("Accuracy 100 %")


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


def test_a_download_is_asked_for_first(
    page: TrainPage, context: PageContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, runner_now: RunnerNow
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    context.plan.choose_strategy("transfer")
    context.plan.keep_settings(TransferSettings("MobileNet_v2"))
    page.start.click()
    box = dialog(context)
    size = next(n for n in list_networks() if n.name == "mobilenet-v2").download_mb
    assert f"{size:.0f} MB" in box.informativeText() and box.defaultButton().objectName() != "fetch"
    box.reject()
    watch = context.training
    assert watch.job is None
    page.start.click()
    click(dialog(context), "fetch")
    runner_now.prepare_all()
    assert watch.job is not None and watch.job.inputs.allow_download  # type: ignore[attr-defined]
    watch.job.cancel()


def test_a_weights_file_of_ones_own_needs_no_download(
    page: TrainPage, context: PageContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, runner_now: RunnerNow
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    context.plan.choose_strategy("transfer")
    context.plan.keep_settings(TransferSettings("mobilenet-v2"))
    page.setup.weights.chosen.emit(tmp_path / "own.h5")
    page.start.click()
    watch = context.training
    runner_now.prepare_all()
    assert watch.job is not None and watch.job.inputs.weights == tmp_path / "own.h5"  # type: ignore[attr-defined]
    watch.job.cancel()


def test_networks_say_what_they_cost(page: TrainPage, context: PageContext, qtbot: QtBot) -> None:
    context.plan.choose_strategy("transfer")
    chooser = page.setup.findChild(NetworkChooser)
    qtbot.waitUntil(lambda: chooser.list.count() > 10, timeout=60_000)
    assert chooser.list.itemText(0) == "efficientnet-lite0 · on this computer"
    assert any("download of" in chooser.list.itemText(i) for i in range(chooser.list.count()))
    chooser.list.setCurrentIndex(chooser.list.findData("vgg19"))
    assert page.hint.text() == text("window_train.fetch_first", mb=575)
    assert page.setup.form.settings().backbone == "vgg19"


def test_what_speaks_against_the_figure_stands_beside_it_until_it_is_accepted(
    page: TrainPage, context: PageContext
) -> None:
    train(context)
    run = context.session.runs[0]
    found = [{"key": "leak", "sentence": "Seen.", "acknowledged": None},
             {"key": "copies", "sentence": "Twice.", "acknowledged": "As meant."}]
    record_run(context.session.project, replace(run, figures={**run.figures, "findings": found}))
    context.session.run_was_added(run.id)
    page.refresh()
    assert page.result.findings.text == text("window_train.before_you_believe", findings="Seen.")
    acknowledge(context.session.project, "leak", "It is meant to be so.")
    page.refresh()
    assert page.result.findings.text == ""


def test_a_project_begins_with_the_settings_of_its_latest_run(
    page: TrainPage, context: PageContext, project_folder: Path
) -> None:
    plan = context.plan
    plan.choose_strategy("transfer")
    plan.keep_settings(TransferSettings(seed=9))
    train(context)
    plan.keep_settings(TransferSettings(seed=1))
    context.session.close()
    context.session.open(project_folder)
    assert plan.settings == TransferSettings(seed=9) == page.setup.form.settings()
    latest = context.session.run
    assert latest is not None and latest.id in page.result.title
    assert page.result.verdict.text().startswith(f"Accuracy {100 * (latest.accuracy or 0):.0f}")


def test_two_columns_only_where_there_is_room(page: TrainPage, context: PageContext, qtbot: QtBot) -> None:
    context.window.resize(1400, 800)
    qtbot.waitUntil(lambda: page.result.mapTo(page, page.result.rect().topLeft()).x() > 300, timeout=60_000)
    context.window.resize(800, 700)
    qtbot.waitUntil(lambda: page.result.mapTo(page, page.result.rect().topLeft()).x() < 100, timeout=60_000)
    assert page.horizontalScrollBar().maximum() == 0


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


@pytest.mark.parametrize("width_px", [880, 950, 1180, 1440])
@pytest.mark.parametrize("strategy", ["transfer", "scratch", "fine-tune", "ensemble", "zero-shot"])
def test_no_strategy_needs_a_scroll_bar_sideways(
    page: TrainPage, context: PageContext, strategy: str, width_px: int
) -> None:
    context.window.resize(width_px, 800)
    context.plan.choose_strategy(strategy)
    QApplication.sendPostedEvents()
    needed_px = page.widget().minimumSizeHint().width()
    assert needed_px <= page.viewport().width(), (needed_px, page.viewport().width())
    context.plan.choose_strategy("transfer")  # no preview of these settings is asked for any more


def test_the_expected_accuracy_leads_and_shows_what_to_label(
    build_context: BuildContext, runner_now: RunnerNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = build_context(runner_now)
    page = show_page(context)
    line, asked = page.result.expected, list[tuple[int, ...]]()
    assert not line.lower.isVisible() and not line.said.isVisible(), "no run, nothing to say"
    train(context)
    estimate = ExpectedAccuracy(100, 0.66, (0.6, 0.71), 0.97, (0.95, 0.98), 200, 0.7, 1.0, 0.7, 0.7, 0.7, 0.7)
    for is_lower, judged in ((True, 0.97), (False, 0.65)):
        found = Expected(replace(estimate, judged_accuracy=judged), "test", 0, (1, 2), "cross-validation")
        monkeypatch.setattr(expected_line, "read_expected", lambda *_, found=found: found)
        line.refresh()
        assert line.lower.isVisible() == is_lower and line.said.isVisible() == (not is_lower)
        assert describe_expected(found) in (line.lower.text, line.said.text())
        if is_lower:
            line.images_asked.disconnect()
            line.images_asked.connect(asked.append)
            line.lower.link.click()
    assert asked == [(1, 2)]
    monkeypatch.setattr(expected_line, "read_expected", lambda *_: None)
    line.refresh()
    assert not line.lower.isVisible() and not line.said.isVisible()
