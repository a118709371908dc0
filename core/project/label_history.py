"""What the undo journal says of labels: which images a person labelled, and how classes were called before."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping

from core.project.journal import IMPORT

_OF_CLASSES = ("rename_class", "merge_classes")


def labelled_by_hand(db: sqlite3.Connection) -> set[int]:
    """Images whose label was ever changed other than by a folder or with its whole class; undone does not count."""
    actions = json.dumps([IMPORT, *_OF_CLASSES])
    sql = (
        "SELECT DISTINCT l.image_id FROM journal j JOIN journal_label l ON l.journal_id = j.id "
        "WHERE j.undone = 0 AND j.action NOT IN (SELECT value FROM json_each(?))"
    )
    return {row[0] for row in db.execute(sql, (actions,))}


def former_names(db: sqlite3.Connection) -> Mapping[int, frozenset[str]]:
    """By class id, the names that a person replaced: by renaming the class, or by merging another into it."""
    own: dict[int, set[str]] = defaultdict(set)
    merged: dict[int, int] = {}
    sql = "SELECT id, action, payload FROM journal WHERE undone = 0 AND action IN (?, ?) ORDER BY id"
    for journal_id, action, payload in db.execute(sql, _OF_CLASSES).fetchall():
        for state in json.loads(payload)["before"]:
            own[state["id"]].add(state["name"])
            if action == "merge_classes":
                sql = "SELECT after_class_id FROM journal_label WHERE journal_id = ? LIMIT 1"
                into = db.execute(sql, (journal_id,)).fetchone()
                merged |= {state["id"]: into[0]} if into and into[0] is not None else {}
    names: dict[int, set[str]] = defaultdict(set)
    for class_id, found in own.items():
        names[_last(merged, class_id)] |= found
    return {class_id: frozenset(found) for class_id, found in names.items()}


def _last(merged: Mapping[int, int], class_id: int) -> int:
    """The class that one was merged into, and that one into another."""
    seen = set[int]()
    while class_id in merged and class_id not in seen:
        seen.add(class_id)
        class_id = merged[class_id]
    return class_id
