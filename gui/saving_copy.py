"""Saves a copy of the open project in a folder that the user chooses, as a job; says what is not in it."""

from __future__ import annotations

import os
from pathlib import Path

from core.project.copying import CopiedProject, CopyInput, require_target
from core.text import Message, text
from core.workflow.plan_remarks import list_some
from gui import messages
from gui.one_at_a_time import is_under_way
from gui.pages import PageContext
from gui.widgets.file_dialogs import ask_for_folder

TASK = "copy-project"
MOST_NAMED = 3


def save_copy(context: PageContext) -> None:
    """Ask for a folder and copy the project into it, under its name or one beside it."""
    session, runner = context.session, context.runner
    chosen = ask_for_folder(context.window, text("window.save_copy_where"), "copy")
    if chosen is None or not session.is_open:
        return
    folder = session.project.folder
    with messages.warned():
        inputs = CopyInput(folder, place_of_copy(folder, chosen))
        require_target(folder, inputs.target)
        if not is_under_way(runner, TASK, inputs, project=folder):
            job = runner.start(Message("window.job_copying", name=session.project_name), TASK, inputs)
            job.succeeded.connect(say_copied)


def place_of_copy(folder: Path, chosen: Path) -> Path:
    """A name that is free in a folder: that of the project, or the same with a number."""
    place, number = chosen / folder.name, 2
    while os.path.lexists(place):
        place = chosen / f"{folder.stem} {number}{folder.suffix}"
        number += 1
    return place


def say_copied(found: CopiedProject) -> None:
    """Where the copy is, and what is not in it."""
    said = text("project.copied", folder=found.target, n=found.n_files)
    if found.left_out:
        names = list_some(found.left_out, MOST_NAMED)
        messages.doubt(f"{said} {text('project.copied.left_out', n=len(found.left_out))} {names}",
                       text("project.copied.hint"))
    else:
        messages.tell(said, text("project.copied.hint"))
