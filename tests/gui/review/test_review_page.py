"""The Review page on real runs: cells, relabelling, training again, and what it says when nothing is there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from core.project.predictions import list_predictions
from core.project.project import Project
from core.runs.predictions import OUT_OF_FOLD
from core.project.queries import ImageFilter, image_ids
from core.review.expected import ExpectedAccuracy
from core.text import text
from core.workflow.expected_words import describe_expected
from core.workflow.expecting import Expected
from gui.widgets import expected_line
from gui.widgets.image_query import ImageQuery
from gui.messages import Message
from gui.pages import PageContext
from gui.review.mode_bar import BY_CLASS, CORRECTED, FIXED
from gui.review.review_listing import Mode
from gui.review.review_page import ReviewPage
from gui.review.saving import Saving
from tests.gui.conftest import RunnerNow
from tests.gui.review.conftest import BLUE, RED, count_now, down, words

Open = Callable[[Path], ReviewPage]


def ids_of(context: PageContext, **parts: object) -> list[int]:
    """Ids by the catalog's own answer."""
    run = context.session.run
    assert run is not None
    which = ImageFilter(status=None, run_id=run.id, **parts)  # type: ignore[arg-type]
    return sorted(image_ids(context.session.project, which).tolist())


def shown(page: ReviewPage) -> list[int]:
    return sorted(page.browser.model.ids.tolist())


