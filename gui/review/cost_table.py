"""The matrix of costs: rows are true classes, columns answers, and each mistake costs 1 until a person says more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from core.project.costs import as_cost
from core.text import text
from core.text.numbers import format_float
from gui import theme
from gui.widgets.class_style import ClassStyle

USUAL = 1.0
LEAST_COLUMN_PX, MOST_COLUMN_PX, NAMED_COLUMNS, NAME_PX = 52, 110, 6, 190
"""Columns of more classes are headed by their signs alone; their names are in the tooltips."""

_Index = QModelIndex | QPersistentModelIndex


class CostModel(QAbstractTableModel):
    """Costs by the names of classes; what nobody said costs `USUAL`.

    Args:
        styles: The classes in their order.

    Signals:
        edited(): a cost was typed.
    """

    edited = Signal()

    def __init__(self, styles: Sequence[ClassStyle], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._styles = tuple(styles)
        self.costs: dict[tuple[str, str], float] = {}

    def show_costs(self, costs: Mapping[tuple[str, str], float]) -> None:
        """Show these."""
        self.beginResetModel()
        self.costs = {pair: cost for pair, cost in costs.items() if cost != USUAL and pair[0] != pair[1]}
        self.endResetModel()

    def pair(self, index: _Index) -> tuple[str, str]:
        """Names of the true class and the answer."""
        return self._styles[index.row()].name, self._styles[index.column()].name

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._styles)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:
        return self.rowCount(parent)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags if index.row() == index.column() else flags | Qt.ItemFlag.ItemIsEditable

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        pair = self.pair(index)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return "0" if pair[0] == pair[1] else format_float(self.costs.get(pair, USUAL), "g")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        if role == Qt.ItemDataRole.ForegroundRole and pair not in self.costs:
            return theme.application().palette().color(QPalette.ColorRole.PlaceholderText)
        if role == Qt.ItemDataRole.ToolTipRole:
            code = "window_review.cost_right" if pair[0] == pair[1] else "window_review.cost_of"
            return text(code, true=pair[0], answer=pair[1])
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        cost = as_cost(str(value).strip().replace(",", "."))
        if role != Qt.ItemDataRole.EditRole or cost is None or not self.flags(index) & Qt.ItemFlag.ItemIsEditable:
            return False
        self.costs.pop(self.pair(index), None)
        if cost != USUAL:
            self.costs[self.pair(index)] = cost
        self.dataChanged.emit(index, index)
        self.edited.emit()
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        style = self._styles[section]
        if role == Qt.ItemDataRole.ToolTipRole or role == Qt.ItemDataRole.AccessibleTextRole:
            return style.name
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        is_short = orientation is Qt.Orientation.Horizontal and len(self._styles) > NAMED_COLUMNS
        return style.sign or str(section + 1) if is_short else f"{style.sign}  {style.name}".strip()


class CostTable(QTableView):
    """Shows and edits a `CostModel`; typing begins to edit.

    Args:
        model: What is shown.
    """

    def __init__(self, model: CostModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setAccessibleName(text("window_review.costs_name"))
        self.setFont(theme.tabular(self.font()))
        self.setEditTriggers(QAbstractItemView.EditTrigger.AllEditTriggers)
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setWordWrap(False)
        columns, rows = self.horizontalHeader(), self.verticalHeader()
        for header in (columns, rows):
            header.setHighlightSections(False)
            header.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        is_short = model.columnCount() > NAMED_COLUMNS
        columns.setDefaultSectionSize(LEAST_COLUMN_PX if is_short else MOST_COLUMN_PX)
        rows.setDefaultSectionSize(theme.row_px(self))
        rows.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        rows.setFixedWidth(min(rows.sizeHint().width(), NAME_PX))
        beside = 2 * self.frameWidth() + theme.AROUND  # of a scroll bar
        self.setMaximumHeight(columns.sizeHint().height() + rows.length() + beside)
        self.setMaximumWidth(rows.maximumWidth() + columns.length() + beside)
