"""Flags (checked, hard, label issue, ask later, star) and free tags of images; journal entries like labels.

Both belong to the image as a person knows it, like its label: they stay when its file moves or changes, while it is
out of the project, and when it is imported again. A tag keeps the case that it was first written in and is found in
any; one that no image has any more is not listed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from core.errors import InputError
from core.project.catalog import as_json
from core.project.journal import put_tags, write_entry
from core.project.project import Project
from core.project.tag_names import FLAG, FLAGS, TAG, Key, clean_tag, find_flag, fold_tag, say_flag
from core.text import Message

ACTION = "tag"
"""What the journal calls such entries."""

N_LOOKED_BACK = 200
"""Changes that are looked through for the tags that were given last."""

MOST_TAGS, MOST_OF_IMAGE = 1_000, 40
"""Tags of a project; tags of one image."""


@dataclass(frozen=True, slots=True)
class ImageTags:
    """What one image has: flags in the order of `FLAGS`, tags by name."""

    flags: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


NONE = ImageTags()


@dataclass(frozen=True, slots=True)
class TagCount:
    """A flag or tag with the number of good images that have it."""

    kind: str
    name: str
    n_images: int


# ── changing ─────────────────────────────────────────────────────────────────


def set_flag(project: Project, image_ids: Sequence[int] | np.ndarray, flag: str, *, is_set: bool = True) -> int:
    """Flag images, or take a flag away, as one entry of the journal; how many changed. See `change_tags`."""
    return change_tags(project, image_ids, add=[(FLAG, flag)] * is_set, remove=[(FLAG, flag)] * (not is_set))


def change_tags(
    project: Project, image_ids: Sequence[int] | np.ndarray, *, add: Iterable[Key] = (), remove: Iterable[Key] = ()
) -> int:
    """Give images flags and tags and take others away, as one entry of the journal.

    Args:
        image_ids: Rows of the catalog; unknown ones are ignored.
        add, remove: Kind and name each; a name of both is removed. Unknown ones to remove are ignored.

    Returns:
        How many images changed; 0 leaves no entry in the journal.

    Raises:
        InputError: A tag's name cannot be one, there is no such flag, or there would be too many tags.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    removed = _once(remove)
    added = {place: key for place, key in _once(add).items() if place not in removed}
    with project.catalog.transaction() as db:
        gone, given = find_ids(db, removed.values()), find_ids(db, added.values(), makes=True)
        pairs = [*((tag_id, 1) for tag_id in given.values()), *((tag_id, 0) for tag_id in gone.values())]
        return _change(db, image_ids, pairs, partial(_title, added, removed))


def _change(
    db: sqlite3.Connection, image_ids: Sequence[int] | np.ndarray, pairs: Sequence[tuple[int, int]],
    title: Callable[[int], Message],
) -> int:
    """Make changes as one entry of the journal; how many images changed.

    Args:
        pairs: Rows of the table `tag`, and 1 where the images get it or 0 where they lose it.
    """
    values: dict[str, object] = {"ids": as_json(image_ids)}
    needed = [_NEEDED.format(tag=int(tag_id), is_set=int(is_set), negation="NOT " * is_set)
              for tag_id, is_set in pairs]
    if not needed:
        return 0
    either = " UNION ".join(f"SELECT image_id FROM ({one})" for one in needed)
    n_changed = int(db.execute(f"SELECT count(*) FROM ({either})", values).fetchone()[0])
    if n_changed:
        values["entry"] = write_entry(db, title(n_changed), action=ACTION)
        for one in needed:
            db.execute(f"INSERT INTO journal_tag SELECT :entry, tag_id, image_id, is_set FROM ({one})", values)
        make_noted(db, int(str(values["entry"])))
    return n_changed


_NEEDED = (
    "SELECT {tag} AS tag_id, i.id AS image_id, {is_set} AS is_set FROM image i "
    "WHERE i.id IN (SELECT value FROM json_each(:ids)) "
    "AND {negation}EXISTS (SELECT 1 FROM image_tag t WHERE t.tag_id = {tag} AND t.image_id = i.id)"
)
"""Which images really get or lose a flag or tag."""


