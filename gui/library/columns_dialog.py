"""Asks which columns of a table hold the image and the label, with its first rows to look at."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView, QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QTableWidget, QTableWidgetItem,
    QWidget,
)

from core.project.label_tables.rows import ColumnsUnclear
from core.project.label_tables.titles import means_image, means_label
from core.text import text
from gui import theme
from gui.widgets.layouts import DIALOG, STRETCH, column_of

WIDTH_PX = 560


class ColumnsDialog(QDialog):
    """Two lists of columns above the first rows of the table.

    Args:
        error: What is unclear, with the first rows.

    Attributes:
        image, label: The lists.
        table: The first rows.
    """

    def __init__(self, error: ColumnsUnclear, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(text("imports.table.title"))
        self.setMinimumWidth(WIDTH_PX)
        n = max(map(len, error.rows))
        first = error.rows[0] if error.has_titles else ()
        self._titles = [
            first[i] if i < len(first) and first[i].strip() else text("imports.table.column", number=i + 1)
            for i in range(n)]
        self.image, self.label = (self._build_list(text(f"imports.table.{name}")) for name in ("image", "label"))
        self.table = self._build_table(error.rows[int(error.has_titles):])
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.take = self._buttons.addButton(text("imports.table.take"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._build(error.sentence)
        self._guess()

    @property
    def columns(self) -> tuple[int, int]:
        """The columns of image and label, from 0."""
        return self.image.currentIndex(), self.label.currentIndex()

    def _build(self, sentence: str) -> None:
        self.take.setProperty("role", "primary")
        self.image.currentIndexChanged.connect(self._on_list_changed)
        self.label.currentIndexChanged.connect(self._on_list_changed)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.setHorizontalSpacing(theme.AROUND)
        form.setVerticalSpacing(theme.BETWEEN)
        form.addRow(text("imports.table.image_key"), self.image)
        form.addRow(text("imports.table.label_key"), self.label)
        column_of(
            QLabel(sentence, wordWrap=True), form, theme.caption_label(text("imports.table.first_rows")), self.table,
            (STRETCH, 1), self._buttons, spacing=theme.AROUND,
            margins=DIALOG, parent=self
        )

    def _build_list(self, name: str) -> QComboBox:
        combo = QComboBox()
        combo.addItems(self._titles)
        combo.setAccessibleName(name)
        return combo

    def _build_table(self, rows: tuple[tuple[str, ...], ...]) -> QTableWidget:
        table = QTableWidget(len(rows), len(self._titles))
        table.setHorizontalHeaderLabels(self._titles)
        table.setAccessibleName(text("imports.table.first_rows_name"))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        table.verticalHeader().hide()
        table.horizontalHeader().setStretchLastSection(True)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for i, row in enumerate(rows):
            for k, cell in enumerate(row):
                table.setItem(i, k, QTableWidgetItem(cell))
        table.resizeColumnsToContents()
        height = table.verticalHeader().length() + table.horizontalHeader().sizeHint().height()
        table.setFixedHeight(height + table.horizontalScrollBar().sizeHint().height())
        return table

    def _guess(self) -> None:
        """Begin with the columns that are likeliest by their titles."""
        image = next((i for i, title in enumerate(self._titles) if means_image(title)), 0)
        labels = (i for i, title in enumerate(self._titles) if i != image and means_label(title))
        label = next(labels, int(image == 0))
        self.image.setCurrentIndex(image)
        self.label.setCurrentIndex(label)
        self._on_list_changed()

    def _on_list_changed(self) -> None:
        self.take.setEnabled(self.image.currentIndex() != self.label.currentIndex())
