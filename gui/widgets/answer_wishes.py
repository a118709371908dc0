"""What may be asked of answers that are saved: from the stored thresholds on, least cost, “none of these”."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from core.project.costs import read_stored_costs
from core.project.project import Project
from core.project.thresholds import Thresholds, read_thresholds
from core.text import text
from core.workflow.deciding import STORED, Wish
from gui import theme
from gui.widgets.layouts import column_of


class AnswerWishes(QWidget):
    """Three boxes, none of them ticked at first; those that need something stored are hidden without it.

    Args:
        project: Whose thresholds and costs are asked for.

    Signals:
        rule_changed(): another answer may be given for the same probabilities.
        strangers_changed(): whether images that are unlike all training images get no answer.
    """

    rule_changed = Signal()
    strangers_changed = Signal()

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stored, costs = read_thresholds(project), read_stored_costs(project)
        self.sure = QCheckBox(_say_sure(stored))
        self.costs = QCheckBox(text("widgets.wish_costs", n=len(costs)))
        self.strangers = QCheckBox(text("window_submit.strangers"))
        self.sure.setToolTip(text("window_submit.sure_tip"))
        self.costs.setToolTip(text("widgets.wish_costs_tip"))
        self.strangers.setToolTip(text("window_submit.strangers_tip"))
        column_of(self.sure, self.costs, self.strangers, spacing=theme.INSIDE, parent=self)
        self.sure.setVisible(stored is not None)
        self.costs.setVisible(bool(costs))
        for box in (self.sure, self.costs):
            box.toggled.connect(lambda _: self.rule_changed.emit())
        self.strangers.toggled.connect(lambda _: self.strangers_changed.emit())

    @property
    def wish(self) -> Wish:
        """What is ticked."""
        return Wish(STORED if self.sure.isChecked() else None, STORED if self.costs.isChecked() else None,
                    self.strangers.isChecked())


def _say_sure(stored: Thresholds | None) -> str:
    said = text("window_submit.sure", sure=stored.sure if stored else 0)
    own = len(stored.of_classes) if stored else 0
    return f"{said}; {text('window_review.thresholds_of_classes', n=own)}" if own else said
