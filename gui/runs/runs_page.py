"""The page Runs: a bar that narrows the list, the table of all runs, and the panel of those that are selected."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QLineEdit, QMenu, QSplitter, QStackedWidget, QToolButton, QWidget,
)

from core.project.run_marks import set_deleted
from core.review.baseline import Standing
from core.text import text
from core.workflow.labelled_test import describe_leakage, read_labelled_test
from core.workflow.run_acts import empty_deleted
from core.workflow.run_filter import RunFilter
from gui import messages
from gui.icons import icon
from gui.pages import PageContext
from gui.runs.comparison_view import ComparisonView, ShowImages
from gui.runs.curve_dialog import CurveDialog
from gui.runs.run_panel import RunPanel
from gui.runs.runs_table import RunsTable
from gui.widgets.empty_state import EmptyState
from gui.widgets.labels import ElidedButton, ElidedChoice, line
from gui.widgets.layouts import BAR, STRETCH, ScrollArea, column_of, row_of
from gui.widgets.questions import yes_no_box

ALL = ""
"""Of the strategies."""

LEAST_SEARCH_PX, SEARCH_PX = 110, 220


class RunsPage(QWidget):
    """Follows the runs of the session.

    Args:
        context: What a page may use.
        show_images: Where a number of a comparison leads.
    """

    def __init__(self, context: PageContext, show_images: ShowImages) -> None:
        super().__init__()
        self._context, self._session = context, context.session
        self.search, self.strategy, self.starred = QLineEdit(), ElidedChoice(), QToolButton()
        self.curve_button = ElidedButton(
            "chart", text("window_runs.learning_curve"), text("window_runs.learning_curve.tip"))
        self.deleted_button = QToolButton()
        self.table, self.panel = RunsTable(), RunPanel(context)
        self.nothing = EmptyState("")
        self.comparison = ComparisonView(context, show_images)
        self._stack, self._splitter = QStackedWidget(), QSplitter(Qt.Orientation.Vertical)
        self._faces = QStackedWidget()
        self._is_stale, self._is_moved = True, False
        self._build()
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        """Show the runs as they are now, at once if somebody looks."""
        self._is_stale = not self.isVisible()
        if self._is_stale:
            return
        self._show_runs()
        if self.is_comparing:
            self.comparison.refresh()

    def compare(self, before: str, after: str) -> None:
        """Show what changed from one run to another, in place of the table."""
        self.comparison.compare(before, after)
        self._faces.setCurrentWidget(self.comparison)
        self.comparison.take_keyboard()

    def show_all(self) -> None:
        """Show the table of all runs again."""
        self._faces.setCurrentIndex(0)

    @property
    def is_comparing(self) -> bool:
        """Whether two runs are shown beside each other."""
        return self._faces.currentWidget() is self.comparison

    def show_run(self, run_id: str) -> None:
        """Select one run alone, whatever the list was narrowed to."""
        if not any(run.id == run_id for run in self.table.order.runs()):
            self._show_all()
        self.table.select_run(run_id)

    def measure_curve(self) -> None:
        """Ask for the learning curve in a dialog."""
        dialog = CurveDialog(self._context)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
        dialog.measure()

    # ── parts ────────────────────────────────────────────────────────────

    def _build(self) -> None:
        self.search.setPlaceholderText(text("window_runs.search"))
        self.search.setAccessibleName(text("window_runs.search"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(LEAST_SEARCH_PX)
        self.search.setMaximumWidth(SEARCH_PX)
        self.strategy.setAccessibleName(text("window_runs.column.strategy"))
        self.starred.setText(text("window_runs.only_starred"))
        self.starred.setCheckable(True)
        self.deleted_button.setIcon(icon("remove"))
        self.deleted_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.deleted_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.deleted_button.setMenu(QMenu(self.deleted_button))
        bar = row_of((self.search, 1), self.strategy, self.starred, STRETCH, self.deleted_button, self.curve_button,
                     margins=BAR)
        self._splitter.addWidget(self.table)
        self._splitter.addWidget(ScrollArea(self.panel))
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._stack.addWidget(self._splitter)
        self._stack.addWidget(self.nothing)
        runs = QWidget()
        column_of(bar, line(), (self._stack, 1), spacing=0, parent=runs)
        self._faces.addWidget(runs)
        self._faces.addWidget(self.comparison)
        column_of(self._faces, spacing=0, parent=self)

    def _connect(self) -> None:
        session = self._session
        for changed in (session.project_changed, session.runs_changed, session.labels_changed):
            changed.connect(self.refresh)
        session.run_chosen.connect(self._on_session_run_chosen)
        self._context.training.changed.connect(self.panel.refresh)
        self.search.textChanged.connect(self._narrow)
        self.strategy.currentIndexChanged.connect(self._narrow)
        self.starred.toggled.connect(self._narrow)
        self.table.chosen.connect(self._on_table_chosen)
        self.table.star_clicked.connect(self.panel.toggle_star)
        self._splitter.splitterMoved.connect(self._on_splitter_moved)
        self.curve_button.clicked.connect(self.measure_curve)
        self.nothing.acted.connect(self._on_nothing_acted)
        self.panel.comparison_asked.connect(self.compare)
        self.comparison.left.connect(self.show_all)
        session.project_changed.connect(self.show_all)

    # ── what is shown ────────────────────────────────────────────────────

    def _show_runs(self) -> None:
        selected = [run.id for run in self.table.selected]
        session, chosen = self._session, self._session.run
        tests = self._read_tests()
        self.table.model_of_runs.set_runs(session.listed_runs, chosen.id if chosen else None, tests, session.marks)
        self._offer_strategies()
        self._offer_deleted()
        is_writable = session.is_open and not session.project.is_read_only
        self.curve_button.setEnabled(is_writable)
        self._narrow()
        self.table.fit_columns()
        self._fit_heights()
        there = [run_id for run_id in selected if any(run.id == run_id for run in session.listed_runs)]
        self.table.select_runs(there or ([chosen.id] if chosen else []))
        self._on_table_chosen()

    def _read_tests(self) -> dict[str, Standing]:
        """Figures on labelled test images, by run."""
        if not self._session.is_open:
            return {}
        found = {run.id: read_labelled_test(self._session.project, run) for run in self._session.runs}
        tests = {run_id: test for run_id, test in found.items() if test is not None}
        self.table.model_of_runs.leaks = {run_id: describe_leakage(test) for run_id, test in tests.items()}
        return {run_id: test.confusion.standing for run_id, test in tests.items()}

    def _offer_strategies(self) -> None:
        names = [ALL, *sorted({run.strategy for run in self._session.runs})]
        if [self.strategy.itemData(at) for at in range(self.strategy.count())] == names:
            return
        before = self.strategy.currentData()
        self.strategy.blockSignals(True)
        self.strategy.clear()
        for name in names:
            self.strategy.addItem(name or text("window_runs.all_strategies"), name)
        self.strategy.setCurrentIndex(max(self.strategy.findData(before), 0))
        self.strategy.blockSignals(False)

    def _offer_deleted(self) -> None:
        deleted = sorted(run for run, marks in self._session.marks.items() if marks.is_deleted)
        self.deleted_button.setVisible(bool(deleted))
        self.deleted_button.setText(text("window_runs.deleted", n=len(deleted)))
        menu = self.deleted_button.menu()
        menu.clear()
        for run in deleted:
            menu.addAction(text("window_runs.restore", run=run), partial(self._restore, run))
        menu.addSeparator()
        menu.addAction(text("window_runs.empty"), self._ask_to_empty)
        menu.setEnabled(self._session.is_open and not self._session.project.is_read_only)

    def _narrow(self) -> None:
        which = RunFilter(self.search.text(), self.strategy.currentData() or ALL, self.starred.isChecked())
        self.table.order.set_filter(which)
        is_empty = not self.table.order.rowCount()
        if is_empty and not self._session.listed_runs:
            self.nothing.say(text("window_runs.none"), text("window_runs.go_to_train"))
        elif is_empty:
            self.nothing.say(text("window_runs.none_match"), text("window_runs.show_all"))
        self._stack.setCurrentWidget(self.nothing if is_empty else self._splitter)
        self._on_table_chosen()  # no act concerns a run that is out of sight

    # ── what happens ─────────────────────────────────────────────────────

    def _on_table_chosen(self) -> None:
        selected = self.table.selected
        if len(selected) == 1 and not selected[0].damage:
            self._session.choose_run(selected[0].id)
        self.panel.show_runs(selected)

    def _on_session_run_chosen(self) -> None:
        run = self._session.run
        self.table.model_of_runs.set_shown(run.id if run else None)
        if run is not None and run not in self.table.selected:
            self.table.select_run(run.id)

    def _on_nothing_acted(self) -> None:
        if not self._session.listed_runs:
            self._context.window.go_to("train")
            return
        self._show_all()

    def _show_all(self) -> None:
        self.search.clear()
        self.strategy.setCurrentIndex(0)
        self.starred.setChecked(False)

    def _restore(self, run_id: str) -> None:
        with messages.warned():
            self._session.change_runs(lambda project: set_deleted(project, [run_id], False))

    def _ask_to_empty(self) -> None:
        n = sum(marks.is_deleted for marks in self._session.marks.values())
        box = yes_no_box(
            self, text("window_runs.empty_title"), text("window_runs.empty_question", n=n),
            text("window_runs.empty_explained"), yes=text("window_runs.empty_yes"), no=text("window_runs.empty_no"),
            yes_name="empty",
        )
        box.accepted.connect(self._empty)
        box.open()

    def _empty(self) -> None:
        with messages.warned():
            self._session.change_runs(empty_deleted)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_heights()

    def _fit_heights(self) -> None:
        """The table gets what its rows need and half of the page at most, until somebody moves the border."""
        if not self._is_moved:
            whole = self._splitter.height()
            first = min(self.table.height_of_rows(), whole // 2)
            self._splitter.setSizes([first, max(whole - first, 1)])

    def _on_splitter_moved(self) -> None:
        self._is_moved = True
