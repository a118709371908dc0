"""The classes of a project: add, rename, recolour, key, merge, delete; each can be undone."""

from __future__ import annotations

import colorsys
import re
import sqlite3
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace

from core.errors import InputError
from core.project.journal import ClassRow, class_states, refresh_marks, write_entry
from core.project.project import Project
from core.text import Message

KEYS = "1234567890"
"""Keys that new classes get, in this order; classes after the tenth get none."""

_NO_COLOR = "#808080"
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


def list_classes(project: Project) -> tuple[ClassRow, ...]:
    """All classes in their order."""
    sql = "SELECT id, name, color, key, position FROM class WHERE deleted = 0 ORDER BY position, id"
    return tuple(map(_sound_row, project.catalog.rows(sql)))


def _sound_row(row: tuple[int, str, str, str | None, int]) -> ClassRow:
    """A class whose colour or key is none gets a grey one, and no key."""
    class_id, name, color, key, position = row
    is_color, is_key = _COLOR.fullmatch(color) is not None, key is not None and len(key) == 1
    return ClassRow(class_id, name, color if is_color else _NO_COLOR, key if is_key else None, position)


def add_class(project: Project, name: str, *, color: str | None = None, key: str | None = None) -> ClassRow:
    """Make a class at the end of the list.

    Args:
        name: Not empty, not in use.
        color: "#RRGGBB", or None for the next one that is free.
        key: One character that is free, or None for the next free digit.

    Raises:
        InputError: The name, colour or key cannot be used.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    with project.catalog.transaction() as db:
        state = new_state(db, name, class_states(db).values())
        state = replace(state, color=_checked_color(color) if color else state.color, key=key or state.key)
        _require_free(class_states(db).values(), state)
        title = Message("project.journal.add_class", name=state.name)
        write_entry(db, title, action="add_class", before=[replace(state, deleted=1)], after=[state])
    return state


def rename_class(project: Project, class_id: int, *, name: str) -> None:
    """Give a class another name.

    Raises:
        InputError: The name is empty or in use, or there is no such class.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    name = clean_name(name)
    _edit(project, class_id, "rename_class", name=name)


def recolor_class(project: Project, class_id: int, *, color: str) -> None:
    """Give a class another colour ("#RRGGBB").

    Raises:
        InputError: Not a colour, or there is no such class.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    _edit(project, class_id, "recolor_class", color=_checked_color(color))


def set_class_key(project: Project, class_id: int, *, key: str | None) -> None:
    """Give a class another key, one character, or none.

    Raises:
        InputError: The key is in use or longer than a character, or there is no such class.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    _edit(project, class_id, "set_class_key", key=key or None)


def merge_classes(project: Project, class_id: int, *, into_id: int) -> int:
    """Give all images of one class the label of another, and delete the first.

    Returns:
        How many images changed their label.

    Raises:
        InputError: There is no such class, or both are the same.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    if class_id == into_id:
        raise InputError("project.merge_with_itself")
    with project.catalog.transaction() as db:
        return _remove(db, class_id, require_class(db, into_id))


def delete_class(project: Project, class_id: int) -> int:
    """Delete a class; its images become unlabelled.

    Returns:
        How many images lost their label.

    Raises:
        InputError: There is no such class.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    with project.catalog.transaction() as db:
        return _remove(db, class_id, None)


def clean_name(name: str) -> str:
    """A class name without stray spaces, in the normal form of its accents.

    Raises:
        InputError: Nothing is left.
    """
    parts = (" ".join(part.split()) for part in unicodedata.normalize("NFC", name).split("/"))
    cleaned = "/".join(part for part in parts if part)
    if not cleaned:
        raise InputError("project.class_without_name")
    return cleaned


def new_state(db: sqlite3.Connection, name: str, others: Iterable[ClassRow]) -> ClassRow:
    """A class that is not in the table yet, with the next id, colour and key that are free.

    Args:
        name: Its name; see `clean_name`.
        others: All classes that are not deleted, and those about to be made.
    """
    others = list(others)
    last_id = db.execute("SELECT coalesce(max(id), 0) FROM class").fetchone()[0]
    class_id = max([last_id, *(c.id for c in others)]) + 1
    keys = {c.key for c in others}
    key = next((k for k in KEYS if k not in keys), None)
    position = max((c.position for c in others), default=-1) + 1
    return ClassRow(class_id, clean_name(name), next_color({c.color for c in others}), key, position)


