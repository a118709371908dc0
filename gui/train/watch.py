"""Keeps what there is to tell of the training that was started last, whether or not its page is in sight."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal

from core.errors import AppError
from core.text import Message
from core.training.job import TrainJob
from core.workflow.cancelling import after_cancel, resumed_run
from core.workflow.comparing import find_changed_labels
from core.workflow.confusion import labels_of_run
from gui.jobs import Job
from gui.session import Session
from gui.session_jobs import SessionJobs


class TrainingWatch(QObject):
    """The latest training of the open project.

    Attributes:
        job: The training, or None.
        figures: What it published so far, such as the figures of each epoch.
        error: Why it failed, or None.
        changed_labels: Images whose label is not what the training, or the run that is followed, learnt from.

    Signals:
        changed: It started, came further or ended.
        published: One more of `figures`.
        labels_moved: `changed_labels` grew or shrank.
    """

    changed = Signal()
    published = Signal(object)
    labels_moved = Signal()

    def __init__(self, session: Session, jobs: SessionJobs) -> None:
        super().__init__(session)
        self._session = session
        self._labels_then: dict[int, int | None] = {}
        self._moved_meanwhile: list[Sequence[int] | np.ndarray | None] = []
        self._forget()
        jobs.training_started.connect(self._on_jobs_training_started)
        jobs.training_prepared.connect(self._on_jobs_training_prepared)
        session.project_changed.connect(self._on_session_project_changed)
        session.labels_changed.connect(self._on_session_labels_changed)

    @property
    def is_training(self) -> bool:
        """Whether a training of this project waits or runs."""
        return self.job is not None and not self.job.is_over

    @property
    def run_id(self) -> str:
        """The run that it makes or made, or that is followed; empty without any."""
        if self._followed:
            return self._followed
        inputs = self.job.inputs if self.job is not None else None
        return inputs.run if isinstance(inputs, TrainJob) else ""

    def _forget(self) -> None:
        self.job: Job | None = None
        self._followed = ""
        self.figures: list[object] = []
        self.error: AppError | None = None
        self.changed_labels: frozenset[int] = frozenset()

    def forget(self, job: Job) -> None:
        """There is nothing to tell of a job that did not begin."""
        if job is self.job:
            self._forget()
            self.changed.emit()

    def say_cancelled(self) -> Message:
        """What is kept of the training, which was cancelled."""
        strategy = self.job.inputs.strategy if self.job is not None and isinstance(self.job.inputs, TrainJob) else ""
        resumed = resumed_run(self.job.inputs) if self.job is not None else ""
        return after_cancel(self._session.project, strategy, self.run_id if strategy else "", resumed=resumed)

    def follow(self, run_id: str) -> None:
        """Hold the labels against a run that was not trained just now; its training is followed already."""
        if self.is_training or run_id == self.run_id:
            return
        project = self._session.project
        try:
            self._labels_then = labels_of_run(project, run_id)
        except AppError:
            self._labels_then = {}  # its folder is gone: nobody can tell any more
        self._followed = run_id
        self.changed_labels = find_changed_labels(project, self._labels_then) if self._labels_then else frozenset()

    def _on_jobs_training_started(self, job: Job) -> None:
        self._forget()
        self.job, self._moved_meanwhile = job, []
        job.progressed.connect(lambda _: self._tell_of(job))
        job.published.connect(lambda event: self._on_job_published(job, event))
        job.failed.connect(lambda error: self._on_job_failed(job, error))
        job.finished.connect(lambda: self._tell_of(job))
        self.changed.emit()

    def _on_jobs_training_prepared(self, job: Job, labels: dict[int, int | None]) -> None:
        """What it was given is known now; labels that changed since its start may be in it or not."""
        if job is not self.job:
            return
        self._labels_then, moved = labels, self._moved_meanwhile
        for ids in moved:
            self._on_session_labels_changed(ids)
        self.changed.emit()

    def _tell_of(self, job: Job) -> None:
        if job is self.job:
            self.changed.emit()

    def _on_job_published(self, job: Job, event: object) -> None:
        if job is self.job:
            self.figures.append(event)
            self.published.emit(event)

    def _on_job_failed(self, job: Job, error: AppError) -> None:
        if job is self.job:
            self.error = error

    def _on_session_project_changed(self) -> None:
        self._forget()
        self.changed.emit()

    def _on_session_labels_changed(self, ids: Sequence[int] | np.ndarray | None) -> None:
        if not self._session.is_open or self.job is None and not self._followed:
            return
        if self.job is not None and self.job.inputs is None and not self._followed:
            self._moved_meanwhile.append(ids)
            return
        if self._followed and not self._labels_then:
            return
        found = find_changed_labels(self._session.project, self._labels_then, ids)
        kept = frozenset() if ids is None else self.changed_labels - frozenset(np.asarray(ids).tolist())
        if (now := kept | found) != self.changed_labels:
            self.changed_labels = now
            self.labels_moved.emit()
