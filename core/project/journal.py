"""The undo journal: every change of labels and classes, undone and redone even after a restart.

An entry holds the rows of the classes that changed, before and after, and one row for each image
whose label changed, and the decisions on findings that were made or taken back. It is written in the
same transaction as the change.

An entry about excluded images has a row of `journal_exclusion` for each, one about flags and tags a row of
`journal_tag` for each that an image got or lost, and one about images that were removed from the project, or brought
back, a row of `journal_removal` (see `core.project.removal`). One about a source that lies elsewhere holds what
`core.project.relocated_rows` says.

An entry of the action `TRASH` is about files, which no transaction can bring back: `core.workflow.history`
undoes and redoes those, and sends all others here.

A label that a person gave to an earlier version of a file is marked: `image.label_content` is the content that it
was given to. The mark follows from the journal alone, so that undo and redo bring the right mark with the right
label: the latest change of an image's label that was not undone is the one that gave it, and `journal_content`
notes what the image showed then, as soon as its file changes. A label that came from a class folder is never
marked, for the folder says the same of the new content.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from core.files.foreign import parse_json
from core.files.plain import from_plain
from core.project.catalog import as_json, damaged
from core.project.project import Project
from core.project.relocated_rows import find_taken, put_places
from core.project.removed_rows import put_back, take_out
from core.text import Message

TRASH = "trash"
"""The action of an entry about files that went to the trash; see `core.project.trash_entries`."""

REMOVE, RETURN = "remove", "return"
"""The actions of entries about images that left the project, and that came back."""

RELOCATE = "relocate"
"""The action of an entry about a source that lies elsewhere."""


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class, a row of its table.

    Attributes:
        id: Stable for the life of the project.
        name: Path such as "guns/pistol"; unique.
        color: "#RRGGBB".
        key: The character that labels with it, or None.
        position: Place in the list, ascending from 0.
        deleted: 1 for a class that is gone; its row stays, so that any entry can be undone.
    """

    id: int
    name: str
    color: str
    key: str | None
    position: int
    deleted: int = 0


@dataclass(frozen=True, slots=True)
class DecisionState:
    """One row of the table `finding_decision` (see `core.project.schema`); `reason` None means that there is none."""

    kind: str
    subject: str
    reason: str | None
    at: str


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One change.

    Attributes:
        id: Ascending in time.
        action: "label", "import", "add_class" …
        title: What was done; of an older version, its English words.
    """

    id: int
    action: str
    title: Message


@dataclass(frozen=True, slots=True)
class DatedEntry:
    """A change as a list of changes shows it.

    Attributes:
        at: When it was made, ISO 8601, UTC.
        is_undone: Whether it was taken back, and can be made again.
    """

    entry: JournalEntry
    at: str
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


def class_states(db: sqlite3.Connection) -> dict[int, ClassRow]:
    """The classes by id, in their order."""
    rows = db.execute("SELECT id, name, color, key, position FROM class WHERE deleted = 0 ORDER BY position, id")
    return {row[0]: ClassRow(*row) for row in rows}


def write_entry(
    db: sqlite3.Connection, title: Message, *, action: str,
    before: Sequence[ClassRow] = (), after: Sequence[ClassRow] = (),
    decisions_before: Sequence[DecisionState] = (), decisions_after: Sequence[DecisionState] = (),
    more: Mapping[str, Any] | None = None,
) -> int:
    """Note a change inside its transaction and put its classes in place; what was undone can no longer be redone.

    Args:
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
    for table in ("journal_label", "journal_content", "journal_exclusion", "journal_removal", "journal_tag"):
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


def next_entry(project: Project, *, is_undo: bool) -> JournalEntry | None:
    """What `travel` would go over; None if there is nothing."""
    which = "WHERE undone = 0 ORDER BY id DESC LIMIT 1" if is_undo else "WHERE undone = 1 ORDER BY id LIMIT 1"
    rows = project.catalog.rows(f"SELECT id, action, title FROM journal {which}")
    return JournalEntry(rows[0][0], rows[0][1], title_from_text(rows[0][2])) if rows else None


