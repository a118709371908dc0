"""Asks the engine about the chosen image without ever being in the way.

A question is put only when nothing has changed for a moment, and there is at most one of
ours. One that waits is forgotten when another image is chosen. One that runs already is let
finish and not listened to: it takes a blink, and to stop it may cost the engine that it has
warmed, which is killed if it does not stop in time.
"""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QObject, QTimer, Signal

from core.errors import AppError
from core.review.inspection import InspectInput, InspectResult
from core.text import Message, text
from gui.jobs import Job, JobRunner, JobState

ASK_AFTER_MS = 120
MAX_KEPT = 64
"""Answers kept, so that going back to an image shows them at once."""


class Inquiry(QObject):
    """One open question at a time.

    Args:
        runner: Where the question is answered.

    Signals:
        answered(InspectResult): about the image that was asked for last.
        waiting(str words): why the answer takes longer ("After the training") or will not come, "" once it is being
            worked on.
    """

    answered = Signal(object)
    waiting = Signal(str)

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._wanted: InspectInput | None = None
        self._job: Job | None = None
        self._kept: OrderedDict[InspectInput, InspectResult] = OrderedDict()
        self._pause = QTimer(self, singleShot=True, interval=ASK_AFTER_MS)
        self._pause.timeout.connect(self._start)
        runner.job_started.connect(self._on_runner_job_started)

    @property
    def is_open(self) -> bool:
        """Whether an answer is still awaited."""
        return self._wanted is not None

    def ask(self, inputs: InspectInput | None) -> None:
        """Ask about another image; None for none."""
        self._pause.stop()
        self._wanted = inputs
        if self._job is not None and self._job.state is JobState.WAITING:
            job, self._job = self._job, None
            job.forget()
        if inputs is None:
            return
        kept = self._kept.get(inputs)
        if kept is not None:
            self._wanted = None
            self.answered.emit(kept)
        else:
            self._pause.start()

    def forget_answers(self) -> None:
        """What was answered so far may no longer be true."""
        self._kept.clear()

    def _start(self) -> None:
        if self._wanted is None or self._job is not None:
            return
        title = Message("window_inspector.inspecting", name=self._wanted.image.path.name)
        job = self._job = self._runner.start(title, "inspect", self._wanted, is_quiet=True)
        job.succeeded.connect(self._on_job_succeeded)
        job.failed.connect(self._on_job_failed)
        job.finished.connect(self._on_job_finished)
        if job.state is JobState.WAITING:
            current = self._runner.current
            if current is not None and current.task == "train":
                self.waiting.emit(text("window_inspector.after_training"))
            else:
                self.waiting.emit(text("window_inspector.after_job", title=current.title) if current else "")

    def _on_runner_job_started(self, job: Job) -> None:
        if job is self._job:
            self.waiting.emit("")

    def _on_job_succeeded(self, answer: InspectResult) -> None:
        assert self._job is not None and isinstance(self._job.inputs, InspectInput)
        inputs = self._job.inputs
        self._kept[inputs] = answer
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        if inputs == self._wanted:
            self._wanted = None
            self.answered.emit(answer)

    def _on_job_failed(self, error: AppError) -> None:
        if self._job is not None and self._job.inputs == self._wanted:
            self._wanted = None
            self.waiting.emit(error.sentence)

    def _on_job_finished(self) -> None:
        self._job = None
        if self._wanted is not None and not self._pause.isActive():
            self._start()
