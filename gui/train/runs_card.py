"""All runs so far: choose the one that is shown, compare two, train again like one, delete one."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView, QHeaderView, QPushButton, QSizePolicy, QTableView,
)

from core.project.runs import RunRow
from core.review.baseline import Standing
from core.text import text
from core.workflow.comparing import compare_recorded
from core.workflow.labelled_test import read_labelled_test
from gui import messages, theme
from gui.session import Session
from gui.train.card import Card
from gui.train.plan import TrainingPlan
from gui.train.result_card import say_comparison
from gui.train.runs_model import (
    BESIDE, HOW, LABELS, NETWORK, NOTE, RIGHT, SECONDS, TEST, WHEN, AccuracyDelegate, RunsModel,
)
from gui.widgets.labels import wrapped_caption
from gui.widgets.layouts import STRETCH, fill, row_of
from gui.widgets.questions import yes_no_box

MAX_ROWS_IN_SIGHT, LEAST_NETWORK_PX = 8, 96


class RunsCard(Card):
    """The table and what can be done with its rows.

    Args:
        session: Whose runs these are.
        plan: Takes over the settings of a run.
    """

    def __init__(self, session: Session, plan: TrainingPlan) -> None:
        super().__init__(text("window_train.runs"))
        self._session, self._plan = session, plan
        self.model = RunsModel()
        self.table = QTableView()
        self.said = wrapped_caption()
        self.copy_button = QPushButton(text("window_train.train_like"))
        self.copy_button.setToolTip(text("window_train.train_like.tip"))
        self.delete_button = QPushButton(text("window_train.delete"))
        self._build_table()
        self._build()
        self.copy_button.clicked.connect(self._on_copy_clicked)
        self.delete_button.clicked.connect(self._on_delete_clicked)

    @property
    def selected(self) -> tuple[RunRow, ...]:
        """Newest first."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return tuple(self.model.runs[row] for row in rows)

    def refresh(self) -> None:
        """Show the runs of the session and select the one that is shown."""
        chosen = self._session.run
        self.setVisible(bool(self._session.listed_runs))
        self.model.set_runs(self._session.listed_runs, chosen.id if chosen else None, self._read_tests())
        self._fit()
        self.refresh_shown()

    def refresh_tests(self) -> None:
        """Labels changed: so may the test accuracies."""
        self.model.set_tests(self._read_tests())
        self._fit_columns()

    def _read_tests(self) -> dict[str, Standing]:
        """Figures on labelled test images, by run."""
        if not self._session.is_open:
            return {}
        found = {run.id: read_labelled_test(self._session.project, run) for run in self._session.runs}
        return {run_id: test.confusion.standing for run_id, test in found.items() if test is not None}

    def refresh_shown(self) -> None:
        """Another run is shown: mark it, and select it unless it is among those selected."""
        chosen = self._session.run
        self.model.set_shown(chosen.id if chosen else None)
        if chosen is not None and chosen not in self.selected:
            self.table.selectRow([run.id for run in self.model.runs].index(chosen.id))
        self._refresh_words()

    def _build_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setFont(theme.tabular(table.font()))
        table.setAccessibleName(text("window_train.runs"))
        table.setItemDelegateForColumn(RIGHT, AccuracyDelegate(table))
        table.verticalHeader().hide()
        table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setAlternatingRowColors(True)
        table.setTabKeyNavigation(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.horizontalHeader().setHighlightSections(False)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        for column in (NETWORK, NOTE):
            table.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.selectionModel().selectionChanged.connect(self._on_table_selection_changed)

    def _build(self) -> None:
        buttons = row_of(self.copy_button, self.delete_button, STRETCH)
        fill(self.column, self.table, self.said, buttons)

    def _fit(self) -> None:
        n_rows = min(len(self.model.runs), MAX_ROWS_IN_SIGHT)
        rows_px = sum(self.table.rowHeight(i) for i in range(n_rows))
        self._fit_columns()
        self.table.setFixedHeight(
            self.table.horizontalHeader().sizeHint().height() + rows_px + 2 * self.table.frameWidth()
        )

    def _fit_columns(self) -> None:
        """What matters least goes where there is no room for all; its place is in the tooltip."""
        header = self.table.horizontalHeader()
        shown = [WHEN, RIGHT, BESIDE, *([TEST] if self.model.tests else []), LABELS, NETWORK, HOW, SECONDS,
                 *([NOTE] if self.model.has_notes else [])]
        wanted = {
            column: LEAST_NETWORK_PX if column in (NETWORK, NOTE)
            else max(self.table.sizeHintForColumn(column), header.sectionSizeHint(column)) for column in shown
        }
        while len(shown) > 2 and sum(wanted[column] for column in shown) > self.table.viewport().width():
            shown.pop()
        for column in range(self.model.columnCount()):
            self.table.setColumnHidden(column, column not in shown)
        is_filled = bool({NETWORK, NOTE} & set(shown))  # else the row would end before the table does
        mode = QHeaderView.ResizeMode
        for column in (RIGHT, BESIDE):
            is_last = column == shown[-1] or column == BESIDE
            header.setSectionResizeMode(column, mode.Stretch if is_last and not is_filled else mode.ResizeToContents)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._fit_columns)  # the table has its new width only then

    def _refresh_words(self) -> None:
        runs = self.selected
        self.copy_button.setEnabled(len(runs) == 1 and not runs[0].damage)
        self.delete_button.setEnabled(len(runs) == 1 and not self._is_read_only())
        if len(runs) == 2 and not any(run.damage for run in runs):
            newer, older = runs
            found = compare_recorded(self._session.project, older.id, newer.id)
            self.said.setText(f"{newer.id} – {say_comparison(older, found)}")
        else:
            self.said.setText(text("window_train.select_two") if len(self.model.runs) > 1 else "")
        self.said.setVisible(bool(self.said.text()))

    def _is_read_only(self) -> bool:
        return self._session.is_open and self._session.project.is_read_only

    def _on_table_selection_changed(self, _: QItemSelection, __: QItemSelection) -> None:
        if len(self.selected) == 1 and not self.selected[0].damage:
            self._session.choose_run(self.selected[0].id)
        self._refresh_words()

    def _on_copy_clicked(self) -> None:
        with messages.warned():
            self._plan.copy_run(self.selected[0])

    def _on_delete_clicked(self) -> None:
        run = self.selected[0]
        box = yes_no_box(
            self, text("window_train.delete_title"), text("window_train.delete_question", run=run.id),
            text("window_train.delete_explained"), yes=text("window_train.delete_run"), no=text("window_train.keep"),
            yes_name="delete",
        )
        box.accepted.connect(lambda: self._delete(run))
        box.open()

    def _delete(self, run: RunRow) -> None:
        with messages.warned():
            self._session.remove_run(run.id)
