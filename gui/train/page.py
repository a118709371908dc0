"""What the window knows of the page Train: its entry in the page switch, and its acts."""

from __future__ import annotations

from core.text import text
from gui.actions import Action
from gui.pages import Page, PageContext
from gui.train.starting import start_training
from gui.train.train_page import TrainPage


def build_page(context: PageContext) -> Page:
    """The page for the page switch."""
    return Page("train", text("window_train.page"), "train", lambda: TrainPage(context), "Ctrl+3",
                has_images=False)


def page_actions(context: PageContext) -> list[Action]:
    """Train again with the last settings, and cancel, from everywhere."""
    session, watch = context.session, context.training

    def cancel() -> None:
        if watch.job is not None:
            watch.job.cancel()

    return [
        Action(
            "train.start", text("window_train.train_again"), "T", lambda: start_training(context, is_key=True),
            "Train", "run",
            is_enabled=lambda: session.is_open and not session.project.is_read_only,
        ),
        Action(
            "train.cancel", text("window_train.cancel_training"), "", cancel, "Train", "cancel",
            is_enabled=lambda: watch.is_training,
        ),
    ]
