"""Progress as lines for logs: a line when a stage begins and ends, and a sign of life at least every ten seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from core.jobs import Progress
from core.text import Message, text

SILENCE_S = 10.0
"""After so long without a line, one says what is being done and for how long already."""

Say = Callable[[str], object]


@contextmanager
def stage_lines(say: Say, *, silence_s: float = SILENCE_S) -> Iterator[Callable[[Progress], None]]:
    """Write progress as lines while the block runs.

    Args:
        say: Writes one line; called from the thread of the job and from one that waits.
        silence_s: After so many seconds without a line the last stage is said again.

    Yields:
        What a `JobContext` tells its progress.
    """
    lines = _Lines(say)
    is_over = threading.Event()
    thread = threading.Thread(target=_break_silence, args=(lines, is_over, silence_s), name="catalejo-signs-of-life",
                              daemon=True)
    thread.start()
    try:
        yield lines.show
    finally:
        is_over.set()
        thread.join()


class _Lines:
    """What was said last, and when."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._seen: set[tuple[Message, bool]] = set()
        self._lock = threading.Lock()
        self._progress: Progress | None = None
        self._began = self.last_said = time.monotonic()

    def show(self, progress: Progress) -> None:
        """Say that a stage begins or is done; keep the rest for a sign of life."""
        with self._lock:
            if self._progress is None or progress.stage != self._progress.stage:
                self._began = time.monotonic()
            self._progress = progress
            if (progress.stage, progress.is_done) not in self._seen:
                self._seen.add((progress.stage, progress.is_done))
                self._write(_describe(progress))

    def say_again(self) -> None:
        """A sign of life: how far the stage has come, and how long it has taken."""
        with self._lock:
            self._write(_describe_wait(self._progress, time.monotonic() - self._began))

    def _write(self, line: str) -> None:
        self._say(line)
        self.last_said = time.monotonic()


def _describe(progress: Progress) -> str:
    """“Reading images …”, and at the end “Reading images: 1,200 images”."""
    if progress.is_done and progress.unit:
        count = Message(f"jobs.count.{progress.unit}", n=progress.total)
        return text("cli.stage_done", stage=progress.stage, count=count)
    return text("cli.stage", stage=progress.stage)


def _describe_wait(progress: Progress | None, seconds: float) -> str:
    """“Reading images: 1,200 of 10,000 images (25 s)”; a finished stage is followed by work without a name."""
    if progress is None or progress.is_done:
        return text("cli.still_working", seconds=seconds)
    if progress.count is None:
        return text("cli.stage_after", stage=progress.stage, seconds=seconds)
    return text("cli.stage_count_after", stage=progress.stage, count=progress.count, seconds=seconds)


def _break_silence(lines: _Lines, is_over: threading.Event, silence_s: float) -> None:
    wait_s = silence_s
    while not is_over.wait(wait_s):
        wait_s = lines.last_said + silence_s - time.monotonic()
        if wait_s <= 0:
            with suppress(OSError, ValueError):  # nobody reads the lines any more; the job will see
                lines.say_again()
            wait_s = silence_s
