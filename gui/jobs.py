"""The window's one way to run a job: start it, hear of it by signals, cancel it.

All signals are emitted in the window's thread: the background thread reports to a slot of
the runner, and only the runner speaks for a job. So a plain function may be connected too,
which PySide would otherwise call in the emitting thread.

A job belongs to the project that was open when it was started, however long it takes: whatever is said in a slot of
its signals, or while its inputs are prepared and its result recorded, is said of that project.
"""

from __future__ import annotations

import itertools
import logging
import queue
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from core.jobs import Progress
from core.tasks import Cancelled, Failed, Outcome, Succeeded, conclude, result_of
from core.worker import EngineProcess
from core.text import Message
from core.worker_protocol import Published
from gui import messages

if TYPE_CHECKING:
    from core.workflow.whole_time import WholeClock

CLOSE_LIMIT_MS = 9_000
"""Closing waits this long at most: the grace of a cancelled job, the kill, and some air."""

Prepare = Callable[[], object]
"""Gives a job's inputs when its turn comes; runs in the background, so it may touch nothing of the window."""

Record = Callable[[Any], Any]
"""Writes a job's result into the project; runs in the background, so it may touch nothing of the window."""

_log = logging.getLogger(__name__)


class JobState(StrEnum):
    """Where a job stands; the last three are final."""

    WAITING = "waiting"
    RUNNING = "running"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Prepared:
    """The inputs of a job are known now."""

    inputs: object


class Job(QObject):
    """One job as the window sees it; made by `JobRunner.start`.

    Attributes:
        inputs: What it works from; None until it is `prepared`, where it is prepared in the background.
        recorded: What recording its result gave, once it has succeeded; None without `record`.
        events: What it published so far.
        project: Folder of the project that it belongs to; None where it belongs to none.

    Signals:
        prepared: Its `inputs` are there, where they were prepared in the background.
        progressed: A `Progress`.
        published: An event of the job, for live views.
        succeeded: The job's result.   ┐
        failed: An `AppError`.         ├ exactly one of these …
        cancelled: It ended as asked.  ┘
        finished: … and then this one.
    """

    prepared = Signal()
    progressed = Signal(object)
    published = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    finished = Signal()

    def __init__(
        self, runner: JobRunner, number: int, title: str | Message, task: str, inputs: object, *,
        is_quiet: bool = False, prepare: Prepare | None = None, record: Record | None = None,
        project: Path | None = None,
    ) -> None:
        super().__init__()
        self._runner, self.project = runner, project
        self.number, self._title, self.task, self.inputs = number, title, task, inputs
        self.is_quiet = is_quiet
        self.prepare, self.record = prepare, record
        self.recorded: Any = None
        self.state = JobState.WAITING
        self.progress: Progress | None = None
        self.events: list[object] = []
        self._clock: WholeClock | None = None

    @property
    def title(self) -> str:
        """What is being done, in the language in force."""
        return str(self._title)

    @property
    def is_over(self) -> bool:
        return self.state in (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)

    def cancel(self) -> None:
        """Ask the job to end; without effect once it is over."""
        self._runner.cancel(self)

    def forget(self) -> None:
        """Cancel the job and hear nothing of it any more, because nobody waits for its result."""
        self.blockSignals(True)
        self.cancel()

    @property
    def clock(self) -> WholeClock:
        """Knows how long the whole of it takes."""
        from core.workflow.whole_time import WholeClock, kind_of, size_of

        if self._clock is None:
            self._clock = WholeClock(kind_of(self.task, self.inputs), size_of(self.inputs))
        return self._clock

    def carry_out(self, run: Callable[[object], Outcome], tell: Callable[[object], object]) -> Outcome:
        """Prepare the inputs, run the job and record its result; for the one who runs it, in whatever thread.

        Args:
            run: Runs the job on its inputs.
            tell: Hears that the inputs are `Prepared`.
        """
        def whole() -> object:
            inputs = self.inputs
            if self.prepare is not None and inputs is None:
                inputs = self.prepare()
                tell(Prepared(inputs))
            result = result_of(run(inputs))
            if self.record is not None:
                self.recorded = self.record(result)
            return result

        with messages.said_of(self.project):
            return conclude(whole)


