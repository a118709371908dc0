"""Charts: curves by epoch, by learning rate, by number of labels; the one module that imports pyqtgraph.

It is imported when the first curve is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from core.text import text
from core.text.numbers import format_float, format_whole
from core.training.trials import RateCurve
from gui import theme
from gui.icons import icon_button
from gui.widgets.class_style import BAR_CONTRAST, shown_color
from gui.widgets.layouts import column_of, row_of

if TYPE_CHECKING:
    from core.training.learning_curve import LearningCurve

HEIGHT_PX, LABELS_HEIGHT_PX = 180, 260
PADDING = 0.08
"""Share of the height that is left free above and below."""

FIRST_SIZE_PX, MOST_FOR_LABELS = (400, 130), 0.45
"""Taken for the size of the field before it is laid out; share of its width that labels take at most."""

MOST_TICKS = 10


@dataclass(frozen=True, slots=True)
class Series:
    """One curve.

    Attributes:
        title: Its direct label.
        role: A field of `gui.colors.Colors`.
        is_main: Drawn solid with points; the others dashed.
        color: "#RRGGBB" in place of the role's, moved toward the text's until it can be seen; "" for the role's.
        has_label: Whether its title stands at its end.
    """

    title: str
    role: str
    is_main: bool
    color: str = ""
    has_label: bool = True

    def shown_color(self, palette: QPalette) -> QColor:
        """On the ground of a chart."""
        if self.color:
            return shown_color(self.color, palette, ratio=BAR_CONTRAST)
        return QColor(getattr(theme.current().colors, self.role))


class CurvePlot(QWidget):
    """Curves over epochs, labelled at their ends; the pointer shows the figures of the nearest epoch.

    Args:
        title: What is shown, with its unit ("Right answers (%)").
        series: The curves by key.
    """

    def __init__(self, title: str, series: Mapping[str, Series]) -> None:
        super().__init__()
        self.title, self._series = title, dict(series)
        self.points: dict[str, list[tuple[float, float]]] = {key: [] for key in series}
        self.said = QLabel(wordWrap=True)
        self.said.setFont(theme.tabular(self.said.font()))
        self.plot = pyqtgraph.PlotWidget()
        _set_up(self.plot, title)
        metrics = self.fontMetrics()  # one width, so that charts below each other are aligned and no title is covered
        self.plot.getPlotItem().getAxis("left").setWidth(metrics.horizontalAdvance("0.00000") + 2 * metrics.height())
        self._curves = {key: self.plot.plot([], []) for key in series}
        self._labels = {key: pyqtgraph.TextItem(one.title, anchor=(0, 0.5)) for key, one in self._series.items()}
        for label in self._labels.values():
            self.plot.addItem(label, ignoreBounds=True)
        self._line = pyqtgraph.InfiniteLine(angle=90, movable=False)
        self.plot.addItem(self._line, ignoreBounds=True)
        self._line.hide()
        self.plot.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.plot.getPlotItem().vb.sigResized.connect(self._fit)
        self._build()
        theme.current().changed.connect(self._paint)
        self._paint()

    def add(self, epoch: float, values: Mapping[str, float]) -> None:
        """One more epoch; values by key of the series."""
        for key, value in values.items():
            self.points[key].append((epoch, value))
        self._draw()
        self.said.setText(self._say(epoch))

    def show_points(self, points: Mapping[str, Sequence[tuple[float, float]]]) -> None:
        """Whole curves by key of the series, in place of what was shown."""
        self.points = {key: list(points.get(key, ())) for key in self._series}
        self._draw()
        self.show_at(max((found for one in self.points.values() for found, _ in one), default=0.0))

    def clear(self) -> None:
        """Begin anew, as for the next part of a cross-validation."""
        for points in self.points.values():
            points.clear()
        self._draw()

    def table(self) -> str:
        """All figures, tab-separated, with a line of titles."""
        epochs = sorted({epoch for points in self.points.values() for epoch, _ in points})
        by_key = {key: dict(points) for key, points in self.points.items()}
        lines = ["\t".join([text("window_train.epoch"), *(one.title for one in self._series.values())])]
        lines += [
            "\t".join([f"{epoch:g}", *(f"{by_key[key].get(epoch, float('nan')):.6g}" for key in self._series)])
            for epoch in epochs
        ]
        return f"{self.title}\n" + "\n".join(lines)

    def copy_table(self) -> None:
        """Put the figures into the clipboard."""
        QApplication.clipboard().setText(self.table())

    def copy_image(self) -> None:
        """Put the chart into the clipboard."""
        QApplication.clipboard().setPixmap(self.plot.grab())

    def show_at(self, epoch: float) -> None:
        """Say the figures of the epoch nearest to this one."""
        epochs = [found for points in self.points.values() for found, _ in points]
        if epochs:
            nearest = min(epochs, key=lambda found: abs(found - epoch))
            self._line.setPos(nearest)
            self._line.show()
            self.said.setText(self._say(nearest))

    def _build(self) -> None:
        copy = icon_button("copy", text("window_train.copy_chart"))
        copy.setAccessibleName(text("window_train.copy_named", title=self.title))
        copy.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(copy)
        menu.addAction(text("window_train.copy_as_image"), self.copy_image)
        menu.addAction(text("window_train.copy_as_table"), self.copy_table)
        copy.setMenu(menu)
        row = row_of((self.said, 1), copy, spacing=None)
        column_of(row, self.plot, spacing=theme.INSIDE, parent=self)

    def _draw(self) -> None:
        for key, points in self.points.items():
            self._curves[key].setData([x for x, _ in points], [y for _, y in points])
            self._labels[key].setVisible(bool(points) and self._series[key].has_label)
        self._fit()

    def _fit(self) -> None:
        """Show all epochs, and right of them the labels, each at the end of its curve and none over a line."""
        points = [point for one in self.points.values() for point in one]
        if not points:
            return
        last, heights = max(max(x for x, _ in points), 2.0), [y for _, y in points]
        width_px, height_px = self._field_px()
        shown = [key for key, found in self.points.items() if found and self._series[key].has_label]
        labels_px = max((self._labels[key].boundingRect().width() for key in shown), default=0) + theme.BETWEEN
        share = min(labels_px / width_px, MOST_FOR_LABELS) if shown else 0.0
        self.plot.setXRange(0.5, 0.5 + last / (1 - share), padding=0)
        self.plot.setYRange(min(heights), max(heights), padding=PADDING)
        step = next((s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500) if last / s <= MOST_TICKS), 1000)
        ticks = range(step if step > 1 else 1, int(last) + 1, step)
        self.plot.getPlotItem().getAxis("bottom").setTicks([[(float(tick), str(tick)) for tick in ticks]])
        label_px = max((self._labels[key].boundingRect().height() for key in shown), default=0.0)
        low, high = self.plot.getPlotItem().vb.viewRange()[1]
        line = label_px * (high - low) / height_px
        places = _spread([self.points[key][-1][1] for key in shown], line, low=low, high=high)
        for key, place in zip(shown, places, strict=True):
            self._labels[key].setPos(QPointF(last + 0.5, place))

    def _field_px(self) -> tuple[float, float]:
        """Width and height of the field that the curves lie in."""
        box = self.plot.getPlotItem().vb
        is_laid_out = self.isVisible() and box.width() > 50
        return (box.width(), box.height()) if is_laid_out else FIRST_SIZE_PX

    def _paint(self) -> None:
        """Take the colours of the theme in force."""
        colors = theme.current().colors
        _paint_axes(self.plot, text("window_train.epoch"), self.title)
        self._line.setPen(pyqtgraph.mkPen(colors.caption, width=1))
        for key, one in self._series.items():
            color = one.shown_color(self.palette())
            style = Qt.PenStyle.SolidLine if one.is_main else Qt.PenStyle.DashLine
            curve = self._curves[key]
            curve.setPen(pyqtgraph.mkPen(color, width=2 if one.is_main else 1, style=style))
            curve.setSymbol("o" if one.is_main else None)
            curve.setSymbolSize(5)
            curve.setSymbolBrush(color)
            curve.setSymbolPen(color)
            self._labels[key].setColor(color)

    def _say(self, epoch: float) -> str:
        """ "Epoch 3 · held-back images 91.2 · learnt images 95.0"."""
        values = {key: dict(points).get(epoch) for key, points in self.points.items()}
        parts = [f"{self._series[key].title} {format_float(value, '.4g')}"
                 for key, value in values.items() if value is not None]
        return " · ".join([text("window_train.epoch_n", n=epoch), *parts])

    def _on_mouse_moved(self, position: QPointF) -> None:
        box = self.plot.getPlotItem().vb
        if box.sceneBoundingRect().contains(position):
            self.show_at(box.mapSceneToView(position).x())
        else:
            self._line.hide()


class RatePlot(pyqtgraph.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """One curve, and an upright line at the advice."""

    def __init__(self) -> None:
        super().__init__()
        _set_up(self, text("window_train.rate_plot"))
        self.setLogMode(x=True, y=False)
        self.curve = self.plot([], [])
        self._advice = pyqtgraph.InfiniteLine(angle=90, movable=False)
        self.addItem(self._advice, ignoreBounds=True)
        theme.current().changed.connect(self._paint)
        self._paint()

    def show_curve(self, found: RateCurve) -> None:
        """Draw it."""
        self.curve.setData(found.rates, found.losses)
        self._advice.setPos(log10(found.suggested))

    def _paint(self) -> None:
        """Take the colours of the theme in force."""
        colors = theme.current().colors
        _paint_axes(self, text("window_train.rate_axis"), text("window_train.loss_axis"))
        self.curve.setPen(pyqtgraph.mkPen(colors.accent, width=2))
        self._advice.setPen(pyqtgraph.mkPen(colors.caption, width=1))


class LabelsPlot(pyqtgraph.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Accuracy by number of labels on a logarithmic axis: points with their intervals, the law, what it foresees."""

    def __init__(self) -> None:
        super().__init__()
        _set_up(self, text("window_runs.curve_title"))
        self.setFixedHeight(LABELS_HEIGHT_PX)
        self.setLogMode(x=True, y=False)
        self.law = self.plot([], [])
        self.points = self.plot([], [])
        self._bars = [pyqtgraph.ErrorBarItem(beam=0.03), pyqtgraph.ErrorBarItem(beam=0.03)]
        self.foreseen = self.plot([], [])
        for bars in self._bars:
            self.addItem(bars)
        theme.current().changed.connect(self._paint)
        self._paint()

    def show_curve(self, found: LearningCurve) -> None:
        """Draw it."""
        percent = 100.0
        sizes = [point.n_labels for point in found.points]
        self.points.setData(sizes, [percent * point.accuracy for point in found.points])
        _set_bars(self._bars[0], [(p.n_labels, p.accuracy, p.low, p.high) for p in found.points])
        end = found.doubled
        shown = [*sizes, *([end.n_labels] if end is not None else [])]
        self.getPlotItem().getAxis("bottom").setTicks([[(log10(n), format_whole(n)) for n in shown]])
        if found.law is not None and end is not None:
            xs = [sizes[0] * (end.n_labels / sizes[0]) ** (step / 60) for step in range(61)]
            self.law.setData(xs, [percent * (1 - found.law.error(x)) for x in xs])
            self.foreseen.setData([end.n_labels], [percent * end.accuracy])
            _set_bars(self._bars[1], [(end.n_labels, end.accuracy, end.low, end.high)])

    def _paint(self) -> None:
        """Take the colours of the theme in force."""
        colors = theme.current().colors
        _paint_axes(self, text("window_runs.labels_axis"), text("window_train.accuracy_axis"))
        self.law.setPen(pyqtgraph.mkPen(colors.caption, width=1, style=Qt.PenStyle.DashLine))
        for curve, bars, color in ((self.points, self._bars[0], colors.accent),
                                   (self.foreseen, self._bars[1], colors.amber)):
            curve.setPen(pyqtgraph.mkPen(color, width=2))
            curve.setSymbol("o")
            curve.setSymbolSize(7)
            curve.setSymbolBrush(color)
            curve.setSymbolPen(color)
            bars.setOpts(pen=pyqtgraph.mkPen(color, width=1))


