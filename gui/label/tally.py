"""How many labels were given one after the other."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Tally(QObject):
    """Counts labels in a row; passing a picture over ends the row.

    Signals:
        changed: Another number.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._n_in_a_row = 0

    @property
    def n_in_a_row(self) -> int:
        return self._n_in_a_row

    def count(self, n_labels: int = 1) -> None:
        """So many labels were given, or for a negative number taken back."""
        self._set(max(self._n_in_a_row + n_labels, 0))

    def end(self) -> None:
        self._set(0)

    def _set(self, n_in_a_row: int) -> None:
        if n_in_a_row != self._n_in_a_row:
            self._n_in_a_row = n_in_a_row
            self.changed.emit()
