"""Recording in the catalog what a scan found: adds what is new, follows what moved, keeps what people say."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.images.natural import natural_key
from core.images.reasons import write_reason
from core.jobs import JobContext
from core.project.class_naming import ClassNaming
from core.project.classes import class_key, clean_name, new_state
from core.project.folder_labels import FolderLabels
from core.project.folder_tree import ForeignNames, is_foreign_folder
from core.project.journal import ClassRow, class_states, note_contents, now_text, refresh_marks, write_entry
from core.project.catalog import as_json
from core.project.matching import ImportPlan, plan_import
from core.project.paths import absolute_path, display_text, hidden_path, source_bytes
from core.project.project import Project
from core.project.refiling import N_EXAMPLES, Refiling, refile_labels
from core.project.removed_files import (
    pass_over_removed, put_away_empty, return_source, settle_moved, without_files,
)
from core.project.removed_rows import next_image_id, next_source_id
from core.project.rows import file_stamp
from core.project.trash_entries import IN_TRASH, IN_TRASH_THEN
from core.project.scan import ScanInput, ScannedFile, ScanResult, names_with_frames
from core.text import Message
from core.types import Skipped

CHUNK = 10_000
_GONE = write_reason(Message("images.gone"))
PASSED_OVER = write_reason(Message("images.passed_over"))
PASSED_OVER_THEN = "It lies in a folder of thumbnails or trash, which is passed over."
"""What earlier versions wrote."""
STAGE_RECORDING = Message("jobs.adding_images")


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import did.

    Attributes:
        source_id: The source that the folder is in the catalog.
        n_found: Good images in the folder, old and new.
        n_added: Good images that got a row.
        n_moved: Rows whose file was found at a new place.
        n_changed: Rows whose file has a new content; what was predicted of the old one is forgotten.
        n_unchanged: Rows that stay as they were.
        n_missing: Rows whose file is gone.
        n_not_images: Other files that were passed over.
        new_classes: Names of classes that the sub-folders brought.
        unreadable: Images that cannot be decoded, of those just read.
        skipped: Sub-folders that could not be looked into.
        n_returned: Rows whose file was gone and is there again, in the same part of the project.
        refiling: What became of labels whose images lie in the folder of another class.
        changed: The first `N_EXAMPLES` names of those whose file has a new content.
        n_marked: Labels of those, given by a person to what the file was before.
        n_moved_to_test, n_moved_to_train: Rows whose file was found in a folder of the other part.
        n_unreadable: Images in the folder that cannot be decoded, old and new.
        foreign: Folders and files that were passed over as left by a system or program, by name.
        with_frames: Names of files just read that hold several images, of which the first is used.
        n_removed: Images of the folder that a person removed from the project; they are passed over.
        n_brought_back: Images of a removed source that came back with it.
    """

    source_id: int
    n_found: int
    n_added: int
    n_moved: int
    n_changed: int
    n_unchanged: int
    n_missing: int
    n_not_images: int
    new_classes: tuple[str, ...]
    unreadable: tuple[Skipped, ...]
    skipped: tuple[Skipped, ...]
    n_returned: int = 0
    refiling: Refiling = Refiling()
    changed: tuple[str, ...] = ()
    n_marked: int = 0
    n_moved_to_test: int = 0
    n_moved_to_train: int = 0
    n_unreadable: int = 0
    foreign: ForeignNames = ()
    with_frames: tuple[str, ...] = ()
    n_removed: int = 0
    n_brought_back: int = 0


def scan_input(
    project: Project, folder: Path, *, split: str = "train", with_labels: bool = True,
    naming: ClassNaming | None = None, excluded: Iterable[bytes] = (),
) -> ScanInput:
    """The input of a scan that passes over what the project already knows of the folder.

    Folders inside that the project has for the other split are not looked into.

    Raises:
        InputError: The folder is in the project with the other split.
    """
    folder = Path(os.fsdecode(source_bytes(folder)))
    _require_same_split(project.catalog.rows(_FIND_SOURCE, (source_bytes(folder),)), split, folder)
    sql = (
        "SELECT i.path, i.bytes, i.mtime_ns, i.ctime_ns, i.added_at FROM image i JOIN source s ON s.id = i.source_id "
        "WHERE s.path = ? AND i.status <> 'missing'"
    )
    rows = project.catalog.rows(sql, (source_bytes(folder),))
    known = {path: file_stamp(*stamp) for path, *stamp in rows}
    apart = frozenset(excluded) | _other_split_inside(project, folder, split)
    return ScanInput(folder, split, with_labels, known, naming or ClassNaming(), apart)