class JobRunner(QObject):
    """Runs jobs one at a time, in the order in which they were started.

    Args:
        engine: Where the jobs run; the runner owns and closes it.

    Attributes:
        project: Folder of the project that jobs belong to from now on, or None; whoever opens one says so.

    Signals:
        job_started: A `Job` runs now.
        job_progressed: A `Job` has come further.
        job_failed: A `Job`, and the `AppError` that ended it; the window shows it, so pages need not.
        job_finished: A `Job` is over, whatever its outcome.
        queue_changed: Another job runs or waits, or one less does.
    """

    job_started = Signal(object)
    job_progressed = Signal(object)
    job_failed = Signal(object, object)
    job_finished = Signal(object)
    queue_changed = Signal()

    def __init__(self, engine: EngineProcess | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._numbers = itertools.count(1)
        self._waiting: list[Job] = []
        self._current: Job | None = None
        self._is_closed = False
        self.project: Path | None = None
        self._thread = _EngineThread(engine) if engine is not None else None
        if self._thread is not None:
            self._thread.heard.connect(self._on_thread_heard, Qt.ConnectionType.QueuedConnection)
            self._thread.start()

    @property
    def current(self) -> Job | None:
        """The job that runs now."""
        return self._current

    @property
    def waiting(self) -> tuple[Job, ...]:
        """The jobs that run after the current one, next first."""
        return tuple(self._waiting)

    @property
    def is_busy(self) -> bool:
        """Does anything run or wait that the user knows of? Nothing does once all is closed."""
        return not self._is_closed and (self.shown is not None or any(not job.is_quiet for job in self._waiting))

    @property
    def shown(self) -> Job | None:
        """The job that runs now, unless it is a quiet one."""
        return self._current if self._current is not None and not self._current.is_quiet else None

    def warm(self) -> None:
        """Start the engine process, so that the first job need not wait for it."""
        self._order("warm")

    def renew(self) -> None:
        """Let jobs from the next one on run in a new engine process, because the environment is another."""
        self._order("renew")

    def _order(self, order: Job | str | Callable[[], None]) -> None:
        if self._thread is not None and not self._is_closed:
            self._thread.orders.put(order)

    def start(
        self, title: str | Message, task: str, inputs: object = None, *, is_quiet: bool = False,
        prepare: Prepare | None = None, record: Record | None = None, is_of_project: bool = True,
        project: Path | None = None,
    ) -> Job:
        """Run a job as soon as those before it are over; signals come from the event loop only.

        Args:
            title: What is being done ("Training transfer"); a `Message` follows a change of language.
            task: Name in `core.tasks`.
            inputs: A frozen, picklable snapshot; left out with `prepare`.
            is_quiet: It comes of itself while one looks around: not shown below, not asked about at
                closing, and whoever started it tells of its failure.
            prepare: Called in the background when the job's turn comes, for inputs that take longer than a
                blink to put together; an `AppError` of it fails the job, `JobCancelled` ends it.
            record: Called with the result in the background before the job succeeds; what it gives is
                `Job.recorded`, and an `AppError` of it fails the job.
            is_of_project: It is about the open project; False where it makes or opens another.
            project: Folder of another project that it is about.
        """
        if self._is_closed:
            raise RuntimeError("a job was started after closing")
        job = Job(self, next(self._numbers), title, task, inputs, is_quiet=is_quiet, prepare=prepare, record=record,
                  project=project or (self.project if is_of_project else None))
        self._waiting.append(job)
        self._advance()
        return job

    def find(self, task: str, inputs: object, *, project: Path | None) -> Job | None:
        """The job that does the same for the same project and has not ended."""
        jobs = self._waiting if self._current is None else [self._current, *self._waiting]
        return next((job for job in jobs if (job.task, job.inputs, job.project) == (task, inputs, project)), None)

    def cancel(self, job: Job) -> None:
        """Ask a job to end: a waiting one at once, the running one within the grace."""
        if job in self._waiting:
            self._waiting.remove(job)
            self._conclude(job, Cancelled())
        elif job is self._current and job.state is JobState.RUNNING:
            job.state = JobState.CANCELLING
            self._ask_to_end(job)
            self.queue_changed.emit()

    def close(self) -> None:
        """End all jobs and the engine; no signal comes afterwards. May be called twice."""
        self._is_closed = True
        self._waiting.clear()
        if self._thread is not None:
            self._thread.heard.disconnect(self._on_thread_heard)
            self._thread.close()
            self._thread = None

    def _hand_over(self, job: Job) -> None:
        """Let the job run somewhere and report to `_hear`; a test double does it elsewhere."""
        assert self._thread is not None, "this runner has no engine"
        self._order(job)

    def _ask_to_end(self, job: Job) -> None:
        if self._thread is not None:
            self._thread.cancelled_number = job.number

    def _advance(self) -> None:
        if self._current is None and self._waiting:
            job = self._current = self._waiting.pop(0)
            job.state = JobState.RUNNING
            self._hand_over(job)
            with messages.said_of(job.project):
                self.job_started.emit(job)
        self.queue_changed.emit()

    @Slot(int, object)
    def _on_thread_heard(self, number: int, message: object) -> None:
        self._hear(number, message)

    def _hear(self, number: int, message: object) -> None:
        job = self._current
        if self._is_closed or job is None or job.number != number:
            return
        if isinstance(message, Succeeded | Failed | Cancelled):
            self._current = None
            if isinstance(message, Succeeded) and job.progress is not None and not job.is_quiet:
                self._order(job.clock.keep)
            self._conclude(job, message)
            self._advance()
        else:
            with messages.said_of(job.project):
                self._pass_on(job, message)

    def _pass_on(self, job: Job, message: object) -> None:
        if isinstance(message, Prepared):
            job.inputs = message.inputs
            job.prepared.emit()
        elif isinstance(message, Progress):
            job.progress = message if job.is_quiet else job.clock.tell(message)
            job.progressed.emit(job.progress)
            self.job_progressed.emit(job)
        elif isinstance(message, Published):
            job.events.append(message.event)
            job.clock.announce(message.event)
            job.published.emit(message.event)

    def _conclude(self, job: Job, outcome: Outcome) -> None:
        with messages.said_of(job.project):
            self._tell_end(job, outcome)
        self.queue_changed.emit()

    def _tell_end(self, job: Job, outcome: Outcome) -> None:
        if isinstance(outcome, Succeeded):
            job.state = JobState.SUCCEEDED
            job.succeeded.emit(outcome.result)
        elif isinstance(outcome, Failed):
            job.state = JobState.FAILED
            job.failed.emit(outcome.error)
            if not job.signalsBlocked() and not job.is_quiet:
                self.job_failed.emit(job, outcome.error)
        else:
            job.state = JobState.CANCELLED
            job.cancelled.emit()
        job.finished.emit()
        self.job_finished.emit(job)


class _EngineThread(QThread):
    """Owns the engine process and blocks on its pipe.

    Attributes:
        orders: Jobs to do, "warm", "renew" and "close", and what else would keep the window waiting.
        cancelled_number: Of the job that shall end.

    Signals:
        heard: Job number, and a `Progress`, `Published` or outcome of it.
    """

    heard = Signal(int, object)

    def __init__(self, engine: EngineProcess) -> None:
        super().__init__()
        self.setObjectName("catalejo-engine")
        self._engine = engine
        self.orders: queue.SimpleQueue[Job | str | Callable[[], None]] = queue.SimpleQueue()
        self.cancelled_number = 0
        self._is_closing = False

    def close(self) -> None:
        self._is_closing = True
        self.orders.put("close")
        if not self.wait(CLOSE_LIMIT_MS):
            _log.error("the engine's thread did not end in time")

    def run(self) -> None:
        while (order := self.orders.get()) != "close":
            if isinstance(order, Job):
                self.heard.emit(order.number, self._do(order))
            elif not isinstance(order, str):
                order()
            elif order == "renew" and self._engine.pid is None:
                continue  # the one that is started next has the environment of that moment
            else:
                if order == "renew":
                    self._engine.close()
                self._warm()
        self._engine.close()

    def _warm(self) -> None:
        try:
            self._engine.start()
        except OSError:
            _log.info("the engine could not be warmed", exc_info=True)

    def _do(self, job: Job) -> Outcome:
        return job.carry_out(
            lambda inputs: self._engine.run(
                job.task, inputs,
                on_progress=lambda progress: self.heard.emit(job.number, progress),
                on_publish=lambda event: self.heard.emit(job.number, Published(event)),
                is_cancelled=lambda: self._is_closing or self.cancelled_number == job.number,
            ),
            lambda message: self.heard.emit(job.number, message),
        )
