"""The time that is left for the whole of a job, from its stages and from how long these took the last time.

A job tells its progress stage by stage. The first time, nobody knows what comes after the stage under way, so the
time left is said to be that of this step, unless the job announced how long it takes. From the second time on what is
left of the stage and the stages that followed it then make one figure for all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.files.machine_times import keep_time, read_time
from core.jobs import Progress
from core.training.job import TrainJob
from core.training.known_times import cost_key
from core.training.strategies.fine_tune import FineTuneEstimate

MOST_STAGES = 80
"""A job that goes through more stages tells nothing for the next time."""

Stage = tuple[str, float]
"""Code of a stage, and the seconds that it took."""


@dataclass(frozen=True, slots=True)
class StagesThen:
    """How a job of the same kind went.

    Attributes:
        stages: In their order.
        size: Images that it had; 0 where that is not known.
    """

    stages: tuple[Stage, ...]
    size: int = 0


class WholeClock:
    """Follows one job.

    Args:
        kind: Names jobs that go alike; see `kind_of`.
        size: Images that it has; 0 where that is not known.
        now: Seconds of a clock that never goes back.
    """

    def __init__(self, kind: str, size: int = 0, *, now: Callable[[], float] = time.monotonic) -> None:
        self._kind, self._size, self._now = kind, size, now
        self._then = read_stages(kind)
        self._scale = size / self._then.size if self._then is not None and self._then.size and size else 1.0
        self._stage: Any = None
        self._began = 0.0
        self._at: int | None = -1
        self._went: list[Stage] = []
        self._announced: tuple[float, float] | None = None

    def announce(self, event: object) -> None:
        """Hear what the job publishes; some say how long they take."""
        if isinstance(event, FineTuneEstimate):
            self._announced = self._now(), event.seconds

    def tell(self, progress: Progress) -> Progress:
        """The same progress with the time that is left for all, or marked as that of a step."""
        now = self._now()
        if progress.stage != self._stage:
            self._close_stage(now)
            self._stage, self._began = progress.stage, now
            self._at = self._find(progress.stage.code)
        left = self._left(progress, now)
        if left is None:
            return replace(progress, is_step=True, seconds_left=None if progress.is_done else progress.seconds_left)
        return replace(progress, seconds_left=left)

    def keep(self) -> None:
        """The job has succeeded: remember its stages for the next time."""
        self._close_stage(self._now())
        if self._went and len(self._went) <= MOST_STAGES:
            stages = [[code, round(seconds, 2)] for code, seconds in self._went]
            keep_time(f"stages {self._kind}", {"stages": stages, "size": self._size})

    def _close_stage(self, now: float) -> None:
        if self._stage is not None:
            self._went.append((self._stage.code, now - self._began))

    def _find(self, code: str) -> int | None:
        """Where this stage was the last time; None once the job goes another way than then."""
        if self._then is None or self._at is None:
            return None
        codes = [stage for stage, _ in self._then.stages]
        return next((at for at in range(self._at + 1, len(codes)) if codes[at] == code), None)

    def _left(self, progress: Progress, now: float) -> float | None:
        if self._then is not None and self._at is not None:
            later = sum(seconds for _, seconds in self._then.stages[self._at + 1:]) * self._scale
            expected = self._then.stages[self._at][1] * self._scale - (now - self._began)
            told = 0.0 if progress.is_done else progress.seconds_left
            here = told if told is not None else max(expected, 0.0)
            return here + later if here + later > 0 or progress.is_done else None
        if self._announced is not None:
            since, seconds = self._announced
            # what was announced is over and the job is not: nobody knows, and “0 s left” would be wrong
            return max(seconds - (now - since), progress.seconds_left or 0.0) or None
        return None


def kind_of(task: str, inputs: object) -> str:
    """Names jobs whose stages follow each other alike."""
    return f"{task} {cost_key(inputs.settings)}" if isinstance(inputs, TrainJob) else task


def size_of(inputs: object) -> int:
    """Images that a job has; 0 where that is not known."""
    images = getattr(inputs, "images", None)
    return len(images) if isinstance(images, Sequence) else 0


def read_stages(kind: str) -> StagesThen | None:
    """How a job of a kind went the last time on this computer; None where nobody knows."""
    try:
        found = read_time(f"stages {kind}")
        stages = tuple((str(code), float(seconds)) for code, seconds in found["stages"])
        return StagesThen(stages, int(found["size"])) if stages else None
    except (TypeError, KeyError, ValueError):
        return None
