"""Dialog on the answers of a run: its calibration, thresholds with coverage against errors, and costs of mistakes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QSlider, QTabWidget, QWidget

from core.errors import RunError
from core.project.costs import keep_costs, read_stored_costs
from core.project.runs import RunRow
from core.project.thresholds import Thresholds, keep_thresholds, read_thresholds
from core.review.reliability import describe_calibration, read_calibration
from core.review.verdict import describe_measure
from core.text import text
from core.text.numbers import format_percent
from core.workflow.confusion import read_judged
from core.workflow.deciding import answered_at, lay_out_costs, read_curve, say_answered
from core.workflow.judged_scores import JudgedScores, read_judged_scores
from gui import messages, theme
from gui.review.calibration_plots import CoveragePlot, ReliabilityPlot
from gui.review.class_thresholds import ClassThresholds
from gui.review.cost_table import CostModel, CostTable
from gui.session import Session
from gui.widgets.class_style import class_styles
from gui.widgets.labels import wrapped, wrapped_caption
from gui.widgets.layouts import DIALOG, STRETCH, ScrollArea, answers, column_of, row_of

STEPS, FIRST = 1000, 900
"""Steps of the slider from 0 to 1, and where it stands where no threshold is stored."""

SIZE = (800, 580)
PLOT_PX = 250
THRESHOLDS, CALIBRATION, COSTS = range(3)
"""Places of the tabs."""


class ConfidenceDialog(QDialog):
    """Opens over its window.

    Args:
        session: The open project.
        run: The run that is looked at.
    """

    def __init__(self, session: Session, run: RunRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(text("window_review.confidence_title"))
        self._session, self._run = session, run
        self._curve, self.stored = read_curve(session.project, run.id), read_thresholds(session.project)
        self._judged = read_judged(session.project, run.id)
        self._scores: JudgedScores | None = None
        styles = class_styles(session.classes)
        self.reliability, self.coverage = ReliabilityPlot(), CoveragePlot()
        self.calibration, self.answered, self.kept = wrapped_caption(), wrapped(), wrapped_caption()
        self.slider, self._figure = QSlider(Qt.Orientation.Horizontal), QLabel()
        self.of_classes = ClassThresholds(self._judged, styles, design_effect=self._curve.design_effect)
        self.costs, self.mean_cost = CostModel(list(styles.values()), self), wrapped()
        self.tabs = QTabWidget()
        self.keep = QPushButton(text("window_review.keep_threshold"))
        self._build()
        self.coverage.show_curve(self._curve)
        self.of_classes.show_thresholds(self.stored or Thresholds(self.sure))
        self.costs.show_costs(read_stored_costs(session.project))
        self._show_calibration()
        self._show_measure()
        self._show()
        self._connect()

    @property
    def sure(self) -> float:
        """The threshold that the slider shows, 0 … 1."""
        return self.slider.value() / STEPS

    @property
    def thresholds(self) -> Thresholds:
        """What slider and table show."""
        return Thresholds(self.sure, self.of_classes.of_classes)

    def drop(self) -> None:
        """Remove the stored thresholds."""
        with messages.warned():
            keep_thresholds(self._session.project, None)
        super().accept()

    def accept(self) -> None:
        """Store thresholds and costs for the project; costs alone where no threshold was touched."""
        with messages.warned():
            if self.stored is not None or self._is_touched or not self._has_new_costs:
                keep_thresholds(self._session.project, self.thresholds)
            keep_costs(self._session.project, self.costs.costs)
        super().accept()

    @property
    def _is_touched(self) -> bool:
        return self.sure != FIRST / STEPS or bool(self.of_classes.of_classes)

    @property
    def _has_new_costs(self) -> bool:
        return self.costs.costs != read_stored_costs(self._session.project)

    # ── parts ────────────────────────────────────────────────────────────

    def _build(self) -> None:
        self._build_slider()
        self.answered.setFont(theme.tabular(theme.emphasized(self.answered.font())))
        self._figure.setFont(theme.tabular(self._figure.font()))
        self._figure.setMinimumWidth(self._figure.fontMetrics().horizontalAdvance("100.0 %"))
        self.tabs.setDocumentMode(True)
        for build, title in ((self._build_thresholds, "thresholds"), (self._build_calibration, "calibration"),
                             (self._build_costs, "costs")):
            page = QWidget()
            build(page)
            self.tabs.addTab(ScrollArea(page), text(f"window_review.{title}"))
        self.measured = wrapped_caption()
        more = [] if self.stored is None else [("close", text("window_review.drop_threshold"), self.drop)]
        box = answers(self, self.keep, more=more)
        box.setContentsMargins(*DIALOG)
        inside = column_of((self.tabs, 1), self.measured, margins=(theme.MARGIN, theme.AROUND, theme.MARGIN, 0))
        column_of((inside, 1), box, spacing=0, parent=self)
        self.resize(*SIZE)

    def _build_thresholds(self, page: QWidget) -> None:
        self.coverage.setMinimumWidth(PLOT_PX)
        left = column_of(
            theme.bold(QLabel(text("window_review.answer_from"))), (self.coverage, 1),
            row_of((self.slider, 1), self._figure), self.answered, self.kept)
        right = column_of(theme.bold(QLabel(text("window_review.thresholds_of_single"))), (self.of_classes, 1))
        row_of((left, 4), (right, 5), spacing=theme.AROUND, margins=theme.BETWEEN, parent=page)

    def _build_calibration(self, page: QWidget) -> None:
        column_of((self.reliability, 1), self.calibration, margins=theme.BETWEEN, parent=page)

    def _build_costs(self, page: QWidget) -> None:
        self.cost_table = CostTable(self.costs)
        column_of(wrapped_caption(text("window_review.costs_explained")), (self.cost_table, 1), self.mean_cost,
                  (STRETCH, 0), margins=theme.BETWEEN, parent=page)

    def _build_slider(self) -> None:
        self.slider.setRange(0, STEPS)
        self.slider.setSingleStep(5)
        self.slider.setPageStep(50)
        self.slider.setValue(FIRST if self.stored is None else round(self.stored.sure * STEPS))
        self.slider.setAccessibleName(text("window_review.threshold"))
        self.keep.setEnabled(len(self._curve.confidences) > 0)

    def _connect(self) -> None:
        self.slider.valueChanged.connect(self._on_slider_moved)
        self.of_classes.edited.connect(self._show)
        self.costs.edited.connect(self._show_costs)
        self.tabs.currentChanged.connect(self._on_tab_changed)
        self._session.project_changed.connect(self.reject)

    # ── what is shown ────────────────────────────────────────────────────

    def _on_slider_moved(self) -> None:
        self.of_classes.show_general(self.sure)
        self._show()

    def _on_tab_changed(self) -> None:
        self._show_measure()
        self._show_costs()

    def _show_measure(self) -> None:
        """What the figures are of; the calibration is kept with the run, the others follow the labels."""
        said = describe_measure(str(self._run.figures.get("accuracy_kind", "")), len(self._judged.image_ids))
        labels = "calibration_as_trained" if self.tabs.currentIndex() == CALIBRATION else "by_labels_now"
        self.measured.setText(" ".join(filter(None, (said, text(f"window_review.{labels}")))))

    def _show_calibration(self) -> None:
        found = read_calibration(self._run.figures)
        words = text("window_review.not_calibrated") if found is None else " ".join(describe_calibration(found))
        self.calibration.setText(words)
        if found is not None:
            self.reliability.show_calibration(found, words)

    def _show(self) -> None:
        own = self.of_classes.of_classes
        found = self._curve.at(self.sure)
        if own:
            found = answered_at(self._judged, self.thresholds, design_effect=self._curve.design_effect)
        said = [say_answered(found), text("window_review.thresholds_of_classes", n=len(own)) if own else ""]
        words = " ".join(filter(None, said))
        self._figure.setText(format_percent(self.sure, 1))
        self.answered.setText(words)
        self.coverage.show_threshold(self.sure, words)
        self.kept.setText(self._say_kept())

    def _say_kept(self) -> str:
        if self.stored is None:
            return text("window_review.no_threshold")
        own = self.stored.of_classes
        said = text("window_review.threshold_kept", sure=self.stored.sure)
        return f"{said} {text('window_review.thresholds_of_classes', n=len(own))}" if own else said

    def _show_costs(self) -> None:
        """What the costs do; the probabilities of all judged images are read when somebody looks."""
        if self.tabs.currentIndex() == COSTS:
            self.mean_cost.setText(self._say_costs())

    def _say_costs(self) -> str:
        if not self.costs.costs:
            return text("window_review.no_costs")
        try:
            self._scores = self._scores or read_judged_scores(self._session.project, self._run.id)
        except RunError as error:
            return f"{error.sentence} {error.hint}".strip()
        names = {row.id: row.name for row in self._session.classes}
        found = self._scores.mean_costs(
            lay_out_costs(self.costs.costs, [names.get(i, "") for i in self._scores.class_ids]))
        if found is None:
            return text("review.coverage.nothing")
        return text("window_review.mean_cost", plain=found[0], cheapest=found[1], n=len(self._scores.label_ids))
