"""The code of each class in a competition file, as a small table in which codes are typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

ROW_PX, MOST_ROWS = 26, 6
"""Height of a row, and how many are seen before the table scrolls."""


class CodeTable(QTableWidget):
    """Classes at the left, codes at the right.

    Signals:
        edited: A code was typed.
    """

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 2, parent)
        self.setAccessibleName(self.tr("Code of each class"))
        self.setHorizontalHeaderLabels([self.tr("Class"), self.tr("Code in the file")])
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        header = self.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Interactive)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setColumnWidth(1, 140)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.AllEditTriggers)
        self.setTabKeyNavigation(False)
        self.itemChanged.connect(lambda _: self.edited.emit())

    @property
    def codes(self) -> dict[str, str]:
        """Code by class; classes without one are left out."""
        rows = ((self._text(i, 0), self._text(i, 1).strip()) for i in range(self.rowCount()))
        return {name: code for name, code in rows if code}

    def show_codes(self, classes: Sequence[str], codes: Mapping[str, str]) -> None:
        """Show these, without saying that anything was typed."""
        with QSignalBlocker(self):
            self.setRowCount(len(classes))
            for place, name in enumerate(classes):
                fixed = QTableWidgetItem(name)
                fixed.setFlags(Qt.ItemFlag.ItemIsEnabled)
                fixed.setToolTip(name)
                self.setItem(place, 0, fixed)
                code = QTableWidgetItem(codes.get(name, ""))
                code.setToolTip(self.tr("Type the code of {0}").format(name))
                self.setItem(place, 1, code)
        n_seen = min(max(len(classes), 2), MOST_ROWS)
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + n_seen * ROW_PX + 2 * self.frameWidth())

    def type_code(self, name: str, code: str) -> None:
        """As if the code was typed."""
        place = next(i for i in range(self.rowCount()) if self._text(i, 0) == name)
        self.model().setData(self.model().index(place, 1), code)

    def _text(self, row: int, column: int) -> str:
        return str(self.model().index(row, column).data() or "")
