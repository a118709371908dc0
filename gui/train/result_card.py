"""What came of the chosen run: how right, how sure, how measured, what changed, and the way to its mistakes."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton

from core.errors import AppError
from core.project.runs import RunRow
from core.workflow.comparing import compare_recorded, count_changed_since, describe_change
from core.review.baseline import standing_of_figures
from core.review.gap import describe_gap
from core.review.verdict import say_changed_since
from core.text import render, text
from core.workflow.confusion import Confusion, find_corrected, has_judged, read_confusion
from core.workflow.readiness import findings_as_known
from core.workflow.health import accepted_reasons
from core.workflow.labelled_test import read_labelled_test
from core.workflow.runs import describe_recorded
from gui import theme
from gui.session import Session
from gui.train.card import Card
from gui.widgets.class_style import class_styles
from gui.widgets.class_table import ClassTable
from gui.widgets.expected_line import ExpectedLine
from gui.train.run_figures import EpochCharts
from gui.train.watch import TrainingWatch
from gui.widgets.labels import SignedSentence, wrapped, wrapped_caption
from gui.widgets.interval_bar import IntervalBar
from gui.widgets.layouts import STRETCH, column_of, empty, fill, row_of
from gui.widgets.test_accuracy import TestAccuracy


class ResultCard(Card):
    """Shows the chosen run of the session.

    Args:
        session: Whose chosen run is shown.
        watch: Knows how many labels changed since the latest training.

    Attributes:
        leads_to_test: Whether the mistakes that `review_asked` speaks of are those on test images.

    Signals:
        review_asked: The mistakes, or the most unsure images, are wanted.
    """

    review_asked = Signal()

    def __init__(self, session: Session, watch: TrainingWatch) -> None:
        super().__init__("")
        self._session, self._watch = session, watch
        self.leads_to_test = False
        self.warning = SignedSentence("doubt", role="amber")
        self.verdict = wrapped()
        self.verdict.setFont(theme.emphasized(theme.tabular(theme.scaled_font(self.verdict.font(), 1.1))))
        self.interval = IntervalBar()
        self.baseline = wrapped()
        self.test = TestAccuracy()
        self.expected = ExpectedLine(session, self)
        self.doubt = SignedSentence("doubt", role="amber")
        self.findings = SignedSentence("doubt", role="amber")
        self.findings.setToolTip(text("window_train.findings.tip"))
        self.measure = wrapped_caption()
        self.end, self.gap = wrapped_caption(), wrapped_caption()
        self.as_trained = SignedSentence("note")
        self.curves = EpochCharts()
        self.change = SignedSentence("runs")
        self.change.setToolTip(text("window_train.comparison.tip"))
        self.moved, self.contents = SignedSentence("note"), SignedSentence("note")
        self._notes = column_of(spacing=theme.INSIDE)
        self.classes = ClassTable()
        self.review = QPushButton()
        self.review.clicked.connect(self.review_asked)
        fill(
            self.column, self.expected.lower, self.warning, self.verdict, self.interval, self.baseline, self.doubt,
            self.test, self.expected.said, self.findings, self.measure, self.as_trained, self.end, self.gap,
            self.change, self.moved, self.contents, self._notes, self.classes, self.curves
        )
        self.column.addLayout(row_of(self.review, STRETCH, spacing=None))

    def refresh(self) -> None:
        """Show the chosen run as it stands now."""
        run = self._session.run
        self.expected.clear()
        for widget in (self.interval, self.classes, self.review):
            widget.setVisible(run is not None)
        if run is None:
            self.set_title(text("window_train.result"))
            self.verdict.setText(text("window_train.no_run"))
            for said in (self.warning, self.doubt, self.findings, self.change, self.moved, self.contents,
                         self.as_trained):
                said.set_text("")
            self.baseline.hide()
            self.test.hide()
            self.measure.setText(text("window_train.no_run_explained"))
            self.end.hide()
            self.gap.hide()
            self.curves.clear()
            self._show_notes(())
            return
        self._show_run(run)

    def refresh_mistakes(self) -> None:
        """Labels changed: so may every figure, the number of mistakes, and the test accuracy."""
        run = self._session.run
        if run is None:
            return
        confusion = read_confusion(self._session.project, run.id) if self._has_judged(run) else None
        self._show_figures(run, confusion)
        n = confusion.n_wrong if confusion is not None else 0
        n_test = self._show_test(run)
        self.leads_to_test = bool(n_test and not n)
        self.review.setText(
            text("window_train.review_mistakes", n=n) if n
            else text("window_train.review_test_mistakes", n=n_test) if n_test
            else text("window_train.review_uncertain")
        )
        self.change.set_text(self._say_change(run))

    def refresh_since(self) -> None:
        """Say what changed since this run: images that show something else, and labels; reads the run's files."""
        run = self._session.run
        if run is None:
            return
        self.contents.set_text(say_changed_since(count_changed_since(self._session.project, run.id)))
        self._watch.follow(run.id)
        self.refresh_moved()

    def refresh_moved(self) -> None:
        """Say how many labels are not what this run learnt from."""
        run, n = self._session.run, len(self._watch.changed_labels)
        is_of_run = run is not None and run.id == self._watch.run_id
        self.moved.set_text(text("window_train.changed_since_run", n=n) if n and is_of_run else "")

    def _show_test(self, run: RunRow) -> int:
        """The accuracy on labelled test images, where there are any; returns the number of mistakes there."""
        test = read_labelled_test(self._session.project, run)
        self.test.show_test(test, run)
        return test.confusion.n_wrong if test is not None else 0

    def _has_judged(self, run: RunRow) -> bool:
        return not run.damage and has_judged(self._session.project, run.id)

    def _show_run(self, run: RunRow) -> None:
        words = describe_recorded(run)
        self.set_title(text("window_train.result_of", run=run.id))
        self.findings.set_text(self._say_findings(run))
        gap = describe_gap(run.figures)
        for label, said in ((self.end, words.end), (self.gap, render(gap) if gap is not None else "")):
            label.setText(said)
            label.setVisible(bool(said))
        self.curves.show_history(run.figures.get("history") or ())
        self._show_notes(words.notes)
        self.refresh_mistakes()
        self.refresh_moved()
        self.contents.set_text("")

    def _show_figures(self, run: RunRow, confusion: Confusion | None) -> None:
        """The figures of the run by the labels as they are now; as it was trained where nothing is on record."""
        words = describe_recorded(run, confusion)
        self.verdict.setText(words.verdict)
        self.warning.set_text(words.warning)
        self.doubt.set_text(words.doubt)
        self.as_trained.set_text(words.as_trained)
        for label, said in ((self.baseline, words.baseline), (self.measure, words.measure)):
            label.setText(said)
            label.setVisible(bool(said))
        is_now = confusion is not None and confusion.n_total
        standing = confusion.standing if is_now and confusion is not None else standing_of_figures(run.figures)
        interval = standing.interval
        if standing.accuracy is not None and interval is not None:
            self.interval.show_figures(standing.accuracy, low=interval[0], high=interval[1])
        self.interval.setVisible(interval is not None)
        rows = confusion.per_class if confusion is not None else ()
        self.classes.show_rows(rows, {style.name: style for style in class_styles(self._session.classes).values()})
        self.classes.setVisible(bool(rows))

    def _say_change(self, run: RunRow) -> str:
        """What changed since the run before, where both judged the same images."""
        before = self._session.run_before(run)
        if before is None:
            return ""
        found = compare_recorded(self._session.project, before.id, run.id)
        if not found.n_images:
            return ""
        n = self._count_corrected(before, run)
        said = text("window_train.since_run", run=before.id, change=describe_change(found))
        return text("window_train.corrected", n=n, comparison=said) if n else said

    def _count_corrected(self, before: RunRow, run: RunRow) -> int:
        try:
            return len(find_corrected(self._session.project, before.id, run.id))
        except AppError:
            return 0  # the folder of the run before is gone

    def _say_findings(self, run: RunRow) -> str:
        """What the check of the data said when it was trained, without what was accepted then or since."""
        accepted = accepted_reasons(self._session.project)
        found = findings_as_known(self._session.project, run.figures.get("findings") or ())
        open_ones = [str(f["sentence"]) for f in found if f["acknowledged"] is None and f["key"] not in accepted]
        return text("window_train.before_you_believe", findings=" ".join(open_ones)) if open_ones else ""

    def _show_notes(self, notes: tuple[str, ...]) -> None:
        empty(self._notes)
        for note in notes:
            self._notes.addWidget(SignedSentence("note", text=note))
