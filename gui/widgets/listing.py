"""Which images a grid shows, in which order; each page has one of its own."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal

from core.errors import AppError
from core.project.queries import ImageFilter, highest_id, image_ids
from gui import messages
from gui.widgets.background_query import BackgroundQuery, Question
from gui.session import Session
from gui.widgets.ranking import Ranking

BY_PREDICTION = frozenset({"confidence", "loss", "margin", "uncertainty"})
"""Orders that need a run."""

LARGE = 50_000
"""A catalog of more images is asked in a thread; for fewer that would only take longer."""


class Listing(QObject):
    """Filter and order over the open project, and the ids that they give.

    Labelling does not take an image out of the list at once (the image that one looks at
    must not jump away); `refresh()` does, and so does any change of filter or order. In a large project
    `ids` follow a moment later, see `is_asking`.

    Args:
        session: The open project; the listing follows it.
        start: The filter to begin with.

    Attributes:
        ranking: The list of images with an order of its own that is shown, as far as no other order was asked for;
            None for none.
        start: The filter that it began with.
        which: The filter.
        order: One of `core.project.queries.ORDERS`.
        is_descending: Largest first.
        ids: Images shown now, (n_images,) int64.

    Signals:
        changed: Other ids, or another order of them.
        filter_changed: Filter or order were set.
    """

    changed = Signal()
    filter_changed = Signal()

    def __init__(
        self, session: Session, start: ImageFilter = ImageFilter(status=None), parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self.start = session, start
        self.which, self.order, self.is_descending = start, "name", False
        self._is_asleep, self._is_stale = False, False
        self.ranking: Ranking | None = None
        self._is_ranked = False
        self._query = BackgroundQuery(self._on_answer)
        self.ids: np.ndarray = np.empty(0, np.int64)
        session.project_changed.connect(self._on_project_changed)
        session.images_changed.connect(self.refresh)
        session.run_chosen.connect(self._on_run_chosen)

    @property
    def own_order(self) -> str:
        """Title of the order where the page has one of its own that is in force; see `order` where it is empty."""
        return str(self.ranking.order) if self.ranking is not None and self._is_ranked else ""

    def show(self, which: ImageFilter, *, order: str | None = None, is_descending: bool = False) -> None:
        """Set the whole filter and, where one is given, the order."""
        self.which = which
        if order is not None:
            self.order, self.is_descending = order, is_descending
        self._settle()

    def show_ranking(self, ranking: Ranking) -> None:
        """Show images in an order of their own, with a note on each, until another filter leads elsewhere."""
        self.ranking, self._is_ranked = ranking, True
        self.show(replace(self.start, image_ids=tuple(ranking.ids.tolist())), order="name")

    def sort(self, order: str, *, is_descending: bool = False) -> None:
        """Set the order."""
        self._is_ranked = False
        self.show(self.which, order=order, is_descending=is_descending)

    def refresh(self) -> None:
        """Ask the catalog again."""
        if self._is_asleep:
            self._is_stale = True
            return
        self._query.forget()
        if not self._session.is_open:
            self._take(np.empty(0, np.int64))
        elif highest_id(self._session.project) > LARGE:
            self._query.ask(self._session.project.folder, self._question())
        else:
            self._take(self._question()(self._session.project))

    @property
    def is_asking(self) -> bool:
        """Will `changed` come by itself, because the catalog is being asked?"""
        return self._query.is_waiting

    def end(self) -> None:
        """End the thread that asks, if there is one."""
        self._query.end()

    def sleep(self) -> None:
        """Ask nothing while nobody looks."""
        self._is_asleep = True

    def wake(self) -> None:
        """Ask again, and at once if something changed meanwhile."""
        self._is_asleep = False
        if self._is_stale:
            self._is_stale = False
            self.refresh()

    def _settle(self) -> None:
        if self.ranking is not None and not self.ranking.is_of(self.which.image_ids):
            self.ranking, self._is_ranked = None, False
        self.filter_changed.emit()
        self.refresh()

    def _on_run_chosen(self) -> None:
        if self.which.run_id is not None or self.order in BY_PREDICTION:
            run = self._session.run
            self.show(replace(self.which, run_id=run.id if run else None))

    def _on_project_changed(self) -> None:
        """Ids of another project mean other images here."""
        self.ids = np.empty(0, np.int64)
        self.show(self.start)
        if self.is_asking:
            self.changed.emit()

    def _on_answer(self, answer: np.ndarray | AppError) -> None:
        if isinstance(answer, AppError):
            messages.warn(answer)
            answer = np.empty(0, np.int64)
        self._take(answer)

    def _take(self, ids: np.ndarray) -> None:
        self.ids = ids
        self.changed.emit()

    def _question(self) -> Question:
        """What gives the ids, from the state as it is now; see `Question`."""
        which, order, run = self.which, self.order, self._session.run
        needs_run = order in BY_PREDICTION or which.is_mistake is not None or bool(
            which.predicted_class_ids or which.confidence_percent)
        if needs_run and run is None:
            which, order = replace(
                which, run_id=None, is_mistake=None, predicted_class_ids=(), kind=None, confidence_percent=()), "name"
        elif needs_run and run is not None:
            which = replace(which, run_id=run.id)
        question = partial(image_ids, which=which, order=order, is_descending=self.is_descending)
        return self.ranking.ordered(question) if self.ranking is not None and self._is_ranked else question
