"""The undo journal: every change of labels and classes, undone and redone even after a restart.

An entry holds the rows of the classes that changed, before and after, and one row for each image
whose label changed, and the decisions on findings that were made or taken back. It is written in the
same transaction as the change. Classes are never removed
from their table, only marked as deleted, so that any entry can be undone.

An entry of the action `TRASH` is about files, which no transaction can bring back: `core.workflow.history`
undoes and redoes those, and sends all others here.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from core.files.foreign import parse_json
from core.project.catalog import damaged
from core.project.label_marks import mark_travelled
from core.project.project import Project
from core.files.plain import from_plain
from core.text import Message

TRASH = "trash"
"""The action of an entry about files that went to the trash; see `core.project.trash_entries`."""


@dataclass(frozen=True, slots=True)
class ClassState:
    """One row of the table of classes."""

    id: int
    name: str
    color: str
    key: str | None
    position: int
    deleted: int


@dataclass(frozen=True, slots=True)
class DecisionState:
    """One row of the table of decisions; `reason` None means that there is none."""

    kind: str
    subject: str
    reason: str | None
    at: str


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One change.

    Attributes:
        id: Ascending in time.
        at: When, ISO 8601, UTC.
        action: "label", "import", "add_class" …
        title: What was done; of an older version, its English words.
        is_undone: Whether it waits to be redone.
    """

    id: int
    at: str
    action: str
    title: Message
    is_undone: bool


def now_text() -> str:
    """The present moment as the catalog keeps it: ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def moment_ns(at: str) -> int:
    """The end of the second that `now_text` wrote, nanoseconds since 1970; 0 for what is no moment."""
    try:
        return (int(datetime.fromisoformat(at).timestamp()) + 1) * 10**9
    except (ValueError, OverflowError, OSError):
        return 0


def class_states(db: sqlite3.Connection, *, with_deleted: bool = False) -> dict[int, ClassState]:
    """The classes by id, in their order."""
    where = "" if with_deleted else "WHERE deleted = 0"
    rows = db.execute(f"SELECT id, name, color, key, position, deleted FROM class {where} ORDER BY position, id")
    return {row[0]: ClassState(*row) for row in rows}


def write_entry(
    db: sqlite3.Connection, title: Message, *, action: str,
    before: Sequence[ClassState] = (), after: Sequence[ClassState] = (),
    decisions_before: Sequence[DecisionState] = (), decisions_after: Sequence[DecisionState] = (),
    more: Mapping[str, Any] | None = None,
) -> int:
    """Note a change inside its transaction and put its classes in place; what was undone can no longer be redone.

    Args:
        db: A connection inside a transaction.
        title: What is being done.
        action: What kind of change.
        before: Classes as they are; one that is being made appears as deleted.
        after: The same classes as they shall be, in the same order.
        decisions_before: Decisions as they are; one that is being made has no reason (None).
        decisions_after: The same decisions as they shall be, in the same order.
        more: What else the entry shall hold, JSON values.

    Returns:
        The entry's id, for rows of `journal_label`.
    """
    payload = json.dumps({
        "before": [asdict(c) for c in before], "after": [asdict(c) for c in after],
        "decisions_before": [asdict(d) for d in decisions_before],
        "decisions_after": [asdict(d) for d in decisions_after], **(more or {}),
    })
    # all tables by hand: a cascade would look at each row twice
    for table in ("journal_label", "journal_content"):
        db.execute(f"DELETE FROM {table} WHERE journal_id IN (SELECT id FROM journal WHERE undone = 1)")
    db.execute("DELETE FROM journal WHERE undone = 1")
    sql = "INSERT INTO journal(at, action, title, payload) VALUES (?, ?, ?, ?)"
    cursor = db.execute(sql, (now_text(), action, title_to_text(title), payload))
    _put_classes(db, after)
    _put_decisions(db, decisions_after)
    return int(cursor.lastrowid or 0)


def title_to_text(title: Message) -> str:
    """A title as its column keeps it: code and parameters as JSON."""
    return json.dumps(title.to_json())


def title_from_text(text: str) -> Message:
    """The title in a column; what is no JSON of one says itself, as earlier versions wrote it."""
    try:
        value = parse_json(text) if text.startswith("{") else text
        return Message.from_json(value)
    except ValueError:
        return Message(text)


def undo(project: Project) -> Message | None:
    """Take back the latest change.

    Returns:
        Its title, or None if there is nothing to take back.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    return _travel(project, is_undo=True)


