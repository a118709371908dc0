"""A combo box of the runs of a project, newest first, each named by time, accuracy, labels and strategy."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.project.runs import RunRow
from core.review.baseline import standing_of_figures
from core.review.verdict import shown_share
from core.text import text
from gui.moments import say_recorded
from gui.widgets.labels import ElidedChoice


def say_run(run: RunRow) -> str:
    """“today 14:02 – accuracy 95.0 %, 741 labels, transfer, efficientnet-lite0”."""
    standing, said = standing_of_figures(run.figures), ""
    if run.accuracy is not None and standing.is_grave and standing.balanced_accuracy is not None:
        said = text("review.run_accuracy_balanced", accuracy=shown_share(run.accuracy),
                    balanced=shown_share(standing.balanced_accuracy))
    elif run.accuracy is not None:
        said = text("review.run_accuracy", accuracy=shown_share(run.accuracy))
    facts = ", ".join(filter(None, (said, text("text.labels", n=run.n_train), run.strategy, run.backbone)))
    return text("review.run_name", when=say_recorded(run.created_at), facts=facts)


LEAST_PX = 140


class RunChooser(ElidedChoice):
    """Takes the room it gets."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(text("window_review.run"))
        self.setToolTip(text("window_review.run_tip"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(LEAST_PX)

    def show_runs(self, runs: Sequence[RunRow], chosen: RunRow | None) -> None:
        """Offer these; an unchanged list is left alone. Runs of other projects may have the same names."""
        offered = [(self.itemText(i), self.itemData(i)) for i in range(self.count())]
        wanted = [(say_run(run), run.id) for run in runs]
        if offered != wanted:
            self.clear()
            for words, run_id in wanted:
                self.addItem(words, run_id)
                self.setItemData(self.count() - 1, run_id, Qt.ItemDataRole.ToolTipRole)
        if chosen is not None:
            self.setCurrentIndex(self.findData(chosen.id))
