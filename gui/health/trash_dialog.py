"""The dialog before duplicates go to the trash: which files would go, and which image stays of each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox, QDialog, QLabel, QPushButton, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget,
)

from core.project.rows import ImageRow
from core.text import Message, text
from core.workflow.trashing import DuplicatePlan
from gui import theme
from gui.widgets.layouts import DIALOG, answers, column_of, fill

SIZE = (720, 440)


class TrashDialog(QDialog):
    """The list, and the two answers; nothing happens by opening it.

    Args:
        plan: What could be moved. Duplicates among the test images go only if their box is ticked.
    """

    def __init__(self, plan: DuplicatePlan, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(text("trash.dialog_title"))
        self._plan = plan
        self._words = QLabel()
        self._words.setWordWrap(True)
        self.with_test = QCheckBox()
        self.move_button = QPushButton()
        self.list = QTreeWidget()
        self._build(plan)
        self.resize(*SIZE)
        self._refresh()

    @property
    def moves(self) -> tuple[tuple[ImageRow, ImageRow], ...]:
        """What is agreed to by accepting: images to keep and to move."""
        return self._plan.moves_of("train") + (self._plan.moves_of("test") if self.with_test.isChecked() else ())

    def _build(self, plan: DuplicatePlan) -> None:
        self.list.setHeaderLabels([text("trash.column_moved"), text("trash.column_kept")])
        self.list.setRootIsDecorated(False)
        self.list.setAccessibleName(text("trash.duplicates"))
        self.list.setColumnWidth(0, SIZE[0] // 2 - theme.MARGIN)
        column = column_of(self._words, (self.list, 1), margins=DIALOG, parent=self)
        self._add_test_box(plan, column)
        if plan.protected:
            first = plan.protected[0]
            reason = theme.caption_label(text(
                "trash.protected", n=len(plan.protected),
                first=Message("trash.file_and_reason", name=first.path.name, reason=first.reason)))
            reason.setTextFormat(Qt.TextFormat.PlainText)
            reason.setWordWrap(True)
            column.addWidget(reason)
        column.addWidget(answers(self, self.move_button))

    def _add_test_box(self, plan: DuplicatePlan, column: QVBoxLayout) -> None:
        n_test = len(plan.moves_of("test"))
        if not n_test:
            return
        self.with_test.setText(text("trash.with_test_images", n=n_test))
        self.with_test.toggled.connect(self._refresh)
        fill(column, self.with_test, theme.caption_label(text("trash.submission_needs_all")))

    def _refresh(self) -> None:
        self._fill(self.moves)
        n = len(self.moves)
        self.move_button.setText(text("trash.move", n=n))
        self.move_button.setEnabled(n > 0)
        n_train, n_test = len(self._plan.moves_of("train")), n - len(self._plan.moves_of("train"))
        self._words.setText(text("trash.question", train=n_train, test=n_test))

    def _fill(self, moves: Sequence[tuple[ImageRow, ImageRow]]) -> None:
        self.list.clear()
        for kept, moved in moves:
            item = QTreeWidgetItem([_words(moved), _words(kept)])
            item.setToolTip(0, str(moved.path))
            item.setToolTip(1, str(kept.path))
            self.list.addTopLevelItem(item)


def _words(row: ImageRow) -> str:
    name = "\ufffd".join(row.name.splitlines())
    return f"{name}   {row.width} × {row.height}" if row.width else name
