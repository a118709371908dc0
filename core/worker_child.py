"""The engine process from the inside: `python -m core.worker_child`, started by `core.worker`.

Messages come in by standard input and go out by what was standard output; anything that a
library prints goes to standard error instead, which the window keeps for its report. When
the input ends, the window is gone, and so is this process: that holds on every system and
also when the window was killed.
"""

from __future__ import annotations

import faulthandler
import gc
import importlib
import logging
import os
import pickle
import queue
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from core.jobs import JobContext
from core.processors import keep_to_allowed
from core.tasks import TASKS, Failed, Outcome, Succeeded, conclude, describe_fault, run_job
from core.text.language import set_language
from core.worker_protocol import (
    Cancel, FromEngine, Logged, Published, Setup, Start, read_message, write_message,
)

NICENESS = 10
"""How far the engine steps back behind the window, on the scale of `nice`, 0 … 19."""

OOM_SCORE = 500
"""On Linux: if memory runs out, the kernel ends this process before the window, 0 … 1000."""

_log = logging.getLogger(__name__)


class _LogSender(logging.Handler):
    """Passes log records on to the window's log."""

    def __init__(self, send: Callable[[FromEngine], None]) -> None:
        super().__init__(logging.WARNING)
        self._send = send

    def emit(self, record: logging.LogRecord) -> None:
        self._send(Logged(record.name, record.levelno, self.format(record)))


class Child:
    """Takes jobs from one stream, does them one at a time, and answers on another."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        self._source, self._sink = source, sink
        self._sink_lock = threading.Lock()
        self._setup = Setup()
        self._starts: queue.SimpleQueue[Start] = queue.SimpleQueue()
        self._cancelled_number = 0

    def serve(self) -> None:
        """Work until the window is gone; does not return."""
        setup = read_message(self._source)
        assert isinstance(setup, Setup)
        self._setup = setup
        threading.Thread(target=self._listen, name="catalejo-listen", daemon=True).start()
        logging.getLogger().addHandler(_LogSender(self.send))
        self._warm()
        while True:
            start = self._starts.get()
            self._answer(self._do(start))
            gc.collect()

    def send(self, message: FromEngine) -> None:
        with self._sink_lock:
            write_message(self._sink, message)

    def _listen(self) -> None:
        try:
            while True:
                message = read_message(self._source)
                if isinstance(message, Cancel):
                    self._cancelled_number = message.number
                elif isinstance(message, Start):
                    self._starts.put(message)
        finally:
            os._exit(0)  # nobody is left to clean up for, and a job may hold the main thread

    def _warm(self) -> None:
        for module in self._setup.warm_modules:
            if not self._starts.empty():
                return  # a job waits; it imports what it needs itself
            try:
                importlib.import_module(module)
            except ImportError:
                _log.info("not warmed: %s", module, exc_info=True)

    def _do(self, start: Start) -> Outcome:
        set_language(start.language)
        context = JobContext(
            on_progress=self.send,
            on_publish=lambda event: self.send(Published(event)),
            is_cancelled=lambda: self._cancelled_number == start.number,
        )
        tasks = {**TASKS, **self._setup.tasks}
        read = conclude(lambda: pickle.loads(start.inputs))
        return run_job(start.task, read.result, context, tasks=tasks) if isinstance(read, Succeeded) else read

    def _answer(self, outcome: Outcome) -> None:
        try:
            self.send(outcome)
        except OSError:
            os._exit(1)
        except Exception as error:  # a result that cannot be pickled, whatever its class raises
            self.send(Failed(describe_fault(error)))


def _claim_stdout() -> BinaryIO:
    """Keep standard output for messages and let everything printed go to standard error."""
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return sink


def _step_back() -> None:
    """Lower priority, first to go when memory runs out, and deaf to Ctrl+C, which the window handles."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    score = Path("/proc/self/oom_score_adj")
    if score.exists():
        try:
            score.write_text(str(OOM_SCORE))
        except OSError:
            _log.info("the out-of-memory score cannot be set here")


def main() -> None:
    faulthandler.enable()
    sink = _claim_stdout()
    _step_back()
    keep_to_allowed()
    try:
        Child(sys.stdin.buffer, sink).serve()
    except (EOFError, BrokenPipeError):
        os._exit(0)


if __name__ == "__main__":
    main()
