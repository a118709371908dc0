"""Going back to a copy of a project's catalog from the window: offered for a damaged one, asked for by the menu.

Also keeps a backup when it is asked for, and saves a copy of the whole project elsewhere. What a backup brings back
is said before anything is done.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView, QDialog, QHeaderView, QLabel, QPushButton, QTableWidget, QTableWidgetItem, QWidget,
)

from core.project.backups import Content, keep_backup, list_contents, restore_backup
from core.project.copying import CopiedProject, CopyInput, require_target
from core.text import Message, text
from core.text.numbers import format_whole
from core.workflow.plan_remarks import list_some
from gui import messages, theme
from gui.actions import Action
from gui.pages import PageContext
from gui.widgets.file_dialogs import ask_for_folder
from gui.widgets.labels import wrapped, wrapped_caption
from gui.widgets.layouts import DIALOG, answers, column_of
from gui.widgets.table_view import SHEET
from gui.window_actions import COPIES

SIZE = (560, 360)


class RestoreDialog(QDialog):
    """The copies of a catalog with what is in them; the newest is chosen, and Enter goes back to it.

    Args:
        folder: The project.
        contents: Its sound copies, at least one, newest first.
        is_damaged: Whether its catalog is damaged or missing, rather than sound.

    Attributes:
        chosen: The copy that is chosen.
    """

    def __init__(
        self, folder: Path, contents: Sequence[Content], *, is_damaged: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(text("window.restore_title"))
        self._contents = tuple(contents)
        self.table = self._build_table()
        self.restore = QPushButton(text("window.restore_button"))
        code = "window.restore_damaged" if is_damaged else "window.restore_sound"
        column_of(
            wrapped(text(code, name=folder.name.removesuffix(".catalejo"))), wrapped_caption(str(folder)),
            QLabel(text("window.restore_copies")), (self.table, 1), wrapped_caption(text("window.restore_kept")),
            answers(self, self.restore), spacing=theme.AROUND, margins=DIALOG, parent=self)
        self.resize(*SIZE)
        self.restore.setFocus()

    @property
    def chosen(self) -> Content:
        return self._contents[max(self.table.currentRow(), 0)]

    def _build_table(self) -> QTableWidget:
        titles = [text(f"window.restore_{name}") for name in ("when", "images", "labels", "runs")]
        table = QTableWidget(len(self._contents), len(titles))
        for column, title in enumerate(titles):
            table.setHorizontalHeaderItem(column, _cell(title, column))
        table.setAccessibleName(text("window.restore_copies"))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        table.horizontalHeader().setHighlightSections(False)
        table.setShowGrid(False)
        table.setStyleSheet(SHEET)
        for row, one in enumerate(self._contents):
            cells = (text("window.at", at=one.backup.made_at),
                     *map(format_whole, (one.n_images, one.n_labels, one.n_runs)))
            for column, words in enumerate(cells):
                table.setItem(row, column, _cell(words, column))
        table.selectRow(0)
        table.doubleClicked.connect(lambda _: self.accept())
        return table


def _cell(words: str, column: int) -> QTableWidgetItem:
    """Figures stand at the right, below their titles."""
    item = QTableWidgetItem(words)
    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
    item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    return item


class Restoring(QObject):
    """Asks, goes back to a copy, and opens the project.

    Args:
        context: Of the window, which becomes its parent.
    """

    def __init__(self, context: PageContext) -> None:
        super().__init__(context.window)
        self._session, self._window, self._runner = context.session, context.window, context.runner

    def offer(self, folder: Path) -> bool:
        """Offer to go back to a copy of a project that cannot be opened; False where there is none to go back to."""
        contents = _while_waiting(folder)
        if contents:
            self._ask(folder, contents, is_damaged=True)
        return bool(contents)

    def ask(self) -> None:
        """Show the copies of the open project, or of one that is chosen."""
        folder = self._session.project.folder if self._session.is_open else ask_for_folder(
            self._window, text("window.restore_which"), "project")
        if folder is None:
            return
        contents = _while_waiting(folder)
        if not contents:
            messages.doubt(Message("window.no_copies", folder=folder), Message("window.no_copies.hint"))
            return
        self._ask(folder, contents, is_damaged=False)

    def keep(self) -> None:
        """Keep a checked copy of the open project's catalog now."""
        with messages.warned():
            path = keep_backup(self._session.project.folder)
            if path is not None:
                messages.tell(Message("window.copy_kept", path=path), Message("window.copy_kept.hint"))

    def save_copy(self) -> None:
        """Copy the open project into a folder that the user chooses, under its name or one beside it."""
        chosen = ask_for_folder(self._window, text("window.save_copy_where"), "copy")
        if chosen is None or not self._session.is_open:
            return
        folder = self._session.project.folder
        with messages.warned():
            inputs = CopyInput(folder, place_of_copy(folder, chosen))
            require_target(folder, inputs.target)
            job = self._runner.start(Message("window.job_copying", name=self._session.project_name), COPY, inputs)
            job.succeeded.connect(say_copied)

    def _ask(self, folder: Path, contents: Sequence[Content], *, is_damaged: bool) -> None:
        dialog = RestoreDialog(folder, contents, is_damaged=is_damaged, parent=self._window)
        dialog.accepted.connect(lambda: self._restore(folder, dialog.chosen))
        dialog.open()

    def _restore(self, folder: Path, content: Content) -> None:
        if self._session.is_open and self._session.project.folder == folder:
            self._session.close()
        with messages.warned():
            facts = restore_backup(folder, chosen=content.backup.path)
            self._window.open_asked.emit(folder)
            messages.tell(
                Message("window.restored", at=content.backup.made_at,
                        images=Message("text.images", n=facts["images"]),
                        labels=Message("text.labels", n=facts["labels"]), runs=Message("text.runs", n=facts["runs"])),
                Message("window.restored.hint", folder=facts["aside"]) if facts["aside"] else "")


COPY = "copy-project"


def place_of_copy(folder: Path, chosen: Path) -> Path:
    """A name that is free in a folder: that of the project, or the same with a number."""
    place, number = chosen / folder.name, 2
    while os.path.lexists(place):
        place = chosen / f"{folder.stem} {number}{folder.suffix}"
        number += 1
    return place


def say_copied(found: CopiedProject) -> None:
    """Where the copy is, and what is not in it."""
    said = text("project.copied", folder=found.target, n=found.n_files)
    if found.left_out:
        names = list_some(found.left_out, 3)
        messages.doubt(f"{said} {text('project.copied.left_out', n=len(found.left_out))} {names}",
                       text("project.copied.hint"))
    else:
        messages.tell(said, text("project.copied.hint"))


def copy_actions(context: PageContext) -> list[Action]:
    """Keeping a copy and going back to one, for the menu File."""
    session, restoring = context.session, Restoring(context)
    return [
        Action("file.back_up", text("window.back_up"), "", restoring.keep, "File", "check",
               lambda: session.is_open and not session.project.is_read_only, group=COPIES),
        Action("file.save_copy", text("window.save_copy"), "", restoring.save_copy, "File", "copy",
               lambda: session.is_open, group=COPIES),
        Action("file.restore", text("window.restore"), "", restoring.ask, "File", "undo",
               # what a job records would go to the catalog that is put aside
               lambda: not context.runner.is_busy and not (session.is_open and session.project.is_read_only),
               group=COPIES),
    ]


def _while_waiting(folder: Path) -> tuple[Content, ...]:
    """The copies, under the sign for waiting: each is read as a whole."""
    QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
    try:
        return list_contents(folder)
    finally:
        QGuiApplication.restoreOverrideCursor()
