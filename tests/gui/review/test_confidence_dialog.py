"""The dialog on calibration and threshold: words follow the slider, what is stored can be undone and is used."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.project.thresholds import Thresholds, keep_thresholds, read_thresholds
from core.review.reliability import read_calibration
from core.text import text
from core.workflow.deciding import STORED, Wish, read_curve, say_answered
from gui.messages import Message
from gui.pages import PageContext
from gui.review.confidence_dialog import ConfidenceDialog
from gui.review.review_page import ReviewPage
from gui.review.saving import Saving
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
    assert "alibration" in page.header.calibration.text and page.header.calibration.isVisible()
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
    assert not saving.can_save_sure
    keep_thresholds(context.session.project, Thresholds(0.0, {"red": 1.0}))
    assert saving.can_save_sure
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
    assert dialog.sure.isVisible() and not dialog.sure.isChecked()
    dialog.sure.setChecked(True)
    assert text("window_submit.unsure", n=3) in dialog.verdict.label.text()
    assert dialog.save_to(tmp_path / "s.csv")
    assert (tmp_path / "s.csv").read_text().count(",\n") == 3


def test_a_submission_refuses_to_compare_with_too_few_images(
    page: ReviewPage, context: PageContext, runner_now: RunnerNow
) -> None:
    dialog = SubmissionDialog(context, context.window)
    dialog.show()
    runner_now.run_all()
    dialog.strangers.setChecked(True)
    assert dialog.verdict.label.text() == text("window_submit.comparing") and not dialog.save.isEnabled()
    runner_now.run_all()
    assert dialog.verdict.label.text() == text("review.novelty_too_few", n=24, fewest=50)
    dialog.strangers.setChecked(False)
    runner_now.run_all()
    assert dialog.save.isEnabled()
