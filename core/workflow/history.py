"""Undo and redo of every change: labels and classes by the journal, files in the trash by moving them.

An entry about files is undone in its turn like any other: what cannot be put back is named, and stays in the entry.
A jump goes over all changes between now and another point, one after the other, and asks the same questions before.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from core.project.catalog import as_json
from core.project.journal import (
    RELOCATE, REMOVE, RETURN, TRASH, DatedEntry, JournalEntry, list_entries, next_entry, travel, what_stays,
)
from core.project.project import Project
from core.project.trash_entries import TrashEntry, list_trash_entries
from core.text import Message
from core.types import Skipped
from core.workflow.trashing import Trashed, redo_trash, settle_trash, undo_trash

MANY = 10
"""The labels of more images than this, given by an import, are not taken back without a question."""

_IMPORTS = ("import", "label_csv")

BEGINNING = 0
"""The point before the first change; every other point is named by the entry that was made last."""

N_LISTED = 5_000
"""Older changes are not listed; they can be undone one by one all the same."""


@dataclass(frozen=True, slots=True)
class Travelled:
    """A change that was undone or redone.

    Attributes:
        title: What it was; of several the last.
        n_files: Files that went to the trash or came from it.
        left: Files that did not, with the reason.
        moves_images: Images left the project or came back to it, or lie elsewhere.
        stays: What could not be undone or redone, and why.
        n_changes: How many changes were gone over.
    """

    title: Message
    n_files: int = 0
    left: tuple[Skipped, ...] = ()
    n_changes: int = 1
    moves_images: bool = False
    stays: tuple[Message, ...] = ()


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
    return None if entry is None else _question_of(project, entry)


@dataclass(frozen=True, slots=True)
class Jump:
    """The changes between now and another point, in the order in which they are gone over.

    Attributes:
        is_undo: Whether they are taken back; else they are made again.
    """

    entries: tuple[JournalEntry, ...]
    is_undo: bool


def list_history(project: Project) -> tuple[DatedEntry, ...]:
    """The changes, newest first; those that were undone come first of all."""
    return list_entries(project, n_most=N_LISTED)


def plan_jump(project: Project, point: int) -> Jump:
    """What a jump goes over; no entries where that is the present point.

    Args:
        point: Id of the entry that shall be the last one made, or `BEGINNING`.
    """
    listed = list_history(project)
    back = tuple(one.entry for one in listed if not one.is_undone and one.entry.id > point)
    forth = tuple(one.entry for one in reversed(listed) if one.is_undone and one.entry.id <= point)
    return Jump(back or forth, bool(back))


def jump_questions(project: Project, jump: Jump) -> tuple[Message, ...]:
    """What to ask before a jump; see `undo_question`."""
    asked = (_question_of(project, entry) for entry in jump.entries) if jump.is_undo else ()
    return tuple(question for question in asked if question is not None)


def changed_by(project: Project, jump: Jump) -> NDArray[np.int64]:
    """Images whose labels or exclusion a jump changes, (n_images,) int64."""
    ids = as_json([entry.id for entry in jump.entries])
    sql = " UNION ".join(f"SELECT image_id FROM {table} WHERE journal_id IN (SELECT value FROM json_each(?))"
                         for table in ("journal_label", "journal_exclusion"))
    return np.array([row[0] for row in project.catalog.rows(sql, (ids, ids))], np.int64)


def carry_out(project: Project, jump: Jump, *, gives_up: bool = False) -> Travelled | None:
    """Jump; ends early where files cannot be moved, or where the next change is another by now.

    Args:
        gives_up: See `undo`; only for what `jump_questions` asked about.

    Returns:
        What was done until the end; None for nothing.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`; the changes before stay undone.
    """
    asked = {entry.id for entry in jump.entries if gives_up and _question_of(project, entry) is not None}
    done: list[Travelled] = []
    for entry in jump.entries:
        following = next_entry(project, is_undo=jump.is_undo)
        if following is None or following.id != entry.id:
            break
        found = undo(project, gives_up=entry.id in asked) if jump.is_undo else redo(project)
        if found is None:
            break
        done.append(found)
        if found.left and entry.id not in asked:
            break
    return _sum_up(done) if done else None


def _sum_up(done: list[Travelled]) -> Travelled:
    left = tuple(skipped for one in done for skipped in one.left)
    return Travelled(
        done[-1].title, sum(one.n_files for one in done), left, len(done), any(one.moves_images for one in done),
        tuple(message for one in done for message in one.stays))


def _question_of(project: Project, entry: JournalEntry) -> Message | None:
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
        stays = what_stays(project, entry, is_undo=is_undo) if entry is not None else None
        title = travel(project, is_undo=is_undo)
        return None if title is None or entry is None else Travelled(
            title, moves_images=entry.action in (REMOVE, RETURN, RELOCATE), stays=(stays,) if stays else ())
    found = move_files(project, _files_of(project, entry))
    return Travelled(entry.title, len(found.image_ids), found.left)


def _files_of(project: Project, entry: JournalEntry) -> TrashEntry:
    return next(found for found in list_trash_entries(project) if found.id == entry.id)
