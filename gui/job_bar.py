"""The line below every page: the newest message, what the program is doing, how far it is, and how to stop it.

Its height is always the same, and its buttons keep their places at the right edge.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from core.jobs import Progress
from core.text import render, text
from gui import theme
from gui.jobs import Job, JobRunner, JobState
from gui.cancelling import say_kept
from gui.message_bar import MessageBar
from gui.icons import icon_button
from gui.message_log import name_of
from gui.widgets.labels import ElidedLabel
from gui.widgets.layouts import row_of
from gui.widgets.progress_bar import ProgressBar

PROGRESS_WIDTH_PX = 120

END_MS = 8_000
"""How long the end of a job is told; what is over is no news for longer."""

_ENDS = {
    JobState.SUCCEEDED: "window.job_done", JobState.FAILED: "window.job_failed",
    JobState.CANCELLED: "window.job_cancelled",
}


class JobBar(QFrame):
    """Shows the running job of a runner, names those that wait, and counts the selection.

    Args:
        runner: Of the jobs.
        message_bar: Takes its place at the left.
        last: The job that ended just now, where a bar before this one showed it.
        folder: Of the open project; jobs of others are shown with the name of theirs.
    """

    def __init__(
        self, runner: JobRunner, message_bar: MessageBar, last: Job | None = None, folder: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("jobBar")
        self._runner, self._messages, self._folder = runner, message_bar, folder
        self.last = last
        self._end = QTimer(self, singleShot=True, interval=END_MS)
        self._end.timeout.connect(self.forget_last)
        self.said = ElidedLabel()
        self.said.setFont(theme.tabular(self.said.font()))
        self._progress = ProgressBar(text("window.progress_of_job"))
        self._progress.setFixedWidth(PROGRESS_WIDTH_PX)
        self._cancel = QPushButton(text("window.cancel"))
        self._cancel.clicked.connect(self._on_cancel_clicked)
        self._selection = theme.caption_label("")
        self.list_button = icon_button("messages", text("window.all_messages"), message_bar.list_asked.emit)
        self._build_row()
        runner.queue_changed.connect(self.refresh)
        runner.job_progressed.connect(self.refresh)
        runner.job_finished.connect(self._on_job_finished)
        message_bar.filled.connect(self._share)
        self._end.start()
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
            self.said.set_text(self._with_project(self.last, text(_ENDS[self.last.state], title=self.last.title))
                               if self.last else "")
            self._share()
            return
        self._share()
        waiting = tuple(other for other in self._runner.waiting if not other.is_quiet)
        said = self._with_project(job, describe_job(job))
        self.said.set_text(" · ".join(filter(None, (said, describe_waiting(waiting)))))
        self._cancel.setEnabled(job.state is JobState.RUNNING)
        self._cancel.setAccessibleName(text("window.cancel_job", title=job.title))
        say_kept(self._cancel, job)
        progress = job.progress
        self._progress.show_progress(*((progress.done, progress.total) if progress is not None else (0, 0)))

    def forget_last(self) -> None:
        """The job that ended last is no news any more."""
        self.last = None
        self.refresh()

    def begin(self, folder: Path | None) -> None:
        """Another project is open, or none."""
        self._folder = folder
        self.forget_last()

    def _with_project(self, job: Job, said: str) -> str:
        """What is said of a job, with the name of its project where that is not the open one."""
        return said if job.project in (None, self._folder) else f"{name_of(job.project)} · {said}"

    def _build_row(self) -> None:
        row_of(
            (self._messages, 3), (self.said, 2), self._selection, self._progress, self._cancel, self.list_button,
            spacing=theme.AROUND, margins=(theme.BETWEEN, theme.INSIDE, theme.BETWEEN, theme.INSIDE), parent=self
        )
        height = max(self._cancel.sizeHint().height(), self._messages.least_height())
        self.setFixedHeight(height + 2 * theme.INSIDE)

    def _share(self) -> None:
        """The message and the job share the line while there are both."""
        has_message = bool(self._messages.messages)
        self._messages.setVisible(has_message)
        self.said.setVisible(not has_message or self._runner.shown is not None)

    def _on_job_finished(self, job: Job) -> None:
        if not job.is_quiet:
            self.last = job
            self._end.start()
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
