"""Pictures that came to lie in the folder of another class since the project last saw them.

A folder is how many people label: who drags a picture from `cat/` to `dog/` says something. So a label that came
from the old folder, and that nobody touched since, follows to the class of the new one, as one step for undo.
A label that a person gave in the project is never changed, and no class is made this way: whoever renames or
rearranges whole folders keeps the labels as they are. All of it is told.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from core.project.journal import ClassState, class_states, write_entry
from core.project.labels import as_json
from core.project.matching import ImportPlan
from core.project.paths import class_path, display_text

N_EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class Refiled:
    """One picture in another class folder: its name there, the class that the folder names, and the label it had."""

    name: str
    folder: str
    label: str


@dataclass(frozen=True, slots=True)
class Refiling:
    """What became of labels whose pictures moved to another class folder.

    Attributes:
        n_followed: Labels that are now the class of the new folder.
        n_kept: Labels that stay although the folder says something else.
        followed, kept: The first `N_EXAMPLES` of each.
    """

    n_followed: int = 0
    n_kept: int = 0
    followed: tuple[Refiled, ...] = ()
    kept: tuple[Refiled, ...] = ()


def refile_labels(db: sqlite3.Connection, plan: ImportPlan) -> Refiling:
    """Let the labels of moved pictures follow where that is right; to be called before the rows get their new paths.

    Args:
        db: A connection inside a transaction.
        plan: What the import is about to do.
    """
    moved = {row_id: file.path for row_id, file in plan.moved}
    classes = class_states(db)
    ids = {state.name: state.id for state in classes.values()}
    touched = _touched_by_hand(db) if moved else set()
    followed: list[tuple[int, Refiled]] = []
    kept: list[Refiled] = []
    sql = "SELECT id, path, class_id FROM image WHERE id IN (SELECT value FROM json_each(?)) ORDER BY sort_key"
    for row_id, path, class_id in db.execute(sql, (as_json(list(moved)),)):
        one = Refiled(display_text(moved[row_id]), class_path(moved[row_id]), _name(classes, class_id))
        before = class_path(path)
        if not one.folder or _is_same(before, one.folder) or _is_same(one.label, one.folder):
            continue
        if one.label == before and row_id not in touched and one.folder in ids:
            followed.append((row_id, one))
        else:
            kept.append(one)
    if followed:
        _relabel(db, [(row_id, ids[one.folder]) for row_id, one in followed])
    first = tuple(one for _, one in followed[:N_EXAMPLES])
    return Refiling(len(followed), len(kept), first, tuple(kept[:N_EXAMPLES]))


def _name(classes: Mapping[int, ClassState], class_id: int | None) -> str:
    return "" if class_id is None or class_id not in classes else classes[class_id].name


def _is_same(one: str, other: str) -> bool:
    """Whether two class paths differ in nothing but where the picture folder begins ("red", "train/red")."""
    return one == other or f"/{one}".endswith(f"/{other}") or bool(one) and f"/{other}".endswith(f"/{one}")


def _touched_by_hand(db: sqlite3.Connection) -> set[int]:
    """Images whose label was ever changed otherwise than by a folder; what was undone does not count."""
    sql = (
        "SELECT DISTINCT l.image_id FROM journal j JOIN journal_label l ON l.journal_id = j.id "
        "WHERE j.undone = 0 AND j.action <> 'import'"
    )
    return {row[0] for row in db.execute(sql)}


def _relabel(db: sqlite3.Connection, pairs: list[tuple[int, int]]) -> None:
    images = "1 image" if len(pairs) == 1 else f"{len(pairs)} images"
    entry = write_entry(db, f"Labels of {images} that moved to another class folder", action="import")
    db.executemany(
        "INSERT INTO journal_label SELECT ?, id, class_id, ? FROM image WHERE id = ?",
        [(entry, class_id, row_id) for row_id, class_id in pairs],
    )
    db.executemany("UPDATE image SET class_id = ? WHERE id = ?", [(class_id, row_id) for row_id, class_id in pairs])
