"""The training under way: where it stands, how to stop it, why it ended; and one that can be resumed."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from PySide6.QtWidgets import QPushButton

from core.errors import AppError
from core.project.runs import RunRow
from core.text import render, text
from core.training.registry import find_strategy
from core.training.unfinished import Resumable
from core.workflow.cancelling import after_stop
from core.workflow.resuming import resumable_trainings
from gui import messages, theme
from gui.cancelling import say_kept
from gui.job_bar import describe_progress
from gui.jobs import Job, JobRunner, JobState
from gui.session import Session
from gui.session_jobs import SessionJobs
from gui.train.card import Card
from gui.train.run_figures import EpochCharts
from gui.train.watch import TrainingWatch
from gui.widgets.labels import SignedSentence, wrapped, wrapped_caption
from gui.widgets.layouts import STRETCH, fill, row_of
from gui.widgets.progress_bar import ProgressBar


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
        self.progress = ProgressBar(text("window_train.progress"))
        self.cancel = QPushButton(text("window_train.cancel"))
        self.cancel.setAccessibleName(text("window_train.cancel_training"))
        self.cancel.clicked.connect(self._on_cancel_clicked)
        self.failure = SignedSentence("wrong", role="red")
        self.moved = SignedSentence("note")
        self.curves = EpochCharts()
        self.head.addWidget(self.cancel)
        fill(self.column, self.state, self.progress, self.failure, self.moved, self.curves)
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
        # the curves of one that is done stand with its result
        self.setVisible(job is not None and (not is_over or has_words))
        if job is None or (job.state is JobState.WAITING or not self._watch.figures) and self.curves.charts:
            self.curves.clear()
        if job is None:
            return
        self.set_title(job.title)
        self.state.setText(self._say_state(job))
        self.cancel.setVisible(not is_over)
        self.cancel.setEnabled(job.state is not JobState.CANCELLING)
        say_kept(self.cancel, job)
        self.progress.setVisible(not is_over)
        progress = job.progress
        self.progress.show_progress(*((progress.done, progress.total) if progress is not None else (0, 0)))
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
            return render(self._watch.say_cancelled())
        if job.state is JobState.SUCCEEDED:
            stopped = after_stop(job.recorded) if isinstance(job.recorded, RunRow) else None
            return text("window_train.done") if stopped is None else render(stopped)
        if job.progress is None:
            return text("window_train.starting")
        return " · ".join(part for part in (render(job.progress.stage), describe_progress(job.progress)) if part)

    def _on_cancel_clicked(self) -> None:
        if self._watch.job is not None:
            self._watch.job.cancel()

    def _on_watch_published(self, event: object) -> None:
        if figures := _figures_of(event):
            self.curves.add(figures)
            self.refresh()


def _figures_of(event: object) -> dict[str, Any]:
    """The values of an event by name; empty unless it is about an epoch."""
    if not is_dataclass(event) or isinstance(event, type) or not hasattr(event, "epoch"):
        return {}
    return {field.name: getattr(event, field.name) for field in fields(event)}


class ResumeCard(Card):
    """Offers the training that began last of those that can be gone on with; hidden where there is none.

    Args:
        session: Whose trainings.
        jobs: Goes on with one.
        watch: Knows whether a training runs now.
    """

    def __init__(self, session: Session, jobs: SessionJobs, watch: TrainingWatch) -> None:
        super().__init__(text("window_train.interrupted"))
        self._session, self._jobs, self._watch = session, jobs, watch
        self._offered: Resumable | None = None
        self.said = wrapped_caption()
        self.go_on_button = QPushButton(text("window_train.resume"))
        buttons = row_of(self.go_on_button, STRETCH)
        fill(self.column, self.said, buttons)
        self.go_on_button.clicked.connect(self._on_go_on_clicked)
        watch.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Look again at what can be gone on with."""
        self._offered = self._find()
        self.setVisible(self._offered is not None)
        if self._offered is not None:
            how = find_strategy(self._offered.begun.strategy).title
            self.said.setText(text("window_train.resume_explained", how=how, done=self._offered.done))

    def _find(self) -> Resumable | None:
        if not self._session.is_open or self._watch.is_training or self._session.project.is_read_only:
            return None
        try:
            return next(iter(resumable_trainings(self._session.project)), None)
        except AppError:
            return None  # what is wrong with the catalog is said by whatever needs it

    def _on_go_on_clicked(self) -> None:
        if self._offered is None:
            return
        with messages.warned():
            self._jobs.resume(self._offered.begun.run, self._offered.begun.strategy)
