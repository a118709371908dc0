"""Acts of the window itself, which lead from place to place."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from core.text import text
from gui import theme
from gui.actions import Action, Choice
from gui.pages import Page
from gui.theme import ThemeChoice

if TYPE_CHECKING:
    from gui.main_window import MainWindow


PROJECTS, INPUTS, OUTPUTS, COPIES, PROGRAM, LAST = range(6)
"""Groups of the menu File, in their order."""


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
        Action("file.recent", text("window.open_recent"), "", None, "File", choices=partial(_recent, window)),
        Action("file.sample", text("window.open_sample"), "", window.sample_asked.emit, "File", "sample"),
        Action("file.quit", text("window.quit"), "Ctrl+Q", window.close, "File", "quit", group=LAST),
    ]


def _recent(window: MainWindow) -> list[Choice]:
    """Recent projects that are still there; two of one name are told apart by their folders."""
    found = [project for project in window.recent_projects() if project.is_there]
    names = Counter(project.name for project in found)
    return [
        Choice(p.name if names[p.name] == 1 else text("window.project_in", name=p.name, folder=p.folder.parent),
               partial(window.open_asked.emit, p.folder)) for p in found
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
        Action("help.guide", text("window_help.guide"), "F1", window.show_guide, "Help", "help"),
        Action("help.page", text("window_help.this_page"), "Shift+F1", partial(window.show_guide, of_page=True),
               "Help", is_enabled=lambda: window.has_project),
        Action("help.keys", text("window.all_keys"), "?", window.show_keys, "Help", "key"),
        Action("help.messages", text("window.all_messages"), "", window.show_messages, "Help", "messages"),
        Action("help.about", text("window.about"), "", window.show_about, "Help", "about", starts_group=True),
    ]
