"""The pictures to go through, in their order, and how many of them have a label already."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from core.project.queries import ImageFilter
from core.workflow.labelling import LabelProgress, Order, Scope, count_progress, label_queue, rest_of_queue
from gui.session import MAX_COUNTED_AT_ONCE, Session


class LabelQueue(QObject):
    """Stays as it is while labels are given: the picture that one looks at must not jump away.

    Args:
        session: The open project.

    Signals:
        changed: Other ids, or another order of them.
        progress_changed: Other figures in `progress`.
    """

    changed = Signal()
    progress_changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._scope, self._order = Scope.UNLABELLED, Order.NAME
        self._before = LabelProgress(0, 0)
        self.ids: np.ndarray = np.empty(0, np.int64)
        """(n_images,) int64."""
        self.progress = LabelProgress(0, 0)
        session.labels_about_to_change.connect(self._on_session_labels_about_to_change)
        session.labels_changed.connect(self._on_session_labels_changed)

    @property
    def scope(self) -> Scope:
        return self._scope

    @property
    def order(self) -> Order:
        """The order that is in force: without a run that of the names."""
        return self._order if self._session.run is not None else Order.NAME

    @property
    def which(self) -> ImageFilter:
        """The scope as a filter, for whoever marks what is in sight."""
        is_labelled = False if self._scope is Scope.UNLABELLED else None
        return ImageFilter(split=self._scope.split_name, is_labelled=is_labelled)

    @property
    def n_left(self) -> int:
        """Pictures without a label."""
        return self.progress.n_images - self.progress.n_labelled

    def go_through(self, scope: Scope) -> None:
        """Other pictures; among those without a label there are no mistakes."""
        if scope is Scope.UNLABELLED and self._order is Order.MISTAKES:
            self._order = Order.NAME
        self._scope = scope
        self.refresh()

    def sort(self, order: Order) -> None:
        """Another order; mistakes are looked for among all training pictures."""
        if order is Order.MISTAKES and self._scope is Scope.UNLABELLED:
            self._scope = Scope.TRAIN
        self._order = order
        self.refresh()

    def reset(self) -> None:
        """Begin with pictures without a label, by name."""
        self._scope, self._order = Scope.UNLABELLED, Order.NAME
        self.refresh()

    def refresh(self) -> None:
        """Ask the catalog again."""
        self._set(self._ask())

    def refresh_rest(self, n_passed: int) -> None:
        """Ask again for what comes after the first `n_passed`; those stay."""
        self._set(rest_of_queue(self.ids, self._ask(), n_passed=n_passed))

    def _set(self, ids: np.ndarray) -> None:
        self.ids = ids
        self._count()
        self.changed.emit()

    def _ask(self) -> np.ndarray:
        if not self._session.is_open:
            return np.empty(0, np.int64)
        run = self._session.run
        return label_queue(self._session.project, self._scope, self._order, run_id=run.id if run else None)

    def _count(self) -> None:
        is_open = self._session.is_open
        self.progress = count_progress(self._session.project, self._scope) if is_open else LabelProgress(0, 0)
        self.progress_changed.emit()

    def _on_session_labels_about_to_change(self, ids: np.ndarray) -> None:
        if len(ids) <= MAX_COUNTED_AT_ONCE:
            self._before = count_progress(self._session.project, self._scope, among=ids)

    def _on_session_labels_changed(self, ids: np.ndarray | None) -> None:
        """Count by difference: counting a million pictures takes longer than a key may."""
        if ids is None or len(ids) > MAX_COUNTED_AT_ONCE:
            self._count()
            return
        after = count_progress(self._session.project, self._scope, among=ids)
        n_labelled = self.progress.n_labelled + after.n_labelled - self._before.n_labelled
        self.progress = LabelProgress(n_labelled, self.progress.n_images)
        self.progress_changed.emit()
