"""Two runs beside each other in the window: sentence, tables, lists that lead to the grid, and why some cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from core.project.labels import set_labels
from core.project.predictions import record_predictions
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.runs import RunRow, record_run
from core.runs.predictions import NEW, OUT_OF_FOLD, RunPredictions
from core.text import text
from gui.furnish import build_context
from gui.main_window import MainWindow
from gui.pages import PageContext
from gui.preferences import Preferences
from gui.review import page as review
from gui.review.review_listing import Mode
from gui.review.review_page import ReviewPage
from gui.runs import page as runs
from gui.runs.comparison_view import ComparisonView
from gui.runs.runs_page import RunsPage
from gui.session import Session
from gui.session_jobs import SessionJobs
from gui.submit.submission_dialog import submit_actions
from gui.widgets.thumbnails import ProjectThumbnails
from tests.conftest import write_class_folder
from tests.gui.conftest import RunnerNow
from tests.project_acts import import_folder

BLUE, RED = 1, 2


def record(project: Project, run: str, said: dict[int, int], kind: int = OUT_OF_FOLD) -> None:
    probabilities = np.array([[0.9, 0.1] if c == BLUE else [0.1, 0.9] for c in said.values()], np.float32)
    record_predictions(project, run, RunPredictions(
        np.array(list(said), np.int64), np.full(len(said), kind, np.uint8), probabilities), (BLUE, RED))


@pytest.fixture
def context(
    qtbot: QtBot, preferences: Preferences, runner_now: RunnerNow, tmp_path: Path
) -> Iterator[PageContext]:
    """Runs “a” (three of five red ones wrong), “b” (one blue and the first red one), and “c” that judged none."""
    for hue in ("blue", "red"):
        write_class_folder(tmp_path / "pictures" / hue, hue, 5)
    with Project.create(tmp_path / "drawn.catalejo") as project:
        import_folder(project, tmp_path / "pictures")
        blue, red = (image_ids(project, ImageFilter(class_ids=(c,)), order="added").tolist() for c in (BLUE, RED))
        figures = {"classes": ["blue", "red"], "class_ids": [BLUE, RED]}
        for at, name in enumerate("abc"):
            record_run(project, RunRow(name, "transfer", "b", 0, 10, accuracy=0.5, low=0.4, high=0.6,
                                       created_at=f"2026-11-2{at}T10:00:00+00:00", figures=figures))
        record(project, "a", dict.fromkeys(blue, BLUE) | dict.fromkeys(red[:3], BLUE) | dict.fromkeys(red[3:], RED))
        record(project, "b", dict.fromkeys(blue, BLUE) | dict.fromkeys(red, RED) | {blue[0]: RED, red[0]: BLUE})
        record(project, "c", dict.fromkeys(blue, BLUE), NEW)
    window, session = MainWindow(preferences, runner_now), Session()
    thumbnails = ProjectThumbnails(session, parent=window)
    qtbot.addWidget(window)
    made = build_context(session, SessionJobs(session, runner_now), runner_now, preferences, thumbnails.cache, window)
    window.set_pages([review.build_page(made), runs.build_page(made)])
    window.add_actions([*review.page_actions(made), *runs.page_actions(made), *submit_actions(made)])
    session.open(tmp_path / "drawn.catalejo")
    window.show_project(session.project_name)
    window.resize(1024, 700)
    window.show()
    yield made
    thumbnails.close()
    session.close()


def compare(context: PageContext, *names: str) -> ComparisonView:
    page = context.window.workbench.go_to("runs")
    assert isinstance(page, RunsPage)
    page.table.select_runs(list(names))
    page.panel.compare.click()
    return page.comparison


def shown(context: PageContext) -> list[int]:
    page = context.window.workbench.go_to("review")
    assert isinstance(page, ReviewPage)
    return sorted(page.listing.ids.tolist())


def test_two_runs_are_compared_from_the_older_to_the_newer(context: PageContext) -> None:
    view = compare(context, "b", "a")
    assert view.isVisible() and view.title.text == "a → b"
    assert "2 fixed, 1 broken" in view.verdict.text() and "McNemar" in view.verdict.text()
    assert "70.0 % → 80.0 %" in view.said.text() and "+10.0" in view.said.text()
    assert [view.matrix.item(i, j).text() for i in (0, 1) for j in (1, 2)] == ["−1", "+1", "−2", "+2"]
    assert view.classes.item(1, 2).text() == "40.0 → 80.0"
    assert not view.sets.isVisible(), "no labelled test images"
    view.swap.click()
    assert view.title.text == "b → a" and "1 fixed, 2 broken" in view.verdict.text()
    view.back.click()
    assert not view.isVisible()


def test_every_number_leads_to_its_images_with_the_list_named(context: PageContext) -> None:
    view = compare(context, "a", "b")
    red = image_ids(context.session.project, ImageFilter(class_ids=(RED,)), order="added").tolist()
    blue = image_ids(context.session.project, ImageFilter(class_ids=(BLUE,)), order="added").tolist()
    for act, ids, name in (
        (view.lists["fixed"].click, red[1:3], text("window_runs.compare.name.fixed")),
        (view.lists["broken"].click, blue[:1], text("window_runs.compare.name.broken")),
        (view.lists["still_wrong"].click, red[:1], text("window_runs.compare.name.still_wrong")),
        (lambda: view.classes.cellClicked.emit(1, 0), red[1:3], text("window_runs.compare.name.class", name="red")),
        (lambda: view.matrix.cellClicked.emit(0, 2), blue[:1], "blue → red"),
    ):
        context.window.workbench.go_to("runs")
        act()
        assert context.window.workbench.current_page == "review" and shown(context) == sorted(ids), name
        page = context.window.workbench.go_to("review")
        assert isinstance(page, ReviewPage) and page.modes.modes.buttons[Mode.LIST].text() == name
        assert page.modes.modes.buttons[Mode.LIST].isChecked() and context.session.run.id == "b"
    assert compare(context, "a", "b").isVisible(), "the way back is the page Runs"


def test_it_follows_labels(context: PageContext) -> None:
    view = compare(context, "a", "b")
    red = image_ids(context.session.project, ImageFilter(class_ids=(RED,)), order="added").tolist()
    set_labels(context.session.project, red[:1], BLUE)
    context.session.labels_were_changed()
    assert "Wrong in both 0" in view.lists["still_wrong"].text() and not view.lists["still_wrong"].isEnabled()


def test_runs_that_cannot_be_compared_say_why(context: PageContext) -> None:
    view = compare(context, "a", "c")
    assert "“c” cannot be compared" in view.verdict.text() and not view.matrix.isVisible()
    assert "predict them with both runs" in view.said.text()


def test_labelled_test_images_stand_apart(context: PageContext, tmp_path: Path) -> None:
    write_class_folder(tmp_path / "test", "red", 2, first_seed=90)
    project = context.session.project
    import_folder(project, tmp_path / "test", split="test")
    ids = image_ids(project, ImageFilter(split="test"), order="added").tolist()
    set_labels(project, ids, RED)
    record(project, "a", dict.fromkeys(ids, BLUE), NEW)
    record(project, "b", dict.fromkeys(ids, RED), NEW)
    view = compare(context, "a", "b")
    assert view.sets.isVisible() and view.pair is not None and len(view.pair.image_ids) == 10
    view.sets.buttons["test"].click()
    assert "2 fixed, 0 broken" in view.verdict.text()
    view.lists["fixed"].click()
    assert shown(context) == sorted(ids)


def test_many_classes_are_a_list_of_what_changed_most(context: PageContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.runs.comparison_tables.MAX_MATRIX_CLASSES", 1)
    view = compare(context, "a", "b")
    assert [view.matrix.item(0, j).text() for j in (0, 1, 2)] == ["red", "blue", "−2"]
    view.matrix.cellClicked.emit(0, 2)
    assert len(shown(context)) == 2


def test_the_act_wants_two_runs(context: PageContext) -> None:
    page = context.window.workbench.go_to("runs")
    assert isinstance(page, RunsPage)
    page.table.select_runs(["b"])
    assert not page.panel.compare.isVisible() and "two" in page.panel.why_not("compare")
    page.table.select_runs(["a", "b"])
    context.window.actions_table.do("runs.compare")
    assert page.comparison.isVisible() and page.comparison.title.text == "a → b"
