"""What the window knows of the page Runs: its entry in the page switch, and its acts."""

from __future__ import annotations

from core.text import text
from gui.actions import Action
from gui.pages import Page, PageContext
from gui.runs.runs_page import RunsPage

NAME = "runs"


def build_page(context: PageContext) -> Page:
    """The page for the page switch."""
    return Page(NAME, text("window_runs.page"), "runs", lambda: RunsPage(context), "Ctrl+6")


def page_actions(context: PageContext) -> list[Action]:
    """The learning curve, from everywhere."""
    def measure() -> None:
        page = context.window.workbench.go_to(NAME)
        assert isinstance(page, RunsPage)
        page.measure_curve()

    session = context.session
    return [Action(
        "runs.learning_curve", text("window_runs.learning_curve"), "", measure, "Train", "chart",
        is_enabled=lambda: session.is_open and not session.project.is_read_only,
    )]
