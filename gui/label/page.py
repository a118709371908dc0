"""The Label page for the page switch, and its actions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from core.text import text
from gui.actions import Action
from gui.label.label_page import LabelPage
from gui.pages import Page, PageContext


def build_page(context: PageContext) -> Page:
    """The page for the page switch."""
    return Page("label", text("window_label.title"), "label", lambda: LabelPage(context), "Ctrl+2")


def page_actions(context: PageContext) -> list[Action]:
    """Passing an image over, a new class, and all sure answers at once; they act where the page is in sight."""
    session, window = context.session, context.window

    def page() -> LabelPage | None:
        is_there = session.is_open and window.has_project
        return next((p for p in window.findChildren(LabelPage) if p.isVisible()), None) if is_there else None

    def do(act: Callable[[LabelPage], None]) -> None:
        found = page()
        if found is not None:
            act(found)

    def is_there() -> bool:
        found = page()
        return found is not None and not found.is_at_end

    def accept_sure() -> None:
        window.go_to("label")
        do(LabelPage.ask_for_sure)

    return [
        Action("label.skip", text("window_label.skip"), ".", partial(do, LabelPage.skip), "Image",
               is_enabled=is_there, starts_group=True),
        Action("label.new_class", text("window_label.label_as_new_class"), "N", partial(do, LabelPage.ask_for_name),
               "Image", "add", is_enabled=is_there),
        Action("label.sure", text("window_label.accept_confident"), "Ctrl+Return", accept_sure, "Image", "suggestion",
               is_enabled=lambda: window.has_project and session.run is not None),
        Action("label.key.skip", text("window_label.skip_key"), "Tab", None, "Image"),
    ]
