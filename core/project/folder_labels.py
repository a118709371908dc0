"""Where labels and class folders disagree: the images of a source by the class that their folder names.

An image agrees with its folder if its class has the folder's name, or had it before a person renamed or merged the
class, or if a person said that the folder may go on under another name (`keep_folders`).
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from core.project.journal import class_states
from core.project.label_history import former_names, labelled_by_hand
from core.project.class_naming import ClassNaming
from core.project.catalog import read_meta, write_meta
from core.project.paths import display_text

_KEPT = "kept_folders"
_AGAINST = "labels_against_folder"


@dataclass(frozen=True, slots=True)
class FolderLabel:
    """One image whose label is not what its folder names.

    Attributes:
        folder: The class that its folder names.
        is_by_hand: Whether a person gave the label.
        is_moved: Whether it came to lie in this folder only now.
    """

    image_id: int
    folder: str
    class_id: int | None
    is_by_hand: bool
    is_moved: bool


class FolderLabels:
    """The labels and folders of one source, as they are once an import is recorded.

    Args:
        naming: Which class each of its folders names.
        moved: New relative path by row, of rows that are about to move into this source.
        missing: Rows whose file is gone now.
    """

    def __init__(
        self, db: sqlite3.Connection, source_id: int, naming: ClassNaming, *, moved: Mapping[int, bytes],
        missing: Iterable[int] = (),
    ) -> None:
        self._db, self._source_id, self._naming = db, source_id, naming
        self._moved, self._missing = moved, set(missing)
        self.states = class_states(db)
        self._former = former_names(db)
        self.by_hand = labelled_by_hand(db)
        self._names: dict[bytes, str] = {}
        self._refiled: set[int] = set()
        self._kept = {(folder, class_id) for source, folder, class_id in _read_kept(db) if source == source_id}

    @cached_property
    def _folders(self) -> dict[int, tuple[str, int | None]]:
        """By image that is there, the class that its folder names (or "") and its label."""
        found: dict[int, tuple[str, int | None]] = {}
        sql = "SELECT id, path, class_id FROM image WHERE source_id = ? AND status <> 'missing'"
        for image_id, path, class_id in self._db.execute(sql, (self._source_id,)):
            if image_id not in self._missing:
                found[image_id] = (self._name(path), class_id)
        sql = "SELECT id, path, class_id FROM image WHERE id IN (SELECT value FROM json_each(?))"
        for image_id, path, class_id in self._db.execute(sql, (json.dumps(list(self._moved)),)):
            before, now = self._name(path), self._name(self._moved[image_id])
            found[image_id] = (now, class_id)
            if not is_same_path(before, now):
                self._refiled.add(image_id)
        return found

    def _name(self, path: bytes) -> str:
        folder = path.rpartition(b"/")[0]
        if folder not in self._names:
            self._names[folder] = self._naming.class_of_folder(folder)
        return self._names[folder]

    def disagreeing(self) -> list[FolderLabel]:
        """Every image whose label is not its folder's; labels given by hand only where the image was moved since."""
        against = _read_against(self._db)
        folders = self._folders
        settled = {pair for pair in set(folders.values()) if not pair[0] or self.agrees(*pair)}
        found = []
        for image_id, (folder, class_id) in folders.items():
            is_moved, is_by_hand = image_id in self._refiled, image_id in self.by_hand
            if (folder, class_id) in settled:
                continue
            if is_by_hand and not is_moved and against.get(str(image_id)) != folder:
                continue
            found.append(FolderLabel(image_id, folder, class_id, is_by_hand, is_moved))
        return found

    def agrees(self, folder: str, class_id: int | None) -> bool:
        """Whether a class is the one that a folder names."""
        state = self.states.get(class_id or 0)
        if state is None:
            return False
        names = {state.name, *self._former.get(state.id, ())}
        return (folder, class_id) in self._kept or any(is_same_path(folder, name) for name in names)

    def with_label(self, class_id: int, *, outside: Collection[str]) -> list[int]:
        """Images of the project that are there and have a label, but for those in some folders of this source."""
        here = self._folders
        rows = self._db.execute("SELECT id FROM image WHERE class_id = ? AND status <> 'missing'", (class_id,))
        return [i for i, in rows if i not in self._missing and not (i in here and here[i][0] in outside)]

    def names(self, image_ids: Iterable[int]) -> dict[int, str]:
        """Readable paths of images, where they lie now."""
        sql = "SELECT id, path FROM image WHERE id IN (SELECT value FROM json_each(?))"
        rows = self._db.execute(sql, (json.dumps(list(image_ids)),))
        return {image_id: display_text(self._moved.get(image_id, path)) for image_id, path in rows}

    def class_of_folders(self) -> dict[str, int]:
        """The class that all images of a folder have which nobody labelled by hand, where there is one."""
        classes: dict[str, Counter[int | None]] = defaultdict(Counter)
        for image_id, (folder, class_id) in self._folders.items():
            if folder and image_id not in self.by_hand:
                classes[folder][class_id] += 1
        return {folder: only for folder, counts in classes.items() if len(counts) == 1
                and (only := next(iter(counts))) is not None and only in self.states}


def is_same_path(one: str, other: str) -> bool:
    """Whether two class paths differ in nothing but where the image folder begins ("red", "train/red")."""
    return one == other or f"/{one}".endswith(f"/{other}") or bool(one) and f"/{other}".endswith(f"/{one}")


def keep_folders(db: sqlite3.Connection, source_id: int, kept: Iterable[FolderLabel]) -> None:
    """Note that labels stay although their folders say something else, so that it is not said again."""
    kept = list(kept)
    pairs = {(source_id, one.folder, one.class_id) for one in kept if not one.is_by_hand}
    write_meta(db, _KEPT, sorted({*_read_kept(db), *pairs}, key=str))
    against = _read_against(db)
    write_meta(db, _AGAINST, {k: v for k, v in against.items() if k not in {str(one.image_id) for one in kept}})


def remember_against(db: sqlite3.Connection, source_id: int, unsettled: Iterable[FolderLabel]) -> None:
    """Remember which labels given by hand are not what the folder says, so that it is said again."""
    before = _read_against(db)
    sql = "SELECT id FROM image WHERE source_id = ? AND id IN (SELECT value FROM json_each(?))"
    own = {str(row[0]) for row in db.execute(sql, (source_id, json.dumps([int(key) for key in before])))}
    now = {key: folder for key, folder in before.items() if key not in own}
    now |= {str(one.image_id): one.folder for one in unsettled if one.is_by_hand}
    if now != before:
        write_meta(db, _AGAINST, now)


def _read_kept(db: sqlite3.Connection) -> list[tuple[int, str, int | None]]:
    """Source, folder and class of what a person settled; what is damaged is left out."""
    rows = [row for row in read_meta(db, _KEPT, []) if isinstance(row, list) and len(row) == 3]
    return [(row[0], row[1], row[2]) for row in rows if isinstance(row[1], str) and isinstance(row[2], int | None)]


def _read_against(db: sqlite3.Connection) -> dict[str, str]:
    """The folder that an image with a label given by hand was moved to, by its id."""
    found = read_meta(db, _AGAINST, {})
    return {key: folder for key, folder in found.items() if key.isdecimal() and isinstance(folder, str)}
