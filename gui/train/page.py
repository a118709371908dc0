"""What the window knows of the page Train: its entry in the page switch, and its acts."""

from __future__ import annotations

from gui.actions import Action
from gui.page import Page
from gui.pages import PageContext
from gui.train.plan import plan_of
from gui.train.start import start_training, window_text
from gui.train.train_page import TrainPage
from gui.train.watch import watch_of


def build_page(context: PageContext) -> Page:
    """The page; plan and watch exist from now on, so that a training is followed before the page is seen."""
    plan_of(context.session)
    watch_of(context.session, context.jobs)
    return Page("train", window_text(context, "Train"), "train", lambda: TrainPage(context), "Ctrl+3")


def page_actions(context: PageContext) -> list[Action]:
    """Train again with the last settings, and cancel, from everywhere."""
    session, watch = context.session, watch_of(context.session, context.jobs)

    def cancel() -> None:
        if watch.job is not None:
            watch.job.cancel()

    return [
        Action(
            "train.start", window_text(context, "Train again"), "T", lambda: start_training(context), "Train", "run",
            is_enabled=lambda: session.is_open and not session.project.is_read_only,
        ),
        Action(
            "train.cancel", window_text(context, "Cancel the training"), "", cancel, "Train", "cancel",
            is_enabled=lambda: watch.is_training,
        ),
    ]
