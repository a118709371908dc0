"""`JobContext`, by which a job tells its progress and events and learns that it is cancelled.

A job is a plain function `job(inputs, context) -> result` with frozen inputs and a
frozen result. It runs the same way in the command line, in a test and in the engine
process, because all it knows of its caller is the `JobContext`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from core.text import Message

EMIT_EVERY_S = 0.1
"""Progress is passed on at most this often; the first and last of a stage always are."""

PROGRESS_WARM_UP_S = 0.5
"""No time left is guessed before a stage has run this long."""

Unit = Literal["images", "files", "views", "epochs", "folds", "models", "trainings", "cues", "steps", "megabytes", ""]
"""What a stage counts; empty where it counts nothing. Each has its words in the catalogue `jobs`."""


class JobCancelled(Exception):
    """Raised inside a job once its caller asked it to end; not an error. May carry a message of what is kept."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage of a job has come.

    Attributes:
        stage: What is being done (“Reading images”).
        done: Units finished, 0 … total.
        total: Units in all; 0 where that is not known yet.
        unit: What is counted.
        seconds_left: For this stage, or for the whole job where somebody follows it (see
            `core.workflow.whole_time`); None while it cannot be told.
        is_step: Whether the time is said to be that of this step alone.
    """

    stage: Message
    done: int
    total: int
    unit: Unit = "images"
    seconds_left: float | None = None
    is_step: bool = False

    @property
    def is_done(self) -> bool:
        """Whether the stage has come to its end."""
        return self.done >= self.total > 0

    @property
    def count(self) -> Message | None:
        """“3 of 5 folds”, “7 files” where the total is unknown, or None where there is nothing to count."""
        if not self.unit or not (self.total or self.done):
            return None
        if self.total > 0:
            return Message(f"jobs.part.{self.unit}", done=self.done, n=self.total)
        return Message(f"jobs.count.{self.unit}", n=self.done)

    @property
    def time_left(self) -> Message | None:
        """“2 s left”, “5 min left”, “1 h 10 min left”, or None while it cannot be told; “… for this step”."""
        left = self._time_left()
        return Message("jobs.step_left", left=left) if left is not None and self.is_step else left

    def _time_left(self) -> Message | None:
        if self.seconds_left is None:
            return None
        if self.seconds_left < 90:
            return Message("jobs.seconds_left", n=math.ceil(self.seconds_left))
        minutes = math.ceil(self.seconds_left / 60)
        if minutes < 90:
            return Message("jobs.minutes_left", n=minutes)
        return Message("jobs.hours_left", hours=minutes // 60, minutes=minutes % 60)


class JobContext:
    """The one thing that a job may use to speak with the outside.

    Whatever takes a context may raise `JobCancelled`; docstrings say so where that leaves something behind.

    Args:
        on_progress: Receives each `Progress`.
        on_publish: Receives events for live views, such as one epoch's figures (frozen dataclasses).
        is_cancelled: Asked by `check()`; true once the caller wants the job to end.
    """

    def __init__(
        self,
        on_progress: Callable[[Progress], None] = lambda _: None,
        on_publish: Callable[[object], None] = lambda _: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._on_progress = on_progress
        self._on_publish = on_publish
        self._is_cancelled = is_cancelled
        self._stage: Message | None = None
        self._stage_started = 0.0
        self._stage_first_done = 0
        self._last_emitted = 0.0

    def muted(self, *, tells_progress: bool = False) -> JobContext:
        """A context for a part of the job: it ends with this one, publishes nothing, and may tell progress."""
        return JobContext(self._on_progress if tells_progress else lambda _: None, is_cancelled=self._is_cancelled)

    def check(self) -> None:
        """Raise `JobCancelled` if the caller asked the job to end."""
        if self._is_cancelled():
            raise JobCancelled

    def publish(self, event: object) -> None:
        """Pass a frozen event on to whoever watches the job."""
        self.check()
        self._on_publish(event)

    def progress(self, done: int, total: int, *, stage: Message, unit: Unit = "images") -> None:
        """Say how far `stage` has come (see `Progress`), and end here if cancelled.

        Raises:
            JobCancelled: The caller asked the job to end.
        """
        self.check()
        now = time.monotonic()
        is_new = stage != self._stage
        if is_new:
            self._stage, self._stage_started, self._stage_first_done = stage, now, done
        is_last = done >= total > 0
        if is_new or is_last or now - self._last_emitted >= EMIT_EVERY_S:
            self._last_emitted = now
            self._on_progress(Progress(stage, done, total, unit, self._seconds_left(done, total, now)))

    def _seconds_left(self, done: int, total: int, now: float) -> float | None:
        elapsed, advanced = now - self._stage_started, done - self._stage_first_done
        if total <= 0 or advanced <= 0 or elapsed < PROGRESS_WARM_UP_S:
            return None
        return elapsed / advanced * max(total - done, 0)
