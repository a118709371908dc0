"""The learning curve in a dialog: measured in the engine, drawn, and said in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QDialogButtonBox

from core.errors import AppError
from core.text import text
from gui import messages, theme
from gui.jobs import Job
from gui.pages import PageContext
from gui.widgets.labels import wrapped, wrapped_caption
from gui.widgets.layouts import DIALOG, STRETCH, column_of

if TYPE_CHECKING:
    from core.training.learning_curve import LearningCurve
    from gui.widgets.plots import LabelsPlot

WIDTH_PX, ROOM_PX = 620, 180
"""Width, and the height for the chart that is not there yet."""


class CurveDialog(QDialog):
    """Says what it is doing until the answer is there; closing it cancels the measuring.

    Args:
        context: What a page may use.
    """

    def __init__(self, context: PageContext) -> None:
        super().__init__(context.window)
        self._context = context
        self._job: Job | None = None
        self.plot: LabelsPlot | None = None
        self.setWindowTitle(text("window_runs.curve_title"))
        self.said = wrapped(text("window_runs.measuring"))
        self.said.setFont(theme.emphasized(self.said.font()))
        self.explained = wrapped_caption(text("window_runs.curve_explained"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        self._column = column_of(self.said, self.explained, STRETCH, buttons, margins=DIALOG, parent=self)
        self.resize(WIDTH_PX, self.sizeHint().height() + ROOM_PX)
        self.finished.connect(self._on_finished)

    def measure(self) -> None:
        """Begin."""
        with messages.warned():
            self._job = self._context.jobs.measure_learning_curve(self.show_curve)
            self._job.failed.connect(self._on_job_failed)

    def show_curve(self, found: LearningCurve) -> None:
        """Draw and say it; the first chart is drawn: only now pyqtgraph is imported."""
        from gui.widgets.plots import LabelsPlot

        self.said.setText(str(found.sentence))
        notes = [str(note) for note in found.notes]
        self.explained.setText(" ".join([text("window_runs.curve_explained"), *notes]))
        if found.points and self.plot is None:
            self.plot = LabelsPlot()
            self.plot.show_curve(found)
            self._column.insertWidget(1, self.plot)

    def _on_job_failed(self, error: AppError) -> None:
        self.said.setText(error.sentence)
        self.explained.setText(error.hint)

    def _on_finished(self) -> None:
        if self._job is not None and not self._job.is_over:
            self._job.forget()
