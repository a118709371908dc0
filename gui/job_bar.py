"""The line below every page: what the program is doing, how far it is, and how to stop it."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QProgressBar, QPushButton, QWidget

from core.jobs import Progress
from core.text import render, text
from gui import theme
from gui.jobs import Job, JobRunner, JobState
from gui.widgets.labels import ElidedLabel
from gui.widgets.layouts import row_of

PROGRESS_WIDTH_PX = 160

_ENDS = {
    JobState.SUCCEEDED: "window.job_done", JobState.FAILED: "window.job_failed",
    JobState.CANCELLED: "window.job_cancelled",
}


class JobBar(QFrame):
    """Shows the running job of a runner, names those that wait, and counts the selection.

    Args:
        runner: Of the jobs.
        last: The job that ended last, where a bar before this one showed it.
    """

    def __init__(self, runner: JobRunner, last: Job | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("jobBar")
        self._runner = runner
        self.last = last
        self.said = ElidedLabel()
        self.said.setFont(theme.tabular(self.said.font()))
        self._progress = QProgressBar()
        self._progress.setFixedWidth(PROGRESS_WIDTH_PX)
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName(text("window.progress_of_job"))
        self._cancel = QPushButton(text("window.cancel"))
        self._cancel.clicked.connect(self._on_cancel_clicked)
        self._selection = theme.caption_label("")
        self._build_row()
        runner.queue_changed.connect(self.refresh)
        runner.job_progressed.connect(self.refresh)
        runner.job_finished.connect(self._on_job_finished)
        self.refresh()

    def set_selection_count(self, n_selected: int) -> None:
        """Say how many images are selected; nothing for none."""
        self._selection.setText(text("window.n_selected", n=n_selected) if n_selected else "")

    def refresh(self) -> None:
        """Show the runner as it is now."""
        job = self._runner.shown
        for widget in (self._progress, self._cancel):
            widget.setVisible(job is not None)
        if job is None:
            self.said.set_text(text(_ENDS[self.last.state], title=self.last.title) if self.last else "")
            return
        waiting = tuple(other for other in self._runner.waiting if not other.is_quiet)
        self.said.set_text(" · ".join(filter(None, (describe_job(job), describe_waiting(waiting)))))
        self._cancel.setEnabled(job.state is JobState.RUNNING)
        self._cancel.setAccessibleName(text("window.cancel_job", title=job.title))
        progress = job.progress
        self._progress.setMaximum(progress.total if progress is not None else 0)
        self._progress.setValue(progress.done if progress is not None else 0)

    def _build_row(self) -> None:
        row_of(
            (self.said, 1), self._progress, self._cancel, self._selection, spacing=theme.AROUND,
            margins=(theme.AROUND, theme.INSIDE, theme.AROUND, theme.INSIDE), parent=self
        )
        self.setFixedHeight(self._cancel.sizeHint().height() + 2 * theme.INSIDE)

    def _on_job_finished(self, job: Job) -> None:
        if not job.is_quiet:
            self.last = job
            self.refresh()

    def _on_cancel_clicked(self) -> None:
        if self._runner.shown is not None:
            self._runner.shown.cancel()


def describe_job(job: Job) -> str:
    """“Training transfer · 3 of 5 folds · 2 s left”."""
    if job.state is JobState.CANCELLING:
        return text("window.job_cancelling", title=job.title)
    if job.progress is None:
        return text("window.job_starting", title=job.title)
    parts = [job.title, render(job.progress.stage), describe_progress(job.progress)]
    return " · ".join(part for i, part in enumerate(parts) if part and part not in parts[:i])


def describe_progress(progress: Progress) -> str:
    """ "3 of 5 folds · 2 s left", or only the count where the total is unknown."""
    return " · ".join(render(said) for said in (progress.count, progress.time_left) if said is not None)


def describe_waiting(jobs: tuple[Job, ...]) -> str:
    """“then Predicting”, “then Predicting and 2 more”, or nothing."""
    if not jobs:
        return ""
    if len(jobs) == 1:
        return text("window.then_job", title=jobs[0].title)
    return text("window.then_jobs", title=jobs[0].title, n=len(jobs) - 1)
