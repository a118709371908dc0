"""The curves of a training by epochs: accuracy and loss on training and validation images, learning rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from core.text import text
from gui.widgets.layouts import column_of

if TYPE_CHECKING:
    from gui.widgets.plots import CurvePlot

PERCENT = 100.0


class EpochCharts(QWidget):
    """Accuracy, loss and learning rate by epoch; hidden while there is no epoch.

    Attributes:
        charts: By "accuracy", "loss" and "learning_rate", those that there are figures for.
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
        rate = {"rate": Series(text("window_train.learning_rate"), "accent", is_main=True, has_label=False)}
        for name in ("accuracy", "loss", "learning_rate"):
            title = text(f"window_train.{name}_axis")
            if _values_of(figures, name):
                self.charts[name] = CurvePlot(title, rate if name == "learning_rate" else series)
                self._column.addWidget(self.charts[name])
        self.show()


def _values_of(figures: Mapping[str, Any], name: str) -> Mapping[str, float]:
    """By key of the series, accuracies in percent; whatever there is."""
    keys = {"rate": name} if name == "learning_rate" else {"val": f"val_{name}", "train": name}
    found = {key: figures.get(of) for key, of in keys.items()}
    scale = PERCENT if name == "accuracy" else 1.0
    return {key: float(value) * scale for key, value in found.items() if value is not None}
