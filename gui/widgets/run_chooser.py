"""A combo box of the runs of a project, newest first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QSizePolicy, QStyle, QStyleOptionComboBox, QWidget

from core.project.runs import RunRow
from core.text import text
from gui import theme
from gui.run_names import say_run

LEAST_PX = 160


class RunChooser(QComboBox):
    """Takes the room it gets; its text ends in … where it does not fit, which QComboBox does not by itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(text("window_review.run"))
        self.setToolTip(text("window_review.run_tip"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(LEAST_PX)

    def show_runs(self, runs: Sequence[RunRow], chosen: RunRow | None) -> None:
        """Offer these; an unchanged list is left alone."""
        if [self.itemData(i) for i in range(self.count())] != [run.id for run in runs]:
            self.clear()
            for run in runs:
                self.addItem(say_run(run), run.id)
                self.setItemData(self.count() - 1, run.id, Qt.ItemDataRole.ToolTipRole)
        if chosen is not None:
            self.setCurrentIndex(self.findData(chosen.id))

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        super().initStyleOption(option)
        box, part = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(box, option, part, self).width() - 2 * theme.INSIDE
        option.currentText = self.fontMetrics().elidedText(option.currentText, Qt.TextElideMode.ElideRight, room)
