"""All runs as a table, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QStyledItemDelegate, QStyleOptionViewItem

from core.project.runs import RunRow
from core.review.baseline import Standing, describe_baseline, describe_warning, standing_of_figures
from core.text import Message, text
from core.text.numbers import format_float, format_whole
from core.text.render import fill
from gui import theme
from gui.moments import say_recorded
from gui.train.run_figures import axis_start, draw_interval

Index = QModelIndex | QPersistentModelIndex

WHEN, RIGHT, BESIDE, TEST, HOW, LABELS, NETWORK, SECONDS, NOTE = range(9)

BAR_PX = 72
"""Width of the drawn interval in its cell."""


class RunsModel(QAbstractTableModel):
    """Rows are runs; `runs` are set anew whenever one is added or deleted."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: tuple[RunRow, ...] = ()
        self.shown_id: str | None = None
        self.tests: Mapping[str, Standing] = {}
        self._standings: Mapping[str, Standing] = {}

    def set_runs(
        self, runs: Sequence[RunRow], shown_id: str | None, tests: Mapping[str, Standing] | None = None
    ) -> None:
        """Show these, with their figures on labelled test images; the run that the other pages show stands out."""
        self.beginResetModel()
        self.runs, self.shown_id, self.tests = tuple(runs), shown_id, dict(tests or {})
        self._standings = {run.id: standing_of_figures(run.figures) for run in runs}
        self.endResetModel()

    def set_tests(self, tests: Mapping[str, Standing]) -> None:
        """Other figures on labelled test images."""
        self.tests = dict(tests)
        if self.runs:
            self.dataChanged.emit(self.index(0, TEST), self.index(len(self.runs) - 1, TEST))

    def set_shown(self, shown_id: str | None) -> None:
        """Another run is the one that the other pages show."""
        self.shown_id = shown_id
        if self.runs:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.runs) - 1, NOTE))

    @property
    def has_notes(self) -> bool:
        """Does any run have something in the last column?"""
        return any(self._note(run) for run in self.runs)

    @property
    def axis_start(self) -> float:
        """One axis for all rows, so that they can be compared by eye."""
        return axis_start(min((run.low for run in self.runs if run.low is not None), default=0.0))

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.runs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else 9

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return self._titles()[section] if role == Qt.ItemDataRole.DisplayRole else None

    def _titles(self) -> dict[int, str]:
        names = {WHEN: "when", RIGHT: "accuracy", BESIDE: "balanced", TEST: "test", HOW: "strategy", LABELS: "labels",
                 NETWORK: "backbone", SECONDS: "seconds", NOTE: "note"}
        return {column: text(f"window_train.column.{name}") for column, name in names.items()}

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        run = self.runs[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(run, index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tool_tip(run)
        if role == Qt.ItemDataRole.FontRole and run.id == self.shown_id:
            return theme.emphasized(theme.tabular(QApplication.font()))
        return None

    def _text(self, run: RunRow, column: int) -> str:
        if column == BESIDE:
            return _beside(self._standings[run.id])
        if column == TEST:
            return _test(self.tests.get(run.id))
        return self._note(run) if column == NOTE else _text(run, column)

    def _note(self, run: RunRow) -> str:
        """What must be read of a run, beginning with the classes that it misses."""
        stopped = text("window_train.stopped") if run.status == "stopped" else ""
        notes = map(Message.from_json, run.figures.get("notes") or ())
        parts = (run.damage or "", describe_warning(self._standings[run.id]), stopped, *notes)
        return " ".join(filter(None, map(str, parts)))

    def _tool_tip(self, run: RunRow) -> str:
        seconds = f"{_text(run, SECONDS)} s" if "seconds" in run.figures else ""
        baseline = describe_baseline(self._standings[run.id])
        test = _say_test(self.tests.get(run.id))
        cut = [text for text in (baseline, test, run.strategy, _text(run, NETWORK), seconds, self._note(run)) if text]
        return "\n".join([run.id, *cut, *(f"{name}: {value}" for name, value in run.settings.items())])


class AccuracyDelegate(QStyledItemDelegate):
    """Draws the interval behind the figures of the column `RIGHT`."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        model = index.model()
        assert isinstance(model, RunsModel)
        run = model.runs[index.row()]
        is_narrow = option.rect.width() < self.sizeHint(option, index).width()
        if is_narrow or run.accuracy is None or run.low is None or run.high is None:
            return
        rect = option.rect
        area = QRectF(rect.left() + theme.BETWEEN, rect.top(), BAR_PX - theme.BETWEEN, rect.height())
        is_selected = bool(option.state & option.state.State_Selected)
        color = option.palette.highlightedText().color() if is_selected else theme.current().accent
        draw_interval(
            painter, area, run.accuracy, low=run.low, high=run.high, start=model.axis_start, color=color,
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
    return f"{seconds:,.1f}" if isinstance(seconds, int | float) else "–"


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
    return text("window_train.test_accuracy", accuracy=standing.accuracy, low=low, high=high, n=standing.n_images)


def _share(share: float) -> str:
    """A share in percent without the sign, with one decimal."""
    return format_float(100 * share, ".1f")


def _alignment(column: int) -> Qt.AlignmentFlag:
    is_number = column in (LABELS, RIGHT, BESIDE, TEST, SECONDS)
    side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
