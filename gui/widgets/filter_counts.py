"""How many images each smart filter has, kept up without making a key wait.

Counting a million images takes a third of a second. So a label that a person gives is counted
by its difference: how many of just these images a filter had before, and has after. Whatever
else changes is counted anew, one filter at a time, when nothing has happened for a moment; in a large
project in a thread.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from core.errors import AppError
from core.project.queries import highest_id
from gui.widgets.asking import Asking
from gui.widgets.listing import LARGE
from gui.library.smart_filters import SmartFilter
from gui.session import MAX_COUNTED_AT_ONCE, Session

_log = logging.getLogger(__name__)

CALM_MS = 250
"""Quiet time before anything is counted anew."""


class FilterCounts(QObject):
    """The counts.

    Args:
        session: Whose changes are followed.
        filters: What is counted.

    Signals:
        changed(): some counts are other ones.
    """

    changed = Signal()

    def __init__(self, session: Session, filters: Sequence[SmartFilter], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._filters: list[SmartFilter] = []
        self._counts: dict[str, int] = {}
        self._before: dict[str, int] = {}
        self._waiting: list[SmartFilter] = []
        self._asked: SmartFilter | None = None
        self._asking = Asking(self._on_answer)
        application = QCoreApplication.instance()
        assert application is not None
        application.aboutToQuit.connect(self.end)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_timer_timeout)
        session.project_changed.connect(self.recount)
        session.images_changed.connect(self.recount)
        session.run_chosen.connect(self.recount)
        session.labels_about_to_change.connect(self._on_session_labels_about_to_change)
        session.labels_changed.connect(self._on_session_labels_changed)
        for each in filters:
            self.add(each)

    def add(self, smart_filter: SmartFilter) -> None:
        """Count one more."""
        self._filters.append(smart_filter)
        self.recount()

    def get(self, name: str) -> int | None:
        """The count, None while it is not known."""
        return self._counts.get(name)

    def end(self) -> None:
        """End the thread that counts, if there is one."""
        self._asking.end()

    def recount(self) -> None:
        """Count everything anew, soon."""
        self._asking.forget()
        self._asked = None
        if not self._session.is_open:
            self._counts.clear()
            self._waiting.clear()
            self.changed.emit()
            return
        self._waiting = [f for f in self._filters if f.count is not None]
        self._timer.start(CALM_MS)

    def _on_timer_timeout(self) -> None:
        """One filter, then let the window breathe."""
        if not self._waiting or not self._session.is_open:
            return
        first, project = self._waiting.pop(0), self._session.project
        if first.question is not None and highest_id(project) > LARGE:
            self._asked = first
            self._asking.ask(project.folder, first.question())
        elif first.count is not None:
            self._keep(first, first.count(None))

    def _keep(self, counted: SmartFilter, n: int) -> None:
        self._counts[counted.name] = n
        self.changed.emit()
        if self._waiting:
            self._timer.start(0)

    def _on_answer(self, answer: int | AppError) -> None:
        counted, self._asked = self._asked, None
        if counted is None or isinstance(answer, AppError):
            _log.info("a filter could not be counted: %s", answer)  # whoever looks at it is told
        else:
            self._keep(counted, answer)

    def _on_session_labels_about_to_change(self, ids: np.ndarray) -> None:
        self._before = self._among(ids)

    def _on_session_labels_changed(self, ids: np.ndarray | None) -> None:
        if ids is None or len(ids) > MAX_COUNTED_AT_ONCE:
            self.recount()
            return
        if self._asked is not None:
            self._asking.forget()
            self._waiting.insert(0, self._asked)
            self._asked = None
        if self._waiting:
            self._timer.start(CALM_MS)  # what waits is counted after the label, whole
        for name, n in self._among(ids).items():
            self._counts[name] += n - self._before.get(name, n)
        self.changed.emit()

    def _among(self, ids: np.ndarray) -> dict[str, int]:
        if len(ids) > MAX_COUNTED_AT_ONCE:
            return {}
        known = [f for f in self._filters if f.count is not None and f.name in self._counts]
        return {f.name: f.count(ids) for f in known if f.count is not None}
