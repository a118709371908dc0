"""Excluded images in label tables: what the column says, which images it means, and the way back.

A cell holds the reason: the name of a known one (`by_hand`, `near_duplicate` …) or a person's own words, in quotation
marks where they would mean yes or no. An empty cell says that the image takes part; a table without the column says
nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from core.project.catalog import as_json
from core.project.exclusion import BY_HAND, named_reason, reason_to_text
from core.project.label_tables.columns import NO, YES
from core.project.label_tables.parts import Found
from core.project.label_tables.rows import LabelRow


@dataclass(frozen=True, slots=True)
class ExcludedRows:
    """What a table says of excluded images.

    Attributes:
        wanted: By image id the reason as the catalog keeps it, or None for one that takes part.
        changed: Those of them that are not so yet.
        not_applied: What the table calls images that it excludes and that are none of the project, or several, or
            of which it says different things.
    """

    wanted: Mapping[int, str | None]
    changed: Mapping[int, str | None]
    not_applied: tuple[str, ...] = ()

    @property
    def n_excluded(self) -> int:
        """Images that are excluded now, or for another reason."""
        return sum(reason is not None for reason in self.changed.values())

    @property
    def n_included(self) -> int:
        """Images that take part again."""
        return len(self.changed) - self.n_excluded


def read_excluded(
    db: sqlite3.Connection, rows: Iterable[LabelRow], found: Found, readable: Callable[[str], str]
) -> ExcludedRows:
    """What the rows of a table say, and what of it is new.

    Args:
        found: What the cells of the table mean.
        readable: A cell as it is shown.
    """
    said: dict[int, dict[str | None, str]] = {}
    not_applied: list[str] = []
    for row in rows:
        if row.excluded is None:
            continue
        reason, match = reason_of_cell(row.excluded), found.matches.get(row.key)
        if match is not None and len(match.ids) == 1:
            said.setdefault(match.ids[0], {})[reason] = readable(row.image)
        elif reason is not None:
            not_applied.append(readable(row.image))
    not_applied += [name for reasons in said.values() if len(reasons) > 1 for name in reasons.values()]
    wanted = {i: next(iter(reasons)) for i, reasons in said.items() if len(reasons) == 1}
    sql = "SELECT id, excluded FROM image WHERE id IN (SELECT value FROM json_each(?))"
    now = dict(db.execute(sql, (as_json(list(wanted)),)))
    changed = {i: reason for i, reason in wanted.items() if i in now and now[i] != reason}
    return ExcludedRows(wanted, changed, tuple(dict.fromkeys(not_applied)))


def write_excluded(db: sqlite3.Connection, entry: int, rows: ExcludedRows) -> None:
    """Exclude and include, inside an entry of the journal."""
    db.executemany("INSERT INTO journal_exclusion SELECT ?, id, excluded, ? FROM image WHERE id = ?",
                   [(entry, reason, i) for i, reason in rows.changed.items()])
    db.executemany("UPDATE image SET excluded = ? WHERE id = ?", [(reason, i) for i, reason in rows.changed.items()])


def cell_of_reason(stored: str | None) -> str:
    """A reason as a table holds it; empty for an image that takes part."""
    if stored is None:
        return ""
    words = named_reason(stored)
    return json.dumps(words, ensure_ascii=False) if words.casefold() in YES | NO or words[:1] == '"' else words


def reason_of_cell(cell: str) -> str | None:
    """The reason in a cell, as the catalog keeps it; None where the cell says that the image takes part."""
    words = cell.strip()
    if words.casefold() in NO:
        return None
    if words.casefold() in YES:
        return reason_to_text(BY_HAND)
    if words[:1] == words[-1:] == '"' and len(words) > 2:
        try:
            words = str(json.loads(words))
        except ValueError:
            pass
    return reason_to_text(words)
