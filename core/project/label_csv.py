"""Labels from tables of many forms, and to a table `path,label`, with exclusions, flags and tags where there are any.

Each import is one step for undo.

A spreadsheet runs a cell that begins with = + - or @ as a formula; such cells are written with
a leading apostrophe, which is taken away again when reading.
"""

from __future__ import annotations

import csv
import os
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import InputError
from core.project.classes import clean_name, list_classes, new_state
from core.project.excluded_rows import ExcludedRows, cell_of_reason, read_excluded, write_excluded
from core.project.journal import ClassRow, class_states, write_entry
from core.project.label_tables.columns import Chosen
from core.project.label_tables.finder import ImageFinder
from core.project.label_tables.forms import read_label_table
from core.project.label_tables.parts import Found, Key, find_images
from core.project.label_tables.rows import LabelRow, LabelTable
from core.project.label_tables.titles import EXCLUDED
from core.project.label_tables.spelling import find_code_page, unmangled
from core.project.paths import absolute_path, display_text
from core.project.project import Project
from core.project.spared import remember_input, require_spared
from core.project.tag_columns import (
    Tagged, cells_of, is_own_table, make_changes, match_tags, needed_changes, read_tag_cells, titles_of,
)
from core.project.tags import read_tags
from core.files.user_files import open_to_replace
from core.text import Message

LONGEST_NAME = 200
"""Characters; a longer label is a slip in the table."""

_FORMULA_STARTS = "=+-@\t\r'"


@dataclass(frozen=True, slots=True)
class LabelCsvSummary:
    """What reading a table did.

    Attributes:
        n_rows: Rows with a path and a label.
        n_labelled: Images whose label changed, or was given to an earlier version of their file.
        n_labelled_test: Those of them that are test images.
        n_unchanged: Images that had the label already.
        without_label: Paths of rows that name no label; they change nothing.
        several_labels: Paths of rows with several labels; they change nothing.
        unknown: Paths that are no image of the project.
        ambiguous: Paths that several images have, or several paths that may all mean one image.
        contradicting: Paths that the table labels twice, differently; the last one counts.
        n_tagged: Images whose flags or tags changed.
        excluded: What the table says of excluded images.
        other_part: Paths of images that are of the other part than the one that was asked for.
        not_tagged: Paths whose flags or tags were not given: of no image, of several, or of one of which the table
            says different things.
    """

    n_rows: int
    n_labelled: int
    n_labelled_test: int
    n_unchanged: int
    without_label: tuple[str, ...]
    several_labels: tuple[str, ...]
    unknown: tuple[str, ...]
    ambiguous: tuple[str, ...]
    contradicting: tuple[str, ...]
    new_classes: tuple[str, ...]
    table: LabelTable
    found: Found
    n_tagged: int = 0
    excluded: ExcludedRows = ExcludedRows({}, {})
    other_part: tuple[str, ...] = ()
    not_tagged: tuple[str, ...] = ()

    @property
    def n_said(self) -> int:
        """Images of which the table says something that is so now."""
        return self.n_labelled + self.n_unchanged + self.n_tagged + len(self.excluded.wanted)

    @property
    def has_changed(self) -> bool:
        """Whether anything is new, and can be undone."""
        return bool(self.n_labelled + self.n_tagged or self.excluded.changed)


