"""Excluded images: kept and shown, neither learnt from nor judged, each with the reason; journal entries like labels.

The column `image.excluded` holds the reason, as `journal.title_to_text` writes it: a code, or a person's own words.
An excluded image keeps its label, and stays excluded when its file moves, changes or is imported again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.project.catalog import as_json
from core.project.journal import title_from_text, title_to_text, write_entry
from core.project.project import Project
from core.text import Message

BY_HAND = "by_hand"
REASONS: tuple[str, ...] = (BY_HAND, "near_duplicate", "duplicate", "label_issue", "outlier")
"""Reasons that have words of their own; any other is said as a person wrote it."""

MOST_LETTERS = 200
"""Of a reason in a person's own words; what is longer is cut."""

_CODE = "project.excluded."

EXCLUDED = "{0} IN (SELECT id FROM image WHERE excluded IS NOT NULL)"
TAKES_PART = "{0} NOT IN (SELECT id FROM image WHERE excluded IS NOT NULL)"
"""Conditions for excluded images and for all others, of a column with their ids. The sub-query reads an index that
holds excluded images alone, so that a query over a million rows stays within its own index."""

FOR_REASON = "{0} IN (SELECT id FROM image WHERE excluded IS NOT NULL AND excluded = ?)"
"""Likewise, for those that are excluded for one reason, as `reason_to_text` writes it."""


def exclude_images(project: Project, image_ids: Sequence[int] | np.ndarray, reason: str = BY_HAND) -> int:
    """Exclude images, as one entry of the journal.

    Args:
        image_ids: Rows of the catalog; unknown ones are ignored.
        reason: One of `REASONS`, or a person's own words; empty words mean `BY_HAND`.

    Returns:
        How many images were excluded now or for another reason than before; 0 leaves no entry in the journal.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    return _set(project, image_ids, reason_to_text(reason), "project.journal.exclude")


def include_images(project: Project, image_ids: Sequence[int] | np.ndarray) -> int:
    """Let excluded images take part again, as one entry of the journal; how many did not before.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    return _set(project, image_ids, None, "project.journal.include")


def _set(project: Project, image_ids: Sequence[int] | np.ndarray, excluded: str | None, code: str) -> int:
    values: dict[str, object] = {"ids": as_json(image_ids), "excluded": excluded}
    which = "id IN (SELECT value FROM json_each(:ids)) AND excluded IS NOT :excluded"
    with project.catalog.transaction() as db:
        n_changed = int(db.execute(f"SELECT count(*) FROM image WHERE {which}", values).fetchone()[0])
        if n_changed:
            values["entry"] = write_entry(db, Message(code, n=n_changed), action="exclude")
            db.execute(
                f"INSERT INTO journal_exclusion SELECT :entry, id, excluded, :excluded FROM image WHERE {which}",
                values)
            db.execute(f"UPDATE image SET excluded = :excluded WHERE {which}", values)
    return n_changed


def reason_to_text(reason: str) -> str:
    """A reason as its column keeps it."""
    words = " ".join(reason.split())[:MOST_LETTERS] or BY_HAND
    return title_to_text(Message(f"project.excluded.{words}")) if words in REASONS else words


def reason_from_text(stored: str) -> Message:
    """The reason in a column."""
    return title_from_text(stored)


def named_reason(stored: str) -> str:
    """The reason in a column as `exclude_images` takes it: one of `REASONS`, or a person's own words."""
    message = reason_from_text(stored)
    return message.code.removeprefix(_CODE) if message.code.startswith(_CODE) else stored


def count_reasons(project: Project) -> dict[str, int]:
    """How many images are excluded for which reason, the commonest first; reasons as `exclude_images` takes them."""
    sql = "SELECT excluded, count(*) FROM image WHERE excluded IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
    return {named_reason(stored): n for stored, n in project.catalog.rows(sql)}


def count_excluded(project: Project, *, split: str | None = None, is_readable: bool = False) -> int:
    """How many images are excluded, whatever has become of their files.

    Args:
        split: "train" or "test" to count those of one part.
        is_readable: Count those alone that could take part: what the library counts as excluded.
    """
    sql = ("SELECT count(*) FROM image WHERE excluded IS NOT NULL AND (? IS NULL OR split = ?) "
           "AND (NOT ? OR status = 'ok')")
    return int(project.catalog.rows(sql, (split, split, is_readable))[0][0])


def excluded_ids(project: Project) -> frozenset[int]:
    """The images that are excluded."""
    return frozenset(row[0] for row in project.catalog.rows("SELECT id FROM image WHERE excluded IS NOT NULL"))
