"""Registers the Review page: its entry in the page switch, and its actions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from core.text import text
from gui.actions import Action, Choice
from gui.pages import Page, PageContext
from gui.review.cell_acts import cell_actions, watch_cells
from gui.review.confidence_dialog import ConfidenceDialog
from gui.review.matrix_panel import CLASSES, CURVE, READINGS
from gui.review.review_page import ReviewPage
from gui.review.saving import Saving
from gui.review.workspace import MOST_RUNS
from gui.window_actions import OUTPUTS

NAME = "review"
SAVE_ACTIONS = ("review.save_page", "review.save_predictions", "review.save_sure", "file.submission")
"""Acts of the button Save; the last belongs to the submission dialog."""


def build_page(context: PageContext) -> Page:
    """The page for the page switch."""
    return Page(NAME, text("window_review.page"), "review", lambda: _build(context), "Ctrl+4")


def page_actions(context: PageContext) -> list[Action]:
    """Looking at what a run gets wrong, and writing what it says to files; done from every page."""
    saving = Saving(context)

    def act(
        name: str, title: str, slot: Callable[[ReviewPage], None], key: str = "", *, icon: str = "",
        starts_group: bool = False,
    ) -> Action:
        return Action(f"review.{name}", title, key, lambda: slot(_page(context)), "View", icon,
                      lambda: saving.can_save, starts_group=starts_group)

    return [
        act("mistakes", text("window_review.act_mistakes"), ReviewPage.show_mistakes, "M", icon="mistake",
            starts_group=True),
        act("test_mistakes", text("window_review.act_test_mistakes"), lambda page: page.show_set(is_test=True)),
        act("test", text("window_review.act_test_images"), lambda page: page.show_test()),
        act("changes", text("window_review.act_changes"), lambda page: page.show_changes()),
        Action("review.confidence", text("window_review.act_confidence"), "", lambda: _ask_confidence(context),
               "View", "chart", lambda: saving.can_save),
        act("lists", text("window_review.act_lists"), lambda page: page.workspace.take_keyboard(), "Shift+M",
            icon="list"),
        act("next_list", text("window_review.act_next_list"), lambda page: page.workspace.step(1),
            "Alt+Down"),
        act("previous_list", text("window_review.act_previous_list"), lambda page: page.workspace.step(-1),
            "Alt+Up"),
        act("fold_lists", text("window_review.act_fold_lists"),
            lambda page: page.workspace.fold(is_shown=not page.workspace.is_shown)),
        Action("review.against", text("window_review.act_against"), "", None, "View",
               choices=lambda: _against_choices(context), is_enabled=lambda: saving.can_save),
        act("matrix", text("window_review.act_matrix"), ReviewPage.go_to_matrix, "C"),
        act("classes", text("window_review.act_classes"), lambda page: page.show_figures(CLASSES), icon="list"),
        act("curve", text("window_review.act_curve"), lambda page: page.show_figures(CURVE), icon="chart"),
        act("readings", text("window_review.act_readings"), lambda page: page.show_figures(READINGS), icon="list"),
        act("fold", text("window_review.act_fold"), lambda page: page.matrix.fold.click()),
        Action("review.save_page", text("window_review.act_save_page"), "", saving.ask_for_page, "File", "export",
               lambda: saving.can_save, group=OUTPUTS),
        Action("review.save_predictions", text("window_review.act_save_predictions"), "", saving.ask_for_predictions,
               "File", "list", lambda: saving.can_save, group=OUTPUTS),
        Action("review.save_sure", text("window_review.act_save_sure"), "",
               saving.ask_for_wishes, "File", "list", lambda: saving.can_save, group=OUTPUTS),
        *cell_actions(context, _page),
    ]


def _against_choices(context: PageContext) -> list[Choice]:
    """The other runs that what is fixed and broken can be counted from."""
    session = context.session
    others = [run.id for run in session.runs if session.run is not None and run.id != session.run.id]
    return [Choice(run_id, partial(_compare_with, context, run_id)) for run_id in others[:MOST_RUNS]]


def _compare_with(context: PageContext, run_id: str) -> None:
    _page(context).workspace.choose_against(run_id)


def _ask_confidence(context: PageContext) -> None:
    run = context.session.run
    if run is not None:
        ConfidenceDialog(context.session, run, context.window).open()


def _build(context: PageContext) -> ReviewPage:
    page = ReviewPage(context)
    page.header.save_menu.addActions([context.window.actions_table.qt_action(name) for name in SAVE_ACTIONS])
    watch_cells(page.matrix, context.window.actions_table)
    return page


def _page(context: PageContext) -> ReviewPage:
    page = context.window.workbench.go_to(NAME)
    assert isinstance(page, ReviewPage)
    return page