def import_labels(
    project: Project, path: Path, *, columns: Chosen | None = None, split: str | None = None
) -> LabelCsvSummary:
    """Label images from a table; one step for undo.

    Args:
        path: A table of any form in `label_tables.forms`. Images are named by paths relative to a source folder,
            to the table's folder or to the current one, by absolute paths, also of another computer, or by file
            names with or without ending; the longest tail of the path that one image has decides.
        columns: The columns of image and label; None to find them.
        split: "train" or "test" to label images of this part only.

    Raises:
        ColumnsUnclear: The columns must be named.
        SplitUnclear: The part must be named.
        InputError: The table cannot be read, has several labels an image, or a label is longer than a name can be.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    folder = path.expanduser().absolute().parent
    finder = ImageFinder(project, dict.fromkeys((folder, folder.resolve(), Path.cwd())))
    classes = {c.name for c in list_classes(project)}
    written = classes | {neutralise(name) for name in classes}
    is_own = is_own_table(path)
    table = read_label_table(path, lambda cell: finder.fit(restore(cell)), classes=written,
                             columns=columns or ((0, 1) if is_own else None))
    remember_input(project, path)
    rows = [LabelRow(restore(row.image), tuple(map(restore, row.labels)), row.split,
                     None if row.excluded is None else restore(row.excluded)) for row in table.rows]
    finder.code_page = find_code_page(
        (text for row in rows for text in (row.image, *row.labels)),
        lambda text: finder.fit(text) > 0 or text in classes)
    found = find_images((row.key for row in rows), finder, folder / path.name, split=split)
    tagged, left = match_tags(read_tag_cells(path, restore) if is_own else (), found)
    summary = _label(project, rows, replace(table, rows=()), found, finder, path.name, tagged)
    return replace(summary, not_tagged=tuple(map(finder.readable, left)))


def _label(
    project: Project, rows: list[LabelRow], table: LabelTable, found: Found, finder: ImageFinder, name: str,
    tagged: Tagged,
) -> LabelCsvSummary:
    """Sort the rows by what can be done with them, and label the images of the good ones."""
    left: dict[str, list[str]] = {reason: [] for reason in ("without", "several", "unknown", "ambiguous", "other")}
    cells: dict[int, dict[Key, str]] = {}
    contradicting: list[str] = []
    names: dict[str, str] = {}
    for row in rows:
        match = found.matches.get(row.key)
        if len(row.labels) != 1 or not row.labels[0].strip(" /"):
            left["several" if len(row.labels) > 1 else "without"].append(finder.readable(row.image))
        elif match is None or len(match.ids) > 1:
            reason = "ambiguous" if match else "other" if row.key in found.others else "unknown"
            left[reason].append(finder.readable(row.image))
        else:
            if row.labels[0] not in names:
                names[row.labels[0]] = _class_name(finder.readable(row.labels[0]))
            label = names[row.labels[0]]
            labels = cells.setdefault(match.ids[0], {})
            if any(other != label for other in labels.values()):
                contradicting.append(finder.readable(row.image))
            labels.pop(row.key, None)
            labels[row.key] = label
    wanted, unclear = _decide(cells, found)
    left["ambiguous"] += [finder.readable(cell) for cell, _ in unclear]
    contradicting = [cell for cell in dict.fromkeys(contradicting) if cell not in set(left["ambiguous"])]
    done = _apply(project, wanted, name, tagged, lambda db: read_excluded(db, rows, found, finder.readable))
    changed, new_classes, n_tagged, excluded = done
    n_test = sum(finder.split_of[image_id] == "test" for image_id in changed)
    return LabelCsvSummary(
        len(rows) - len(left["without"]), len(changed), n_test, len(wanted) - len(changed),
        tuple(left["without"]), tuple(left["several"]), tuple(left["unknown"]), tuple(left["ambiguous"]),
        tuple(contradicting), new_classes, table, found, n_tagged, excluded, tuple(left["other"]),
    )


def _decide(cells: Mapping[int, Mapping[Key, str]], found: Found) -> tuple[dict[int, str], list[Key]]:
    """The label of each image, and the cells that may mean one image and label it differently.

    Of rows that name an image alike the last one counts; paths of different folders that all end with its name
    are of different images, of which only one is there.
    """
    wanted: dict[int, str] = {}
    unclear: list[Key] = []
    for image_id, labels in cells.items():
        rests = {found.matches[cell].rest for cell in labels}
        if len(set(labels.values())) > 1 and len(rests) > 1 and "" not in rests:
            unclear += labels
        else:
            wanted[image_id] = list(labels.values())[-1]
    return wanted, unclear


def export_labels(project: Project, path: Path) -> int:
    """Write all images and their labels as `path,label`, with `flags,tags` where there are any; read back by import.

    Where images are excluded, a third column `excluded` holds the reason of each. Paths are relative to their source,
    or absolute where two sources share one. A file that is there already is replaced when the new one is whole.

    Returns:
        How many rows were written.

    Raises:
        InputError: The folder does not exist, or `path` is a folder or no text file.
        StorageError: The file cannot be written.
    """
    rows = project.catalog.rows(
        "SELECT s.path, i.path, coalesce(c.name, ''), i.id, i.excluded FROM image i "
        "JOIN source s ON s.id = i.source_id LEFT JOIN class c ON c.id = i.class_id ORDER BY i.sort_key, i.id"
    )
    require_spared(project, path)
    n_by_path = Counter(row[1] for row in rows)
    tags, has_excluded = read_tags(project), any(row[4] is not None for row in rows)
    with open_to_replace(path) as file:
        writer = csv.writer(file)
        writer.writerow(("path", "label", *((EXCLUDED,) if has_excluded else ()), *titles_of(tags)))
        for root, relative, label, image_id, excluded in rows:
            cell = os.fsdecode(relative) if n_by_path[relative] == 1 else str(absolute_path(root, relative))
            why = (cell_of_reason(excluded),) if has_excluded else ()
            more = cells_of(tags.get(image_id)) if tags else ()
            writer.writerow(map(neutralise, (cell, label, *why, *more)))
    return len(rows)


def neutralise(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return "'" + cell if cell[:1] and cell[0] in _FORMULA_STARTS else cell


def restore(cell: str) -> str:
    """The cell that `neutralise` was given."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] and cell[1] in _FORMULA_STARTS else cell


