"""The engine process as its owner sees it: start, give it jobs, cancel, and survive its death.

It is started with `subprocess`, not `multiprocessing`: spawn would import the program's
main module again in the child and keep a resource tracker beside it. One job at a time;
`run` blocks and belongs in a thread of its own (`gui.jobs` has the only one).
"""

from __future__ import annotations

import itertools
import logging
import os
import pickle
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO, cast

from core.errors import EngineError
from core.jobs import Progress
from core.tasks import Cancelled, Failed, Outcome, ProgramFault, Succeeded, describe_fault
from core.text.language import language
from core.worker_protocol import Cancel, Logged, Published, Setup, Start, read_message, write_message

CANCEL_GRACE_S = 5.0
"""A cancelled job may end by itself for this long; then its process is killed."""

CLOSE_GRACE_S = 2.0
"""An idle process may end by itself for this long; then it is killed."""

MEMORY_LIMIT_BYTES = 2 * 1024**3
"""A process that holds more than this after a job is replaced by a fresh one."""

LAST_WORDS_BYTES = 8_192
"""How much of a dead process's standard error is kept for the report."""

_POLL_S = 0.05

_log = logging.getLogger(__name__)


class _Gone:
    """Last word in the inbox: the process has ended."""


class _Process:
    """One living engine process, its two pipes, and the thread that empties one of them."""

    def __init__(self, setup: Setup) -> None:
        self.inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._last_words = tempfile.TemporaryFile()
        try:
            self._popen = subprocess.Popen(
                [sys.executable, "-P", "-m", "core.worker_child"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._last_words, env=_environment(),
                creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
            )
        except OSError:
            self._last_words.close()
            raise
        self._stdin = cast(BinaryIO, self._popen.stdin)
        self._stdout = cast(BinaryIO, self._popen.stdout)
        self._reader = threading.Thread(target=self._read, name="catalejo-engine-pipe", daemon=True)
        self._reader.start()
        self.send(setup)

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def is_alive(self) -> bool:
        return self._popen.poll() is None

    def send(self, message: object) -> None:
        """Say something; a dead process does not hear it, and the inbox tells so."""
        try:
            write_message(self._stdin, message)
        except OSError:
            _log.debug("the engine process is gone")

    def memory_bytes(self) -> int:
        import psutil  # 20 ms that the first window need not wait for

        try:
            return int(psutil.Process(self.pid).memory_info().rss)
        except psutil.Error:
            return 0

    def end(self, grace_s: float) -> None:
        """Close the pipe, which ends the process; kill it where that does not help."""
        try:
            self._stdin.close()
        except OSError:
            pass  # it was dead already, with something left in the buffer
        try:
            self._popen.wait(grace_s)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        self._reader.join()
        self._stdout.close()
        self._last_words.close()

    def explain_death(self) -> EngineError:
        """Why the process is gone, in words; call it after `_Gone` came."""
        code = self._popen.wait()
        n_bytes = self._last_words.seek(0, os.SEEK_END)
        self._last_words.seek(max(0, n_bytes - LAST_WORDS_BYTES))
        return explain_exit(code, self._last_words.read().decode(errors="replace"))

    def _read(self) -> None:
        try:
            while True:
                message = read_message(self._stdout)
                if isinstance(message, Logged):
                    logging.getLogger(message.name).log(message.level, "%s", message.text)
                else:
                    self.inbox.put(message)
        except (EOFError, OSError):
            self.inbox.put(_Gone())
        except Exception as error:  # the job runner: an answer that cannot be unpickled here
            self.inbox.put(Failed(describe_fault(error)))
            self._popen.kill()


class EngineProcess:
    """Runs jobs in a process of their own, which is started when needed and replaced when it dies.

    Args:
        warm_modules: What the process imports after its start, so that the first job need not.
        tasks: Extra tasks as "module:function"; they win over `core.tasks`.
        memory_limit_bytes: Above this, resident after a job, the process is replaced.
        cancel_grace_s: How long a cancelled job may take to end by itself.
    """

    def __init__(
        self, *, warm_modules: Sequence[str] = (), tasks: Mapping[str, str] | None = None,
        memory_limit_bytes: int = MEMORY_LIMIT_BYTES, cancel_grace_s: float = CANCEL_GRACE_S,
    ) -> None:
        self._setup = Setup(dict(tasks or {}), tuple(warm_modules))
        self._memory_limit_bytes = memory_limit_bytes
        self._cancel_grace_s = cancel_grace_s
        self._process: _Process | None = None
        self._numbers = itertools.count(1)

    @property
    def pid(self) -> int | None:
        """Process id, or None while none is alive."""
        return self._process.pid if self._process is not None and self._process.is_alive else None

    def start(self) -> None:
        """Start and warm the process if none is alive; returns at once."""
        self._living_process()

    def run(
        self, task: str, inputs: object, *, on_progress: Callable[[Progress], None] = lambda _: None,
        on_publish: Callable[[object], None] = lambda _: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> Outcome:
        """Do one job and wait for its outcome; never raises for what the job does.

        Args:
            task: Name in `core.tasks`, or in the extra tasks.
            inputs: What the job function takes; must be picklable.
            on_progress: Receives each `Progress`, in the calling thread.
            on_publish: Receives each published event, in the calling thread.
            is_cancelled: Asked 20 times a second; once true, the job has `cancel_grace_s` to end.
        """
        try:
            frame = pickle.dumps(inputs)
        except Exception as error:  # whatever a class raises while it is pickled
            return Failed(describe_fault(error))
        process, number = self._living_process(), next(self._numbers)
        process.send(Start(number, task, frame, language()))
        try:
            outcome = self._watch(process, number, on_progress, on_publish, is_cancelled)
        except BaseException:
            self._replace(0.0)
            raise
        self._recycle_if_large()
        return outcome

    def close(self) -> None:
        """End the process; may be called twice."""
        self._replace(CLOSE_GRACE_S)

    def _living_process(self) -> _Process:
        if self._process is not None and not self._process.is_alive:
            _log.info("the idle engine process ended: %s", self._process.explain_death())
            self._replace(0.0)
        if self._process is None:
            self._process = _Process(self._setup)
        return self._process

    def _watch(
        self, process: _Process, number: int, on_progress: Callable[[Progress], None],
        on_publish: Callable[[object], None], is_cancelled: Callable[[], bool],
    ) -> Outcome:
        kill_at: float | None = None
        while True:
            if kill_at is None and is_cancelled():
                process.send(Cancel(number))
                kill_at = time.monotonic() + self._cancel_grace_s
            if kill_at is not None and time.monotonic() >= kill_at:
                self._replace(0.0)
                return Cancelled()
            try:
                message = process.inbox.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if isinstance(message, Progress):
                on_progress(message)
            elif isinstance(message, Published):
                on_publish(message.event)
            elif isinstance(message, _Gone):
                error = process.explain_death()
                self._replace(0.0)
                return Failed(error) if kill_at is None else Cancelled()
            elif isinstance(message, Succeeded | Failed | Cancelled):
                return message

    def _recycle_if_large(self) -> None:
        if self._process is not None and self._process.memory_bytes() > self._memory_limit_bytes:
            _log.info("the engine process has grown; a fresh one takes over")
            self._replace(CLOSE_GRACE_S)
            self.start()

    def _replace(self, grace_s: float) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.end(grace_s)


def explain_exit(code: int, last_words: str) -> EngineError:
    """Say why a process ended from its exit code (negative: a signal) and its standard error."""
    if sys.platform != "win32" and code == -signal.SIGKILL:
        return EngineError("jobs.process_killed")
    if sys.platform != "win32" and code == -signal.SIGTERM:
        return EngineError("jobs.process_asked_to_end")
    if code >= 0:
        return ProgramFault("jobs.process_ended", details=last_words, exit_code=code)
    name = next((known.name for known in signal.Signals if known == -code), str(-code))
    return ProgramFault("jobs.process_crashed", details=last_words, signal=name)


def _environment() -> dict[str, str]:
    """The environment with our own import path, so that the child finds the same modules from any folder."""
    paths = [os.path.abspath(path) for path in sys.path]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"}