def list_entries(project: Project, *, n_most: int) -> tuple[DatedEntry, ...]:
    """The latest entries, newest first; those that were undone are the newest of all."""
    rows = project.catalog.rows(
        "SELECT id, action, title, at, undone FROM journal ORDER BY id DESC LIMIT ?", (n_most,))
    return tuple(
        DatedEntry(JournalEntry(id_, action, title_from_text(title)), at, bool(undone))
        for id_, action, title, at, undone in rows)


def next_title(project: Project, *, is_undo: bool) -> Message | None:
    """Title of what `travel` would go over."""
    entry = next_entry(project, is_undo=is_undo)
    return None if entry is None else entry.title


def travel(project: Project, *, is_undo: bool) -> Message | None:
    """Take back the latest change, or make the change again that was taken back last.

    Returns:
        Its title, or None if there is none.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    entry = next_entry(project, is_undo=is_undo)
    if entry is None:
        return None
    if entry.action == TRASH:
        raise ValueError("files in the trash are a matter of core.workflow.history")
    side = "before" if is_undo else "after"
    try:
        with project.catalog.transaction() as db:
            payload = db.execute("SELECT payload FROM journal WHERE id = ?", (entry.id,)).fetchone()[0]
            classes, decisions = _read_states(project, payload, side)
            _put_classes(db, classes)
            _put_decisions(db, decisions)
            _put_images(db, entry, side, payload)
            db.execute("UPDATE journal SET undone = ? WHERE id = ?", (int(is_undo), entry.id))
            is_noted = "image_id IN (SELECT image_id FROM journal_content)"
            sql = f"SELECT image_id FROM journal_label WHERE journal_id = ? AND {is_noted}"
            refresh_marks(db, [row[0] for row in db.execute(sql, (entry.id,))])
    except sqlite3.IntegrityError as error:  # it names classes or images that cannot be
        raise damaged(project.folder, "project.history_does_not_fit") from error
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise damaged(project.folder, "project.history_unreadable") from error
    return entry.title


def what_stays(project: Project, entry: JournalEntry, *, is_undo: bool) -> Message | None:
    """What `travel` will leave as it is of an entry; None where nothing stands in the way."""
    if entry.action != RELOCATE:
        return None
    payload = project.catalog.rows("SELECT payload FROM journal WHERE id = ?", (entry.id,))[0][0]
    try:
        return find_taken(project.catalog.db, parse_json(payload), "before" if is_undo else "after")
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise damaged(project.folder, "project.history_unreadable") from error


def _put_images(db: sqlite3.Connection, entry: JournalEntry, side: str, payload: str) -> None:
    """Labels, exclusions and presence of the images of an entry, before or after the change."""
    if entry.action in (REMOVE, RETURN):
        ids = [i for i, in db.execute("SELECT image_id FROM journal_removal WHERE journal_id = ?", (entry.id,))]
        change = take_out if (entry.action == REMOVE) == (side == "after") else put_back
        change(db, ids, json.loads(payload).get("sources", ()))
        return
    if entry.action == RELOCATE:
        put_places(db, json.loads(payload), side)
        return
    for table in ("image", "removed_image"):
        db.execute(
            f"UPDATE {table} SET class_id = j.{side}_class_id FROM journal_label j "
            f"WHERE j.journal_id = ? AND {table}.id = j.image_id", (entry.id,),
        )
        db.execute(
            f"UPDATE {table} SET excluded = j.{side}_excluded FROM journal_exclusion j "
            f"WHERE j.journal_id = ? AND {table}.id = j.image_id", (entry.id,),
        )
    put_tags(db, entry.id, is_undo=side == "before")


def put_tags(db: sqlite3.Connection, journal_id: int, *, is_undo: bool = False) -> None:
    """Give and take the flags and tags that an entry's rows of `journal_tag` say, or the other way round."""
    of_entry = "SELECT tag_id, image_id FROM journal_tag WHERE journal_id = ? AND is_set = ?"
    db.execute(f"INSERT OR IGNORE INTO image_tag {of_entry}", (journal_id, int(not is_undo)))
    db.execute(f"DELETE FROM image_tag WHERE (tag_id, image_id) IN ({of_entry})", (journal_id, int(is_undo)))


