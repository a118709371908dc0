"""Undo and redo in the Edit menu: their titles say what, and a question comes before much is taken back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from core.errors import AppError
from core.cli.sentences import plural
from core.workflow.history import Travelled
from gui import messages
from gui.actions import Action
from gui.pages import PageContext

LONGEST_TITLE = 60
"""Longer ones make a menu as wide as the window."""


def edit_actions(context: PageContext) -> list[Action]:
    """Undo and redo, and closing the project."""
    session, tr = context.session, context.window.tr
    return [
        Action("edit.undo", tr("Undo"), "Ctrl+Z", partial(_undo, context), "Edit", "undo",
               is_enabled=lambda: session.undo_title is not None,
               title_now=lambda: _with_title(tr("Undo"), session.undo_title)),
        Action("edit.redo", tr("Redo"), "Ctrl+Shift+Z; Ctrl+Y",
               lambda: _travel(context, session.redo, tr("Done again: {title}.")), "Edit", "redo",
               is_enabled=lambda: session.redo_title is not None,
               title_now=lambda: _with_title(tr("Redo"), session.redo_title)),
        Action("file.close", tr("Close the project"), "Ctrl+W", session.close, "File",
               is_enabled=lambda: session.is_open),
    ]


def build_question(context: PageContext, question: str) -> QMessageBox:
    """The question before an undo; `open` shows it, and its `accepted` says yes."""
    tr = context.window.tr
    box = QMessageBox(context.window)
    box.setObjectName("undoQuestion")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(tr("Undo"))
    box.setText(question)
    box.setInformativeText(tr("Redo brings it back as long as nothing else is changed."))
    box.addButton(tr("Undo"), QMessageBox.ButtonRole.AcceptRole).setObjectName("undo")
    keep = box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    return box


def _undo(context: PageContext) -> None:
    session, tr = context.session, context.window.tr
    question = session.undo_question
    if not question:
        _travel(context, session.undo, tr("Undone: {title}."))
        return
    title = session.undo_title

    def undo_if_same() -> None:
        if session.is_open and session.undo_title == title:
            _travel(context, partial(session.undo, gives_up=True), tr("Undone: {title}."))

    box = build_question(context, question)
    box.accepted.connect(undo_if_same)
    box.open()


def _travel(context: PageContext, act: Callable[[], Travelled | None], sentence: str) -> None:
    try:
        found = act()
    except AppError as error:
        messages.warn(error)
        return
    if found is None:
        return
    if not found.left:
        messages.tell(sentence.format(title=found.title))
        return
    first, tr = found.left[0], context.window.tr
    n_all = found.n_files + len(found.left)
    messages.doubt(
        tr("{0} of {1} could not be moved.").format(len(found.left), plural(n_all, tr("file"))),
        f"“{first.path.name}”: {first.reason}",
    )


def _with_title(word: str, said: object) -> str:
    if not said:
        return word
    title = str(said)
    short = title if len(title) <= LONGEST_TITLE else title[:LONGEST_TITLE - 1] + "…"
    return f"{word}: {short[:1].lower()}{short[1:]}"
