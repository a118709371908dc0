"""The page on real trainings of drawn pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.project.decisions import acknowledge
from core.project.queries import image_ids
from core.project.rows import image_rows
from core.project.runs import record_run
from core.training.strategies.transfer import TransferSettings
from core.review.expected import ExpectedAccuracy
from core.workflow.expected_words import describe_expected
from core.workflow.expecting import Expected
from core.checks.balance import ClassSize
from core.workflow.readiness import TrainingData
from core.text import text
from gui.actions import Action
from gui.messages import Message
from gui.pages import PageContext
from gui.widgets import expected_line
from gui.train.data_card import ConcernRow
from gui.train.train_page import TrainPage
from tests.conftest import draw_picture, write_class_folder
from tests.gui.conftest import RunnerNow
from tests.gui.train.conftest import BuildContext, label, show_page, train
from tests.project_acts import import_folder


def concerns(page: TrainPage) -> list[ConcernRow]:
    return [row for row in page.data.findChildren(ConcernRow) if not row.isHidden()]


def test_before_the_first_training(page: TrainPage) -> None:
    assert page.start.text() == text("window_train.train_on", n=20) and page.start.isEnabled()
    assert page.result.verdict.text() == text("window_train.no_run")
    assert not page.result.review.isVisible() and not page.all_runs.isVisible() and not page.live.isVisible()
    assert not page.resume.isVisible(), "nothing was broken off"
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


@pytest.mark.usefixtures("own_images")
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