def note_removal(db: sqlite3.Connection, journal_id: int, image_ids: Sequence[int]) -> None:
    """Note which images an entry took out of the project, or brought back."""
    db.executemany("INSERT INTO journal_removal VALUES (?, ?)", ((journal_id, i) for i in image_ids))


def _read_states(project: Project, payload: str, side: str) -> tuple[list[ClassRow], list[DecisionState]]:
    """Classes and decisions of an entry before or after the change."""
    try:
        states = parse_json(payload)
        classes = [from_plain(ClassRow, state) for state in states[side]]
        return classes, [from_plain(DecisionState, state) for state in states.get(f"decisions_{side}", ())]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise damaged(project.folder, "project.history_unreadable") from error


def _put_classes(db: sqlite3.Connection, states: Sequence[ClassRow]) -> None:
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


IMPORT = "import"
"""Action of a change whose labels come from the folders."""

_MOVES = "'merge_classes', 'delete_class'"
"""Actions that change labels without anybody looking at an image."""

_REFRESH = f"""
WITH latest AS MATERIALIZED (
    SELECT l.image_id, max(l.journal_id) AS journal_id
    FROM journal_label l JOIN journal j ON j.id = l.journal_id
    WHERE j.undone = 0 AND j.action NOT IN ({_MOVES}) AND l.image_id IN (SELECT value FROM json_each(:ids))
    GROUP BY l.image_id
)
UPDATE image SET label_content = CASE
    WHEN image.class_id IS NULL OR j.action = '{IMPORT}' OR c.content IS image.content_hash THEN NULL
    ELSE c.content END
FROM latest JOIN journal j ON j.id = latest.journal_id
LEFT JOIN journal_content c ON c.image_id = latest.image_id AND c.journal_id = latest.journal_id
WHERE image.id = latest.image_id
"""


def note_contents(db: sqlite3.Connection, image_ids: Sequence[int]) -> None:
    """Note what images show now beside all changes of their labels; to be called before their contents change.

    Args:
        image_ids: The images whose files have another content now.
    """
    db.execute(
        "INSERT OR IGNORE INTO journal_content SELECT l.image_id, l.journal_id, i.content_hash "
        "FROM journal_label l JOIN image i ON i.id = l.image_id "
        "WHERE l.image_id IN (SELECT value FROM json_each(?)) AND i.content_hash IS NOT NULL", (as_json(image_ids),),
    )


def refresh_marks(db: sqlite3.Connection, image_ids: Sequence[int]) -> None:
    """Mark the labels of these images, or take the marks away, as the journal says.

    Args:
        image_ids: The images whose contents or labels changed.
    """
    if len(image_ids):
        db.execute(_REFRESH, {"ids": as_json(image_ids)})


def marked_ids(project: Project) -> frozenset[int]:
    """The images whose label was given to an earlier version of their file."""
    return frozenset(row[0] for row in project.catalog.rows("SELECT id FROM image WHERE label_content IS NOT NULL"))


def count_marked(project: Project, *, split: str | None = None) -> int:
    """How many readable, not excluded images have a label that was given to an earlier version of their file."""
    sql = ("SELECT count(*) FROM image WHERE label_content IS NOT NULL AND status = 'ok' AND excluded IS NULL "
           "AND (? IS NULL OR split = ?)")
    return int(project.catalog.rows(sql, (split, split))[0][0])
