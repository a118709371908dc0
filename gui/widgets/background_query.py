"""Queries to a large catalog, run in a thread, so that the window never waits for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import AppError
from core.project.project import Project
from gui.widgets.newest_first import NewestFirst

CACHE_KIB = 32 * 1024
"""Memory for pages of a catalog that is open for one question; the window's own has four times as much."""

Question = Callable[..., Any]
"""Reads something of a project, its first argument; runs in another thread, so it may hold frozen values alone."""


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """One question as it was asked; equal to itself alone."""

    folder: Path
    question: Question


class BackgroundQuery:
    """Answers the latest question only; its thread begins with the first one.

    Args:
        on_answer: Called in the window's thread with the answer, or with the `AppError` that was foreseen.
    """

    def __init__(self, on_answer: Callable[[Any], None]) -> None:
        self._on_answer = on_answer
        self._latest: _Asked | None = None
        self._threads: NewestFirst[_Asked, Any] | None = None

    @property
    def is_waiting(self) -> bool:
        return self._latest is not None

    def ask(self, folder: Path, question: Question) -> None:
        """Ask the project in this folder; an earlier question is not answered any more."""
        self._latest = _Asked(folder, question)
        if self._threads is None:
            self._threads = NewestFirst(_answer, self._on_results, name="catalog", n_threads=1)
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

    def _on_results(self, results: list[tuple[_Asked, Any]]) -> None:
        for asked, answer in results:
            if asked is self._latest:
                self._latest = None
                self._on_answer(answer)


def _answer(asked: _Asked) -> Any:
    try:
        with Project.open(asked.folder, read_only=True) as project:
            project.catalog.rows(f"PRAGMA cache_size={-CACHE_KIB}")
            return asked.question(project)
    except AppError as error:
        return error
