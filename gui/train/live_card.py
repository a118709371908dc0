"""The training that runs: where it stands, how it goes, how to stop it, or why it ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QProgressBar, QPushButton, QVBoxLayout

from core.sentences import plural
from gui import theme
from gui.jobs import Job, JobRunner, JobState
from gui.job_bar import describe_progress
from gui.train.card import Card, SignedText, wrapped
from gui.train.watch import TrainingWatch

if TYPE_CHECKING:
    from gui.train.curve_plot import CurvePlot

PERCENT = 100.0


class LiveCard(Card):
    """Shows a `TrainingWatch`; hidden while there is nothing to tell.

    Args:
        watch: What is shown.
        runner: Says what a waiting training waits for.
    """

    def __init__(self, watch: TrainingWatch, runner: JobRunner) -> None:
        super().__init__("")
        self._watch, self._runner = watch, runner
        self.state = wrapped()
        self.state.setFont(theme.tabular(self.state.font()))
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self.tr("Progress of the training"))
        self.cancel = QPushButton(self.tr("Cancel"))
        self.cancel.setAccessibleName(self.tr("Cancel the training"))
        self.cancel.clicked.connect(self._on_cancel_clicked)
        self.failure = SignedText("wrong", role="red")
        self.moved = SignedText("note")
        self._charts = QVBoxLayout()
        self._charts.setSpacing(theme.BETWEEN)
        self.charts: dict[str, CurvePlot] = {}
        self._fold = 0
        self.head.addWidget(self.cancel)
        for widget in (self.state, self.progress, self.failure, self.moved):
            self.column.addWidget(widget)
        self.column.addLayout(self._charts)
        watch.changed.connect(self.refresh)
        watch.published.connect(self._on_watch_published)
        watch.labels_moved.connect(self._refresh_moved)
        runner.queue_changed.connect(self.refresh)
        for event in watch.figures:
            self._on_watch_published(event)
        self.refresh()

    def refresh(self) -> None:
        """Show the training as it is now."""
        job, error = self._watch.job, self._watch.error
        is_over = job is None or job.is_over
        has_words = job is not None and job.state in (JobState.FAILED, JobState.CANCELLED)
        self.setVisible(job is not None and (not is_over or has_words or bool(self._watch.figures)))
        if job is None or (job.state is JobState.WAITING or not self._watch.figures) and self.charts:
            self._clear_charts()
        if job is None:
            return
        self.set_title(job.title)
        self.state.setText(self._say_state(job))
        self.cancel.setVisible(not is_over)
        self.cancel.setEnabled(job.state is not JobState.CANCELLING)
        self.progress.setVisible(not is_over)
        progress = job.progress
        self.progress.setMaximum(progress.total if progress is not None else 0)
        self.progress.setValue(progress.done if progress is not None else 0)
        self.failure.set_text(f"{error.sentence} {error.hint}".strip() if error is not None else "")
        self.state.setVisible(error is None)
        self._refresh_moved()

    def _refresh_moved(self) -> None:
        n = len(self._watch.changed_labels) if self._watch.is_training else 0
        words = self.tr("{n} changed since this training began; train again to use them.")
        self.moved.set_text(words.format(n=plural(n, self.tr("label"))) if n else "")

    def _say_state(self, job: Job) -> str:
        if job.state is JobState.WAITING:
            before = self._runner.current
            return self.tr("Waits for “{title}”").format(title=before.title if before is not None else "")
        if job.state is JobState.CANCELLING:
            return self.tr("Cancelling …")
        if job.state is JobState.CANCELLED:
            return self.tr("Cancelled. Nothing was kept of it; your labels are safe.")
        if job.state is JobState.SUCCEEDED:
            return self.tr("Done")
        if job.progress is None:
            return self.tr("Starting …")
        return " · ".join(part for part in (job.progress.stage, describe_progress(job.progress)) if part)

    def _on_cancel_clicked(self) -> None:
        if self._watch.job is not None:
            self._watch.job.cancel()

    def _on_watch_published(self, event: object) -> None:
        epoch = getattr(event, "epoch", None)
        if epoch is None:
            return
        if not self.charts:
            self._add_charts(event)
        if (fold := getattr(event, "fold", 0)) != self._fold:
            self._fold = fold
            for chart in self.charts.values():
                chart.clear()
        for name, chart in self.charts.items():
            chart.add(epoch, _values_of(event, name))
        self.refresh()

    def _add_charts(self, event: object) -> None:
        """The first curve is drawn: only now pyqtgraph is imported."""
        from gui.train.curve_plot import CurvePlot, Series

        series = {
            "val": Series(self.tr("held-back pictures"), "accent", is_main=True),
            "train": Series(self.tr("learnt pictures"), "caption", is_main=False),
        }
        for name, title in (("accuracy", self.tr("Right answers (%)")), ("loss", self.tr("Loss (nats)"))):
            if _values_of(event, name):
                self.charts[name] = CurvePlot(title, series)
                self._charts.addWidget(self.charts[name])

    def _clear_charts(self) -> None:
        for chart in self.charts.values():
            self._charts.removeWidget(chart)
            chart.hide()
            chart.deleteLater()
        self.charts, self._fold = {}, 0


def _values_of(event: Any, name: str) -> Mapping[str, float]:
    """ "train" and "val" of a figure, accuracies in percent; whatever of the two the event has."""
    found = {"val": getattr(event, f"val_{name}", None), "train": getattr(event, name, None)}
    scale = PERCENT if name == "accuracy" else 1.0
    return {key: float(value) * scale for key, value in found.items() if value is not None}
