"""The act that opens the dialog."""

from __future__ import annotations

from gui.actions import Action
from gui.pages import PageContext
from gui.submit.submission_dialog import SubmissionDialog


def submit_actions(context: PageContext) -> list[Action]:
    """Competition file…, from everywhere."""
    session = context.session
    return [
        Action("file.submission", context.window.tr("Competition file…"), "Ctrl+E",
               lambda: SubmissionDialog(context, context.window).open(), "File", "runs",
               is_enabled=lambda: session.is_open and session.run is not None),
    ]