def click_cell(page: ReviewPage, label: int | None, predicted: int | None) -> None:
    view = page.matrix.view
    at = view.visualRect(page.matrix.model.index_of(label, predicted)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


def relabel_all(context: PageContext) -> None:
    """Blue becomes red and red blue."""
    session = context.session
    blue, red = (image_ids(session.project, ImageFilter(class_ids=(c,))) for c in (BLUE, RED))
    session.label(blue, RED)
    session.label(red, BLUE)


def test_all_mistakes_come_first_by_loss(page: ReviewPage, context: PageContext) -> None:
    run = context.session.run
    assert run is not None
    mistakes = ids_of(context, is_mistake=True, kind=OUT_OF_FOLD)
    assert len(mistakes) >= 3
    losses = {row.image_id: row.loss for row in list_predictions(context.session.project, run.id, mistakes)}
    assert page.browser.model.ids.tolist() == sorted(mistakes, key=lambda i: -(losses[i] or 0))
    assert down(page.modes.modes) == Mode.MISTAKES
    assert words(page.modes.modes)[Mode.MISTAKES] == f"Mistakes {len(mistakes)}"
    assert page.header.verdict.text().startswith("Accuracy ")


@pytest.mark.parametrize(("label", "predicted"), [(BLUE, RED), (RED, RED), (BLUE, None), (None, RED), (None, None)])
def test_a_click_on_a_cell_fills_the_grid_with_exactly_its_pictures(
    page: ReviewPage, context: PageContext, label: int | None, predicted: int | None
) -> None:
    click_cell(page, label, predicted)
    expected = ids_of(
        context, class_ids=(label,) if label else (), predicted_class_ids=(predicted,) if predicted else (),
        kind=OUT_OF_FOLD,
    )
    assert expected and shown(page) == expected
    assert down(page.modes.modes) == Mode.CELL
    assert page.matrix.model.shown == (label, predicted)


def test_arrows_and_enter_walk_about_in_the_matrix(page: ReviewPage, context: PageContext, qtbot: QtBot) -> None:
    context.window.actions_table.do("review.matrix")
    view = page.matrix.view
    assert view.currentIndex().row() == view.currentIndex().column() == 0
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert shown(page) == ids_of(context, class_ids=(BLUE,), predicted_class_ids=(RED,), kind=OUT_OF_FOLD)


def test_a_digit_relabels_and_the_matrix_follows(page: ReviewPage, context: PageContext, qtbot: QtBot) -> None:
    click_cell(page, BLUE, RED)
    before = page.matrix.model.confusion.counts.copy()
    n_wrong = page.matrix.model.confusion.n_wrong
    with qtbot.waitSignal(page.facts.changed):
        qtbot.keyClick(page.browser.grid, Qt.Key.Key_2)
    assert (page.matrix.model.confusion.counts - before).tolist() == [[0, -1], [0, 1]]
    assert words(page.modes.modes)[Mode.MISTAKES] == f"Mistakes {n_wrong - 1}"
    assert page.header.labels.text.startswith("1 label changed since this run")
    assert page.header.train.text() == "Train again on 24 labels"
    context.session.undo()
    assert page.matrix.model.confusion.counts.tolist() == before.tolist()
    assert page.header.labels.text == ""


def test_pictures_labelled_since_the_run_do_not_count(page: ReviewPage, context: PageContext) -> None:
    """The run predicted them as new ones; its figure is about those that it was judged by."""
    new = image_ids(context.session.project, ImageFilter(split="test"))
    counts = page.matrix.model.confusion.counts.tolist()
    context.session.label(new, BLUE)
    count_now(page)
    assert page.matrix.model.confusion.counts.tolist() == counts
    click_cell(page, BLUE, None)
    assert not set(shown(page)) & set(new.tolist())


def test_labels_that_change_while_nobody_looks_are_counted_later(page: ReviewPage, context: PageContext) -> None:
    context.window.go_to("train")
    n_wrong = page.matrix.model.confusion.n_wrong
    context.session.label(page.browser.model.ids[:1], None)
    assert page.matrix.model.confusion.n_wrong == n_wrong
    context.window.go_to("review")
    assert page.matrix.model.confusion.n_wrong == n_wrong - 1


def test_training_again_shows_what_was_fixed(page: ReviewPage, context: PageContext, runner_now: RunnerNow) -> None:
    relabel_all(context)
    first = context.session.run
    page.header.train.click()
    assert page.header.train.text() == "Training…" and not page.header.train.isEnabled()
    runner_now.run_all()
    assert context.session.run is not None and context.session.run != first
    found = page.facts.comparison
    assert found is not None and len(found.fixed) >= 18 and page.header.train.isEnabled()
    assert f"{len(found.fixed)} fixed" in page.header.change.text
    assert down(page.modes.modes) == Mode.CHANGES
    page.modes.parts.buttons[FIXED].click()
    assert shown(page) == sorted(found.fixed.tolist())


def test_mistakes_that_new_labels_put_right_are_counted_apart(
    page: ReviewPage, context: PageContext, runner_now: RunnerNow
) -> None:
    mislabelled = ids_of(context, class_ids=(BLUE,), predicted_class_ids=(RED,), kind=OUT_OF_FOLD)
    context.session.accept_predictions(mislabelled)
    page.header.train.click()
    runner_now.run_all()
    page.header.change.link.click()
    page.modes.parts.buttons[CORRECTED].click()
    assert set(shown(page)) <= set(mislabelled) and shown(page)
    assert "by new labels" in page.header.change.text


def test_each_list_begins_with_its_first_picture_and_is_found_again_where_one_was(
    page: ReviewPage, context: PageContext
) -> None:
    for show in (lambda: page.show_cell(None, None), page.show_test):
        page.browser.selection.set_current_row(2)
        show()
        assert page.browser.selection.current_id() == page.browser.model.ids[0] == context.session.image_id
    page.show_mistakes()
    assert page.browser.selection.current_id() == page.browser.model.ids[2] == context.session.image_id
    page.browser.refresh()
    assert page.browser.selection.current_id() == page.browser.model.ids[2], "the same list keeps the place"


def test_test_pictures_by_confidence_and_by_class(page: ReviewPage, context: PageContext) -> None:
    context.window.actions_table.do("review.test")
    run = context.session.run
    assert run is not None
    ids = page.browser.model.ids.tolist()
    said = {row.image_id: row for row in list_predictions(context.session.project, run.id, ids)}
    assert len(ids) == 5
    assert [said[i].confidence for i in ids] == sorted(said[i].confidence for i in ids)
    page.modes.parts.buttons[BY_CLASS].click()
    ids = page.browser.model.ids.tolist()
    assert [(said[i].class_id, said[i].confidence) for i in ids] == sorted(
        (said[i].class_id, said[i].confidence) for i in ids)
    page.listing.sort("name")
    assert down(page.modes.parts) != BY_CLASS


def test_another_filter_leads_out_of_the_mode(page: ReviewPage, context: PageContext) -> None:
    page.browser.show_query(ImageQuery({"split": "test"}))
    assert down(page.modes.modes) == ""
    assert len(shown(page)) == 5
    page.show_mistakes()
    page.browser.show_query(ImageQuery({"text": "red_0"}, adds=True))
    assert down(page.modes.modes) == Mode.MISTAKES


def test_without_a_run_it_leads_to_training(open_page: Open, untrained: Path, context: PageContext) -> None:
    page = open_page(untrained)
    assert page.nothing.isVisible()
    page.nothing.findChild(QPushButton).click()  # type: ignore[union-attr]
    assert context.window.workbench.current_page == "train"
    assert not any(action.name.startswith("review.") for action in context.window.actions_table.doable())


def test_without_mistakes_it_offers_the_most_unsure(page: ReviewPage, context: PageContext) -> None:
    context.session.accept_predictions(page.browser.model.ids)
    page.show_mistakes()
    assert not len(page.browser.model.ids)
    button = next(b for b in page.browser.findChildren(QPushButton) if b.isVisible())
    assert button.text() == text("widgets.show_most_uncertain")
    button.click()
    assert page.listing.order == "uncertainty" and len(page.browser.model.ids) > 20


def test_classes_that_were_renamed_or_merged_since(page: ReviewPage, context: PageContext) -> None:
    context.session.rename_class(RED, "crimson")
    assert [c.name for c in page.matrix.model.confusion.classes] == ["blue", "crimson"]
    assert page.header.labels.text == "" and page.header.classes.text == ""
    context.session.merge_classes(BLUE, RED)
    blue = page.matrix.model.confusion.classes[-1]
    assert (blue.name, blue.is_gone) == ("blue", True)
    assert "“blue”" in page.header.classes.text
    click_cell(page, RED, BLUE)
    assert shown(page) == ids_of(context, class_ids=(RED,), predicted_class_ids=(BLUE,), kind=OUT_OF_FOLD)


def test_another_run_is_chosen_at_the_top(page: ReviewPage, context: PageContext, runner_now: RunnerNow) -> None:
    first = context.session.run
    context.window.actions_table.do("train.start")
    runner_now.run_all()
    assert first is not None and page.header.chooser.count() == 2
    page.header.chooser.activated.emit(1)
    assert context.session.run == first
    assert page.header.change.text == ""


def test_a_project_that_is_closed_and_opened_again(
    page: ReviewPage, context: PageContext, project_folder: Path
) -> None:
    n = len(shown(page))
    context.session.close()
    context.session.open(project_folder)
    context.window.go_to("review")
    assert len(shown(page)) == n and page.facts.run is not None


def test_the_report_is_written_by_a_job_and_opened_on_wish(
    page: ReviewPage, context: PageContext, runner_now: RunnerNow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    messages: list[Message],
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url) is None)
    job = Saving(context).save_page(tmp_path / "r.html")
    assert job is not None and not (tmp_path / "r.html").exists()
    runner_now.run_all()
    assert "data:image/jpeg;base64," in (tmp_path / "r.html").read_text()
    assert "r.html" in messages[-1].sentence and not opened, "it is opened on wish"
    (button,) = (b for b in context.window.findChildren(QPushButton) if b.objectName() == "open")
    button.click()
    assert [url.toLocalFile() for url in opened] == [str(tmp_path / "r.html")]