def _class_name(label: str) -> str:
    """The class that a label names, without what no keyboard gives."""
    name = "".join(c for c in unmangled(label) if c.isspace() or unicodedata.category(c) != "Cc")
    if len(name) > LONGEST_NAME:
        raise InputError("tables.label_is_long", start=name[:40], n=len(name))
    return clean_name(name)


def _apply(
    project: Project, wanted: Mapping[int, str], file_name: str, tagged: Tagged,
    read: Callable[[sqlite3.Connection], ExcludedRows],
) -> tuple[list[int], tuple[str, ...], int, ExcludedRows]:
    """Label images by class name, exclude and include, flag and tag them.

    Returns:
        Those whose label changed, the classes that were made, how many images got other flags or tags, and what the
        table says of excluded ones.
    """
    with project.catalog.transaction() as db:
        ids, new = _classes_for(db, wanted.values())
        now = dict(db.execute("SELECT id, class_id FROM image").fetchall())
        marked = {row[0] for row in db.execute("SELECT id FROM image WHERE label_content IS NOT NULL")}
        changes = [(i, now[i], ids[name]) for i, name in wanted.items() if now[i] != ids[name] or i in marked]
        of_tags, excluded = needed_changes(db, tagged), read(db)
        if not (changes or of_tags or excluded.changed):
            return [], (), 0, excluded
        new = new if changes else []
        before = [replace(c, deleted=1) for c in new]
        title = Message("project.journal.from_table", name=display_text(os.fsencode(file_name)))
        entry = write_entry(db, title, action="label_csv", before=before, after=new)
        db.executemany("INSERT INTO journal_label VALUES (?, ?, ?, ?)", ((entry, *change) for change in changes))
        db.executemany("UPDATE image SET class_id = ? WHERE id = ?", ((after, i) for i, _, after in changes))
        n_tagged = make_changes(db, entry, of_tags)
        write_excluded(db, entry, excluded)
    return [i for i, _, _ in changes], tuple(c.name for c in new), n_tagged, excluded


def _classes_for(db: sqlite3.Connection, names: Iterable[str]) -> tuple[dict[str, int], list[ClassRow]]:
    states = list(class_states(db).values())
    ids = {unicodedata.normalize("NFC", c.name): c.id for c in reversed(states)}
    new: list[ClassRow] = []
    for name in dict.fromkeys(names):
        if name not in ids:
            new.append(new_state(db, name, [*states, *new]))
            ids[name] = new[-1].id
    return ids, new