def redo(project: Project) -> Message | None:
    """Make the change again that was taken back last; its title, or None if there is none.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    return _travel(project, is_undo=False)


def list_journal(project: Project, *, limit: int = 100) -> tuple[JournalEntry, ...]:
    """The latest changes, newest first."""
    return _entries(project, "ORDER BY id DESC LIMIT ?", (limit,))


def next_entry(project: Project, *, is_undo: bool) -> JournalEntry | None:
    """What `undo`, or `redo`, would travel over; None if there is nothing."""
    which = "WHERE undone = 0 ORDER BY id DESC LIMIT 1" if is_undo else "WHERE undone = 1 ORDER BY id LIMIT 1"
    return next(iter(_entries(project, which)), None)


def next_undo(project: Project) -> Message | None:
    """Title of what `undo` would take back."""
    entry = next_entry(project, is_undo=True)
    return None if entry is None else entry.title


def next_redo(project: Project) -> Message | None:
    """Title of what `redo` would make again."""
    entry = next_entry(project, is_undo=False)
    return None if entry is None else entry.title


def _entries(project: Project, which: str, parameters: Sequence[Any] = ()) -> tuple[JournalEntry, ...]:
    rows = project.catalog.rows(f"SELECT id, at, action, title, undone FROM journal {which}", parameters)
    return tuple(
        JournalEntry(i, at, action, title_from_text(title), bool(undone)) for i, at, action, title, undone in rows)


def _travel(project: Project, *, is_undo: bool) -> Message | None:
    entry = next_entry(project, is_undo=is_undo)
    if entry is None:
        return None
    if entry.action == TRASH:
        raise ValueError("files in the trash are a matter of core.workflow.history")
    with _damage_in_words(project), project.catalog.transaction() as db:
        payload = db.execute("SELECT payload FROM journal WHERE id = ?", (entry.id,)).fetchone()[0]
        column = "before_class_id" if is_undo else "after_class_id"
        side = "before" if is_undo else "after"
        classes, decisions = _read_states(project, payload, side)
        _put_classes(db, classes)
        _put_decisions(db, decisions)
        db.execute(
            f"UPDATE image SET class_id = j.{column} FROM journal_label j "
            "WHERE j.journal_id = ? AND image.id = j.image_id", (entry.id,),
        )
        db.execute("UPDATE journal SET undone = ? WHERE id = ?", (int(is_undo), entry.id))
        mark_travelled(db, entry.id)
    return entry.title


@contextmanager
def _damage_in_words(project: Project) -> Iterator[None]:
    """An entry that names classes or images that cannot be is damage, and nothing is changed then."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise damaged(project.folder, "project.history_does_not_fit") from error


def _read_states(project: Project, payload: str, side: str) -> tuple[list[ClassState], list[DecisionState]]:
    """Classes and decisions of an entry before or after the change.

    Raises:
        ProjectDamaged: The entry is none that this program wrote.
    """
    try:
        states = parse_json(payload)
        classes = [from_plain(ClassState, state) for state in states[side]]
        return classes, [from_plain(DecisionState, state) for state in states.get(f"decisions_{side}", ())]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise damaged(project.folder, "project.history_unreadable") from error


def _put_classes(db: sqlite3.Connection, states: Sequence[ClassState]) -> None:
    """Write the rows, new or not."""
    db.executemany(
        "INSERT INTO class(id, name, color, key, position, deleted) "
        "VALUES (:id, :name, :color, :key, :position, :deleted) "
        "ON CONFLICT(id) DO UPDATE SET name = :name, color = :color, key = :key, "
        "position = :position, deleted = :deleted", [asdict(c) for c in states],
    )


def _put_decisions(db: sqlite3.Connection, states: Sequence[DecisionState]) -> None:
    """Write the rows, or take away those without a reason."""
    db.executemany(
        "DELETE FROM finding_decision WHERE kind = ? AND subject = ?", [(d.kind, d.subject) for d in states]
    )
    db.executemany(
        "INSERT INTO finding_decision(kind, subject, reason, at) VALUES (?, ?, ?, ?)",
        [(d.kind, d.subject, d.reason, d.at) for d in states if d.reason is not None],
    )
