"""Threads that work on the newest request first: thumbnails, and queries to a large catalog.

Scrolling asks for far more images than are ever looked at. So a new question of a view
replaces its old one: what has not been started is forgotten. These threads and the job
runner's are the only ones of the program.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from core.errors import AppError
from core.project.project import Project

R = TypeVar("R", bound=Hashable)
T = TypeVar("T")

JOIN_TIMEOUT_S = 5.0
"""How long closing waits for an image that is being decoded; a network drive may hang for ever."""


class _Bell(QObject):
    """Carries "there is something" from a worker thread into the GUI thread."""

    rung = Signal()


class NewestFirst(Generic[R, T]):
    """Threads with a stack of requests.

    Args:
        work: Turns a request into a result in a worker thread; must not raise and not touch widgets.
        on_results: Called in the GUI thread with all (request, result) pairs that became ready.
        name: Threads are named `catalejo-NAME-1` …
        n_threads: At least 1.
    """

    def __init__(
        self, work: Callable[[R], T], on_results: Callable[[list[tuple[R, T]]], None], *, name: str, n_threads: int
    ) -> None:
        self._work = work
        self._on_results = on_results
        self._pending: dict[R, int] = {}  # in the order asked; the last is the next
        self._busy: set[R] = set()  # from its start until its result was handed over
        self._results: list[tuple[R, T]] = []
        self._is_closed = False
        self._is_paused = False
        self._changed = threading.Condition()
        self._bell = _Bell()
        self._bell.rung.connect(self._on_bell_rung, Qt.ConnectionType.QueuedConnection)
        self._threads = [
            threading.Thread(target=self._run, name=f"catalejo-{name}-{i + 1}", daemon=True) for i in range(n_threads)
        ]
        for thread in self._threads:
            thread.start()

    def ask(self, asker: object, requests: Iterable[R]) -> None:
        """Replace what `asker` still waits for; the first of `requests` is worked on first."""
        wanted = list(dict.fromkeys(requests))
        with self._changed:
            self._pending = {r: who for r, who in self._pending.items() if who != id(asker)}
            for request in reversed(wanted):
                if request not in self._busy:
                    self._pending.pop(request, None)
                    self._pending[request] = id(asker)
            self._changed.notify_all()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Begin nothing new meanwhile: a frame full of short Qt calls would wait for Python's lock at each."""
        self._is_paused = True
        try:
            yield
        finally:
            with self._changed:
                self._is_paused = False
                self._changed.notify_all()

    def is_busy(self) -> bool:
        """Whether something is pending, being worked on, or not handed over yet."""
        with self._changed:
            return bool(self._pending or self._busy)

    def close(self) -> None:
        """Forget all requests and end the threads; nothing is called afterwards."""
        with self._changed:
            self._is_closed = True
            self._pending.clear()
            self._results.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(JOIN_TIMEOUT_S)

    def _run(self) -> None:
        while (request := self._next()) is not None:
            self._hand_over(request, self._work(request))

    def _next(self) -> R | None:
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or (self._pending and not self._is_paused))
            if self._is_closed:
                return None
            request, _ = self._pending.popitem()
            self._busy.add(request)
            return request

    def _hand_over(self, request: R, result: T) -> None:
        with self._changed:
            if self._is_closed:
                return
            self._results.append((request, result))
            if len(self._results) == 1:
                self._bell.rung.emit()

    def _on_bell_rung(self) -> None:
        with self._changed:
            results, self._results = self._results, []
            self._busy.difference_update(request for request, _ in results)
        if results:
            self._on_results(results)


CACHE_KIB = 32 * 1024
"""Memory for pages of a catalog that is open for one question; the window's own has four times as much."""

Question = Callable[..., Any]
"""Reads something of a project, its first argument; runs in another thread, so it may hold frozen values alone."""


class BackgroundQuery:
    """Answers the latest question only; its thread begins with the first one.

    Args:
        on_answer: Called in the window's thread with the answer, or with the `AppError` that was foreseen.
    """

    def __init__(self, on_answer: Callable[[Any], None]) -> None:
        self._on_answer = on_answer
        self._latest: partial[Any] | None = None  # equal to itself alone
        self._threads: NewestFirst[partial[Any], Any] | None = None

    @property
    def is_waiting(self) -> bool:
        return self._latest is not None

    def ask(self, folder: Path, question: Question) -> None:
        """Ask the project in this folder; an earlier question is not answered any more."""
        self._latest = partial(_answer, folder, question)
        if self._threads is None:
            self._threads = NewestFirst(partial.__call__, self._on_results, name="catalog", n_threads=1)
        self._threads.ask(self, [self._latest])

    def forget(self) -> None:
        """Nobody waits for an answer any more."""
        self._latest = None
        if self._threads is not None:
            self._threads.ask(self, [])

    def end(self) -> None:
        """End the thread; the next question begins another."""
        self._latest = None
        if self._threads is not None:
            self._threads.close()
            self._threads = None

    def _on_results(self, results: list[tuple[partial[Any], Any]]) -> None:
        for asked, answer in results:
            if asked is self._latest:
                self._latest = None
                self._on_answer(answer)


def _answer(folder: Path, question: Question) -> Any:
    try:
        with Project.open(folder, read_only=True) as project:
            project.catalog.rows(f"PRAGMA cache_size={-CACHE_KIB}")
            return question(project)
    except AppError as error:
        return error
