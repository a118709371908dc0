"""What the window knows of the page Health: its entry in the page switch, and its acts."""

from __future__ import annotations

from collections.abc import Callable

from core.checks.findings import FindingKind
from gui.actions import Action
from gui.health.health_page import HealthPage
from gui.pages import Page, PageContext

NAME = "health"


def build_page(context: PageContext) -> Page:
    """The page for the page switch."""
    return Page(NAME, context.window.tr("Health"), "health", lambda: HealthPage(context), "Ctrl+5")


def page_actions(context: PageContext) -> list[Action]:
    """Checking the data from everywhere; what is done to doubtful labels while they are in sight."""
    session, watch, tr = context.session, context.health, context.window.tr

    def check() -> None:
        _page(context)
        watch.check()

    def page_in_sight() -> HealthPage | None:
        bench = context.window.workbench
        found = next((p for p in bench.findChildren(HealthPage)), None)
        return found if found is not None and found.isVisible() else None

    def has_doubtful() -> bool:
        page = page_in_sight()
        finding = page.finding if page is not None and session.is_open else None
        return finding is not None and finding.kind is FindingKind.LABEL_ERROR and not session.project.is_read_only

    def act(slot: Callable[[HealthPage], None]) -> None:
        page = page_in_sight()
        if page is not None:
            slot(page)

    return [
        Action("health.check", tr("Check the data"), "", check, "View", "health",
               lambda: session.is_open and not watch.is_checking, starts_group=True),
        Action("health.accept", tr("Take the suggested label"), "", lambda: act(_accept), "Image", "suggestion",
               has_doubtful, starts_group=True),
        Action("health.keep", tr("I am sure of this label"), "K", lambda: act(_keep), "Image", "check", has_doubtful),
        Action("health.put_back", tr("Put files back from the trash"), "",
               lambda: _page(context).remedies.bring_back(), "Image", "undo",
               lambda: session.is_open and _can_put_back(context)),
    ]


def _accept(page: HealthPage) -> None:
    page.remedies.accept_suggestion()


def _keep(page: HealthPage) -> None:
    page.remedies.keep()


def _can_put_back(context: PageContext) -> bool:
    from core.workflow.trashing import can_put_back

    return not context.session.project.is_read_only and can_put_back(context.session.project) > 0


def _page(context: PageContext) -> HealthPage:
    page = context.window.workbench.go_to(NAME)
    assert isinstance(page, HealthPage)
    return page
