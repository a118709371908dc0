"""All runs as a table with a value to sort by in each cell, and the proxy that sorts and narrows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, QSortFilterProxyModel, Qt,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QStyledItemDelegate, QStyleOptionViewItem

from core.project.run_marks import UNMARKED, RunMarks
from core.project.runs import RunRow
from core.review.baseline import Standing, describe_baseline, describe_warning, standing_of_figures
from core.text import Message, text
from core.text.numbers import format_float, format_whole
from core.text.render import fill
from core.workflow.run_filter import RunFilter
from gui import theme
from gui.moments import say_recorded
from gui.widgets.interval_bar import axis_start, draw_interval

Index = QModelIndex | QPersistentModelIndex

TITLES = ("star", "when", "accuracy", "balanced", "test", "strategy", "labels", "backbone", "seconds", "user_note",
          "note")
STAR, WHEN, RIGHT, BESIDE, TEST, HOW, LABELS, NETWORK, SECONDS, OWN, NOTE = range(len(TITLES))

TIPS = {STAR: "star", RIGHT: "accuracy", BESIDE: "accuracy", TEST: "test"}
"""What titles mean, and what the figures below them are of."""

BEST_FIRST = (STAR, WHEN, RIGHT, BESIDE, TEST, LABELS)
"""Columns whose highest value comes first when their header is clicked."""

SORT_ROLE, RUN_ROLE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1

BAR_PX = 72
"""Width of the drawn interval in its cell."""


class RunsModel(QAbstractTableModel):
    """Rows are runs; they are set anew whenever one is added, deleted or marked.

    Attributes:
        tests: Figures on labelled test images, by run.
        leaks: Where test images are among the training images, the sentence that says so, by run.
    """

    def __init__(self) -> None:
        super().__init__()
        self.runs: tuple[RunRow, ...] = ()
        self.shown_id: str | None = None
        self.tests: Mapping[str, Standing] = {}
        self.leaks: Mapping[str, str] = {}
        self.marks: Mapping[str, RunMarks] = {}
        self._standings: Mapping[str, Standing] = {}

    def set_runs(
        self, runs: Sequence[RunRow], shown_id: str | None, tests: Mapping[str, Standing] | None = None,
        marks: Mapping[str, RunMarks] | None = None,
    ) -> None:
        """Show these, with their figures on labelled test images; the run that the other pages show stands out."""
        self.beginResetModel()
        self.runs, self.shown_id, self.tests, self.marks = tuple(runs), shown_id, dict(tests or {}), dict(marks or {})
        self._standings = {run.id: standing_of_figures(run.figures) for run in runs}
        self.endResetModel()

    def set_tests(self, tests: Mapping[str, Standing]) -> None:
        """Other figures on labelled test images."""
        self.tests = dict(tests)
        self._tell_changed(TEST, TEST)

    def set_shown(self, shown_id: str | None) -> None:
        """Another run is the one that the other pages show."""
        self.shown_id = shown_id
        self._tell_changed(0, len(TITLES) - 1)

    def _tell_changed(self, first: int, last: int) -> None:
        if self.runs:
            self.dataChanged.emit(self.index(0, first), self.index(len(self.runs) - 1, last))

    def has_words(self, column: int) -> bool:
        """Does any run have something in this column?"""
        return any(self._text(run, column) for run in self.runs)

    @property
    def axis_start(self) -> float:
        """One axis for all rows, so that they can be compared by eye."""
        return axis_start(min((run.low for run in self.runs if run.low is not None), default=0.0))

    def marks_of(self, run: RunRow) -> RunMarks:
        """What a person marked it with."""
        return self.marks.get(run.id, UNMARKED)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.runs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        if role == Qt.ItemDataRole.InitialSortOrderRole:
            return Qt.SortOrder.DescendingOrder if section in BEST_FIRST else Qt.SortOrder.AscendingOrder
        if role == Qt.ItemDataRole.ToolTipRole and section in TIPS:
            return text(f"window_runs.{TIPS[section]}.tip")
        return text(f"window_runs.column.{TITLES[section]}") if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        run, column = self.runs[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(run, column)
        if role == SORT_ROLE:
            return self._value(run, column)
        if role == RUN_ROLE:
            return run
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tool_tip(run)
        if role == Qt.ItemDataRole.FontRole and run.id == self.shown_id:
            return theme.emphasized(theme.tabular(QApplication.font()))
        return None

    def _text(self, run: RunRow, column: int) -> str:
        if column == STAR:
            return "★" if self.marks_of(run).is_starred else "☆"
        if column == OWN:
            return self.marks_of(run).note
        if column == BESIDE:
            return _beside(self._standings[run.id])
        if column == TEST:
            sign = "⚠ " if self.leaks.get(run.id) else ""
            return sign + _test(self.tests.get(run.id))
        return self._note(run) if column == NOTE else _text(run, column)

    def _value(self, run: RunRow, column: int) -> Any:
        """What the column sorts by; None where it is not known."""
        if column == STAR:
            return int(self.marks_of(run).is_starred)
        if column == BESIDE:
            return self._standings[run.id].balanced_accuracy
        if column == TEST:
            test = self.tests.get(run.id)
            return None if test is None else test.accuracy
        values: Mapping[int, Any] = {
            WHEN: run.created_at, RIGHT: run.accuracy, LABELS: run.n_train, SECONDS: run.figures.get("seconds")}
        return values[column] if column in values else (self._text(run, column).casefold() or None)

    def _note(self, run: RunRow) -> str:
        """What must be read of a run, beginning with the classes that it misses."""
        stopped = text("window_runs.stopped") if run.status == "stopped" else ""
        notes = map(Message.from_json, run.figures.get("notes") or ())
        parts = (run.damage or "", describe_warning(self._standings[run.id]), stopped, *notes)
        return " ".join(filter(None, map(str, parts)))

    def _tool_tip(self, run: RunRow) -> str:
        seconds = f"{_text(run, SECONDS)} s" if "seconds" in run.figures else ""
        baseline = describe_baseline(self._standings[run.id])
        test = " ".join(filter(None, (self.leaks.get(run.id), _say_test(self.tests.get(run.id)))))
        cut = [said for said in (self.marks_of(run).note, baseline, test, run.strategy, _text(run, NETWORK), seconds,
                                 self._note(run)) if said]
        return "\n".join([run.id, *cut, *(f"{name}: {value}" for name, value in run.settings.items())])


class RunsOrder(QSortFilterProxyModel):
    """Sorts by the values of a column, unknown ones last in either direction, and leaves out what a filter does."""

    def __init__(self, model: RunsModel) -> None:
        super().__init__()
        self._model, self.which = model, RunFilter()
        self.setSourceModel(model)
        self.setSortRole(SORT_ROLE)

    def set_filter(self, which: RunFilter) -> None:
        """Show what this filter takes."""
        self.which = which
        self.invalidate()

    def runs(self) -> list[RunRow]:
        """Those that are shown, in their order."""
        return [self.index(row, 0).data(RUN_ROLE) for row in range(self.rowCount())]

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        run = self._model.runs[row]
        return self.which.takes(run, self._model.marks_of(run))

    def lessThan(self, left: Index, right: Index) -> bool:
        one, other = left.data(SORT_ROLE), right.data(SORT_ROLE)
        if one is None or other is None:
            is_falling = self.sortOrder() is Qt.SortOrder.DescendingOrder
            return (one is None) == is_falling and (other is None) != is_falling
        return bool(one < other)


class AccuracyDelegate(QStyledItemDelegate):
    """Draws the interval behind the figures of the column `RIGHT`."""

    def __init__(self, model: RunsModel, parent: Any) -> None:
        super().__init__(parent)
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        run: RunRow = index.data(RUN_ROLE)
        is_narrow = option.rect.width() < self.sizeHint(option, index).width()
        if is_narrow or run.accuracy is None or run.low is None or run.high is None:
            return
        rect = option.rect
        area = QRectF(rect.left() + theme.BETWEEN, rect.top(), BAR_PX - theme.BETWEEN, rect.height())
        is_selected = bool(option.state & option.state.State_Selected)
        color = option.palette.highlightedText().color() if is_selected else theme.current().accent
        draw_interval(
            painter, area, run.accuracy, low=run.low, high=run.high, start=self._model.axis_start, color=color,
            ground=theme.current().line,
        )

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> Any:
        size = super().sizeHint(option, index)
        size.setWidth(size.width() + BAR_PX + theme.BETWEEN)
        return size


def _text(run: RunRow, column: int) -> str:
    if column == WHEN:
        return say_recorded(run.created_at)
    if column == HOW:
        return run.strategy
    if column == NETWORK:
        return run.backbone or str(run.settings.get("network", "–"))
    if column == LABELS:
        return format_whole(run.n_train)
    if column == RIGHT:
        return _accuracy(run)
    seconds = run.figures.get("seconds")
    return format_float(seconds, ",.1f") if isinstance(seconds, int | float) else "–"


def _accuracy(run: RunRow) -> str:
    if run.accuracy is None or run.low is None or run.high is None:
        return "–"
    return fill("{accuracy:P1} ({low:P1}–{high:P1})", {"accuracy": run.accuracy, "low": run.low, "high": run.high})


def _beside(standing: Standing) -> str:
    """“⚠ 50.0, 95.2”: balanced accuracy and that of always saying the largest class, with a sign if grave."""
    if standing.balanced_accuracy is None or standing.baseline_accuracy is None:
        return "–"
    sign = "⚠ " if standing.is_grave else ""
    return f"{sign}{_share(standing.balanced_accuracy)}, {_share(standing.baseline_accuracy)}"


def _test(standing: Standing | None) -> str:
    return "–" if standing is None or standing.accuracy is None else _share(standing.accuracy)


def _say_test(standing: Standing | None) -> str:
    if standing is None or standing.accuracy is None or standing.interval is None:
        return ""
    low, high = standing.interval
    return text("window_runs.test_accuracy", accuracy=standing.accuracy, low=low, high=high, n=standing.n_images)


def _share(share: float) -> str:
    """A share in percent without the sign, with one decimal."""
    return format_float(100 * share, ".1f")


def _alignment(column: int) -> Qt.AlignmentFlag:
    is_number = column in (LABELS, RIGHT, BESIDE, TEST, SECONDS)
    side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
    return (Qt.AlignmentFlag.AlignHCenter if column == STAR else side) | Qt.AlignmentFlag.AlignVCenter
