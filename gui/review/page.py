"""What the window knows of the page Review: its entry in the page switch, and its acts."""

from __future__ import annotations

from collections.abc import Callable

from gui.actions import Action
from gui.pages import Page, PageContext
from gui.review.review_page import ReviewPage
from gui.review.saving import Saving

NAME = "review"
SAVE_ACTIONS = ("review.save_page", "review.save_predictions", "file.submission")
"""Acts of the button Save; the last belongs to the submission dialog."""


def build_page(context: PageContext) -> Page:
    """The page for the page switch."""
    return Page(NAME, context.window.tr("Review"), "review", lambda: _build(context), "Ctrl+4")


def page_actions(context: PageContext) -> list[Action]:
    """Looking at what a run gets wrong, and writing what it says to files; done from every page."""
    tr, saving = context.window.tr, Saving(context)

    def act(
        name: str, title: str, slot: Callable[[ReviewPage], None], key: str = "", *, icon: str = "",
        starts_group: bool = False,
    ) -> Action:
        return Action(f"review.{name}", title, key, lambda: slot(_page(context)), "View", icon,
                      lambda: saving.can_save, starts_group=starts_group)

    return [
        act("mistakes", tr("Look at the mistakes"), ReviewPage.show_mistakes, "M", icon="mistake", starts_group=True),
        act("test_mistakes", tr("Look at the mistakes on test images"), lambda page: page.show_set(is_test=True)),
        act("test", tr("Look at the test pictures"), lambda page: page.show_test()),
        act("changes", tr("Look at what the run fixed and broke"), lambda page: page.show_changes()),
        act("matrix", tr("Walk about in the confusion matrix"), lambda page: page.matrix.take_keyboard(), "X"),
        Action("review.save_page", tr("Save the review page…"), "", saving.ask_for_page, "File", "export",
               lambda: saving.can_save, starts_group=True),
        Action("review.save_predictions", tr("Save the predictions as a table…"), "", saving.ask_for_predictions,
               "File", "list", lambda: saving.can_save),
    ]


def _build(context: PageContext) -> ReviewPage:
    page = ReviewPage(context)
    page.header.add_saving([context.window.actions_table.qt_action(name) for name in SAVE_ACTIONS])
    return page


def _page(context: PageContext) -> ReviewPage:
    page = context.window.workbench.go_to(NAME)
    assert isinstance(page, ReviewPage)
    return page
