"""Acts of the window itself, which lead from place to place, and those of the history: undo and redo."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from core.text import Message, text
from core.training.registry import list_strategies
from core.workflow.history import Travelled
from gui import messages, theme
from gui.actions import Action
from gui.pages import Page, PageContext
from gui.theme import ThemeChoice
from gui.widgets.questions import yes_no_box

if TYPE_CHECKING:
    from gui.main_window import MainWindow


def window_actions(window: MainWindow) -> list[Action]:
    """What can be done whatever the pages are."""
    return [*_file_actions(window), *_panel_actions(window), *_theme_actions(window), *_help_actions(window)]


def page_action(window: MainWindow, page: Page, *, is_first: bool) -> Action:
    """Going to a page."""
    title = text("window.go_to_page", page=page.title)
    return Action(
        page_name(page), title, page.key, lambda: window.go_to(page.name), "View", page.icon,
        is_enabled=lambda: window.has_project, starts_group=is_first,
    )


def page_name(page: Page) -> str:
    """Name of the act that goes to a page."""
    return f"view.page.{page.name}"


def _file_actions(window: MainWindow) -> list[Action]:
    welcome = window.welcome
    return [
        Action("file.new", text("window.new_project"), "Ctrl+N", welcome.ask_for_images, "File",
               "folder-plus"),
        Action("file.open", text("window.open_project"), "Ctrl+O", welcome.ask_for_project, "File", "folder-open"),
        Action("file.sample", text("window.open_sample"), "", window.sample_asked.emit, "File", "sample"),
        Action("file.quit", text("window.quit"), "Ctrl+Q", window.close, "File", "quit", starts_group=True),
    ]


def _panel_actions(window: MainWindow) -> list[Action]:
    bench = window.workbench
    sides = (("left", text("window.show_left"), "F9"), ("right", text("window.show_inspector"), "F10"))
    return [
        Action(
            f"view.{side}", title, key, partial(bench.toggle_panel, side), "View",
            is_enabled=lambda side=side: window.has_project and bench.has_panel(side),  # type: ignore[misc]
            is_checked=partial(bench.is_panel_shown, side),
        )
        for side, title, key in sides
    ]


def _theme_actions(window: MainWindow) -> list[Action]:
    choices = (
        (ThemeChoice.LIGHT, text("window.theme_light")), (ThemeChoice.DARK, text("window.theme_dark")),
        (ThemeChoice.SYSTEM, text("window.theme_system")),
    )
    return [
        Action(
            f"view.theme.{choice}", title, "", partial(window.choose_theme, choice), "View",
            is_checked=lambda choice=choice: theme.current().choice is choice,  # type: ignore[misc]
            starts_group=choice is ThemeChoice.LIGHT,
        )
        for choice, title in choices
    ]


def _help_actions(window: MainWindow) -> list[Action]:
    return [
        Action("help.palette", text("window.open_palette"), "Ctrl+K", window.show_palette, "Help", "palette"),
        Action("help.keys", text("window.all_keys"), "?; F1", window.show_keys, "Help", "key"),
        Action("help.messages", text("window.all_messages"), "", window.show_messages, "Help", "messages"),
        Action("help.about", text("window.about"), "", window.show_about, "Help", "about", starts_group=True),
    ]


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
        Action("edit.preferences", text("window.preferences"), "Ctrl+,", partial(_show_preferences, context), "Edit",
               "settings", starts_group=True),
        Action("file.close", text("window.close_project"), "Ctrl+W", session.close, "File",
               is_enabled=lambda: session.is_open),
    ]


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
    if found is None:
        return
    if not found.left:
        messages.tell(Message(code, title=found.title))
        return
    first = found.left[0]
    n_left, n_all = len(found.left), found.n_files + len(found.left)
    messages.doubt(
        Message("window.files_not_moved", n_left=n_left, files=Message("text.files", n=n_all), n=n_left),
        Message("window.files_not_moved.hint", name=first.path.name, reason=first.reason),
    )


def _with_title(plain_code: str, code: str, title: object) -> str:
    if not title:
        return text(plain_code)
    said = str(title)
    short = said if len(said) <= LONGEST_TITLE else said[:LONGEST_TITLE - 1] + "…"
    return text(code, title=short[:1].lower() + short[1:])
