"""The selection of images, known by id: shared by grid, table and loupe, and kept when the list changes.

Qt hands out one index a selected row through `selectedIndexes()`, which takes seconds for a
million rows; everything here walks the ranges of `selection()` instead.
"""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QItemSelectionRange, QModelIndex, QObject, Signal
from PySide6.QtWidgets import QAbstractItemView

from gui.widgets.image_model import ImageModel

MAX_KEPT_RANGES = 2_000
"""A selection that falls into more pieces than this in a new list is let go: Qt compares ranges pairwise."""

Flag = QItemSelectionModel.SelectionFlag


class ImageSelectionModel(QItemSelectionModel):
    """A selection model that speaks in image ids.

    Signals:
        selected_ids_changed(): other images are selected, or the list changed.
        current_id_changed(object id): another image is current; None if there is none.
    """

    selected_ids_changed = Signal()
    current_id_changed = Signal(object)

    def __init__(self, model: ImageModel, parent: QObject | None = None) -> None:
        super().__init__(model, parent or model)
        self._images = model
        self._kept: tuple[np.ndarray, int | None, int] | None = None  # before the list changed: ids, current id, row
        self._ranges: np.ndarray | None = None
        self._firsts: list[int] | None = None  # as plain lists, which answer ten times quicker than arrays
        self._lasts: list[int] = []
        self.selectionChanged.connect(self._on_self_selection_changed)
        self.currentChanged.connect(self._on_self_current_changed)
        model.modelAboutToBeReset.connect(self._on_model_about_to_be_reset)
        self._is_restored = False

    # asking

    def selected_ids(self) -> np.ndarray:
        """(n_selected,) int64, in the order shown."""
        ids = self._images.ids
        parts = [ids[first:last + 1] for first, last in self.row_ranges().tolist()]
        return np.concatenate([ids[:0], *parts])

    def selected_rows(self) -> np.ndarray:
        """(n_selected,) int64, ascending."""
        parts = [np.arange(first, last + 1) for first, last in self.row_ranges().tolist()]
        return np.concatenate([np.empty(0, np.int64), *parts])

    def row_ranges(self) -> np.ndarray:
        """(n_ranges, 2) int64: first and last row of each range, ascending, without overlap."""
        if self._ranges is None:
            pairs = {(r.top(), r.bottom()) for r in ranges_of(self.selection()) if r.left() == 0}
            self._ranges = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
        return self._ranges

    def is_row_selected(self, row: int) -> bool:
        if self._firsts is None:
            ranges = self.row_ranges()
            self._firsts, self._lasts = ranges[:, 0].tolist(), ranges[:, 1].tolist()
        at = bisect_right(self._firsts, row) - 1
        return at >= 0 and row <= self._lasts[at]

    def current_id(self) -> int | None:
        return self._images.id_at(self.currentIndex().row())

    # changing

    def select_ids(self, ids: np.ndarray) -> None:
        """Select exactly those of the ids that are shown, and make the first of them current."""
        rows = self._images.rows_of(ids)
        self.select(selection_of_rows(self._images, rows), Flag.ClearAndSelect | Flag.Rows)
        if len(rows):
            self.setCurrentIndex(self._images.index(int(rows[0]), 0), Flag.NoUpdate)

    def set_current_row(self, row: int) -> None:
        """Make a row current and select it alone."""
        self.setCurrentIndex(self._images.index(row, 0), Flag.ClearAndSelect | Flag.Rows)

    # keeping by id

    def reset(self) -> None:
        """Called by Qt when the list changed, once by the model and once by each view on it."""
        if self._is_restored:
            return
        super().reset()
        self._ranges = self._firsts = None
        if self._kept is not None:
            was_blocked = self.blockSignals(True)  # views are reset after this; one announcement is enough
            self._restore(*self._kept)
            self.blockSignals(was_blocked)
            self._is_restored = True
        self.selected_ids_changed.emit()
        self.current_id_changed.emit(self.current_id())

    def _on_model_about_to_be_reset(self) -> None:
        self._kept = self.selected_ids(), self.current_id(), self.currentIndex().row()
        self._is_restored = False

    def _restore(self, ids: np.ndarray, current_id: int | None, place: int) -> None:
        rows = self._images.rows_of(ids) if len(ids) else np.empty(0, dtype=np.int64)
        if 0 < len(rows) and 1 + np.count_nonzero(np.diff(rows) > 1) <= MAX_KEPT_RANGES:
            self.select(selection_of_rows(self._images, rows), Flag.ClearAndSelect | Flag.Rows)
        current_row = None if current_id is None else self._images.row_of(current_id)
        if current_row is not None:
            self.setCurrentIndex(self._images.index(current_row, 0), Flag.NoUpdate)
        elif self._images.keeps_place and place >= 0 and self._images.rowCount():
            command = Flag.NoUpdate if self.hasSelection() else Flag.ClearAndSelect | Flag.Rows
            self.setCurrentIndex(self._images.index(min(place, self._images.rowCount() - 1), 0), command)

    def _on_self_selection_changed(self) -> None:
        self._ranges = self._firsts = None
        self.selected_ids_changed.emit()

    def _on_self_current_changed(self, current: QModelIndex) -> None:
        self.current_id_changed.emit(self._images.id_at(current.row()))


def show_model(view: QAbstractItemView, model: ImageModel, selection: ImageSelectionModel) -> None:
    """Let a view show images under a shared selection; the one that it made for itself goes."""
    view.setModel(model)
    own = view.selectionModel()
    view.setSelectionModel(selection)
    own.deleteLater()


def selection_of_rows(model: ImageModel, rows: np.ndarray) -> QItemSelection:
    """The rows as a Qt selection of whole rows, with one range for each run of neighbours.

    Args:
        model: The model that the rows belong to.
        rows: (n_rows,) int64, ascending, each once.
    """
    selection = QItemSelection()
    last_column = model.columnCount() - 1
    for first, last in _runs(rows):
        selection.append(QItemSelectionRange(model.index(first, 0), model.index(last, last_column)))
    return selection


def ranges_of(selection: QItemSelection) -> list[QItemSelectionRange]:
    """The ranges of a Qt selection as a list; PySide6's stubs do not know that it is one."""
    return [selection.at(i) for i in range(selection.count())]


def _runs(rows: np.ndarray) -> list[tuple[int, int]]:
    if not len(rows):
        return []
    breaks = np.flatnonzero(np.diff(rows) > 1)
    firsts = rows[np.concatenate(([0], breaks + 1))]
    lasts = rows[np.concatenate((breaks, [len(rows) - 1]))]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))
