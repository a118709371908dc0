"""Labels images from a table; asks for what the table leaves unclear, and says what became of every row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from core.errors import AppError
from core.project.classes import list_classes
from core.project.label_csv import LabelCsvSummary, import_labels
from core.project.label_tables.columns import Chosen
from core.project.label_tables.parts import SplitUnclear
from core.project.label_tables.rows import ColumnsUnclear
from core.cli.sentences import plural, say_labelled_parts
from core.workflow.importing import label_notes
from gui import messages
from gui.library.columns_dialog import ColumnsDialog
from gui.session import Session


def tr(text: str) -> str:
    return QCoreApplication.translate("TakingLabels", text)


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
            split = ask_split(error, window)
            if split is None:
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


def ask_split(error: SplitUnclear, window: QWidget) -> str | None:
    """Let the user say whether training or test images are meant; None if they do not want to."""
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(tr("Labels from a table"))
    box.setText(error.sentence)
    box.setInformativeText(tr("Which images shall get these labels?"))
    train = box.addButton(tr("Training images"), QMessageBox.ButtonRole.AcceptRole)
    test = box.addButton(tr("Test images"), QMessageBox.ButtonRole.AcceptRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.exec()
    clicked = box.clickedButton()
    box.deleteLater()
    return "train" if clicked is train else "test" if clicked is test else None


def say_labels(summary: LabelCsvSummary, *, had_names: bool) -> None:
    """The result of reading a table of labels in the message bar."""
    labelled = say_labelled_parts(summary.n_labelled, summary.n_labelled_test)
    sentence = f"{labelled} labelled; {summary.n_unchanged:,} had the label already."
    if summary.new_classes:
        sentence += f" New classes: {_some(summary.new_classes)}."
    doubts = [
        f"{plural(len(rows), 'row')} {words} ({_some(rows)})" for rows, words in (
            (summary.unknown, "not found in the project"), (summary.ambiguous, "could mean several images"),
            (summary.several_labels, "left out: several labels"), (summary.without_label, "left out: no label"),
            (summary.contradicting, "labelled twice, differently"),
        ) if rows
    ]
    notes = label_notes(summary, had_names=had_names)
    if doubts or notes:
        said = [f"{'; '.join(doubts)}."] if doubts else []
        messages.doubt(" ".join([sentence, *said, *notes]), "Ctrl+Z takes it back." if summary.n_labelled else "")
    else:
        messages.tell(sentence, "Ctrl+Z takes it back." if summary.n_labelled else "")


def _some(words: Sequence[str]) -> str:
    return ", ".join(words[:3]) + (" …" if len(words) > 3 else "")
