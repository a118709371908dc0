"""Acts of the menu Edit, undo and redo; and preferences and closing the project of the menu File."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from core.text import Message, text
from core.training.registry import list_strategies
from core.workflow.history import Travelled
from gui import messages
from gui.actions import Action
from gui.pages import PageContext
from gui.widgets.questions import yes_no_box
from gui.window_actions import PROGRAM

TRAVELS = "history"
"""Cause of messages about files that an undo left where they are."""

SEVERAL = {"window.undone": "window.undone_several", "window.redone": "window.redone_several"}
"""The sentence about several changes, by that about one."""

LONGEST_TITLE = 60
"""Longer ones make a menu as wide as the window."""


def edit_actions(context: PageContext) -> list[Action]:
    """Undo and redo, and closing the project."""
    session = context.session
    return [
        Action("edit.undo", text("window.undo"), "Ctrl+Z", partial(_undo, context), "Edit", "undo",
               is_enabled=lambda: session.undo_title is not None,
               title_now=lambda: _with_title("window.undo", "window.undo_title", session.undo_title)),
        Action("edit.redo", text("window.redo"), "Ctrl+Shift+Z; Ctrl+Y",
               lambda: _travel(context, session.redo, "window.redone"), "Edit", "redo",
               is_enabled=lambda: session.redo_title is not None,
               title_now=lambda: _with_title("window.redo", "window.redo_title", session.redo_title)),
        Action("edit.history", text("window.history"), "Ctrl+Shift+H", partial(_show_history, context), "Edit",
               "history", is_enabled=lambda: session.is_open),
        Action("edit.preferences", text("window.preferences"), "Ctrl+,", partial(_show_preferences, context), "File",
               "settings", group=PROGRAM),
        Action("file.close", text("window.close_project"), "Ctrl+W", session.close, "File",
               is_enabled=lambda: session.is_open, group=PROGRAM),
    ]


def _show_history(context: PageContext) -> None:
    from gui.history.history_dialog import HistoryDialog

    found = context.window.findChild(HistoryDialog)
    dialog = found if found is not None else HistoryDialog(context)
    dialog.refresh()
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()


def _show_preferences(context: PageContext) -> None:
    context.window.show_preferences({strategy.name: str(strategy.title) for strategy in list_strategies()})


def _undo(context: PageContext) -> None:
    session = context.session
    question = session.undo_question
    if not question:
        _travel(context, session.undo, "window.undone")
        return
    title = session.undo_title

    def undo_if_same() -> None:
        if session.is_open and session.undo_title == title:
            _travel(context, partial(session.undo, gives_up=True), "window.undone")

    box = yes_no_box(
        context.window, text("window.undo"), question, text("window.undo_question_hint"),
        yes=text("window.undo"), no=text("window.cancel"), yes_name="undo",
    )
    box.setObjectName("undoQuestion")
    box.accepted.connect(undo_if_same)
    box.open()


def _travel(context: PageContext, act: Callable[[], Travelled | None], code: str) -> None:
    found: Travelled | None = None
    with messages.warned():
        found = act()
    if found is not None:
        tell_travelled(found, code)


def tell_travelled(found: Travelled, code: str) -> None:
    """Say what was undone or redone, or which files stayed where they are.

    Args:
        code: Of the sentence about a single change.
    """
    messages.settle(TRAVELS)
    for message in found.stays:
        messages.doubt(message)
    if not found.left and found.n_changes > 1:
        messages.tell(Message(SEVERAL[code], n=found.n_changes, title=found.title))
        return
    if not found.left:
        messages.tell(Message(code, title=found.title))
        return
    first = found.left[0]
    n_left, n_all = len(found.left), found.n_files + len(found.left)
    messages.doubt(
        Message("window.files_not_moved", n_left=n_left, files=Message("text.files", n=n_all), n=n_left),
        Message("window.files_not_moved.hint", name=first.path.name, reason=first.reason), cause=TRAVELS,
    )


def _with_title(plain_code: str, code: str, title: object) -> str:
    if not title:
        return text(plain_code)
    said = str(title)
    short = said if len(said) <= LONGEST_TITLE else said[:LONGEST_TITLE - 1] + "…"
    return text(code, title=short[:1].lower() + short[1:])
