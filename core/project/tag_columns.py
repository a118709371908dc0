"""Flags and tags in the columns `flags` and `tags` of the program's own label table: written, and read back.

A cell holds all flags, or all tags, of its image, with `tags.SEPARATOR` between them. An empty cell changes nothing,
like an empty label. In tables of other programs columns of these titles mean what they mean there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from core.files.read_table import read_text, split_rows
from core.project.catalog import as_json
from core.project.label_tables.parts import Found
from core.project.tag_names import FLAG, SEPARATOR, TAG, Key, find_flag, split_tags
from core.project.tags import NONE, ImageTags, find_ids, make_noted

OWN_START, MORE = ("path", "label"), ("excluded", "flags", "tags")
"""How the program's own table begins, and the columns that may follow."""

Changes = list[tuple[int, int, int]]
"""Row of the table `tag`, image, and 1 where the image gets it or 0 where it loses it."""

TagCells = tuple[str, dict[str, tuple[str, ...]]]
"""The cell that names an image; flags and tags by their kind, only kinds whose cell is not empty."""

Tagged = dict[int, dict[str, tuple[str, ...]]]
"""By image, its flags and tags by their kind."""


def titles_of(tags: Mapping[int, ImageTags]) -> tuple[str, ...]:
    """The titles that a table gets: none where no image has a flag or tag."""
    return ("flags", "tags") if tags else ()


def cells_of(one: ImageTags | None) -> tuple[str, str]:
    """The cells of an image."""
    found = one or NONE
    return f"{SEPARATOR} ".join(found.flags), f"{SEPARATOR} ".join(found.tags)


def is_own_table(path: Path) -> bool:
    """Whether a file is the program's own label table with columns beside path and label.

    Raises:
        InputError: The file cannot be read.
    """
    titles = _titles(path)
    return len(titles) > len(OWN_START) and titles[:2] == OWN_START and set(titles[2:]) <= set(MORE)


def read_tag_cells(path: Path, restore: Callable[[str], str]) -> list[TagCells]:
    """Flags and tags of each row that names any, with the cell that names the image.

    Args:
        path: A table for which `is_own_table` holds.
        restore: Takes away what `neutralise` put before a cell.

    Raises:
        InputError: A cell names no flag, or a tag that cannot be one.
    """
    head, *rows = split_rows(read_text(path), path)
    titles = [title.strip().casefold() for title in head]
    places = {kind: titles.index(title) for kind, title in ((FLAG, "flags"), (TAG, "tags")) if title in titles}
    found: list[TagCells] = []
    for row in rows:
        cells = {kind: restore(row[at]) for kind, at in places.items() if at < len(row) and row[at].strip()}
        named = {kind: split_tags(cell) for kind, cell in cells.items()}
        if FLAG in named:
            named[FLAG] = tuple(dict.fromkeys(map(find_flag, named[FLAG])))
        if named:
            found.append((restore(row[0]), named))
    return found


def match_tags(rows: Sequence[TagCells], found: Found) -> tuple[Tagged, tuple[str, ...]]:
    """Flags and tags by image, and the cells that name none, or several, or one of which rows say different things.

    Args:
        found: What the cells of the table mean; rows of the part that was not asked for are passed over.
    """
    ids = {cell: match.ids for (cell, _), match in found.matches.items()}
    others = {cell for cell, _ in found.others}
    tagged: Tagged = {}
    left = dict.fromkeys(cell for cell, _ in rows if len(ids.get(cell, ())) != 1 and cell not in others)
    clashing: set[int] = set()
    for cell, named in rows:
        if len(ids.get(cell, ())) != 1:
            continue
        image_id = ids[cell][0]
        of_image = tagged.setdefault(image_id, {})
        if any(set(of_image.get(kind, names)) != set(names) for kind, names in named.items()):
            clashing.add(image_id)
            left[cell] = None
        of_image.update(named)
    return {i: of for i, of in tagged.items() if i not in clashing}, tuple(left)


def needed_changes(db: sqlite3.Connection, wanted: Mapping[int, Mapping[str, Iterable[str]]]) -> Changes:
    """What images get and lose so that they have these flags and tags and, of each kind that is named, no others."""
    keys: set[Key] = {(kind, name) for of in wanted.values() for kind, names in of.items() for name in names}
    ids = find_ids(db, sorted(keys), makes=True)
    had: dict[tuple[int, str], set[int]] = {}
    sql = ("SELECT i.image_id, t.kind, t.id FROM json_each(?) j CROSS JOIN image_tag i ON i.image_id = j.value "
           "JOIN tag t ON t.id = i.tag_id")
    for image_id, kind, tag_id in db.execute(sql, (as_json(list(wanted)),)):
        had.setdefault((image_id, kind), set()).add(tag_id)
    changes: Changes = []
    for image_id, of in wanted.items():
        for kind, names in of.items():
            now, then = {ids[kind, name] for name in names}, had.get((image_id, kind), set())
            changes += [(tag_id, image_id, 1) for tag_id in sorted(now - then)]
            changes += [(tag_id, image_id, 0) for tag_id in sorted(then - now)]
    return changes


def make_changes(db: sqlite3.Connection, entry: int, changes: Changes) -> int:
    """Make changes as part of an entry of the journal; how many images changed.

    Raises:
        InputError: An image, or the project, would have too many tags.
    """
    db.executemany("INSERT INTO journal_tag VALUES (?, ?, ?, ?)", ((entry, *change) for change in changes))
    make_noted(db, entry)
    return len({image_id for _, image_id, _ in changes})


def _titles(path: Path) -> tuple[str, ...]:
    first = read_text(path).lstrip("\ufeff").partition("\n")[0][:200]
    rows = split_rows(first, path) if first.strip('"').casefold().startswith(OWN_START[0]) else []
    return tuple(title.strip().casefold() for title in rows[0]) if rows else ()
