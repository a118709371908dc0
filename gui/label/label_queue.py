"""The queue of images to label: its order, the position in it, and the words at its end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from PySide6.QtCore import QObject, Signal

from core.project.queries import ImageFilter
from core.text import text
from core.workflow.labelling import LabelProgress, Order, Scope, count_progress, label_queue, rest_of_queue
from gui.session import MAX_COUNTED_AT_ONCE, Session
from gui.widgets.image_model import ImageModel
from gui.widgets.selection import ImageSelectionModel
from gui.widgets.tile import Tile


class LabelQueue(QObject):
    """Stays as it is while labels are given: the image that one looks at must not jump away.

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
        self.scope, self._order = Scope.UNLABELLED, Order.NAME
        self._before = LabelProgress(0, 0)
        self.ids: np.ndarray = np.empty(0, np.int64)
        """(n_images,) int64."""
        self.progress = LabelProgress(0, 0)
        session.labels_about_to_change.connect(self._on_session_labels_about_to_change)
        session.labels_changed.connect(self._on_session_labels_changed)

    @property
    def order(self) -> Order:
        """The order that is in force: without a run that of the names."""
        return self._order if self._session.run is not None else Order.NAME

    @property
    def which(self) -> ImageFilter:
        """The scope as a filter, for whoever marks what is in sight."""
        is_labelled = False if self.scope is Scope.UNLABELLED else None
        return ImageFilter(split=self.scope.split_name, is_labelled=is_labelled, is_excluded=False)

    @property
    def n_left(self) -> int:
        """Images without a label."""
        return self.progress.n_images - self.progress.n_labelled

    def go_through(self, scope: Scope) -> None:
        """Other images; among those without a label there are no mistakes."""
        if scope is Scope.UNLABELLED and self._order is Order.MISTAKES:
            self._order = Order.NAME
        self.scope = scope
        self.refresh()

    def sort(self, order: Order) -> None:
        """Another order; mistakes are looked for among all training images."""
        if order is Order.MISTAKES and self.scope is Scope.UNLABELLED:
            self.scope = Scope.TRAIN
        self._order = order
        self.refresh()

    def reset(self) -> None:
        """Begin with images without a label, by name."""
        self.scope, self._order = Scope.UNLABELLED, Order.NAME
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
        return label_queue(self._session.project, self.scope, self._order, run_id=run.id if run else None)

    def _count(self) -> None:
        is_open = self._session.is_open
        self.progress = count_progress(self._session.project, self.scope) if is_open else LabelProgress(0, 0)
        self.progress_changed.emit()

    def _on_session_labels_about_to_change(self, ids: np.ndarray) -> None:
        if len(ids) <= MAX_COUNTED_AT_ONCE:
            self._before = count_progress(self._session.project, self.scope, among=ids)

    def _on_session_labels_changed(self, ids: np.ndarray | None) -> None:
        """Count by difference: counting a million images takes longer than a key may."""
        if ids is None or len(ids) > MAX_COUNTED_AT_ONCE:
            self._count()
            return
        after = count_progress(self._session.project, self.scope, among=ids)
        now, before = self.progress, self._before
        self.progress = LabelProgress(now.n_labelled + after.n_labelled - before.n_labelled,
                                      now.n_images + after.n_images - before.n_images)
        self.progress_changed.emit()


