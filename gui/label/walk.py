"""The way through the queue: where one is, what is next, and that one has come to the end."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from core.workflow.labelling import Scope
from gui.label.queue import LabelQueue
from gui.widgets.image_model import ImageModel
from gui.widgets.selection import ImageSelectionModel
from gui.widgets.tile import Tile


class Walk(QObject):
    """Moves the current image of a selection model.

    Args:
        queue: The pictures; the model follows it.
        model: Shows the queue.
        selection: Its current image is where one is.

    Signals:
        moved: Another picture is current, or the end was reached or left.
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
        """Whether there is no current picture: the queue is empty, or one is past the last."""
        return self._is_past_last or not self._images.rowCount()

    @property
    def row(self) -> int:
        """Of the current picture, or of the last one at the end; −1 without any."""
        return self._selection.currentIndex().row()

    @property
    def current_id(self) -> int | None:
        """The picture that a key is meant for; None at the end."""
        return None if self.is_at_end else self._selection.current_id()

    def tile(self) -> Tile | None:
        """Of the current picture; None at the end."""
        return None if self.is_at_end or self.row < 0 else self._images.tile(self.row)

    def begin_anew(self) -> None:
        """The next change of the queue leads to its first picture."""
        self._begins_anew = True

    def step(self, n_rows: int) -> None:
        """Move along the queue; from its end one comes back to the last picture."""
        self.go_to(self.row if self._is_past_last and n_rows < 0 else self.row + n_rows)

    def go_to(self, row: int) -> None:
        """Move to a row; one that is not there leads nowhere."""
        if 0 <= row < self._images.rowCount():
            self._settle(row, is_past_last=False)

    def go_to_last(self) -> None:
        self.go_to(self._images.rowCount() - 1)

    def move_on(self) -> None:
        """To the next picture; among those without a label past those that have got one meanwhile."""
        row, n = self.row + 1, self._images.rowCount()
        while row < n and self._queue.scope is Scope.UNLABELLED and self._images.tile(row).label:
            row += 1
        self._settle(min(row, n - 1), is_past_last=row >= n)

    def go_to_any(self, ids: np.ndarray) -> None:
        """To the first of these pictures, (n,) int64; the queue is asked for those that it has let go."""
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
        """Stay at the picture where one was; if it is gone, at the next one that is still there."""
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
    """Where in `ids` the first picture stands that came after the current one, which is gone; 0 if none is left."""
    kept = after[np.isin(after, ids)]
    return int(np.flatnonzero(ids == kept[0])[0]) if len(kept) else 0
