"""Labels images from a table; asks for what the table leaves unclear, and says what became of every row."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QDialog, QWidget

from core.errors import AppError
from core.project.classes import list_classes
from core.project.label_csv import LabelCsvSummary, import_labels
from core.project.label_tables.columns import Chosen
from core.project.label_tables.parts import SplitUnclear
from core.project.label_tables.rows import ColumnsUnclear
from core.text import render, text
from core.workflow.importing import label_notes
from core.workflow.plan_remarks import list_some
from gui import messages
from gui.library.columns_dialog import ColumnsDialog
from gui.session import Session
from gui.widgets.questions import ask_split

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
            say_labels(summary, had_names=_has_names(session, summary))
            return


def _import(session: Session, path: Path, columns: Chosen | None, split: str | None) -> LabelCsvSummary:
    QGuiApplication.setOverrideCursor(QCursor(Qt.CursorShape.WaitCursor))
    try:
        return import_labels(session.project, path, columns=columns, split=split)
    finally:
        QGuiApplication.restoreOverrideCursor()


def _has_names(session: Session, summary: LabelCsvSummary) -> bool:
    """Whether the project had classes whose names are no numbers."""
    names = {c.name for c in list_classes(session.project)} - set(summary.new_classes)
    return any(not name.isdecimal() for name in names)


def ask_columns(error: ColumnsUnclear, window: QWidget) -> Chosen | None:
    """Let the user say which columns hold image and label; None if they do not want to."""
    dialog = ColumnsDialog(error, window)
    is_chosen = dialog.exec() == QDialog.DialogCode.Accepted
    chosen = dialog.columns
    dialog.deleteLater()
    return chosen if is_chosen else None


def say_labels(summary: LabelCsvSummary, *, had_names: bool) -> None:
    """The result of reading a table of labels in the message bar."""
    doubts = [
        text(f"imports.rows_{what}", n=len(rows), rows=list_some(rows, MOST_SHOWN)) for what, rows in (
            ("unknown", summary.unknown), ("ambiguous", summary.ambiguous),
            ("with_several_labels", summary.several_labels), ("without_label", summary.without_label),
            ("contradicting", summary.contradicting),
        ) if rows
    ]
    notes = [render(note) for note in label_notes(summary, had_names=had_names)]
    said = " ".join([*_say_labelled(summary), *doubts, *notes])
    hint = text("imports.undo_hint") if summary.n_labelled else ""
    if doubts or notes:
        messages.doubt(said, hint)
    else:
        messages.tell(said, hint)


def _say_labelled(summary: LabelCsvSummary) -> list[str]:
    """How many images of each part were labelled, and what is new."""
    counts = (("training_images", summary.n_labelled - summary.n_labelled_test),
              ("test_images", summary.n_labelled_test))
    said = [text(f"imports.labelled_{images}", n=n) for images, n in counts if n] or [text("imports.labelled_none")]
    if summary.n_unchanged:
        said.append(text("imports.labelled_before", n=summary.n_unchanged))
    if summary.new_classes:
        said.append(text("imports.new_classes", names=list_some(summary.new_classes, MOST_SHOWN)))
    return said
