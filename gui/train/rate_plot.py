"""The loss by the size of the steps, on a logarithmic axis; imports pyqtgraph, so only once there is a curve."""

from __future__ import annotations

from math import log10

import pyqtgraph

from core.text import text
from core.training.trials import RateCurve
from gui import theme

HEIGHT_PX = 180


class RatePlot(pyqtgraph.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """One curve, and an upright line at the advice."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT_PX)
        self.setAccessibleName(text("window_train.rate_plot"))
        self.setMouseEnabled(False, False)
        self.setMenuEnabled(False)
        self.hideButtons()
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
        self.setBackground(colors.base)
        item = self.getPlotItem()
        item.showGrid(x=False, y=True, alpha=0.25)
        for side, title in (("bottom", text("window_train.rate_axis")), ("left", text("window_train.loss_axis"))):
            axis = item.getAxis(side)
            axis.setPen(pyqtgraph.mkPen(colors.line))
            axis.setTextPen(pyqtgraph.mkPen(colors.caption))
            # pyqtgraph 0.14.0 scales by a thousand even where prefixes are disabled, unless no range enables them
            axis.setLabel(title, color=colors.caption, siPrefixEnableRanges=((0.0, 0.0),))
            axis.enableAutoSIPrefix(False)
        self.curve.setPen(pyqtgraph.mkPen(colors.accent, width=2))
        self._advice.setPen(pyqtgraph.mkPen(colors.caption, width=1))
