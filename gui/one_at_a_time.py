"""What is asked for twice is done once, with a word; dialogs that come of jobs open one after the other."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialog
from shiboken6 import isValid

from core.text import Message
from gui import messages
from gui.jobs import JobRunner


def is_under_way(runner: JobRunner, task: str, inputs: object, *, project: Path | None) -> bool:
    """Whether a job does the same already, for the same project; says so."""
    job = runner.find(task, inputs, project=project)
    if job is not None:
        messages.tell(Message("window.already_under_way", title=job.title))
    return job is not None


def open_in_turn(dialog: QDialog) -> None:
    """Open a dialog as soon as no other one is open; never, if it is rejected before that."""
    first = QApplication.activeModalWidget()
    if not isinstance(first, QDialog):
        dialog.open()
        return
    is_over: list[int] = []
    dialog.finished.connect(is_over.append)

    def try_again() -> None:
        if not is_over:
            open_in_turn(dialog)

    first.finished.connect(lambda _: QTimer.singleShot(0, dialog, try_again) if isValid(dialog) else None)
