"""The figures of a run: how each class fared, and the curves by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableWidget, QTableWidgetItem, QWidget

from core.project.journal import ClassRow
from core.text import text
from core.text.numbers import format_percent, format_whole
from gui import theme
from gui.widgets.class_style import BAR_CONTRAST, ClassStyle, class_sign, class_styles, shown_color
from gui.widgets.layouts import column_of

if TYPE_CHECKING:
    from gui.widgets.plots import CurvePlot

MAX_ROWS_IN_SIGHT, LEAST_NAME_PX = 10, 96
COLOR = Qt.ItemDataRole.UserRole + 1
SIGN, NAME, N_IMAGES, RECALL, PRECISION = range(5)


class ClassTable(QTableWidget):
    """Class, images, share found, share right when named."""

    def __init__(self) -> None:
        super().__init__(0, 5)
        self.setAccessibleName(text("window_train.figures_per_class"))
        self.setFont(theme.tabular(self.font()))
        columns = (
            ("", ""),
            (text("window_train.class"), ""),
            (text("window_train.images"), text("window_train.images.tip")),
            (text("window_train.recall"), text("window_train.recall.tip")),
            (text("window_train.precision"),
             text("window_train.precision.tip")),
        )
        for at, (title, tip) in enumerate(columns):
            item = QTableWidgetItem(title)
            item.setToolTip(tip)
            item.setTextAlignment(_RIGHT if at > NAME else _LEFT)
            self.setHorizontalHeaderItem(at, item)
        self.verticalHeader().hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSortingEnabled(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        theme.current().changed.connect(self._paint_signs)

    def show_figures(self, figures: Sequence[Mapping[str, Any]], classes: Sequence[ClassRow]) -> None:
        """Fill with `per_class` of a run; classes of the project give sign and colour."""
        styles = {style.name: (place, style) for place, style in enumerate(class_styles(classes).values())}
        self.setSortingEnabled(False)
        self.setRowCount(len(figures))
        for row, one in enumerate(figures):
            place, style = styles.get(one["name"], (row, ClassStyle(None, one["name"], sign=class_sign(row))))
            self.setItem(row, SIGN, _sign_item(place, style))
            name = QTableWidgetItem(one["name"])
            name.setToolTip(one["name"])
            self.setItem(row, NAME, name)
            self.setItem(row, N_IMAGES, _number_item(one["n"], format_whole(one["n"])))
            for column, key in ((RECALL, "recall"), (PRECISION, "precision")):
                share = one[key]
                self.setItem(row, column, _number_item(share, "–" if share is None else format_percent(share)))
        self._paint_signs()
        self.setSortingEnabled(True)
        self._fit_columns()
        self._fit_height()

    def _paint_signs(self) -> None:
        """Make the colours of the classes visible on the ground of the theme in force."""
        for row in range(self.rowCount()):
            if (item := self.item(row, SIGN)) is not None:
                item.setForeground(QBrush(shown_color(item.data(COLOR), self.palette(), ratio=BAR_CONTRAST)))

    def _fit_columns(self) -> None:
        """Titles of figures end in … where the names of the classes would have no room."""
        header, figures, mode = self.horizontalHeader(), (N_IMAGES, RECALL, PRECISION), QHeaderView.ResizeMode
        wanted = sum(max(self.sizeHintForColumn(at), header.sectionSizeHint(at)) for at in (SIGN, *figures))
        is_narrow = self.viewport().width() - wanted < LEAST_NAME_PX
        for column in figures:
            header.setSectionResizeMode(column, mode.Fixed if is_narrow else mode.ResizeToContents)
            if is_narrow:
                header.resizeSection(column, self.sizeHintForColumn(column))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def _fit_height(self) -> None:
        n_rows = min(self.rowCount(), MAX_ROWS_IN_SIGHT)
        rows_px = sum(self.rowHeight(i) for i in range(n_rows))
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows_px + 2 * self.frameWidth() + 2)


class _NumberItem(QTableWidgetItem):
    """Sorts by its number; what is not known comes first."""

    def __lt__(self, other: QTableWidgetItem) -> bool:
        return float(self.data(Qt.ItemDataRole.UserRole)) < float(other.data(Qt.ItemDataRole.UserRole))


def _sign_item(place: int, style: ClassStyle) -> QTableWidgetItem:
    item = _NumberItem(style.sign)
    item.setData(Qt.ItemDataRole.UserRole, float(place))
    item.setData(COLOR, style.color)
    item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
    return item


def _number_item(value: float | None, text: str) -> QTableWidgetItem:
    item = _NumberItem(text)
    item.setData(Qt.ItemDataRole.UserRole, -1.0 if value is None else float(value))
    item.setTextAlignment(_RIGHT)
    return item


_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


PERCENT = 100.0


class EpochCharts(QWidget):
    """Right answers and loss by epoch; hidden while there is no epoch.

    Attributes:
        charts: By "accuracy" and "loss", those that there are figures for.
    """

    def __init__(self) -> None:
        super().__init__()
        self.charts: dict[str, CurvePlot] = {}
        self._fold = 0
        self._column = column_of(parent=self)
        self.hide()

    def add(self, figures: Mapping[str, Any]) -> None:
        """One more epoch: the values of an `EpochFigures` by name; another fold begins anew."""
        if not self.charts:
            self._add_charts(figures)
        if (fold := figures.get("fold", 0)) != self._fold:
            self._fold = fold
            for chart in self.charts.values():
                chart.clear()
        for name, chart in self.charts.items():
            chart.add(figures["epoch"], _values_of(figures, name))

    def show_history(self, history: Sequence[Mapping[str, Any]]) -> None:
        """All epochs of a run, in place of what was shown."""
        self.clear()
        for figures in history:
            self.add(figures)

    def clear(self) -> None:
        """Show nothing."""
        for chart in self.charts.values():
            self._column.removeWidget(chart)
            chart.hide()
            chart.deleteLater()
        self.charts, self._fold = {}, 0
        self.hide()

    def _add_charts(self, figures: Mapping[str, Any]) -> None:
        """The first curve is drawn: only now pyqtgraph is imported."""
        from gui.widgets.plots import CurvePlot, Series

        series = {
            "val": Series(text("window_train.validation_set"), "accent", is_main=True),
            "train": Series(text("window_train.training_set"), "caption", is_main=False),
        }
        for name in ("accuracy", "loss"):
            title = text(f"window_train.{name}_axis")
            if _values_of(figures, name):
                self.charts[name] = CurvePlot(title, series)
                self._column.addWidget(self.charts[name])
        self.show()


def _values_of(figures: Mapping[str, Any], name: str) -> Mapping[str, float]:
    """ "train" and "val" of a figure, accuracies in percent; whatever of the two there is."""
    found = {"val": figures.get(f"val_{name}"), "train": figures.get(name)}
    scale = PERCENT if name == "accuracy" else 1.0
    return {key: float(value) * scale for key, value in found.items() if value is not None}