def rename_tag(project: Project, name: str, into: str) -> int:
    """Write a tag differently, or join it with another one, as one entry of the journal; how many images changed.

    Another case of the same name is kept from then on, without an entry.

    Raises:
        InputError: There is no such tag, or the new name cannot be one.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    into, key = clean_tag(into), (TAG, clean_tag(name))
    with project.catalog.transaction() as db:
        old = find_ids(db, [key]).get(key)
        if old is None:
            raise InputError("project.no_such_tag", name=name)
        if fold_tag(into) == fold_tag(key[1]):
            db.execute("UPDATE tag SET name = ? WHERE id = ?", (into, old))
            return 0
        new = find_ids(db, [(TAG, into)], makes=True)[TAG, into]
        return _move_all(db, old, new, Message("project.journal.rename_tag", name=key[1], into=into))


def _move_all(db: sqlite3.Connection, old: int, new: int, title: Message) -> int:
    """Give all images of one tag another, also those that are out of the project; how many."""
    n = int(db.execute("SELECT count(*) FROM image_tag WHERE tag_id = ?", (old,)).fetchone()[0])
    if n:
        entry = write_entry(db, title, action=ACTION)
        of_old = "FROM image_tag WHERE tag_id = ?"
        db.execute(f"INSERT INTO journal_tag SELECT ?, ?, image_id, 1 {of_old} AND image_id NOT IN "
                   "(SELECT image_id FROM image_tag WHERE tag_id = ?)", (entry, new, old, new))
        db.execute(f"INSERT INTO journal_tag SELECT ?, tag_id, image_id, 0 {of_old}", (entry, old))
        make_noted(db, entry)
    return n


def make_noted(db: sqlite3.Connection, journal_id: int) -> None:
    """Make the changes of flags and tags that an entry has rows of `journal_tag` for, inside its transaction.

    Raises:
        InputError: An image, or the project, would have too many tags.
    """
    put_tags(db, journal_id)
    own = "SELECT t.image_id FROM image_tag t JOIN tag ON tag.id = t.tag_id AND tag.kind = 'tag'"
    got = ("SELECT j.image_id FROM journal_tag j JOIN tag ON tag.id = j.tag_id AND tag.kind = 'tag' "
           "WHERE j.journal_id = ? AND j.is_set = 1")
    if db.execute(f"{own} WHERE t.image_id IN ({got}) GROUP BY 1 HAVING count(*) > ? LIMIT 1",
                  (journal_id, MOST_OF_IMAGE)).fetchone():
        raise InputError("project.too_many_tags_of_image", n=MOST_OF_IMAGE)
    used = "SELECT count(*) FROM tag WHERE kind = 'tag' AND EXISTS (SELECT 1 FROM image_tag WHERE tag_id = tag.id)"
    if db.execute(used).fetchone()[0] > MOST_TAGS:
        raise InputError("project.too_many_tags", n=MOST_TAGS)


def find_ids(db: sqlite3.Connection, keys: Iterable[Key], *, makes: bool = False) -> dict[Key, int]:
    """Rows of the table `tag` by kind and cleaned name; missing ones are left out, or made.

    A tag that no image has is called as it is written now.
    """
    found: dict[Key, int] = {}
    for kind, name in keys:
        sql = ("SELECT id, name, EXISTS (SELECT 1 FROM image_tag WHERE tag_id = tag.id) FROM tag "
               "WHERE kind = ? AND folded = ?")
        row = db.execute(sql, (kind, fold_tag(name))).fetchone()
        if row is None and makes:
            cursor = db.execute("INSERT INTO tag(kind, name, folded) VALUES (?, ?, ?)", (kind, name, fold_tag(name)))
            found[kind, name] = int(cursor.lastrowid or 0)
        elif row is not None:
            found[kind, name] = row[0]
            if makes and not row[2] and row[1] != name:
                db.execute("UPDATE tag SET name = ? WHERE id = ?", (name, row[0]))
    return found


def _once(keys: Iterable[Key]) -> dict[Key, Key]:
    """Flags and tags, cleaned, by what they are compared by: each once, in the case that it was written in first."""
    found: dict[Key, Key] = {}
    for kind, name in map(_cleaned, keys):
        found.setdefault((kind, fold_tag(name)), (kind, name))
    return found


def _cleaned(key: Key) -> Key:
    kind, name = key
    return kind, (find_flag(name) if kind == FLAG else clean_tag(name))


def _title(added: Mapping[Key, Key], removed: Mapping[Key, Key], n: int) -> Message:
    """What was done; several flags or tags at once are not named."""
    if len(added) + len(removed) != 1:
        return Message("project.journal.change_tags", n=n)
    (kind, name), what = next(iter({**added, **removed}.values())), "add" if added else "remove"
    return Message(f"project.journal.{what}_{kind}", n=n, name=say_flag(name) if kind == FLAG else name)


# ── asking ───────────────────────────────────────────────────────────────────


def read_tags(project: Project, image_ids: Sequence[int] | np.ndarray | None = None) -> dict[int, ImageTags]:
    """Flags and tags of images, by id; of all that have any, or of these. Images without any are left out.

    Raises:
        ProjectDamaged, StorageError: See `Catalog.rows`.
    """
    which = ("image_tag i" if image_ids is None
             else "json_each(?) j CROSS JOIN image_tag i ON i.image_id = j.value")
    sql = f"SELECT i.image_id, t.kind, t.name FROM {which} JOIN tag t ON t.id = i.tag_id"
    found: dict[int, dict[str, list[str]]] = {}
    for image_id, kind, name in project.catalog.rows(sql, () if image_ids is None else (as_json(image_ids),)):
        found.setdefault(image_id, {FLAG: [], TAG: []})[kind].append(name)
    return {i: ImageTags(tuple(flag for flag in FLAGS if flag in of[FLAG]), tuple(sorted(of[TAG], key=fold_tag)))
            for i, of in found.items()}


def count_tags(project: Project) -> tuple[TagCount, ...]:
    """Flags in their order, then tags by name, each with the number of good images that have it; none without any.

    Raises:
        ProjectDamaged, StorageError: See `Catalog.rows`.
    """
    rows = project.catalog.rows(
        "SELECT t.kind, t.name, n.n FROM (SELECT tag_id, count(*) AS n FROM image_tag GROUP BY 1) n "
        "JOIN tag t ON t.id = n.tag_id")
    # few images are neither good nor here, so that these alone are looked up
    others = project.catalog.rows(
        "SELECT t.kind, t.name, count(*) FROM (SELECT id FROM image WHERE status <> 'ok' UNION ALL "
        "SELECT id FROM removed_image) b CROSS JOIN image_tag i ON i.image_id = b.id JOIN tag t ON t.id = i.tag_id "
        "GROUP BY i.tag_id")
    less = {(kind, name): n for kind, name, n in others}
    found = (TagCount(kind, name, n - less.get((kind, name), 0)) for kind, name, n in sorted(rows, key=_place))
    return tuple(one for one in found if one.n_images and (one.kind == TAG or one.name in FLAGS))


def latest_tags(project: Project) -> tuple[str, ...]:
    """The tags that were given last, by name; none where that is undone, or long ago."""
    latest = "SELECT id FROM journal WHERE undone = 0 ORDER BY id DESC LIMIT ?"
    for entry, in project.catalog.rows(latest, (N_LOOKED_BACK,)):
        sql = ("SELECT name FROM tag WHERE kind = 'tag' AND EXISTS (SELECT 1 FROM journal_tag "
               "WHERE journal_id = ? AND tag_id = tag.id AND is_set = 1) ORDER BY folded")
        found = tuple(name for name, in project.catalog.rows(sql, (entry,)))
        if found:
            return found
    return ()


def count_among(project: Project, image_ids: Sequence[int] | np.ndarray) -> dict[Key, int]:
    """How many of these images have each flag and tag; by kind and name, those that none has are left out."""
    sql = ("SELECT t.kind, t.name, count(*) FROM json_each(?) j CROSS JOIN image_tag i ON i.image_id = j.value "
           "JOIN tag t ON t.id = i.tag_id GROUP BY i.tag_id")
    rows = project.catalog.rows(sql, (as_json(image_ids),))
    return {(kind, name): n for kind, name, n in sorted(rows, key=_place)}


def _place(one: tuple[Any, ...]) -> tuple[int, str]:
    """Flags in their order, then tags by name; of rows that begin with kind and name."""
    kind, name, *_ = one
    return (FLAGS.index(name), "") if kind == FLAG and name in FLAGS else (len(FLAGS), fold_tag(name))


HAS = ("{0} IN (SELECT it.image_id FROM tag t JOIN image_tag it ON it.tag_id = t.id "
       "WHERE t.kind = '{1}' AND t.folded = ?)")
"""Condition for images with a flag or tag: of a column with their ids and a kind; its value is a folded name."""
