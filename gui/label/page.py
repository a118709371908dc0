"""What the window knows of the page Label: its entry in the page switch, and its acts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QCoreApplication

from gui.actions import Action
from gui.label.label_page import LabelPage
from gui.pages import Page, PageContext


def tr(text: str) -> str:
    return QCoreApplication.translate("LabelActions", text)


def build_page(context: PageContext) -> Page:
    """The page for the page switch."""
    return Page("label", tr("Label"), "label", lambda: LabelPage(context), "Ctrl+2")


def page_actions(context: PageContext) -> list[Action]:
    """Passing a picture over, a new class, and all sure answers at once; they act where the page is in sight."""
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
        Action("label.skip", tr("Skip this picture"), ".", partial(do, LabelPage.skip), "Image",
               is_enabled=is_there, starts_group=True),
        Action("label.new_class", tr("Label as a new class…"), "N", partial(do, LabelPage.ask_for_name), "Image",
               "add", is_enabled=is_there),
        Action("label.sure", tr("Accept everything that the model is sure of…"), "Ctrl+Return", accept_sure, "Image",
               "suggestion", is_enabled=lambda: window.has_project and session.run is not None),
        Action("label.key.skip", tr("Skip the picture on the page Label"), tr("Tab"), None, "Image"),
    ]
