"""The dialog on calibration and threshold: words follow the slider, what is stored can be undone and is used."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from core.project.costs import read_stored_costs
from core.project.thresholds import Thresholds, keep_thresholds, read_thresholds
from core.review.reliability import read_calibration
from core.text import text
from core.workflow.deciding import STORED, Wish, measure_thresholds, read_curve, say_answered
from gui.messages import Message
from gui.pages import PageContext
from gui.review.class_thresholds import COVERAGE, ERRORS, OWN
from gui.review.confidence_dialog import ConfidenceDialog
from gui.review.review_page import ReviewPage
from gui.review.saving import Saving, WishesDialog
from gui.submit.submission_dialog import SubmissionDialog
from tests.gui.conftest import RunnerNow


@pytest.fixture
def dialog(page: ReviewPage, context: PageContext, qtbot: QtBot) -> ConfidenceDialog:
    return opened(context)


def opened(context: PageContext) -> ConfidenceDialog:
    assert context.session.run is not None
    made = ConfidenceDialog(context.session, context.session.run, context.window)
    made.show()
    return made


def test_the_header_says_it_and_leads_to_the_dialog(page: ReviewPage, qtbot: QtBot) -> None:
    assert "alibration" in page.header.calibration.text
    assert page.header.calibration.isVisible()
    page.header.calibration.link.click()
    found = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, ConfidenceDialog)]
    assert found and found[-1].isVisible()
    found[-1].reject()


def test_words_and_plot_follow_the_slider(dialog: ConfidenceDialog, context: PageContext) -> None:
    curve = read_curve(context.session.project, context.session.run.id)
    for sure in (0.0, 0.6, 1.0):
        dialog.slider.setValue(round(1000 * sure))
        assert dialog.answered.text() == say_answered(curve.at(sure)) and dialog.coverage.sure == sure
    assert dialog.reliability.shown == read_calibration(context.session.run.figures) is not None
    picture = dialog.grab().toImage()
    assert len({picture.pixel(x, y) for x in range(0, picture.width(), 3) for y in range(0, picture.height(), 3)}) > 4


def test_a_threshold_is_stored_undone_and_removed(dialog: ConfidenceDialog, context: PageContext) -> None:
    session = context.session
    dialog.slider.setValue(840)
    dialog.keep.click()
    assert read_thresholds(session.project) == Thresholds(0.84) and not dialog.isVisible()
    assert str(session.undo_title) == "Set the confidence threshold to 84.0 %"
    again = opened(context)
    assert again.sure == 0.84 and "84.0 %" in again.kept.text()
    again.drop()
    assert read_thresholds(session.project) is None
    session.undo()
    assert read_thresholds(session.project) == Thresholds(0.84)
    session.undo()
    assert read_thresholds(session.project) is None


def test_a_run_without_a_record_of_its_calibration(page: ReviewPage, context: PageContext) -> None:
    del context.session.run.figures["calibration"]  # type: ignore[attr-defined]
    page.header.refresh()
    assert page.header.calibration.isHidden()
    assert opened(context).calibration.text() == text("window_review.not_calibrated")


def test_saving_above_the_stored_threshold(
    page: ReviewPage, context: PageContext, tmp_path: Path, runner_now: RunnerNow, messages: list[Message]
) -> None:
    saving = Saving(context)
    assert WishesDialog(context.session.project).wishes.sure.isHidden()
    keep_thresholds(context.session.project, Thresholds(0.0, {"red": 1.0}))
    asked = WishesDialog(context.session.project)
    assert not asked.wishes.sure.isHidden() and asked.wishes.costs.isHidden() and asked.wishes.wish == Wish()
    asked.wishes.sure.setChecked(True)
    assert asked.wishes.wish == Wish(STORED)
    saving.save_predictions(tmp_path / "sure.csv", Wish(STORED))
    runner_now.run_all()
    with (tmp_path / "sure.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["prediction"] for row in rows} == {"blue", ""}
    n_unsure = sum(not row["prediction"] for row in rows)
    assert text("window_review.unsure", n=n_unsure) in str(messages[-1].advice)
    assert {row["unanswered"] for row in rows if not row["prediction"]} == {"unsure"}
    dialog = SubmissionDialog(context, context.window)
    dialog.show()
    assert dialog.wishes.sure.isVisible() and not dialog.wishes.sure.isChecked()
    dialog.wishes.sure.setChecked(True)
    assert text("window_submit.unsure", n=3) in dialog.verdict.label.text()
    assert dialog.save_to(tmp_path / "s.csv")
    assert (tmp_path / "s.csv").read_text().count(",\n") == 3


def test_a_submission_refuses_to_compare_with_too_few_images(
    page: ReviewPage, context: PageContext, runner_now: RunnerNow
) -> None:
    dialog = SubmissionDialog(context, context.window)
    dialog.show()
    runner_now.run_all()
    dialog.wishes.strangers.setChecked(True)
    assert dialog.verdict.label.text() == text("window_submit.comparing") and not dialog.save.isEnabled()
    runner_now.run_all()
    assert dialog.verdict.label.text() == text("review.novelty_too_few", n=24, fewest=50)
    dialog.wishes.strangers.setChecked(False)
    runner_now.run_all()
    assert dialog.save.isEnabled()


def test_single_classes_have_thresholds_of_their_own(dialog: ConfidenceDialog, context: PageContext) -> None:
    table, project = dialog.of_classes, context.session.project
    assert table.rowCount() == 2 and table.of_classes == {}
    dialog.slider.setValue(500)
    box = table.itemDelegateForColumn(OWN).createEditor(table, QStyleOptionViewItem(), table.model().index(1, OWN))
    box.setValue(99.9)
    table.itemDelegateForColumn(OWN).setModelData(box, table.model(), table.model().index(1, OWN))
    assert dialog.thresholds == Thresholds(0.5, {"red": 0.999})
    wanted = measure_thresholds(project, context.session.run.id, dialog.thresholds)
    assert say_answered(wanted) in dialog.answered.text() != say_answered(
        read_curve(project, context.session.run.id).at(0.5))
    assert table.item(1, COVERAGE).text() == "0.0 %" and table.item(1, ERRORS).text() == "–"
    dialog.keep.click()
    assert read_thresholds(project) == Thresholds(0.5, {"red": 0.999})
    again = opened(context)
    assert again.of_classes.of_classes == {"red": 0.999} and table.item(0, OWN).text() == text("window_review.as_all")
    again.of_classes.set_threshold(1, None)
    again.keep.click()
    assert read_thresholds(project) == Thresholds(0.5)


def test_costs_are_typed_stored_and_used(
    page: ReviewPage, context: PageContext, tmp_path: Path, runner_now: RunnerNow, messages: list[Message]
) -> None:
    session, dialog = context.session, opened(context)
    dialog.tabs.setCurrentIndex(2)
    assert dialog.mean_cost.text() == text("window_review.no_costs")
    model = dialog.costs
    assert not model.setData(model.index(0, 0), "5") and not model.setData(model.index(1, 0), "dear")
    assert model.setData(model.index(1, 0), "1000000") and model.costs == {("red", "blue"): 1e6}
    assert "1000000" not in dialog.mean_cost.text() and dialog.mean_cost.text() != text("window_review.no_costs")
    dialog.keep.click()
    assert read_stored_costs(session.project) == {("red", "blue"): 1e6}
    assert read_thresholds(session.project) is None, "nobody touched the threshold"
    assert str(session.undo_title) == text("project.journal.set_costs", n=1)
    Saving(context).save_predictions(tmp_path / "cheap.csv", Wish(costs=STORED))
    runner_now.run_all()
    with (tmp_path / "cheap.csv").open(newline="") as file:
        answers = [row["prediction"] for row in csv.DictReader(file)]
    assert set(answers) == {"red"}
    assert text("window_review.by_cost", n=14) in str(messages[-1].advice)
    submission = SubmissionDialog(context, context.window)
    submission.show()
    submission.wishes.costs.setChecked(True)
    assert text("window_submit.by_cost", n=2) in submission.verdict.label.text()
    assert submission.save_to(tmp_path / "s.csv")


def test_what_is_asked_of_answers_comes_before_the_file(
    page: ReviewPage, context: PageContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, runner_now: RunnerNow
) -> None:
    asked: list[Wish] = []
    monkeypatch.setattr(Saving, "ask_for_predictions", lambda self, wish: asked.append(wish))
    context.window.actions_table.do("review.save_sure")
    dialog = next(w for w in QApplication.topLevelWidgets() if isinstance(w, WishesDialog) and w.isVisible())
    dialog.wishes.strangers.setChecked(True)
    dialog.accept()
    assert asked == [Wish(has_none=True)]
