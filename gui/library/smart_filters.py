"""The filters in the left panel, and how many images each has, kept up without making a key wait.

Counting a million images takes a third of a second. So a label that a person gives is counted by its difference: how
many of just these images a filter had before, and has after. Whatever else changes is counted anew, one filter at a
time, when nothing has happened for a moment; in a large project in a thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from core.errors import AppError
from core.project.queries import ImageFilter, count_images, highest_id
from core.text import text
from core.workflow.confusion import mistakes_of
from gui.session import MAX_COUNTED_AT_ONCE, Session
from gui.widgets.background_query import BackgroundQuery, Question
from gui.widgets.image_query import ImageQuery
from gui.widgets.listing import LARGE


@dataclass(frozen=True, slots=True)
class SmartFilter:
    """One entry under “Look at”.

    Attributes:
        name: Known to code ("mistakes").
        title: Known to people.
        icon: A key of `gui.icons.NAMES`.
        tool_tip: What it shows, with the term if there is one.
        query: What to show when it is chosen.
        question: Gives what counts its images in a project, all or, quickly, those `among` some ids, (n,) int64.
            None for a filter that is an order only.
        needs_run: It can be chosen only while there is a run.
        hides_when_empty: Not shown while it has no image.
    """

    name: str
    title: str
    icon: str
    tool_tip: str
    query: ImageQuery
    question: Callable[[], Question] | None = field(default=None, compare=False)
    needs_run: bool = False
    hides_when_empty: bool = False


def standard_filters(session: Session) -> list[SmartFilter]:
    """Unlabelled, most unsure, mistakes, test images, and what cannot be read or is gone."""

    def by_parts(
        name: str, title: str, icon: str, tool_tip: str, *, hides_when_empty: bool = False, **parts: object,
    ) -> SmartFilter:
        which = ImageFilter(**{"status": "ok", **parts})  # type: ignore[arg-type]
        return SmartFilter(name, title, icon, tool_tip, ImageQuery(parts), lambda: partial(count_images, which=which),
                           hides_when_empty=hides_when_empty)

    mistakes = {name: getattr(mistakes_of(""), name) for name in ("status", "is_mistake", "kind", "is_excluded")}

    def ask_mistakes() -> Question:
        run = session.run
        return partial(count_images, which=mistakes_of(run.id)) if run is not None else lambda _, **_among: 0

    return [
        by_parts("unlabelled", text("widgets.unlabelled"), "label", text("window_library.unlabelled_tip"),
                 split="train", is_labelled=False, is_excluded=False),
        SmartFilter(
            "unsure", text("window_library.most_uncertain"), "help", text("window_library.uncertain_tip"),
            ImageQuery({"status": "ok", "is_excluded": False}, "uncertainty", True), needs_run=True),
        SmartFilter(
            "mistakes", text("widgets.mistakes"), "mistake", text("window_library.mistakes_tip"),
            ImageQuery(mistakes, "loss", True), ask_mistakes, needs_run=True),
        by_parts("test", text("widgets.test_images"), "runs", text("window_library.test_tip"), split="test"),
        by_parts("excluded", text("widgets.excluded"), "excluded", text("window_library.excluded_tip"),
                 is_excluded=True, hides_when_empty=True),
        by_parts("earlier_version", text("widgets.changed_since_labelled"), "doubt",
                 text("window_library.changed_tip"), is_of_earlier_version=True, hides_when_empty=True),
        by_parts("unreadable", text("widgets.unreadable"), "wrong", text("window_library.unreadable_tip"),
                 status="unreadable", hides_when_empty=True),
        by_parts("missing", text("widgets.missing"), "doubt", text("window_library.missing_tip"),
                 status="missing", hides_when_empty=True),
    ]


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
        self._filters = [each for each in filters if each.question is not None]
        self._counts: dict[str, int] = {}
        self._before: dict[str, int] = {}
        self._waiting: list[SmartFilter] = []
        self._asked: SmartFilter | None = None
        self._query = BackgroundQuery(self._on_answer)
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
        self.recount()

    def get(self, name: str) -> int | None:
        """The count, None while it is not known."""
        return self._counts.get(name)

    def end(self) -> None:
        """End the thread that counts, if there is one."""
        self._query.end()

    def recount(self) -> None:
        """Count everything anew, soon."""
        self._query.forget()
        self._asked = None
        if not self._session.is_open:
            self._counts.clear()
            self._waiting.clear()
            self.changed.emit()
            return
        self._waiting = list(self._filters)
        self._timer.start(CALM_MS)

    def _on_timer_timeout(self) -> None:
        """One filter, then let the window breathe."""
        if not self._waiting or not self._session.is_open:
            return
        first, project = self._waiting.pop(0), self._session.project
        assert first.question is not None
        if highest_id(project) > LARGE:
            self._asked = first
            self._query.ask(project.folder, first.question())
        else:
            self._keep(first, first.question()(project))

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
            self._query.forget()
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
        return {f.name: f.question()(self._session.project, among=ids)
                for f in self._filters if f.name in self._counts and f.question is not None}
