"""What tests do to a project and the program does in parts: importing a folder here, reading the journal."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import NamedTuple

from core.jobs import JobContext
from core.project.class_naming import ClassNaming
from core.project.importer import ImportSummary, record_scan, scan_input
from core.project.journal import next_title, title_from_text, travel
from core.project.project import Project
from core.project.scan import scan_folder
from core.text import Message


def import_folder(
    project: Project, folder: Path, *, split: str = "train", with_labels: bool = True,
    context: JobContext | None = None, naming: ClassNaming | None = None, follow: str = "safe",
) -> ImportSummary:
    """Scan a folder and record it, as an import does in two processes."""
    context = context or JobContext()
    inputs = scan_input(project, folder, split=split, with_labels=with_labels, naming=naming)
    return record_scan(project, scan_folder(inputs, context), context=context, follow=follow)


undo, redo = partial(travel, is_undo=True), partial(travel, is_undo=False)
next_undo, next_redo = partial(next_title, is_undo=True), partial(next_title, is_undo=False)


class Entry(NamedTuple):
    """One change in the journal; `is_undone` says whether it waits to be redone."""

    id: int
    action: str
    title: Message
    is_undone: bool


def list_journal(project: Project) -> tuple[Entry, ...]:
    """All changes, newest first."""
    rows = project.catalog.rows("SELECT id, action, title, undone FROM journal ORDER BY id DESC")
    return tuple(Entry(i, action, title_from_text(title), bool(undone)) for i, action, title, undone in rows)