def _spread(heights: Sequence[float], least: float, *, low: float, high: float) -> list[float]:
    """The same heights moved as little as needed for labels that are `least` high not to overlap, and to be inside.

    Args:
        low, high: Ends of the field.
    """
    order = sorted(range(len(heights)), key=lambda at: heights[at])
    places = list(heights)
    for before, at in zip(order, order[1:], strict=False):
        places[at] = max(places[at], places[before] + least)
    if not order:
        return places
    shift = (sum(heights) - sum(places)) / len(heights)
    top, bottom = places[order[-1]] + shift + least / 2, places[order[0]] + shift - least / 2
    shift += min(high - top, 0.0) or max(low - bottom, 0.0)
    return [place + shift for place in places]


def _set_bars(bars: pyqtgraph.ErrorBarItem, rows: list[tuple[float, float, float, float]]) -> None:
    """Intervals as upright lines; each row is number of labels, accuracy, low, high."""
    bars.setData(
        x=np.array([log10(n) for n, _, _, _ in rows]), y=np.array([100 * middle for _, middle, _, _ in rows]),
        top=np.array([100 * (high - middle) for _, middle, _, high in rows]),
        bottom=np.array([100 * (middle - low) for _, middle, low, _ in rows]))


def _set_up(plot: pyqtgraph.PlotWidget, name: str) -> None:
    """A chart to look at, without menus and zoom."""
    plot.setFixedHeight(HEIGHT_PX)
    plot.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    plot.setAccessibleName(name)
    plot.setMouseEnabled(False, False)
    plot.setMenuEnabled(False)
    plot.hideButtons()


def _paint_axes(plot: pyqtgraph.PlotWidget, bottom: str, left: str) -> None:
    """Ground, grid and axes in the colours of the theme in force."""
    colors, item = theme.current().colors, plot.getPlotItem()
    plot.setBackground(colors.base)
    item.showGrid(x=False, y=True, alpha=0.25)
    for side, title in (("bottom", bottom), ("left", left)):
        axis = item.getAxis(side)
        axis.setPen(pyqtgraph.mkPen(colors.line))
        axis.setTextPen(pyqtgraph.mkPen(colors.caption))
        # pyqtgraph 0.14.0 scales by a thousand even where prefixes are disabled, unless no range enables them
        axis.setLabel(title, color=colors.caption, siPrefixEnableRanges=((0.0, 0.0),))
        axis.enableAutoSIPrefix(False)