def test_the_report_is_written_as_a_pdf(
    page: ReviewPage, context: PageContext, runner_now: RunnerNow, tmp_path: Path, messages: list[Message]
) -> None:
    out = tmp_path / "r.pdf"
    for _ in range(2):  # the second takes the place of the first
        assert Saving(context).save_page(out) is not None
        runner_now.run_all()
        content = out.read_bytes()
        assert content.startswith(b"%PDF-1.") and content.rstrip().endswith(b"%%EOF")
        assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") >= 2, "pages"
        assert b"/Subtype /Image" in content
    assert "r.pdf" in messages[-1].sentence


def test_predictions_are_written_and_those_of_new_pictures_kept(
    page: ReviewPage, context: PageContext, runner_now: RunnerNow, tmp_path: Path, messages: list[Message]
) -> None:
    Saving(context).save_predictions(tmp_path / "p.csv")
    runner_now.run_all()
    assert len((tmp_path / "p.csv").read_text().splitlines()) == 1 + 29
    assert messages[-1].sentence.startswith("29 predictions")


def test_a_folder_that_is_not_there_is_said(
    page: ReviewPage, context: PageContext, tmp_path: Path, runner_now: RunnerNow
) -> None:
    job = Saving(context).save_page(tmp_path / "nowhere" / "r.html")
    assert job is not None
    failed: list[str] = []
    job.failed.connect(lambda error: failed.append(error.sentence))
    runner_now.run_all()
    assert len(failed) == 1 and "cannot be written" in failed[0]


