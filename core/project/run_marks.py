"""What a person decided about runs: a star, a note, “deleted”. In the journal like labels, so each can be undone.

A deleted run keeps its folder, its row and its predictions until `forget_marks` follows the removal of its files; it
is left out wherever runs are listed. Nothing of this is ever written into `run.json`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from core.files.foreign import parse_json
from core.project.decisions import decide
from core.project.project import Project
from core.text import Message

STAR, NOTE, DELETED = KINDS = ("run star", "run note", "run deleted")
"""Kinds of decisions; the subject is the id of the run, the reason of a note its text."""

ACTION = "mark_run"
"""What the journal calls them."""

MOST_LETTERS = 2000
"""Of a note; what is longer is cut."""


@dataclass(frozen=True, slots=True)
class RunMarks:
    """What a person decided about one run."""

    is_starred: bool = False
    note: str = ""
    is_deleted: bool = False


UNMARKED = RunMarks()


def read_marks(project: Project) -> dict[str, RunMarks]:
    """Marks by the id of the run; none in a project of an older version that is only looked at."""
    if not project.catalog.rows("SELECT 1 FROM sqlite_master WHERE name = 'finding_decision'"):
        return {}
    sql = "SELECT subject, kind, reason FROM finding_decision WHERE kind IN (?, ?, ?)"
    found: dict[str, dict[str, str]] = {}
    for subject, kind, reason in project.catalog.rows(sql, KINDS):
        found.setdefault(subject, {})[kind] = reason
    return {run: RunMarks(STAR in of, of.get(NOTE, ""), DELETED in of) for run, of in found.items()}


def deleted_ids(project: Project) -> frozenset[str]:
    """Runs that a person deleted and whose files are still there."""
    return frozenset(run for run, marks in read_marks(project).items() if marks.is_deleted)


def set_star(project: Project, run_id: str, is_starred: bool) -> None:
    """Give a run a star or take it away; nothing where that is so already.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    if read_marks(project).get(run_id, UNMARKED).is_starred != is_starred:
        code = "project.journal.star_run" if is_starred else "project.journal.unstar_run"
        _mark(project, STAR, {run_id: "1" if is_starred else None}, Message(code, run=run_id))


def set_note(project: Project, run_id: str, note: str) -> None:
    """Write a note beside a run; an empty one takes it away, and nothing happens where it is the same.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    note = note.strip()[:MOST_LETTERS]
    if read_marks(project).get(run_id, UNMARKED).note != note:
        _mark(project, NOTE, {run_id: note or None}, Message("project.journal.note_run", run=run_id))


def set_deleted(project: Project, run_ids: Sequence[str], is_deleted: bool) -> int:
    """Delete runs, or bring deleted ones back; how many changed.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    deleted = deleted_ids(project)
    changed = [run for run in dict.fromkeys(run_ids) if (run in deleted) != is_deleted]
    code = "project.journal.delete_runs" if is_deleted else "project.journal.restore_runs"
    said = Message(code, n=len(changed), run=changed[0]) if changed else Message(code)
    _mark(project, DELETED, {run: "1" if is_deleted else None for run in changed}, said)
    return len(changed)


def forget_marks(project: Project, run_ids: Collection[str]) -> None:
    """Take away all marks of runs that are gone for good, and the entries of the journal about nothing but these.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    with project.catalog.transaction() as db:
        db.execute(
            "DELETE FROM finding_decision WHERE kind IN (?, ?, ?) AND subject IN (SELECT value FROM json_each(?))",
            (*KINDS, json.dumps(sorted(run_ids))))
        entries = db.execute("SELECT id, payload FROM journal WHERE action = ?", (ACTION,)).fetchall()
        gone = [(entry_id,) for entry_id, payload in entries if _subjects(payload) <= set(run_ids)]
        db.executemany("DELETE FROM journal WHERE id = ?", gone)


def _subjects(payload: str) -> set[str]:
    """The runs that an entry is about; one that is damaged is about a run that there is not."""
    try:
        return {str(state["subject"]) for state in parse_json(payload)["decisions_after"]}
    except (ValueError, KeyError, TypeError):
        return {""}


def _mark(project: Project, kind: str, reasons: Mapping[str, str | None], title: Message) -> None:
    decide(project, kind, reasons, title, action=ACTION)
