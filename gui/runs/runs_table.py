"""The table of all runs: sorted by a click on a header, starred by a click on the star, many can be selected."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QModelIndex, QTimer, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from core.project.runs import RunRow
from core.text import text
from gui import theme
from gui.runs.runs_model import (
    BESIDE, HOW, LABELS, NETWORK, NOTE, OWN, RIGHT, RUN_ROLE, SECONDS, STAR, TEST, WHEN, AccuracyDelegate, RunsModel,
    RunsOrder,
)
from gui.widgets.sort_header import SortHeader
from gui.widgets.table_view import ROW_PADDING_PX, SHEET

LEAST_WORDS_PX, LEAST_ROWS = 96, 5
"""Room of the columns of words, which take what is left, and rows that the table has room for."""

IN_ORDER_OF_NEED = (STAR, WHEN, RIGHT, HOW, TEST, LABELS, BESIDE, NETWORK, OWN, SECONDS, NOTE)
"""What matters least goes first where there is no room for all; its content is in the tooltip."""


class RunsTable(QTableView):
    """Rows of a `RunsModel`, newest first until a header is clicked.

    Signals:
        chosen: Other runs are selected; see `selected`.
        star_clicked: The star of a `RunRow` was clicked.
    """

    chosen = Signal()
    star_clicked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.model_of_runs = RunsModel()
        self.order = RunsOrder(self.model_of_runs)
        self.setModel(self.order)
        self._set_up()
        self.sortByColumn(WHEN, Qt.SortOrder.DescendingOrder)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.clicked.connect(self._on_clicked)

    @property
    def selected(self) -> tuple[RunRow, ...]:
        """In the order of the table."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return tuple(self.order.index(row, 0).data(RUN_ROLE) for row in rows)

    def select_run(self, run_id: str) -> None:
        """Select one run alone; nothing where it is not shown."""
        self.select_runs([run_id])

    def select_runs(self, run_ids: list[str]) -> None:
        """Select these and no others, as far as they are shown."""
        selection = self.selectionModel()
        flags = selection.SelectionFlag
        selection.clearSelection()
        for row, run in enumerate(self.order.runs()):
            if run.id in run_ids:
                selection.select(self.order.index(row, 0), flags.Select | flags.Rows)
                if run.id == run_ids[0]:
                    selection.setCurrentIndex(self.order.index(row, 0), flags.NoUpdate)

    def _set_up(self) -> None:
        self.setFont(theme.tabular(self.font()))
        self.setAccessibleName(text("window_runs.page"))
        self.setItemDelegateForColumn(RIGHT, AccuracyDelegate(self.model_of_runs, self))
        self.setStyleSheet(SHEET)
        self.setHorizontalHeader(SortHeader(self))
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().height() + ROW_PADDING_PX)
        self.setFrameShape(QAbstractItemView.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        columns.setHighlightSections(False)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.setSortingEnabled(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def height_of_rows(self) -> int:
        """Pixels that all rows need."""
        n_rows = max(self.order.rowCount(), LEAST_ROWS)
        return self.horizontalHeader().sizeHint().height() + n_rows * self.verticalHeader().defaultSectionSize()

    def fit_columns(self) -> None:
        """Hide what has no room."""
        header, model = self.horizontalHeader(), self.model_of_runs
        shown = [column for column in IN_ORDER_OF_NEED if self._is_filled(column, model)]
        wanted = {
            column: LEAST_WORDS_PX if column in (NETWORK, OWN, NOTE)
            else max(self.sizeHintForColumn(column), header.sectionSizeHint(column)) for column in shown
        }
        while len(shown) > 3 and sum(wanted[column] for column in shown) > self.viewport().width():
            shown.pop()
        for column in range(model.columnCount()):
            self.setColumnHidden(column, column not in shown)
        mode, words = QHeaderView.ResizeMode, {NETWORK, OWN, NOTE}
        stretched = words if words & set(shown) else {max(shown)}  # else the row would end before the table does
        for column in range(model.columnCount()):
            header.setSectionResizeMode(column, mode.Stretch if column in stretched else mode.ResizeToContents)

    def _is_filled(self, column: int, model: RunsModel) -> bool:
        if column == TEST:
            return bool(model.tests)
        return column not in (OWN, NOTE) or model.has_words(column)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self.fit_columns)  # the table has its new width only then

    def _on_selection_changed(self, _: QItemSelection, __: QItemSelection) -> None:
        self.chosen.emit()

    def _on_clicked(self, index: QModelIndex) -> None:
        if index.column() == STAR:
            self.star_clicked.emit(index.data(RUN_ROLE))
