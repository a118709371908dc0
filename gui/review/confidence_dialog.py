"""Dialog on the confidence of a run: its reliability diagram, and a threshold with coverage against errors."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QSlider, QWidget

from core.project.runs import RunRow
from core.project.thresholds import Thresholds, keep_thresholds, read_thresholds
from core.review.reliability import describe_calibration, read_calibration
from core.text import text
from core.text.numbers import format_percent
from core.workflow.deciding import read_curve, say_answered
from gui import messages, theme
from gui.review.calibration_plots import CoveragePlot, ReliabilityPlot
from gui.session import Session
from gui.widgets.labels import wrapped, wrapped_caption
from gui.widgets.layouts import DIALOG, ScrollArea, answers, column_of, row_of

STEPS, FIRST = 1000, 900
"""Steps of the slider from 0 to 1, and where it stands where no threshold is stored."""

SIZE = (760, 520)


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
        self.reliability, self.coverage = ReliabilityPlot(), CoveragePlot()
        self.calibration, self.answered, self.kept = wrapped_caption(), wrapped(), wrapped_caption()
        self.slider, self._figure = QSlider(Qt.Orientation.Horizontal), QLabel()
        self.keep = QPushButton(text("window_review.keep_threshold"))
        self._build()
        self.coverage.show_curve(self._curve)
        self._show_calibration()
        self._show()
        session.project_changed.connect(self.reject)

    @property
    def sure(self) -> float:
        """The threshold that the slider shows, 0 … 1."""
        return self.slider.value() / STEPS

    def drop(self) -> None:
        """Remove the stored threshold."""
        with messages.warned():
            keep_thresholds(self._session.project, None)
        super().accept()

    def accept(self) -> None:
        """Store the threshold for the project; those of single classes stay."""
        of_classes = {} if self.stored is None else self.stored.of_classes
        with messages.warned():
            keep_thresholds(self._session.project, Thresholds(self.sure, of_classes))
        super().accept()

    # ── parts ────────────────────────────────────────────────────────────

    def _build(self) -> None:
        self._build_slider()
        self.answered.setFont(theme.tabular(theme.emphasized(self.answered.font())))
        self._figure.setFont(theme.tabular(self._figure.font()))
        self._figure.setMinimumWidth(self._figure.fontMetrics().horizontalAdvance("100.0 %"))
        left = column_of(theme.bold(QLabel(text("window_review.calibration"))), (self.reliability, 1),
                         self.calibration)
        right = column_of(
            theme.bold(QLabel(text("window_review.answer_from"))), (self.coverage, 1),
            row_of((self.slider, 1), self._figure), self.answered, self.kept)
        content = QWidget()
        column_of((row_of((left, 1), (right, 1), spacing=theme.MARGIN), 1),
                  margins=(theme.MARGIN, theme.MARGIN, theme.MARGIN, 0), parent=content)
        more = [] if self.stored is None else [("close", text("window_review.drop_threshold"), self.drop)]
        box = answers(self, self.keep, more=more)
        box.setContentsMargins(*DIALOG)
        column_of((ScrollArea(content), 1), box, spacing=0, parent=self)
        self.resize(*SIZE)

    def _build_slider(self) -> None:
        self.slider.setRange(0, STEPS)
        self.slider.setSingleStep(5)
        self.slider.setPageStep(50)
        self.slider.setValue(FIRST if self.stored is None else round(self.stored.sure * STEPS))
        self.slider.setAccessibleName(text("window_review.threshold"))
        self.slider.valueChanged.connect(self._show)
        self.keep.setEnabled(len(self._curve.confidences) > 0)

    # ── what is shown ────────────────────────────────────────────────────

    def _show_calibration(self) -> None:
        found = read_calibration(self._run.figures)
        words = text("window_review.not_calibrated") if found is None else " ".join(describe_calibration(found))
        self.calibration.setText(words)
        if found is not None:
            self.reliability.show_calibration(found, words)

    def _show(self) -> None:
        words = say_answered(self._curve.at(self.sure))
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
