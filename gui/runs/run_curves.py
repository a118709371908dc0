"""Accuracy and loss by epoch of several runs in one chart each, and the gap of each run in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from core.project.runs import RunRow
from core.review.gap import describe_gap
from core.review.training_curves import curve_of
from core.text import text
from gui import theme
from gui.widgets.class_style import BAR_CONTRAST, shown_color
from gui.widgets.labels import wrapped, wrapped_caption
from gui.widgets.layouts import column_of, empty, fill, row_of

if TYPE_CHECKING:
    from gui.widgets.plots import CurvePlot

COLORS = ("#4355b5", "#c2571a", "#2f7d4f", "#8a3b8f", "#a8791a", "#2b7f94")
"""Of the runs in their order; more than these are not drawn."""

WIDE_PX = 640
"""From this width on the charts stand beside each other."""


class RunCurves(QWidget):
    """Held-out curves are solid, training curves dashed; hidden where no run has epochs."""

    def __init__(self) -> None:
        super().__init__()
        self.charts: dict[str, CurvePlot] = {}
        self.said: list[str] = []
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._box.setSpacing(theme.AROUND)
        self._legend = column_of(spacing=theme.INSIDE)
        self._note = wrapped_caption(text("window_runs.curves_explained"))
        column_of(self._box, self._legend, self._note, spacing=theme.BETWEEN, parent=self)
        self.hide()

    def show_runs(self, runs: Sequence[RunRow]) -> None:
        """Draw these, as far as they have epochs."""
        drawn = [run for run in runs if run.figures.get("history")][:len(COLORS)]
        self._clear()
        self.setVisible(bool(drawn))
        if not drawn:
            return
        for name in ("accuracy", "loss"):
            self._add_chart(name, drawn)
        for number, (color, run) in enumerate(zip(COLORS, drawn, strict=False), 1):
            words = text("window_runs.gap_of", number=number, run=run.id, gap=describe_gap(run.figures) or "")
            self.said.append(words)
            self._legend.addLayout(_legend_row(color, words))
        n_left_out = sum(bool(run.figures.get("history")) for run in runs) - len(drawn)
        if n_left_out:
            self._legend.addWidget(wrapped_caption(text("window_runs.not_drawn", n=n_left_out)))

    def _add_chart(self, name: str, runs: Sequence[RunRow]) -> None:
        """The first chart is drawn: only now pyqtgraph is imported."""
        from gui.widgets.plots import CurvePlot, Series

        series, points = {}, {}
        for number, (color, run) in enumerate(zip(COLORS, runs, strict=False), 1):
            for kind, is_main in (("val", True), ("train", False)):
                found = curve_of(run.figures["history"], name, is_held_out=is_main)
                if found:
                    key, title = f"{number} {kind}", text(f"window_runs.curve_{kind}", number=number)
                    series[key], points[key] = Series(title, "accent", is_main, color, has_label=False), found
        if series:
            chart = self.charts[name] = CurvePlot(text(f"window_train.{name}_axis"), series)
            chart.show_points(points)
            self._box.addWidget(chart, 1)

    def _clear(self) -> None:
        for chart in self.charts.values():
            self._box.removeWidget(chart)
            chart.hide()
            chart.deleteLater()
        self.charts, self.said = {}, []
        while (item := self._legend.takeAt(0)) is not None:
            if (row := item.layout()) is not None and isinstance(row, QBoxLayout):
                empty(row)
                row.deleteLater()
            elif (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        direction = QBoxLayout.Direction
        self._box.setDirection(direction.LeftToRight if self.width() >= WIDE_PX else direction.TopToBottom)


def _legend_row(color: str, words: str) -> QBoxLayout:
    label = wrapped()
    label.setText(words)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    row = row_of()
    fill(row, (_Swatch(color), 0, Qt.AlignmentFlag.AlignTop), (label, 1))
    return row


class _Swatch(QWidget):
    """A short line in the colour of a run."""

    def __init__(self, color: str) -> None:
        super().__init__()
        self._color = color
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(20, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            middle = self.height() // 2
            painter.fillRect(0, middle - 2, self.width(), 4,
                             shown_color(self._color, self.palette(), ratio=BAR_CONTRAST))