class QueuePosition(QObject):
    """Moves the current image of a selection model.

    Args:
        queue: The images; the model follows it.
        model: Shows the queue.
        selection: Its current image is where one is.

    Signals:
        moved: Another image is current, or the end was reached or left.
    """

    moved = Signal()

    def __init__(
        self, queue: LabelQueue, model: ImageModel, selection: ImageSelectionModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._queue, self._images, self._selection = queue, model, selection
        self._is_past_last, self._begins_anew = False, True
        self._is_settling = False
        queue.changed.connect(self._on_queue_changed)
        selection.current_id_changed.connect(self._on_selection_current_id_changed)

    @property
    def is_at_end(self) -> bool:
        """Whether there is no current image: the queue is empty, or one is past the last."""
        return self._is_past_last or not self._images.rowCount()

    @property
    def row(self) -> int:
        """Of the current image, or of the last one at the end; −1 without any."""
        return self._selection.currentIndex().row()

    @property
    def current_id(self) -> int | None:
        """The image that a key is meant for; None at the end."""
        return None if self.is_at_end else self._selection.current_id()

    def tile(self) -> Tile | None:
        """Of the current image; None at the end."""
        return None if self.is_at_end or self.row < 0 else self._images.tile(self.row)

    def begin_anew(self) -> None:
        """The next change of the queue leads to its first image."""
        self._begins_anew = True

    def step(self, n_rows: int) -> None:
        """Move along the queue; from its end one comes back to the last image."""
        self.go_to(self.row if self._is_past_last and n_rows < 0 else self.row + n_rows)

    def go_to(self, row: int) -> None:
        """Move to a row; one that is not there leads nowhere."""
        if 0 <= row < self._images.rowCount():
            self._settle(row, is_past_last=False)

    def go_to_last(self) -> None:
        self.go_to(self._images.rowCount() - 1)

    def move_on(self) -> None:
        """To the next image; among those without a label past those that have got one meanwhile."""
        row, n = self.row + 1, self._images.rowCount()
        while row < n and self._queue.scope is Scope.UNLABELLED and self._images.tile(row).label:
            row += 1
        self._settle(min(row, n - 1), is_past_last=row >= n)

    def go_to_any(self, ids: np.ndarray) -> None:
        """To the first of these images, (n,) int64; the queue is asked for those that it has let go."""
        rows = self._images.rows_of(ids)
        if len(ids) and not len(rows):
            self._queue.refresh()
            rows = self._images.rows_of(ids)
        if len(rows):
            self.go_to(int(rows[0]))

    def _settle(self, row: int, *, is_past_last: bool) -> None:
        self._is_settling = True
        self._is_past_last = is_past_last
        if row >= 0:
            self._selection.set_current_row(row)
        self._is_settling = False
        self.moved.emit()

    def _on_queue_changed(self) -> None:
        """Stay at the image where one was; if it is gone, at the next one that is still there."""
        before, row_before = self._images.ids, self.row
        self._is_settling = True
        self._images.set_ids(self._queue.ids)
        self._is_settling = False
        n, row = self._images.rowCount(), self.row
        is_past_last = self._is_past_last and row == n - 1
        if self._begins_anew:
            row, is_past_last = 0, False
        elif row < 0:
            row, is_past_last = _first_kept(before[row_before + 1:], self._queue.ids), False
        elif self._is_past_last and not is_past_last:
            row += 1
        self._begins_anew = False
        self._settle(min(row, n - 1), is_past_last=is_past_last)

    def _on_selection_current_id_changed(self) -> None:
        """Somebody clicked in the strip."""
        if not self._is_settling:
            self._is_past_last = False
            self.moved.emit()


def _first_kept(after: np.ndarray, ids: np.ndarray) -> int:
    """Where in `ids` the first image stands that came after the current one, which is gone; 0 if none is left."""
    kept = after[np.isin(after, ids)]
    return int(np.flatnonzero(ids == kept[0])[0]) if len(kept) else 0


class Way(StrEnum):
    """Where the button leads."""

    TRAIN = "train"
    AGAIN = "again"
    ADD_TRAIN = "add_train"
    ADD_TEST = "add_test"


@dataclass(frozen=True, slots=True)
class Ending:
    """One sentence, one button."""

    sentence: str
    button: str
    way: Way


def ending_of(session: Session, queue: LabelQueue) -> Ending:
    """The words for a queue that is empty, or that one has come to the end of."""
    progress, scope = queue.progress, queue.scope
    if not progress.n_images:
        return _nothing_there(session, scope)
    if not queue.n_left and scope is not Scope.TEST:
        button = text("window_label.train_on_labels", n=progress.n_labelled)
        return Ending(text("window_label.all_labelled"), button, Way.TRAIN)
    if scope is Scope.UNLABELLED:
        sentence = text("window_label.end_of_unlabelled", n=queue.n_left)
        return Ending(sentence, text("window_label.label_the_rest"), Way.AGAIN)
    return Ending(text("window_label.end"), text("window_label.start_again"), Way.AGAIN)


def _nothing_there(session: Session, scope: Scope) -> Ending:
    if scope is Scope.TEST:
        return Ending(text("window_label.no_test_images"), text("widgets.add_test_images"), Way.ADD_TEST)
    words = text("window_label.no_training_images")
    if not session.is_open or not session.counts.n_ok:
        words = text("window_label.no_images")
    return Ending(words, text("widgets.add_folder"), Way.ADD_TRAIN)
