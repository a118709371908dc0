"""Labels from and to a table `path,label`, as spreadsheets write and read it.

A spreadsheet runs a cell that begins with = + - or @ as a formula; such cells are written with
a leading apostrophe, which is taken away again when reading.
"""

from __future__ import annotations

import csv
import os
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import InputError
from core.project.classes import clean_name, new_state
from core.project.journal import ClassState, class_states, write_entry
from core.project.paths import absolute_path, display_text
from core.project.project import Project
from core.runs.atomic import open_to_replace
from core.runs.read_table import read_table

_PATH_TITLES = frozenset({
    "path", "file", "filename", "file_name", "image", "name", "ruta", "archivo", "fichero", "imagen", "nombre",
})
_LABEL_TITLES = frozenset({"label", "class", "category", "etiqueta", "clase", "categoría", "categoria"})
LONGEST_NAME = 200
"""Characters; a longer label is a slip in the table."""

_FORMULA_STARTS = "=+-@\t\r'"


@dataclass(frozen=True, slots=True)
class LabelCsvSummary:
    """What reading a table did.

    Attributes:
        n_rows: Rows with a path and a label.
        n_labelled: Images whose label changed, or was given to an earlier version of their file.
        n_unchanged: Images that had the label already.
        n_without_label: Rows that name no label; they change nothing.
        unknown: Paths that are no image of the project.
        ambiguous: File names that several images have.
        contradicting: Paths that the table labels twice, differently; the last one counts.
        new_classes: Classes that were made.
    """

    n_rows: int
    n_labelled: int
    n_unchanged: int
    n_without_label: int
    unknown: tuple[str, ...]
    ambiguous: tuple[str, ...]
    contradicting: tuple[str, ...]
    new_classes: tuple[str, ...]


def import_labels(project: Project, path: Path) -> LabelCsvSummary:
    """Label images from a table; one step for undo.

    Args:
        project: An open project.
        path: A table with the columns `path` and `label` in any order, separated by commas, semicolons
            or tabs; without titles the first column is the path. Paths are relative to a source folder, to the
            table's folder or to the current one, absolute, or bare file names that only one image has.

    Raises:
        InputError: The table cannot be read or has no two columns, or a label is longer than a name can be.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    rows = list(_read_table(path))
    folder = path.expanduser().absolute().parent
    finder = _Finder(project, dict.fromkeys((folder, folder.resolve(), Path.cwd())))
    wanted: dict[int, str] = {}
    unknown, ambiguous, contradicting, n_without = list[str](), list[str](), list[str](), 0
    for cell, label in rows:
        ids = finder.find(cell)
        if not label.strip(" /"):
            n_without += 1
        elif len(ids) != 1:
            (ambiguous if ids else unknown).append(_readable(cell))
        else:
            name = _class_name(label)
            if wanted.get(ids[0], name) != name:
                contradicting.append(_readable(cell))
            wanted[ids[0]] = name
    n_labelled, new_classes = _apply(project, wanted, path.name)
    return LabelCsvSummary(
        len(rows) - n_without, n_labelled, len(wanted) - n_labelled, n_without,
        tuple(unknown), tuple(ambiguous), tuple(dict.fromkeys(contradicting)), new_classes,
    )


def export_labels(project: Project, path: Path) -> int:
    """Write all images and their labels as `path,label`; `import_labels` reads it back.

    Paths are relative to their source, or absolute where two sources have the same one. A file that is there
    already is replaced when the new one is whole.

    Returns:
        How many rows were written.

    Raises:
        InputError: The folder does not exist, or `path` is a folder or no text file.
        StorageError: The file cannot be written.
    """
    rows = project.catalog.rows(
        "SELECT s.path, i.path, coalesce(c.name, '') FROM image i JOIN source s ON s.id = i.source_id "
        "LEFT JOIN class c ON c.id = i.class_id ORDER BY i.sort_key, i.id"
    )
    n_by_path: dict[bytes, int] = {}
    for _, relative, _ in rows:
        n_by_path[relative] = n_by_path.get(relative, 0) + 1
    with open_to_replace(path) as file:
        writer = csv.writer(file)
        writer.writerow(("path", "label"))
        for root, relative, label in rows:
            cell = os.fsdecode(relative) if n_by_path[relative] == 1 else str(absolute_path(root, relative))
            writer.writerow((neutralise(cell), neutralise(label)))
    return len(rows)


def neutralise(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return "'" + cell if cell[:1] and cell[0] in _FORMULA_STARTS else cell


def restore(cell: str) -> str:
    """The cell that `neutralise` was given."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] and cell[1] in _FORMULA_STARTS else cell


