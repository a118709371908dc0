"""Asks before files of the user are touched: which copies would go to the trash, and which picture stays for each."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QDialog, QDialogButtonBox, QLabel, QPushButton, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget,
)

from core.project.rows import ImageRow
from core.sentences import plural
from core.workflow.trashing import CopyPlan
from gui import theme

SIZE = (720, 440)


class TrashDialog(QDialog):
    """The list, and the two answers; nothing happens by opening it.

    Args:
        plan: What would be moved.
    """

    def __init__(self, plan: CopyPlan, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Move copies to the trash"))
        n = len(plan.moves)
        self.move_button = QPushButton(self.tr("Move {0} to the trash").format(plural(n, self.tr("copy"))))
        self.move_button.setProperty("role", "primary")
        self.list = QTreeWidget()
        self._fill(plan)
        self._build(plan)
        self.resize(*SIZE)

    def _fill(self, plan: CopyPlan) -> None:
        self.list.setHeaderLabels([self.tr("Goes to the trash"), self.tr("Stays")])
        self.list.setRootIsDecorated(False)
        self.list.setAccessibleName(self.tr("Copies"))
        for kept, moved in plan.moves:
            item = QTreeWidgetItem([_words(moved), _words(kept)])
            item.setToolTip(0, str(moved.path))
            item.setToolTip(1, str(kept.path))
            self.list.addTopLevelItem(item)
        self.list.setColumnWidth(0, SIZE[0] // 2 - theme.MARGIN)

    def _build(self, plan: CopyPlan) -> None:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self.move_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.AROUND)
        column.setSpacing(theme.BETWEEN)
        column.addWidget(QLabel(self.tr("The largest and least compressed picture of each group stays.")))
        column.addWidget(self.list, 1)
        if plan.protected:
            left = plural(len(plan.protected), self.tr("copy"))
            column.addWidget(theme.caption_label(
                self.tr("{0} cannot be moved: {1}").format(left, plan.protected[0].reason)))
        column.addWidget(buttons)


def _words(row: ImageRow) -> str:
    return f"{row.name}   {row.width} × {row.height}" if row.width else row.name