def _edit(project: Project, class_id: int, action: str, **values: str | None) -> None:
    with project.catalog.transaction() as db:
        before = require_class(db, class_id)
        after = replace(before, **values)  # type: ignore[arg-type]
        if after == before:
            return
        _require_free((c for c in class_states(db).values() if c.id != class_id), after)
        title = Message(f"project.journal.{action}", name=before.name, new=after.name)
        write_entry(db, title, action=action, before=[before], after=[after])


def _remove(db: sqlite3.Connection, class_id: int, into: ClassRow | None) -> int:
    before, into_id = require_class(db, class_id), into.id if into else None
    action = "merge_classes" if into else "delete_class"
    title = Message(f"project.journal.{action}", name=before.name, into=into.name if into else "")
    entry = write_entry(db, title, action=action, before=[before], after=[replace(before, deleted=1)])
    is_marked = "class_id = ? AND label_content IS NOT NULL"
    marked = db.execute(f"SELECT id FROM image WHERE {is_marked}", (class_id,)).fetchall()
    n_changed = 0
    for table in ("removed_image", "image"):  # also those that may come back; see core.project.removal
        labelled = f"SELECT ?, id, class_id, ? FROM {table} WHERE class_id = ?"
        db.execute(f"INSERT INTO journal_label {labelled}", (entry, into_id, class_id))
        n_changed = db.execute(f"UPDATE {table} SET class_id = ? WHERE class_id = ?", (into_id, class_id)).rowcount
    refresh_marks(db, [row[0] for row in marked])  # nobody looked at an image: what was marked stays so
    return n_changed


def require_class(db: sqlite3.Connection, class_id: int) -> ClassRow:
    """A class that is not deleted.

    Raises:
        InputError: There is none of this id.
    """
    state = class_states(db).get(class_id)
    if state is None:
        raise InputError("project.class_is_gone")
    return state


def _require_free(others: Iterable[ClassRow], state: ClassRow) -> None:
    others = list(others)
    if any(c.name == state.name for c in others):
        raise InputError("project.class_exists", name=state.name)
    if state.key is not None and len(state.key) != 1:
        raise InputError("project.not_a_key", key=state.key)
    holder = next((c.name for c in others if c.key is not None and c.key == state.key), None)
    if holder is not None:
        raise InputError("project.key_is_taken", key=state.key, holder=holder)


def _checked_color(color: str) -> str:
    if not _COLOR.fullmatch(color):
        raise InputError("project.not_a_colour", color=color)
    return color.upper()


OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#999999")
_GOLDEN_RATIO = 0.618033988749895
_LIGHTNESS = (0.5, 0.35, 0.65)


def next_color(used: Collection[str]) -> str:
    """The first colour, as "#RRGGBB", that is not among `used`."""
    taken = {color.upper() for color in used}
    for color in OKABE_ITO:
        if color not in taken:
            return color
    i = 0
    while (color := _generated(i)) in taken:
        i += 1
    return color


def _generated(i: int) -> str:
    """Hues a golden angle apart, in three lightnesses."""
    hue = (0.08 + i * _GOLDEN_RATIO) % 1.0
    red, green, blue = colorsys.hls_to_rgb(hue, _LIGHTNESS[i % len(_LIGHTNESS)], 0.65)
    return f"#{round(red * 255):02X}{round(green * 255):02X}{round(blue * 255):02X}"


def similar_class_names(names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Groups of names that are probably meant to be one; names that are like no other are left out.

    Args:
        names: Names of classes; groups and their members keep this order.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys(names):
        groups[class_key(name)].append(name)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def class_key(name: str) -> str:
    """What stays of a class name without capitals, spaces, hyphens, underscores and invisible characters.

    Between two digits a separator stays ("1-2" is not "12"), and so does the sign of a number ("-1").
    """
    composed = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    visible = "".join(c for c in composed if unicodedata.category(c) != "Cf")
    marked = re.sub(r"(?<=\d)[\s_-]+(?=\d)", "\0", visible.strip())
    signed = re.sub(r"^-(?=\d)", "\1", marked)
    return re.sub(r"[\s_-]+", "", signed) or visible