class _Finder:
    """Finds images by what a table may call them.

    Args:
        project: An open project.
        bases: Folders that paths may be relative to, besides the sources; absolute.
    """

    def __init__(self, project: Project, bases: Iterable[Path]) -> None:
        self._bases = [os.fsencode(base) for base in bases]
        self._by_path: dict[str, list[int]] = {}
        self._by_name: dict[str, list[int]] = {}
        self._absolute: dict[bytes, int] = {}
        self._folders: dict[bytes, bytes] = {}
        roots: dict[bytes, set[bytes]] = {}
        sql = "SELECT i.id, s.path, i.path FROM image i JOIN source s ON s.id = i.source_id ORDER BY i.id"
        for image_id, root, relative in project.catalog.rows(sql):
            # a folder may be named with links in its path, and without
            for prefix in roots.setdefault(root, {_plain(root), _plain(os.path.realpath(root))}):
                self._absolute[prefix.rstrip(b"/") + b"/" + relative] = image_id
            text = _normal(os.fsdecode(relative))
            self._by_path.setdefault(text, []).append(image_id)
            self._by_name.setdefault(text.rpartition("/")[2], []).append(image_id)

    def find(self, cell: str) -> list[int]:
        """Ids of all images that a cell may mean; the most exact way of naming wins."""
        for text in _spellings(cell):
            in_sources = self._by_path.get(_normal(text.removeprefix("./")), [])
            if len(in_sources) == 1:
                return in_sources
            if (exact := self._below_bases(os.fsencode(text))) is not None:
                return [exact]
            if found := in_sources or self._by_name.get(_normal(text), []):
                return found
        return []

    def _below_bases(self, path: bytes) -> int | None:
        """The image at a path that is absolute or relative to one of the bases."""
        for base in self._bases:
            place = _plain(os.path.join(base, path))
            if place not in self._absolute:
                folder, _, name = place.rpartition(b"/")
                place = self._without_links(folder) + b"/" + name
            if place in self._absolute:
                return self._absolute[place]
        return None

    def _without_links(self, folder: bytes) -> bytes:
        if folder not in self._folders:
            self._folders[folder] = _plain(os.path.realpath(folder))
        return self._folders[folder]


def _plain(path: bytes) -> bytes:
    """Without “..” and doubled separators, parts joined by "/"."""
    return os.path.normpath(path).replace(os.fsencode(os.sep), b"/")


def _spellings(cell: str) -> Iterator[str]:
    """A cell as it stands, with Windows' separators, and from the old Western code page."""
    yield cell
    if "\\" in cell:
        yield cell.replace("\\", "/")
    if not cell.isprintable() and (readable := _readable(cell)) != cell:
        yield readable


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _class_name(label: str) -> str:
    """The class that a label names, without what no keyboard gives."""
    name = "".join(c for c in _readable(label) if c.isspace() or unicodedata.category(c) != "Cc")
    if len(name) > LONGEST_NAME:
        raise InputError(
            f"The label “{name[:40]}…” is {len(name):,} characters long.",
            "Look at the table: perhaps a quote is not closed.",
        )
    return clean_name(name)


def _readable(text: str) -> str:
    """Text without surrogates: bytes that are not UTF-8 are read as Windows-1252, which Excel writes."""
    data = text.encode("utf-8", "surrogateescape")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _apply(project: Project, wanted: dict[int, str], file_name: str) -> tuple[int, tuple[str, ...]]:
    """Label images by class name; returns how many changed, and the classes that were made."""
    with project.catalog.transaction() as db:
        ids, new = _classes_for(db, wanted.values())
        now = dict(db.execute("SELECT id, class_id FROM image").fetchall())
        marked = {row[0] for row in db.execute("SELECT id FROM image WHERE label_content IS NOT NULL")}
        changes = [(i, now[i], ids[name]) for i, name in wanted.items() if now[i] != ids[name] or i in marked]
        if not changes:
            return 0, ()
        before = [replace(c, deleted=1) for c in new]
        title = f"Labels from “{display_text(os.fsencode(file_name))}”"
        entry = write_entry(db, title, action="label_csv", before=before, after=new)
        db.executemany("INSERT INTO journal_label VALUES (?, ?, ?, ?)", ((entry, *change) for change in changes))
        db.executemany("UPDATE image SET class_id = ? WHERE id = ?", ((after, i) for i, _, after in changes))
    return len(changes), tuple(c.name for c in new)


def _classes_for(db: sqlite3.Connection, names: Iterable[str]) -> tuple[dict[str, int], list[ClassState]]:
    states = list(class_states(db).values())
    ids = {c.name: c.id for c in states}
    new: list[ClassState] = []
    for name in dict.fromkeys(names):
        if name not in ids:
            new.append(new_state(db, name, [*states, *new]))
            ids[name] = new[-1].id
    return ids, new


def _read_table(path: Path) -> Iterator[tuple[str, str]]:
    """Pairs (path, label) as they stand in the table."""
    rows = read_table(path)
    if not rows:
        return
    path_column, label_column, has_titles = _find_columns(rows[0], path.name)
    for row in rows[int(has_titles):]:
        cells = [*row, *[""] * (max(path_column, label_column) + 1 - len(row))]
        yield restore(cells[path_column]), restore(cells[label_column])


def _find_columns(titles: list[str], name: str) -> tuple[int, int, bool]:
    """Column of the path, column of the label, and whether the first row holds titles."""
    plain = [title.strip().lower() for title in titles]
    paths = [i for i, title in enumerate(plain) if title in _PATH_TITLES]
    labels = [i for i, title in enumerate(plain) if title in _LABEL_TITLES]
    if paths and labels:
        return paths[0], labels[0], True
    if len(titles) != 2:
        raise InputError(f"The table “{name}” has no columns “path” and “label”.", "Name two columns path and label.")
    return 0, 1, False