def _other_split_inside(project: Project, folder: Path, split: str) -> frozenset[bytes]:
    """Relative folders of sources that lie in a folder and belong to the other split."""
    root = source_bytes(folder).rstrip(b"/") + b"/"
    rows = project.catalog.rows("SELECT path FROM source WHERE split <> ?", (split,))
    return frozenset(path[len(root):] for path, in rows if path.startswith(root))


def record_scan(
    project: Project, result: ScanResult, *, context: JobContext | None = None, follow: str = "safe"
) -> ImportSummary:
    """Write what a scan found into the catalog, in one transaction.

    New rows are labelled by their folder if asked, test images only with classes that exist; what becomes of labels
    whose images lie in the folder of another class is said in `core.project.refiling`.

    Raises:
        InputError: The folder is in the project with the other split.
        JobCancelled: The caller asked to end; the project is as it was.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    context = context or JobContext()
    with project.catalog.transaction() as db:
        n_brought_back = return_source(db, result.asked.folder, result.asked.split)
        source_id = _find_or_add_source(db, result)
        result, n_removed = pass_over_removed(db, result)
        plan, removed = settle_moved(db, plan_import(db, result, source_id=source_id))
        result = without_files(result, {file.path for _, file in removed.staying})
        n_returned, n_resettled = _count_returned(db, plan, result.asked.split)
        refiling = Refiling()
        if result.asked.with_labels:
            labels, makes_classes = _folder_labels(db, plan, result, source_id), result.asked.split == "train"
            refiling = refile_labels(db, source_id, labels, follow=follow, makes_classes=makes_classes)
        _write_seen(db, "removed_image", removed.staying, result, source_id)
        write_plan(db, plan, result, source_id)  # before new files take the places of those that moved
        _drop_empty_sources(db, source_id)
        put_away_empty(db, removed)
        new_classes = _add_new(db, plan, result, source_id, context)
        _explain_passed_over(db, plan)
        n_of = dict(db.execute("SELECT status, count(*) FROM image WHERE source_id = ? GROUP BY 1", (source_id,)))
        marked = {image_id for image_id, in db.execute("SELECT id FROM image WHERE label_content IS NOT NULL")}
        n_marked = sum(row_id in marked for row_id, _ in plan.changed)
    is_test = result.asked.split == "test"
    return replace(
        _summary(result, plan, source_id, n_of.get("ok", 0), new_classes), n_returned=n_returned,
        n_unreadable=n_of.get("unreadable", 0), refiling=refiling, n_marked=n_marked,
        n_moved_to_test=n_resettled if is_test else 0, n_moved_to_train=0 if is_test else n_resettled,
        n_removed=n_removed + len(removed.staying), n_brought_back=n_brought_back + removed.n_back,
    )


def _folder_labels(db: sqlite3.Connection, plan: ImportPlan, result: ScanResult, source_id: int) -> FolderLabels:
    moved = {row_id: file.path for row_id, file in plan.moved}
    gone = (*plan.missing, *(row_id for row_id, _ in plan.displaced))
    return FolderLabels(db, source_id, result.asked.naming, moved=moved, missing=gone)


_FIND_SOURCE = "SELECT id, split FROM source WHERE path = ?"


def _find_or_add_source(db: sqlite3.Connection, result: ScanResult) -> int:
    path = source_bytes(result.asked.folder)
    found = db.execute(_FIND_SOURCE, (path,)).fetchall()
    _require_same_split(found, result.asked.split, result.asked.folder)
    if found:
        return int(found[0][0])
    sql = "INSERT INTO source(id, path, split, added_at) VALUES (?, ?, ?, ?)"
    return int(db.execute(sql, (next_source_id(db), path, result.asked.split, now_text())).lastrowid or 0)


def _require_same_split(found: Sequence[tuple[Any, ...]], split: str, folder: Path) -> None:
    if found and found[0][1] != split:
        raise InputError(f"project.already_for_{found[0][1]}", folder=folder)


def _add_new(
    db: sqlite3.Connection, plan: ImportPlan, result: ScanResult, source_id: int, context: JobContext
) -> list[ClassRow]:
    """Insert rows; classes and labels that the folders give are one entry of the journal."""
    files = plan.new
    class_ids, new_classes = _folder_classes(db, plan, result, source_id) if result.asked.with_labels else ({}, [])
    entry = 0
    if class_ids:
        before = [replace(c, deleted=1) for c in new_classes]
        title = Message("project.journal.from_folders", name=display_text(os.fsencode(result.asked.folder.name)))
        entry = write_entry(db, title, action="import", before=before, after=new_classes)
    first_id = next_image_id(db)
    rows = _new_rows(files, result, source_id, class_ids, first_id)
    for start in range(0, len(files), CHUNK):
        context.progress(start, len(files), stage=STAGE_RECORDING)
        db.executemany(_INSERT, islice(rows, CHUNK))
    if class_ids:
        labelled = "SELECT ?, id, NULL, class_id FROM image WHERE id >= ? AND class_id IS NOT NULL"
        db.execute(f"INSERT INTO journal_label {labelled}", (entry, first_id))
    if files:
        context.progress(len(files), len(files), stage=STAGE_RECORDING)
    return new_classes


def _folder_classes(
    db: sqlite3.Connection, plan: ImportPlan, result: ScanResult, source_id: int
) -> tuple[dict[str, int], list[ClassRow]]:
    """Class id by what the folders of good images name, and the classes that do not exist yet, in natural order.

    A folder whose images all have one class gives it to new ones too, whatever the class is called by now.
    """
    folders = {result.asked.naming.class_of(f.path) for f in plan.new if f.facts is not None} - {""}
    names = {folder: clean_name(folder) for folder in folders if folder.strip(" /")}
    states = list(class_states(db).values())
    ids = {state.name: state.id for state in states}
    if set(names.values()) - set(ids):
        ids |= {name: ids.get(name, class_id) for name, class_id in
                _folder_labels(db, plan, result, source_id).class_of_folders().items()}
    if result.asked.split == "test":
        keys = {class_key(state.name): state.id for state in states}
        found = {folder: ids.get(name) or keys.get(class_key(name)) for folder, name in names.items()}
        return {folder: class_id for folder, class_id in found.items() if class_id}, []
    new: list[ClassRow] = []
    for name in sorted(set(names.values()) - set(ids), key=lambda name: (natural_key(name), name)):
        new.append(new_state(db, name, [*states, *new]))
        ids[name] = new[-1].id
    return {folder: ids[name] for folder, name in names.items()}, new


_INSERT = (
    "INSERT INTO image(id, source_id, path, name, sort_key, bytes, mtime_ns, ctime_ns, content_hash, format, width, "
    "height, mode, split, class_id, status, reason, added_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_SEEN = (
    "UPDATE {table} SET source_id = ?, path = ?, name = ?, sort_key = ?, bytes = ?, mtime_ns = ?, ctime_ns = ?, "
    "content_hash = ?, format = ?, width = ?, height = ?, mode = ?, split = ?, status = ?, reason = ? WHERE id = ?"
)


def _new_rows(
    files: Sequence[ScannedFile], result: ScanResult, source_id: int, class_ids: dict[str, int], first_id: int
) -> Iterator[tuple[Any, ...]]:
    now = now_text()
    for image_id, file in enumerate(files, first_id):
        label = class_ids.get(result.asked.naming.class_of(file.path))
        yield (image_id, source_id, *_columns(file), result.asked.split, label, *_status(file), now)


def _columns(file: ScannedFile) -> tuple[Any, ...]:
    name, facts = display_text(file.path), file.facts
    what = (facts.format, facts.width, facts.height, facts.mode) if facts else (None, None, None, None)
    return (file.path, name, natural_key(name), file.n_bytes, file.mtime_ns, file.ctime_ns, file.content_hash, *what)


def _status(file: ScannedFile) -> tuple[str, str | None]:
    if file.facts is not None:
        return "ok", None
    return "unreadable", write_reason(file.reason) if file.reason else None


def write_plan(db: sqlite3.Connection, plan: ImportPlan, result: ScanResult, source_id: int) -> None:
    """Write into the rows that are there what a plan says of them; new files are not added."""
    # out of each other's way first, for files may have changed places
    aside = "UPDATE image SET path = CAST('/moving/' || id AS BLOB) WHERE id = ?"
    db.executemany(aside, [(i,) for i, _ in plan.moved])
    db.executemany("UPDATE image SET path = ? WHERE id = ?", [(hidden_path(p, i), i) for i, p in plan.displaced])
    changed_ids = [row_id for row_id, _ in plan.changed]
    note_contents(db, changed_ids)
    _write_seen(db, "image", (*plan.moved, *plan.changed, *plan.touched), result, source_id)
    refresh_marks(db, changed_ids)
    gone = "UPDATE image SET status = 'missing', reason = ? WHERE id = ? AND coalesce(reason, '') NOT IN (?, ?)"
    db.executemany(gone, [(_GONE, i, IN_TRASH, IN_TRASH_THEN)
                          for i in (*plan.missing, *(row_id for row_id, _ in plan.displaced))])


def _drop_empty_sources(db: sqlite3.Connection, source_id: int) -> None:
    """Sources but for this one whose images all moved elsewhere."""
    is_empty = ("NOT EXISTS (SELECT 1 FROM image WHERE source_id = source.id) "
                "AND NOT EXISTS (SELECT 1 FROM removed_image WHERE source_id = source.id)")
    db.execute(f"DELETE FROM source WHERE id <> ? AND {is_empty}", (source_id,))


def _write_seen(
    db: sqlite3.Connection, table: str, seen: Iterable[tuple[int, ScannedFile]], result: ScanResult, source_id: int
) -> None:
    """Write where the files of rows lie and what they are."""
    rows = ((source_id, *_columns(file), result.asked.split, *_status(file), row_id) for row_id, file in seen)
    db.executemany(_SEEN.format(table=table), rows)


def _count_returned(db: sqlite3.Connection, plan: ImportPlan, split: str) -> tuple[int, int]:
    """How many rows were gone and are back, and how many moved here from the other part of the project."""
    before = {row_id: (status, part) for row_id, status, part in db.execute(
        "SELECT id, status, split FROM image WHERE id IN (SELECT value FROM json_each(?))",
        (as_json([row_id for row_id, _ in (*plan.moved, *plan.changed, *plan.touched)]),))}
    n_back = sum(status == "missing" and part == split for status, part in before.values())
    return n_back, sum(part != split for _, part in before.values())


def _explain_passed_over(db: sqlite3.Connection, plan: ImportPlan) -> None:
    """Say of images that were once taken from folders of thumbnails or trash why they are not used any more."""
    sql = "SELECT id, path FROM image WHERE id IN (SELECT value FROM json_each(?))"
    rows = db.execute(sql, (as_json(plan.missing),)).fetchall()
    passed = [(PASSED_OVER, i) for i, path in rows if any(map(is_foreign_folder, display_text(path).split("/")[:-1]))]
    db.executemany("UPDATE image SET reason = ? WHERE id = ?", passed)


def mark_missing_sources(project: Project, folder: Path, *, parts: Collection[bytes]) -> int:
    """Mark the images of sources inside a folder as missing where nothing is there any more.

    Args:
        folder: What was looked through.
        parts: Relative folders that hold images, or of which nothing is known.

    Returns:
        How many images are missing now that were not.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    root, kept = source_bytes(folder).rstrip(b"/") + b"/", tuple(part + b"/" for part in parts)
    inside = [(i, path[len(root):] + b"/") for i, path in project.catalog.rows("SELECT id, path FROM source")
              if path.startswith(root)]
    gone = [i for i, path in inside if b"" not in parts and not path.startswith(kept)]
    if not gone:
        return 0
    sql = ("UPDATE image SET status = 'missing', reason = ? WHERE status <> 'missing' "
           "AND source_id IN (SELECT value FROM json_each(?))")
    with project.catalog.transaction() as db:
        return db.execute(sql, (_GONE, as_json(gone))).rowcount


def _summary(
    result: ScanResult, plan: ImportPlan, source_id: int, n_found: int, new_classes: Sequence[ClassRow]
) -> ImportSummary:
    root = source_bytes(result.asked.folder)
    unreadable = tuple(
        Skipped(absolute_path(root, f.path), f.reason) for f in result.files if f.reason is not None)
    return ImportSummary(
        source_id=source_id, n_found=n_found, n_added=sum(f.facts is not None for f in plan.new),
        n_moved=len(plan.moved), n_changed=len(plan.changed), n_unchanged=plan.n_unchanged,
        changed=tuple(display_text(file.path) for _, file in plan.changed[:N_EXAMPLES]),
        n_missing=len(plan.missing) + len(plan.displaced), n_not_images=result.n_not_images,
        new_classes=tuple(c.name for c in new_classes), unreadable=unreadable, skipped=result.skipped,
        foreign=result.foreign,
        with_frames=names_with_frames(result.files),
    )