def test_the_file_is_asked_for_beside_the_project(
    page: ReviewPage, context: PageContext, monkeypatch: pytest.MonkeyPatch, runner_now: RunnerNow, tmp_path: Path
) -> None:
    asked: list[str] = []

    def choose(parent: object, title: str, start: str, kind: str) -> tuple[str, str]:
        asked.append(start)
        return str(tmp_path / "chosen"), kind

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    Saving(context).ask_for_predictions()
    runner_now.run_all()
    assert Path(asked[0]).name == "colours predictions.csv"
    assert (tmp_path / "chosen.csv").is_file()


def test_acts_go_to_the_page(page: ReviewPage, context: PageContext) -> None:
    context.window.go_to("train")
    context.window.actions_table.do("review.mistakes")
    assert context.window.workbench.current_page == "review"
    assert page.listing.scope is not None and page.listing.scope.mode is Mode.MISTAKES
    assert np.array_equal(page.listing.ids, page.browser.model.ids)


def label_test(context: PageContext) -> list[int]:
    """Five test images under the label red; two of them are blue."""
    new = image_ids(context.session.project, ImageFilter(split="test"))
    context.session.label(new, RED)
    return sorted(new.tolist())


def test_without_labelled_test_images_there_is_no_choice(page: ReviewPage) -> None:
    assert page.header.sets.isHidden() and page.header.test.isHidden()


def test_a_labelled_test_set_has_its_own_figures_matrix_and_mistakes(page: ReviewPage, context: PageContext) -> None:
    judged = page.matrix.model.confusion.counts.tolist()
    new = label_test(context)
    count_now(page)
    assert page.header.test.verdict.text().startswith(
        "Test accuracy 60.0 % (95 % CI 23.1–88.2) on 5 labelled test images.")
    assert page.matrix.model.confusion.counts.tolist() == judged
    page.header.sets.buttons["test"].click()
    assert page.matrix.model.confusion.counts.tolist() == [[0, 0], [2, 3]]
    assert words(page.modes.modes)[Mode.MISTAKES] == "Mistakes 2" and len(shown(page)) == 2
    assert set(shown(page)) == set(ids_of(context, split="test", is_mistake=True)) <= set(new)
    click_cell(page, RED, RED)
    assert len(shown(page)) == 3 and set(shown(page)) <= set(new)
    click_cell(page, None, None)
    assert shown(page) == new
    page.header.sets.buttons["judged"].click()
    assert page.matrix.model.confusion.counts.tolist() == judged
    assert shown(page) == ids_of(context, is_mistake=True, kind=OUT_OF_FOLD)


def test_the_choice_goes_with_the_last_label_of_the_test_set(page: ReviewPage, context: PageContext) -> None:
    new = label_test(context)
    count_now(page)
    page.header.sets.buttons["test"].click()
    context.session.label(np.array(new), None)
    count_now(page)
    assert page.header.sets.isHidden() and not page.facts.is_test


def test_the_lower_expected_accuracy_stands_above_the_verdict_and_leads_to_images(
    page: ReviewPage, context: PageContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = page.header
    assert not header.expected.lower.isVisible(), "all images have labels"
    estimate = ExpectedAccuracy(100, 0.66, (0.6, 0.71), 0.97, (0.95, 0.98), 200, 0.7, 1.0, 0.7, 0.7, 0.7, 0.7)
    found = Expected(estimate, "test", 0, (1, 2), "cross-validation", ("darker", "blurred"))
    monkeypatch.setattr(expected_line, "read_expected", lambda *_: found)
    page.facts.refresh()
    assert header.expected.lower.text == describe_expected(found) and "darker and blurred" in describe_expected(found)
    assert header.expected.lower.isVisible() and header.expected.lower.y() < header.verdict.y()
    header.expected.lower.link.click()
    assert context.window.workbench.current_page == "library"


def test_a_project_whose_runs_have_the_same_names_shows_its_own_figures(
    open_page: Open, project_folder: Path, trained: Path, context: PageContext, tmp_path: Path
) -> None:
    page = open_page(project_folder)
    before = page.header.chooser.currentText()
    other = Path(shutil.copytree(trained, tmp_path / "other.catalejo"))
    with Project.open(other) as project:
        project.catalog.db.execute("UPDATE run SET n_train = 77")
        project.catalog.db.commit()
    context.session.open(other)
    said = page.header.chooser.currentText()
    assert said != before and text("text.labels", n=77) in said
