"""The acts that belong to the window itself: projects, pages, panels, theme, help."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gui import theme
from gui.actions import Action
from gui.pages import Page
from gui.theme import ThemeChoice

if TYPE_CHECKING:
    from gui.main_window import MainWindow


def window_actions(window: MainWindow) -> list[Action]:
    """What can be done whatever the pages are."""
    return [*_file_actions(window), *_panel_actions(window), *_theme_actions(window), *_help_actions(window)]


def page_action(window: MainWindow, page: Page, *, is_first: bool) -> Action:
    """Going to a page."""
    title = window.tr("Go to {page}").format(page=page.title)
    return Action(
        f"view.page.{page.name}", title, page.key, lambda: window.go_to(page.name), "View", page.icon,
        is_enabled=lambda: window.has_project, starts_group=is_first,
    )


def _file_actions(window: MainWindow) -> list[Action]:
    tr, welcome = window.tr, window.welcome
    return [
        Action("file.new", tr("New project from a folder…"), "Ctrl+N", welcome.ask_for_pictures, "File",
               "folder-plus"),
        Action("file.open", tr("Open a project…"), "Ctrl+O", welcome.ask_for_project, "File", "folder-open"),
        Action("file.sample", tr("Look around in the sample"), "", window.sample_asked.emit, "File", "sample"),
        Action("file.quit", tr("Quit"), "Ctrl+Q", lambda: _close(window), "File", "quit", starts_group=True),
    ]


def _panel_actions(window: MainWindow) -> list[Action]:
    bench = window.workbench
    sides = (("left", window.tr("Show sources and classes"), "F9"), ("right", window.tr("Show the inspector"), "F10"))
    return [
        Action(
            f"view.{side}", title, key, partial(bench.toggle_panel, side), "View",
            is_enabled=partial(_has_panel, window, side), is_checked=partial(bench.is_panel_shown, side),
        )
        for side, title, key in sides
    ]


def _theme_actions(window: MainWindow) -> list[Action]:
    choices = (
        (ThemeChoice.LIGHT, window.tr("Light colours")), (ThemeChoice.DARK, window.tr("Dark colours")),
        (ThemeChoice.SYSTEM, window.tr("Colours as the system has them")),
    )
    return [
        Action(
            f"view.theme.{choice}", title, "", partial(window.choose_theme, choice), "View",
            is_checked=partial(_is_chosen, choice), starts_group=choice is ThemeChoice.LIGHT,
        )
        for choice, title in choices
    ]


def _help_actions(window: MainWindow) -> list[Action]:
    tr = window.tr
    return [
        Action("help.palette", tr("Do something by its name…"), "Ctrl+K", window.show_palette, "Help", "palette"),
        Action("help.keys", tr("All keys"), "?; F1", window.show_keys, "Help", "key"),
        Action("help.about", tr("About Catalejo"), "", window.show_about, "Help", "about", starts_group=True),
    ]


def _close(window: MainWindow) -> None:
    window.close()


def _has_panel(window: MainWindow, side: str) -> bool:
    return window.has_project and window.workbench.has_panel(side)


def _is_chosen(choice: ThemeChoice) -> bool:
    return theme.current().choice is choice
