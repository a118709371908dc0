"""The shipped sample: every place that shows a figure shows the same one, and says what it is of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from core.jobs import JobContext
from core.project.predictions import list_predictions
from core.project.queries import count_images
from core.text import Message, render, text
from core.text.numbers import format_confidence
from core.workflow.confusion import mistakes_of, read_confusion, read_judged
from core.workflow.deciding import read_curve
from core.workflow.health import describe_health, findings_of, read_health
from core.workflow.judged_scores import read_judged_scores
from core.workflow.review_page import prepare_review
from core.workflow.runs import describe_recorded, describe_run
from core.workflow.sample import make_trained_sample
from gui.furnish import furnish
from gui.health.health_page import HealthPage
from gui.inspector.inspector import Inspector
from gui.inspector.prediction_sections import ChancesSection
from gui.library.side_panel import SidePanel
from gui.main_window import MainWindow
from gui.pages import PageContext
from gui.preferences import Preferences
from gui.review.matrix_panel import CLASSES
from gui.review.mode_bar import ModeBar
from gui.review.review_page import ReviewPage
from gui.train.train_page import TrainPage
from gui.widgets.class_table import F1, RECALL
from tests.gui.conftest import RunnerNow


@pytest.fixture
def context(
    qtbot: QtBot, preferences: Preferences, runner_now: RunnerNow, tmp_path: Path
) -> Iterator[PageContext]:
    """The real window on the trained and checked sample."""
    window = MainWindow(preferences, runner_now)
    context = furnish(window, runner_now, preferences)
    window.resize(1440, 900)
    window.show()
    context.session.open(make_trained_sample(tmp_path, JobContext()))
    yield context
    runner_now._current = None
    window.rebuilding.emit()  # what ends with the application ends now
    context.health._query.end()
    window.close()
    window.deleteLater()


def pages(context: PageContext) -> tuple[TrainPage, ReviewPage]:
    go_to = context.window.workbench.go_to
    train, review = go_to("train"), go_to("review")
    assert isinstance(train, TrainPage) and isinstance(review, ReviewPage)
    return train, review


def count_everywhere(context: PageContext, qtbot: QtBot) -> dict[str, int]:
    """The number of mistakes in each place that shows it."""
    session, (train, review) = context.session, pages(context)
    run, project = session.run, session.project
    assert run is not None
    panel = context.window.workbench.findChild(SidePanel)
    review.facts.refresh()
    review.listing.refresh()
    train.refresh()
    wanted = read_confusion(project, run.id).n_wrong
    qtbot.waitUntil(lambda: panel.counts.get("mistakes") == wanted and len(review.listing.ids) == wanted)
    modes = review.findChild(ModeBar)
    written = prepare_review(project, run.id, project.folder.parent / "review.html")
    counts = np.array(describe_run(project, run)["confusion"])
    curve = read_curve(project, run.id)
    return {
        "confusion": wanted, "side panel": panel.counts.get("mistakes"),
        "filter": count_images(project, mistakes_of(run.id)), "list of Review": len(review.listing.ids),
        "matrix": review.matrix.model.confusion.n_wrong, "report": written.judged.confusion.n_wrong,
        "runs --json": int(counts.sum() - np.trace(counts)), "threshold": curve.at(0).n_wrong,
        "button of Train": next(n for n in range(99) if train.result.review.text() in (
            text("window_train.review_mistakes", n=n), text("window_train.review_uncertain") if not n else "")),
        "button of Review": next(n for n in range(99) if modes.modes.buttons["mistakes"].text() == text(
            "window_review.mistakes", n=n)),
    }


def test_mistakes_and_accuracy_are_the_same_everywhere_also_after_relabelling(
    context: PageContext, qtbot: QtBot
) -> None:
    session = context.session
    first = count_everywhere(context, qtbot)
    assert len(set(first.values())) == 1 and first["confusion"] > 1, first
    wrong = read_judged(session.project, session.run.id)
    chosen = wrong.mistakes[:2]
    for at in chosen.tolist():
        session.label([int(wrong.image_ids[at])], int(wrong.predicted_ids[at]))
    then = count_everywhere(context, qtbot)
    assert set(then.values()) == {first["confusion"] - 2}, then
    train, review = pages(context)
    words = describe_recorded(session.run, read_confusion(session.project, session.run.id))
    assert train.result.verdict.text() == review.header.verdict.text() == words.verdict
    assert words.as_trained and train.result.as_trained.text == words.as_trained
    assert words.as_trained in review.header.labels.text
    facts = describe_run(session.project, session.run)
    assert facts["accuracy"] == read_confusion(session.project, session.run.id).standing.accuracy
    assert text("review.run_accuracy", accuracy=session.run.accuracy) in review.header.chooser.currentText()
    review.matrix.show_kind(CLASSES)
    for row, one in enumerate(facts["per_class"]):
        for table in (train.result.classes, review.matrix.classes):
            assert table.item(row, RECALL).toolTip() == text(
                "widgets.share_with_interval", share=one["recall"], low=one["recall_interval"][0],
                high=one["recall_interval"][1])
            assert table.item(row, F1).text().startswith(text("widgets.share_and_interval", share=one["f1"], low=0,
                                                              high=0).split(" (")[0])


def test_the_probability_of_a_label_has_one_source(context: PageContext, qtbot: QtBot) -> None:
    """Tile and inspector show the run's; the note of the check names the class without a figure of its own."""
    session = context.session
    page = context.window.workbench.go_to("health")
    assert isinstance(page, HealthPage)
    qtbot.waitUntil(lambda: page.watch.find("label errors") is not None)
    page.list.choose("label errors")
    finding = page.finding
    assert finding is not None and finding.image_ids
    inspector = context.window.workbench.findChild(Inspector)
    chances = next(section for section in inspector.sections if isinstance(section, ChancesSection))
    for issue in finding.evidence:
        page.browser.selection.set_current_row(int(np.flatnonzero(page.listing.ids == issue.image_id)[0]))
        assert session.image_id == issue.image_id
        said = next(iter(list_predictions(session.project, session.run.id, (issue.image_id,))))
        scores = read_judged_scores(session.project, session.run.id)
        place = read_judged(session.project, session.run.id).image_ids.tolist().index(issue.image_id)
        assert scores.probabilities[place].max() == pytest.approx(said.confidence, abs=1e-6)
        bars = chances.bars.bars
        assert max(bar.p for bar in bars) == pytest.approx(said.confidence, abs=1e-6)
        tile = page.browser.model.source([issue.image_id])[0]
        assert format_confidence(said.confidence) == format_confidence(max(bar.p for bar in bars))
        assert tile.confidence is None or tile.confidence == pytest.approx(said.confidence, abs=1e-6)
        assert not any(char.isdigit() for char in render(issue.sentence)), "no second figure"


