"""The Health page as the window knows it: its entry in the page switch, and its actions."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt

from core.text import text
from core.workflow.trashing import can_put_back
from gui.actions import Action
from gui.health.health_page import HealthPage
from gui.health.remedies import ACCEPT, Remedy
from gui.pages import Page, PageContext

NAME = "health"


def build_page(context: PageContext) -> Page:
    """The page for the page switch."""
    return Page(NAME, text("window_health.page"), "health", lambda: _build(context), "Ctrl+5")


def page_actions(context: PageContext) -> list[Action]:
    """Checking the data from everywhere; what is done to label issues while they are in sight."""
    session, watch = context.session, context.health

    def check() -> None:
        _page(context)
        watch.check()

    def page_in_sight() -> HealthPage | None:
        bench = context.window.workbench
        found = next((p for p in bench.findChildren(HealthPage)), None)
        return found if found is not None and found.isVisible() else None

    def has_label_issues() -> bool:
        page = page_in_sight()
        finding = page.finding if page is not None and session.is_open else None
        return finding is not None and ACCEPT in finding.remedies and not session.project.is_read_only

    def act(slot: Callable[[HealthPage], None]) -> None:
        page = page_in_sight()
        if page is not None:
            slot(page)

    return [
        Action("health.check", text("window_health.check"), "", check, "View", "health",
               lambda: session.is_open and not watch.is_checking, starts_group=True),
        Action("health.accept", text("window_health.accept_suggestion"), "",
               lambda: act(lambda page: page.remedies.accept_suggestion()), "Image", "suggestion", has_label_issues,
               starts_group=True),
        Action("health.keep", text("window_health.keep_label"), "K", lambda: act(lambda page: page.remedies.keep()),
               "Image", "check", has_label_issues),
        Action("health.put_back", text("window_health.put_back_from_trash"), "",
               lambda: _page(context).remedies.bring_back(), "Image", "undo",
               lambda: session.is_open and _can_put_back(context)),
        *(_remedy_action(name, page_in_sight) for name in OF_FINDINGS),
    ]


OF_FINDINGS = ("skip", "trash", "exclude", "exclude_selected", "acknowledge", "count")
"""Remedies that are acts of their own; the others act on images and stand above."""


def _remedy_action(name: str, page_in_sight: Callable[[], HealthPage | None]) -> Action:
    """What can be done about the finding that is shown, while it is in sight."""
    def find() -> Remedy | None:
        page = page_in_sight()
        finding = page.finding if page is not None else None
        offered = page.remedies.offered(finding) if page is not None and finding is not None else ()
        return next((remedy for remedy in offered if remedy.name == name), None)

    def act() -> None:
        remedy = find()
        if remedy is not None:
            remedy.act()

    title = text(f"window_health.remedy.{name}")
    said = text("window_health.act", act=title[:1].lower() + title[1:])
    return Action(f"health.{name}", said, "", act, "Image",
                  is_enabled=lambda: find() is not None, group=FINDING_GROUP)


FINDING_GROUP = 1
"""In the menu Image the acts on findings stand below those on images."""


def _build(context: PageContext) -> HealthPage:
    page = HealthPage(context)

    def open_menu(at: QPoint) -> None:
        finding = page.finding if page.list.itemAt(at) is not None else None
        if finding is not None:
            names = [f"health.{remedy.name}" for remedy in page.remedies.offered(finding)]
            menu = context.window.actions_table.build_menu([*names, "", "health.check", "health.put_back"], page.list)
            menu.popup(page.list.viewport().mapToGlobal(at))

    page.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    page.list.customContextMenuRequested.connect(open_menu)
    return page


def _can_put_back(context: PageContext) -> bool:
    return not context.session.project.is_read_only and can_put_back(context.session.project) > 0


def _page(context: PageContext) -> HealthPage:
    page = context.window.workbench.go_to(NAME)
    assert isinstance(page, HealthPage)
    return page
