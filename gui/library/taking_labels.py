"""Taking labels from a table: what is unclear in it is asked, with its first rows to look at."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QComboBox, QDialog, QLabel, QPushButton, QTableWidget, QTableWidgetItem, QWidget

from core.errors import AppError
from core.project.classes import list_classes
from core.project.label_csv import LabelCsvSummary, import_labels
from core.project.label_tables.columns import Chosen
from core.project.label_tables.parts import SplitUnclear
from core.project.label_tables.rows import ColumnsUnclear
from core.project.label_tables.titles import means_image, means_label
from core.text import render, text
from core.workflow.importing import back_up, label_notes
from core.workflow.plan_remarks import list_some
from gui import messages, theme
from gui.session import Session
from gui.library.plan_dialog import reading_table
from gui.widgets.layouts import DIALOG, STRETCH, answers, column_of, form_of
from gui.widgets.questions import ask_split

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
        self.take = QPushButton(text("imports.table.take"))
        self._build(error.sentence)
        self._guess()

    @property
    def columns(self) -> tuple[int, int]:
        """The columns of image and label, from 0."""
        return self.image.currentIndex(), self.label.currentIndex()

    def _build(self, sentence: str) -> None:
        self.image.currentIndexChanged.connect(self._on_list_changed)
        self.label.currentIndexChanged.connect(self._on_list_changed)
        form = form_of([
            (text("imports.table.image_key"), self.image), (text("imports.table.label_key"), self.label)])
        column_of(
            QLabel(sentence, wordWrap=True), form, theme.caption_label(text("imports.table.first_rows")), self.table,
            (STRETCH, 1), answers(self, self.take), spacing=theme.AROUND, margins=DIALOG, parent=self)

    def _build_list(self, name: str) -> QComboBox:
        combo = QComboBox()
        combo.addItems(self._titles)
        combo.setAccessibleName(name)
        return combo

    def _build_table(self, rows: tuple[tuple[str, ...], ...]) -> QTableWidget:
        table = reading_table(text("imports.table.first_rows_name"), self._titles)
        table.setRowCount(len(rows))
        table.horizontalHeader().setStretchLastSection(True)
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


MOST_SHOWN = 3
"""Rows and classes named in the message bar."""


def take_labels(session: Session, path: Path, window: QWidget) -> None:
    """Label images from a table; whatever is wrong goes to the message bar."""
    columns: Chosen | None = None
    split: str | None = None
    while True:
        try:
            summary = _import(session, path, columns, split)
        except ColumnsUnclear as error:
            columns = ask_columns(error, window) if columns is None else None
            if columns is None:
                messages.warn(error)
                return
        except SplitUnclear as error:
            split = ask_split(
                window, text("imports.table.title"), error.sentence, text("imports.table.which_images"))
            if not split:
                messages.warn(error)
                return
        except AppError as error:
            messages.warn(error)
            return
        else:
            session.labels_were_changed()
            names = {c.name for c in list_classes(session.project)} - set(summary.new_classes)
            say_labels(summary, had_names=any(not name.isdecimal() for name in names))
            return


def _import(session: Session, path: Path, columns: Chosen | None, split: str | None) -> LabelCsvSummary:
    QGuiApplication.setOverrideCursor(QCursor(Qt.CursorShape.WaitCursor))
    try:
        summary = import_labels(session.project, path, columns=columns, split=split)
        for note in back_up(session.project)["notes"] if summary.has_changed else ():
            messages.doubt(note)
        return summary
    finally:
        QGuiApplication.restoreOverrideCursor()


def ask_columns(error: ColumnsUnclear, window: QWidget) -> Chosen | None:
    """Let the user say which columns hold image and label; None if they do not want to."""
    dialog = ColumnsDialog(error, window)
    is_chosen = dialog.exec() == QDialog.DialogCode.Accepted
    chosen = dialog.columns
    dialog.deleteLater()
    return chosen if is_chosen else None


def say_labels(summary: LabelCsvSummary, *, had_names: bool) -> None:
    """The result of reading a table of labels in the message bar; had classes names that are no numbers?"""
    doubts = [
        text(f"imports.rows_{what}", n=len(rows), rows=list_some(rows, MOST_SHOWN)) for what, rows in (
            ("unknown", summary.unknown), ("of_other_part", summary.other_part), ("ambiguous", summary.ambiguous),
            ("with_several_labels", summary.several_labels), ("without_label", summary.without_label),
            ("contradicting", summary.contradicting), ("not_excluded", summary.excluded.not_applied),
            ("not_tagged", summary.not_tagged),
        ) if rows
    ]
    notes = [render(note) for note in label_notes(summary, had_names=had_names)]
    said = " ".join([*_say_labelled(summary), *doubts, *notes])
    say = messages.doubt if doubts or notes else messages.tell
    say(said, text("imports.undo_hint") if summary.has_changed else "")


def _say_labelled(summary: LabelCsvSummary) -> list[str]:
    """How many images of each part were labelled, and what is new."""
    counts = (("training_images", summary.n_labelled - summary.n_labelled_test),
              ("test_images", summary.n_labelled_test))
    said = [text(f"imports.labelled_{images}", n=n) for images, n in counts if n] or [text("imports.labelled_none")]
    if summary.n_unchanged:
        said.append(text("imports.labelled_before", n=summary.n_unchanged))
    if summary.n_tagged:
        said.append(text("imports.tagged", n=summary.n_tagged))
    for what, n in (("excluded", summary.excluded.n_excluded), ("included", summary.excluded.n_included)):
        said += [text(f"imports.{what}_by_table", n=n)] if n else []
    if summary.new_classes:
        said.append(text("imports.new_classes", names=list_some(summary.new_classes, MOST_SHOWN)))
    return said