def test_label_issues_are_counted_with_what_is_expected(context: PageContext, qtbot: QtBot) -> None:
    session = context.session
    result = read_health(session.project)
    facts = describe_health(session.project, result)
    finding = next(f for f in findings_of(session.project, result) if f.key == "label errors")
    n = len(facts["label_errors"])
    assert n == len(finding.image_ids) == len(finding.evidence) and render(finding.figure) == str(n)
    assert render(finding.sentence) == render(facts["wrong_labels"]["sentence"])
    assert finding.sentence.code != "checks.no_wrong_label"
    assert session.run.id in " ".join(map(render, finding.details)), "it says whose predictions it is of"
    first = finding.evidence[0]
    session.label([first.image_id], first.suggested_id)
    later = next(f for f in findings_of(session.project, result) if f.key == "label errors")
    assert render(later.figure) == str(n - 1)
    assert Message("checks.labels_settled", n=1) in later.details


def test_findings_beside_the_accuracy_are_those_of_health(context: PageContext, qtbot: QtBot) -> None:
    train, _ = pages(context)
    known = {f.key: render(f.sentence) for f in findings_of(
        context.session.project, read_health(context.session.project))}
    said = train.result.findings.text
    recorded = [f["key"] for f in context.session.run.figures["findings"]]
    assert recorded and all(known[key] in said for key in recorded)
