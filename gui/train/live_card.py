"""The training that runs: where it stands, how it goes, how to stop it, or why it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QProgressBar, QPushButton

from core.text import render, text
from gui import theme
from gui.jobs import Job, JobRunner, JobState
from gui.job_bar import describe_progress
from gui.train.card import Card, SignedText, wrapped
from gui.train.epoch_charts import EpochCharts
from gui.train.watch import TrainingWatch

if TYPE_CHECKING:
    from gui.train.curve_plot import CurvePlot


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
        self.progress.setAccessibleName(text("window_train.progress"))
        self.cancel = QPushButton(text("window_train.cancel"))
        self.cancel.setAccessibleName(text("window_train.cancel_training"))
        self.cancel.clicked.connect(self._on_cancel_clicked)
        self.failure = SignedText("wrong", role="red")
        self.moved = SignedText("note")
        self._curves = EpochCharts()
        self.head.addWidget(self.cancel)
        for widget in (self.state, self.progress, self.failure, self.moved):
            self.column.addWidget(widget)
        self.column.addWidget(self._curves)
        watch.changed.connect(self.refresh)
        watch.published.connect(self._on_watch_published)
        watch.labels_moved.connect(self._refresh_moved)
        runner.queue_changed.connect(self.refresh)
        for event in watch.figures:
            self._on_watch_published(event)
        self.refresh()

    @property
    def charts(self) -> Mapping[str, CurvePlot]:
        """The curves by "accuracy" and "loss"; empty before the first epoch."""
        return self._curves.charts

    def refresh(self) -> None:
        """Show the training as it is now."""
        job, error = self._watch.job, self._watch.error
        is_over = job is None or job.is_over
        has_words = job is not None and job.state in (JobState.FAILED, JobState.CANCELLED)
        self.setVisible(job is not None and (not is_over or has_words or bool(self._watch.figures)))
        if job is None or (job.state is JobState.WAITING or not self._watch.figures) and self.charts:
            self._curves.clear()
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
        self.moved.set_text(text("window_train.changed_while_training", n=n) if n else "")

    def _say_state(self, job: Job) -> str:
        if job.state is JobState.WAITING:
            before = self._runner.current
            return text("window_train.waits_for", title=before.title if before is not None else "")
        if job.state is JobState.CANCELLING:
            return text("window_train.cancelling")
        if job.state is JobState.CANCELLED:
            return text("window_train.cancelled")
        if job.state is JobState.SUCCEEDED:
            return text("window_train.done")
        if job.progress is None:
            return text("window_train.starting")
        return " · ".join(part for part in (render(job.progress.stage), describe_progress(job.progress)) if part)

    def _on_cancel_clicked(self) -> None:
        if self._watch.job is not None:
            self._watch.job.cancel()

    def _on_watch_published(self, event: object) -> None:
        if figures := _figures_of(event):
            self._curves.add(figures)
            self.refresh()


def _figures_of(event: object) -> dict[str, Any]:
    """The values of an event by name; empty unless it is about an epoch."""
    if not is_dataclass(event) or isinstance(event, type) or not hasattr(event, "epoch"):
        return {}
    return {field.name: getattr(event, field.name) for field in fields(event)}
