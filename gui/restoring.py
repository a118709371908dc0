"""Going back to a copy of a project's catalog from the window: offered for a damaged one, asked for by the menu.

Also keeps a copy when it is asked for. What a copy brings back is said before anything is done. All of it is done by
jobs, for a large catalog takes a while to copy and to check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import (
    QAbstractItemView, QDialog, QHeaderView, QLabel, QPushButton, QTableWidget, QTableWidgetItem, QWidget,
)

from core.errors import AppError
from core.project.backup_files import find_backups
from core.project.backup_jobs import RestoreInput
from core.project.backups import Content
from core.text import Message, text
from core.text.numbers import format_whole
from gui import messages, theme
from gui.actions import Action
from gui.jobs import Job
from gui.message_log import name_of
from gui.one_at_a_time import is_under_way, open_in_turn
from gui.pages import PageContext
from gui.saving_copy import save_copy
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
            wrapped(text(code, name=name_of(folder))), wrapped_caption(str(folder)),
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

    def offer(self, folder: Path, error: AppError) -> None:
        """Offer to go back to a copy of a project that cannot be opened; show why, where there is none to go back to.
        """
        if not find_backups(folder):
            messages.warn(error)
            return

        def show(contents: tuple[Content, ...]) -> None:
            if contents:
                self._ask(folder, contents, is_damaged=True)
            else:
                messages.warn(error)

        job = self._list_copies(folder, show)
        if job is not None:
            for ended in (job.failed, job.cancelled):
                ended.connect(lambda *_: messages.warn(error))

    def ask(self) -> None:
        """Show the copies of the open project, or of one that is chosen."""
        folder = self._session.folder or ask_for_folder(self._window, text("window.restore_which"), "project")
        if folder is None:
            return

        def show(contents: tuple[Content, ...]) -> None:
            if contents:
                self._ask(folder, contents, is_damaged=False)
            else:
                messages.doubt(Message("window.no_copies", folder=folder), Message("window.no_copies.hint"))

        self._list_copies(folder, show)

    def keep(self) -> None:
        """Keep a checked copy of the open project's catalog now."""
        folder = self._session.project.folder
        if is_under_way(self._runner, "back-up", folder, project=folder):
            return
        job = self._runner.start(Message("window.job_backing_up", name=name_of(folder)), "back-up", folder)
        job.succeeded.connect(lambda path: messages.tell(
            Message("window.copy_kept", path=path), Message("window.copy_kept.hint")))
        job.cancelled.connect(lambda: messages.tell(Message("window.copy_not_kept", name=name_of(folder))))

    def _list_copies(self, folder: Path, show: Callable[[tuple[Content, ...]], None]) -> Job | None:
        """Read the copies and show them, unless another project was opened meanwhile."""
        before = self._session.folder
        if is_under_way(self._runner, "list-copies", folder, project=before):
            return None
        job = self._runner.start(Message("window.job_listing_copies", name=name_of(folder)), "list-copies", folder)
        job.succeeded.connect(lambda found: show(found) if self._session.folder == before else None)
        return job

    def _ask(self, folder: Path, contents: Sequence[Content], *, is_damaged: bool) -> None:
        dialog = RestoreDialog(folder, contents, is_damaged=is_damaged, parent=self._window)
        dialog.accepted.connect(lambda: self.restore(folder, dialog.chosen))
        open_in_turn(dialog)

    def restore(self, folder: Path, content: Content) -> Job:
        """Go back to a copy. A project that was open is open afterwards, restored or as it was."""
        is_open = self._session.folder == folder
        lets_go = is_open and not self._session.project.is_read_only
        if lets_go:
            self._session.close()  # whoever restores needs its lock
        job = self._runner.start(
            Message("window.job_restoring", name=name_of(folder)), "restore",
            RestoreInput(folder, content.backup.path), project=folder)

        def open_as_it_was() -> None:
            if lets_go and not self._session.is_open:
                self._window.open_asked.emit(folder)

        job.succeeded.connect(lambda facts: self._on_restored(folder, content, facts))
        for ended in (job.failed, job.cancelled):
            ended.connect(lambda *_: open_as_it_was())
        job.cancelled.connect(lambda: messages.tell(Message("window.not_restored", name=name_of(folder))))
        return job

    def _on_restored(self, folder: Path, content: Content, facts: Mapping[str, Any]) -> None:
        if self._session.folder == folder:
            self._session.close()  # it shows what is not there any more
        if not self._session.is_open:
            self._window.open_asked.emit(folder)
        messages.tell(
            Message("window.restored", at=content.backup.made_at,
                    images=Message("text.images", n=facts["images"]),
                    labels=Message("text.labels", n=facts["labels"]), runs=Message("text.runs", n=facts["runs"])),
            Message("window.restored.hint", folder=facts["aside"]) if facts["aside"] else "")


def copy_actions(context: PageContext) -> list[Action]:
    """Keeping a copy and going back to one, for the menu File."""
    session, restoring = context.session, Restoring(context)
    return [
        Action("file.back_up", text("window.back_up"), "", restoring.keep, "File", "check",
               lambda: session.is_open and not session.project.is_read_only, group=COPIES),
        Action("file.save_copy", text("window.save_copy"), "", partial(save_copy, context), "File", "copy",
               lambda: session.is_open, group=COPIES),
        Action("file.restore", text("window.restore"), "", restoring.ask, "File", "undo", group=COPIES,
               why_not=partial(_why_not, context)),
    ]


def _why_not(context: PageContext) -> str:
    """Why nothing can be restored now: what a job records would go to the catalog that is put aside."""
    session = context.session
    if context.runner.is_busy:
        return text("window.not_while_busy")
    return text("window.only_for_looking") if session.is_open and session.project.is_read_only else ""
