"""Undo and redo of every change: labels and classes by the journal, files in the trash by moving them.

An entry about files is undone in its turn like any other: what cannot be put back is named, and stays in the entry.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from core.project.journal import REMOVE, RETURN, TRASH, JournalEntry, next_entry, travel
from core.project.project import Project
from core.project.trash_entries import TrashEntry, list_trash_entries
from core.text import Message
from core.types import Skipped
from core.workflow.trashing import Trashed, redo_trash, settle_trash, undo_trash

MANY = 10
"""The labels of more images than this, given by an import, are not taken back without a question."""

_IMPORTS = ("import", "label_csv")


@dataclass(frozen=True, slots=True)
class Travelled:
    """A change that was undone or redone.

    Attributes:
        title: What it was.
        n_files: Files that went to the trash or came from it.
        left: Files that did not, with the reason.
        moves_images: Images left the project or came back to it.
    """

    title: Message
    n_files: int = 0
    left: tuple[Skipped, ...] = ()
    moves_images: bool = False


def undo(project: Project, *, gives_up: bool = False) -> Travelled | None:
    """Take back the latest change; None if there is none.

    Args:
        project: Open for writing.
        gives_up: Leave in the trash what cannot be put back, and go on to the change before.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    return _travel(project, partial(undo_trash, gives_up=gives_up), is_undo=True)


def redo(project: Project) -> Travelled | None:
    """Make the change again that was taken back last; None if there is none.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    return _travel(project, redo_trash, is_undo=False)


def undo_question(project: Project) -> Message | None:
    """What to ask before the next undo; None where it is done without a question.

    An import of many labels is asked about, and so are files that an undo before could not put back.
    """
    entry = next_entry(project, is_undo=True)
    if entry is None:
        return None
    if entry.action == TRASH:
        files = _files_of(project, entry)
        return Message("trash.leave_in_trash", n=len(files.files)) if files.was_tried else None
    if entry.action not in _IMPORTS:
        return None
    n_labels = project.catalog.rows("SELECT count(*) FROM journal_label WHERE journal_id = ?", (entry.id,))[0][0]
    if n_labels <= MANY:
        return None
    payload = project.catalog.rows("SELECT payload FROM journal WHERE id = ?", (entry.id,))[0][0]
    n_classes = len(json.loads(payload).get("after", ()))
    code = "trash.undo_labels_and_classes" if n_classes else "trash.undo_labels"
    return Message(code, title=entry.title, labels=Message("text.labels", n=n_labels),
                   classes=Message("text.classes", n=n_classes))


def _travel(
    project: Project, move_files: Callable[[Project, TrashEntry], Trashed], *, is_undo: bool
) -> Travelled | None:
    if not project.is_read_only:
        settle_trash(project)
    entry = next_entry(project, is_undo=is_undo)
    if entry is None or entry.action != TRASH:
        title = travel(project, is_undo=is_undo)
        return None if title is None or entry is None else Travelled(
            title, moves_images=entry.action in (REMOVE, RETURN))
    found = move_files(project, _files_of(project, entry))
    return Travelled(entry.title, len(found.image_ids), found.left)


def _files_of(project: Project, entry: JournalEntry) -> TrashEntry:
    return next(found for found in list_trash_entries(project) if found.id == entry.id)
