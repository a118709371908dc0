"""The figures beside the images: what folds and is kept, two lines of images on a small window, classes, curve."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.text import text
from core.workflow.judged_scores import read_judged_scores
from gui.furnish import furnish
from gui.language import speak
from gui.main_window import MainWindow
from gui.pages import PageContext
from gui.preferences import Preferences
from gui.review.matrix_panel import CLASSES, CURVE, MATRIX
from gui.review.review_page import ReviewPage
from gui.widgets.class_table import F1, NAME, PRECISION, RECALL
from tests.gui.conftest import RunnerNow
from tests.gui.review.conftest import RED, count_now, down


@pytest.fixture(params=["en", "es"])
def small(
    request: pytest.FixtureRequest, qtbot: QtBot, preferences: Preferences, runner_now: RunnerNow, trained: Path,
    tmp_path: Path,
) -> Iterator[PageContext]:
    """The whole window with both side panels at its smallest size."""
    speak(request.param)
    window = MainWindow(preferences, runner_now)
    context = furnish(window, runner_now, preferences)
    window.resize(1024, 700)
    window.show()
    context.session.open(Path(shutil.copytree(trained, tmp_path / "small.catalejo")))
    yield context
    speak("en")
    window.close()
    window.deleteLater()


def test_two_lines_of_images_on_the_smallest_window(small: PageContext, qtbot: QtBot) -> None:
    page = small.window.workbench.go_to("review")
    assert isinstance(page, ReviewPage)
    assert small.window.workbench.is_panel_shown("left") and small.window.workbench.is_panel_shown("right")
    grid = page.browser.grid
    qtbot.waitUntil(lambda: grid.viewport().height() >= grid.height_of_lines(2))
    assert page.header.verdict.isVisible() and not page.header.baseline.isVisible()
    assert not page.matrix.fold.visibleRegion().isEmpty()
    page.header.details.button.click()
    assert page.header.baseline.isVisible() and page.header.calibration.isVisible()
    assert page.matrix.is_folded and page.matrix.kinds.isVisible()


def test_what_is_folded_and_moved_is_remembered(page: ReviewPage, context: PageContext) -> None:
    assert not page.matrix.is_folded and page.header.details.button.isChecked(), "there is room on a large window"
    page.matrix.fold.click()
    assert page.matrix.is_folded and not page.matrix.view.isVisible()
    page.header.details.button.click()
    assert context.preferences.number("review_folded", -1) == 1
    assert context.preferences.number("review_details", -1) == 0
    again = ReviewPage(context)
    again.resize(page.size())
    again.show()
    assert again.matrix.is_folded and not again.header.details.button.isChecked()
    again.matrix.kinds.buttons[CLASSES].click()
    assert not again.matrix.is_folded and again.matrix.kind == CLASSES, "who asks for figures wants to see them"
    assert context.preferences.number("review_folded", -1) == 0
    again.hide()
    again.deleteLater()


def test_the_splitter_is_remembered(page: ReviewPage, context: PageContext) -> None:
    splitter = page._splitter
    assert splitter.orientation() is Qt.Orientation.Vertical
    splitter.moveSplitter(splitter.sizes()[0] + 37, 1)
    moved = splitter.sizes()[0]
    assert context.preferences.number("review_split_high", 0) == moved
    page._arrangement.forget()
    page._arrangement.arrange()
    assert abs(splitter.sizes()[0] - moved) <= 2, "another run keeps it"


def test_the_matrix_key_unfolds(page: ReviewPage) -> None:
    page.matrix.fold.click()
    page.matrix.take_keyboard()
    assert not page.matrix.is_folded and page.matrix.view.hasFocus()


def test_figures_of_classes_follow_labels_and_lead_to_images(page: ReviewPage, context: PageContext) -> None:
    page.matrix.kinds.buttons[CLASSES].click()
    table, confusion = page.matrix.classes, page.facts.confusion
    assert table.isVisible() and confusion is not None and down(page.matrix.kinds) == CLASSES
    assert [table.item(row, NAME).text() for row in range(2)] == ["blue", "red"]
    for row, one in enumerate(confusion.per_class):
        for column, share in ((RECALL, one.recall), (PRECISION, one.precision), (F1, one.f1)):
            words = text("widgets.share_and_interval", share=share.value, low=share.low, high=share.high)
            assert table.item(row, column).text() in (words, words.split(" (")[0])
    before = table.item(0, RECALL).text()
    wrong = page.listing.ids
    context.session.label(wrong.tolist(), RED)
    count_now(page)
    assert table.item(0, RECALL).text() != before and table.item(0, RECALL).text().startswith("100.0 %")
    table.chosen.emit(1)
    assert set(page.listing.which.class_ids) == {RED}


def test_the_curve_of_a_class(page: ReviewPage, context: PageContext) -> None:
    page.matrix.kinds.buttons[CURVE].click()
    panel = page.matrix.curve
    scores = read_judged_scores(context.session.project, context.session.run.id)
    for place, class_id in enumerate(scores.class_ids):
        panel.classes.setCurrentIndex(place)
        curve = scores.curve_of(class_id)
        assert text("window_review.average_precision", average=curve.average_precision, n=curve.n_of_class,
                    total=curve.n_images) in panel.said.text()
    panel.slider.setValue(100)
    assert text("window_review.never_from", threshold=1.0) in panel.said.text()
    panel.slider.setValue(10)
    precision, recall = curve.at(0.1)
    words = text("window_review.at_probability", threshold=0.1, precision=precision, recall=recall)
    assert words in panel.said.text()
    page.matrix.kinds.buttons[MATRIX].click()
    assert page.matrix.is_matrix_shown


def test_figures_are_acts_of_the_palette(page: ReviewPage, context: PageContext) -> None:
    table = context.window.actions_table
    table.do("review.fold")
    assert page.matrix.is_folded
    for name, kind in (("review.classes", CLASSES), ("review.curve", CURVE)):
        table.do(name)
        assert page.matrix.kind == kind and not page.matrix.is_folded
    table.do("review.matrix")
    assert page.matrix.is_matrix_shown and page.matrix.view.hasFocus()
