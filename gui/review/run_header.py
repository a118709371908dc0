"""The head of the Review page: which run, its accuracy in words, what changed, and the way to train again."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QMenu, QPushButton, QSizePolicy, QToolButton, QWidget

from core.project.runs import RunRow
from core.review.baseline import listed
from core.review.reliability import describe_calibration, read_calibration
from core.review.verdict import say_changed_since, say_excluded
from core.runs.record import CROSS_VALIDATION, HELD_OUT, UNTRAINED
from core.text import Message, text
from core.workflow.comparing import describe_change
from core.workflow.runs import describe_recorded
from gui import theme
from gui.icons import icon_button
from gui.moments import say_recorded
from gui.review.facts import ReviewFacts
from gui.widgets.expected_line import ExpectedLine
from gui.widgets.fold import Fold
from gui.widgets.labels import SignedSentence, wrapped
from gui.widgets.run_chooser import RunChooser
from gui.session import Session
from gui.widgets.segments import Segments
from gui.widgets.layouts import column_of, fill, row_of
from gui.widgets.test_accuracy import TestAccuracy

JUDGED, TEST = "judged", "test"
"""The two sets that matrix and lists can show."""

_SETS = {CROSS_VALIDATION: "window_review.cross_validation", HELD_OUT: "window_review.held_out_set",
         UNTRAINED: "window_review.labelled_images"}
"""What the images are called that a run was judged by, by its `accuracy_kind`."""


class RunHeader(QWidget):
    """Follows the facts.

    Args:
        session: For its runs; the chooser chooses among them.
        facts: What is said.

    Attributes:
        expected: What to expect on images without labels; above the verdict where it is clearly less.
        sets: The choice between figures and lists of the test set, and those of the judged images.
        change: What the run fixed and broke, with a link to it.
        calibration: Whether its confidence can be relied on, with a link to the threshold.
        details: What folds away: baseline, labels since, change and calibration.
    """

    def __init__(self, session: Session, facts: ReviewFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._facts = session, facts
        self._is_training = False
        self.chooser = RunChooser()
        self.train = QPushButton()
        self.save_menu = QMenu(self)
        self.warning = SignedSentence("doubt", role="amber")
        self.verdict = wrapped(is_strong=True)
        self.baseline = wrapped()
        self.test = TestAccuracy()
        self.expected = ExpectedLine(session, self)
        self.sets = Segments(text("window_review.sets_name"))
        self.doubt = SignedSentence("doubt", role="amber")
        self.classes = SignedSentence("doubt", role="amber")
        self.labels = SignedSentence("label")
        self.change = SignedSentence("runs")
        self.calibration = SignedSentence("chart")
        self.details = Fold(text("window_review.details"))
        self._save = self._build_save()
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._build()
        facts.changed.connect(self.refresh)
        self.expected.changed.connect(self._fit_height)
        session.runs_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Say it anew."""
        run = self._facts.run
        self.chooser.show_runs(self._session.runs, run)
        self.expected.refresh()
        if run is None:
            return
        words = describe_recorded(run, self._facts.confusion)
        self.warning.set_text(words.warning)
        self.verdict.setText(words.verdict)
        self.baseline.setText(words.baseline)
        self.baseline.setVisible(bool(words.baseline))
        self._show_test(run)
        self.verdict.setToolTip(words.measure)
        self.doubt.set_text(words.doubt)
        self.classes.set_text(self._say_classes())
        self.labels.set_text(" ".join(filter(None, (self._say_labels(), words.as_trained))))
        self.change.set_text(self._say_change())
        self.calibration.set_text(self._say_calibration(run))
        self.details.setVisible(bool(
            words.baseline or self.labels.text or self.change.text or self.calibration.text))
        self._show_train()
        self._fit_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_height()

    def _fit_height(self) -> None:
        """Ask for what the wrapped sentences need at this width; less would cut them."""
        parts = (self.chooser.minimumWidth(), self._save.sizeHint().width(), self.train.sizeHint().width())
        needed = sum(parts) + 2 * theme.BETWEEN + 2 * theme.AROUND
        self._head.setDirection(
            QBoxLayout.Direction.TopToBottom if needed > self.width() else QBoxLayout.Direction.LeftToRight)
        self._column.activate()
        self.setMinimumHeight(max(0, self._column.minimumHeightForWidth(self.width())))

    def show_training(self, is_training: bool) -> None:
        """Say whether a training runs."""
        self._is_training = is_training
        self._show_train()

    def _show_test(self, run: RunRow) -> None:
        """The test accuracy, and the choice between its figures and those of the judged images."""
        test = self._facts.test
        self.test.show_test(test, run, offers_prediction=True)
        n_judged = self._facts.confusion.n_total if self._facts.confusion is not None else 0
        n_test = test.confusion.n_total if test is not None else 0
        kind = str(run.figures.get("accuracy_kind", ""))
        self.sets.show_choices([
            (JUDGED, text(_SETS.get(kind, "window_review.judged_images"), n=n_judged),
             text("window_review.judged_tip")),
            (TEST, text("window_review.test_set", n=n_test), text("window_review.test_set_tip")),
        ], TEST if self._facts.is_test else JUDGED)
        self.sets.setVisible(self._facts.has_test)

    # ── words ────────────────────────────────────────────────────────────

    def _say_labels(self) -> str:
        n, confusion = self._facts.n_relabelled, self._facts.confusion
        others = say_changed_since(self._facts.n_other_contents), say_excluded(self._facts.n_excluded)
        other = " ".join(filter(None, others))
        if not n or confusion is None:
            return other
        said = text("window_review.labels_changed", n=n, mistakes=Message("text.mistakes", n=confusion.n_wrong))
        return f"{said} {other}".strip()

    def _say_change(self) -> str:
        if self._facts.comparison is None or self._facts.before is None:
            return ""
        said = text("window_review.against_run_before", when=say_recorded(self._facts.before.created_at),
                    change=describe_change(self._facts.comparison))
        n = len(self._facts.corrected)
        return f"{said} {text('window_review.right_by_new_labels', n=n)}" if n else said

    def _say_calibration(self, run: RunRow) -> str:
        found = read_calibration(run.figures)
        if found is None or self._facts.confusion is None or not self._facts.confusion.n_total:
            return ""
        return describe_calibration(found)[0]

    def _say_classes(self) -> str:
        confusion = self._facts.confusion
        gone = [c.name for c in confusion.classes if c.is_gone] if confusion else []
        if not gone:
            return ""
        names = [text("text.quoted", word=name) for name in gone]
        return text("window_review.classes_gone", names=listed(names, limit=3))

    def _show_train(self) -> None:
        n = self._facts.n_labels
        self.train.setText(
            text("window_review.training") if self._is_training else text("window_review.train_again", n=n))
        self.train.setEnabled(not self._is_training)
        is_worth_it = bool(self._facts.n_changed or self._facts.n_other_contents) or bool(self._say_classes())
        role = "primary" if is_worth_it else ""
        if self.train.property("role") != role:
            self.train.setProperty("role", role)
            self.train.style().unpolish(self.train)
            self.train.style().polish(self.train)

    # ── parts ────────────────────────────────────────────────────────────

    def _build(self) -> None:
        self.chooser.activated.connect(self._on_chooser_activated)
        self.train.setToolTip(text("window_review.train_tip"))
        self._column = column_of(
            spacing=theme.INSIDE, margins=(theme.AROUND, theme.BETWEEN, theme.AROUND, theme.INSIDE), parent=self)
        self._head.setSpacing(theme.BETWEEN)
        fill(self._head, (row_of((self.chooser, 1), self._save), 1), self.train)
        fill(
            self._column, self._head, self.expected.lower, self.warning, self.verdict, self.doubt, self.test,
            self.expected.said, self.sets, self.classes, self.details,
        )
        fill(self.details.column, self.baseline, self.labels, self.change, self.calibration)
        self.details.button.toggled.connect(lambda _: self._fit_height())
        self.change.make_link(text("window_review.show_changes"))
        self.calibration.make_link(text("window_review.choose_threshold"))

    def _build_save(self) -> QToolButton:
        button = icon_button("export", text("window_review.save_tip"), shown=text("window_review.save"))
        button.setAutoRaise(False)
        button.setAccessibleName(text("window_review.save_name"))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(self.save_menu)
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        return button

    def _on_chooser_activated(self, place: int) -> None:
        self._session.choose_run(self.chooser.itemData(place))
