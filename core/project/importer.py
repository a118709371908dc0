"""Recording in the catalog what a scan found: adds what is new, follows what moved, keeps what people say."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.images.natural import natural_key
from core.jobs import JobContext
from core.project.classes import clean_name, new_state
from core.project.journal import ClassState, class_states, now_text, write_entry
from core.project.matching import ImportPlan, plan_import
from core.project.paths import absolute_path, class_path, display_text, source_bytes
from core.project.project import Project
from core.project.refiling import Refiling, refile_labels
from core.project.scan import ScanInput, ScanResult, ScannedFile, names_with_frames, scan_folder
from core.types import Skipped

CHUNK = 10_000
STAGE_RECORDING = "Adding pictures"


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import did.

    Attributes:
        source_id: The source that the folder is in the catalog.
        n_found: Good pictures in the folder, old and new.
        n_added: Good pictures that got a row.
        n_moved: Rows whose file was found at a new place.
        n_changed: Rows whose file has a new content.
        n_unchanged: Rows that stay as they were.
        n_missing: Rows whose file is gone.
        n_not_pictures: Other files that were passed over.
        new_classes: Names of classes that the sub-folders brought.
        unreadable: Pictures that cannot be decoded, of those just read.
        skipped: Sub-folders that could not be looked into.
        n_returned: Rows whose file was gone and is there again.
        refiling: What became of the labels of pictures that moved to another class folder.
        with_frames: Names of files just read that hold several images, of which the first is used.
    """

    source_id: int
    n_found: int
    n_added: int
    n_moved: int
    n_changed: int
    n_unchanged: int
    n_missing: int
    n_not_pictures: int
    new_classes: tuple[str, ...]
    unreadable: tuple[Skipped, ...]
    skipped: tuple[Skipped, ...]
    n_returned: int = 0
    refiling: Refiling = Refiling()
    with_frames: tuple[str, ...] = ()


def import_folder(
    project: Project, folder: Path, *, split: str = "train", with_labels: bool = True,
    context: JobContext | None = None,
) -> ImportSummary:
    """Scan a folder and record it, here in this process.

    Args:
        project: An open project.
        folder: Must exist; importing it again only reads what changed.
        split: "train" or "test".
        with_labels: Whether sub-folders name classes.
        context: Told of the progress.

    Raises:
        InputError: The folder cannot be read, or is in the project with the other split.
        JobCancelled: The caller asked to end; the project is as it was.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    context = context or JobContext()
    result = scan_folder(scan_input(project, folder, split=split, with_labels=with_labels), context)
    return record_scan(project, result, context=context)


def scan_input(project: Project, folder: Path, *, split: str = "train", with_labels: bool = True) -> ScanInput:
    """The input of a scan that passes over what the project already knows of the folder.

    Raises:
        InputError: The folder is in the project with the other split.
    """
    folder = Path(os.fsdecode(source_bytes(folder)))
    _require_same_split(project.catalog.rows(_FIND_SOURCE, (source_bytes(folder),)), split, folder)
    sql = (
        "SELECT i.path, i.bytes, i.mtime_ns FROM image i JOIN source s ON s.id = i.source_id "
        "WHERE s.path = ? AND i.status <> 'missing'"
    )
    rows = project.catalog.rows(sql, (source_bytes(folder),))
    return ScanInput(folder, split, with_labels, {path: (n_bytes, mtime_ns) for path, n_bytes, mtime_ns in rows})


def record_scan(project: Project, result: ScanResult, *, context: JobContext | None = None) -> ImportSummary:
    """Write what a scan found into the catalog, in one transaction.

    New rows are labelled by their folder if asked; labels that a person gave are never changed, and those that came
    from a folder follow a picture that was moved to another (see `core.project.refiling`).

    Raises:
        InputError: The folder is in the project with the other split.
        JobCancelled: The caller asked to end; the project is as it was.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    context = context or JobContext()
    with project.catalog.transaction() as db:
        source_id = _find_or_add_source(db, result)
        plan = plan_import(db, result, source_id=source_id)
        n_returned = _count_returned(db, plan)
        refiling = refile_labels(db, plan) if result.with_labels else Refiling()
        new_classes = _add_new(db, plan.new, result, source_id, context)
        _update(db, plan, result, source_id)
        n_found = db.execute(
            "SELECT count(*) FROM image WHERE source_id = ? AND status = 'ok'", (source_id,)
        ).fetchone()[0]
    return replace(_summary(result, plan, source_id, n_found, new_classes), n_returned=n_returned, refiling=refiling)


_FIND_SOURCE = "SELECT id, split FROM source WHERE path = ?"


def _find_or_add_source(db: sqlite3.Connection, result: ScanResult) -> int:
    path = source_bytes(result.folder)
    found = db.execute(_FIND_SOURCE, (path,)).fetchall()
    _require_same_split(found, result.split, result.folder)
    if found:
        return int(found[0][0])
    sql = "INSERT INTO source(path, split, added_at) VALUES (?, ?, ?)"
    return int(db.execute(sql, (path, result.split, now_text())).lastrowid or 0)


def _require_same_split(found: Sequence[tuple[Any, ...]], split: str, folder: Path) -> None:
    if found and found[0][1] != split:
        purpose = "for training" if found[0][1] == "train" else "for testing"
        raise InputError(f"“{folder}” is already in the project {purpose}.", "Choose another folder.")


def _add_new(
    db: sqlite3.Connection, files: Sequence[ScannedFile], result: ScanResult, source_id: int, context: JobContext
) -> list[ClassState]:
    """Insert rows; classes and labels that the folders give are one entry of the journal."""
    class_ids, new_classes = _folder_classes(db, files) if result.with_labels else ({}, [])
    entry = 0
    if class_ids:
        before = [replace(c, deleted=1) for c in new_classes]
        title = f"Labels from the folders of “{display_text(os.fsencode(result.folder.name))}”"
        entry = write_entry(db, title, action="import", before=before, after=new_classes)
    first_id = db.execute("SELECT coalesce(max(id), 0) + 1 FROM image").fetchone()[0]
    rows = _new_rows(files, result.split, source_id, class_ids)
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
    db: sqlite3.Connection, files: Sequence[ScannedFile]
) -> tuple[dict[str, int], list[ClassState]]:
    """Class id by folder of the good pictures, and the classes that do not exist yet, in natural order."""
    folders = {class_path(f.path) for f in files if f.facts is not None} - {""}
    states = list(class_states(db).values())
    ids = {state.name: state.id for state in states}
    new: list[ClassState] = []
    for name in sorted({clean_name(folder) for folder in folders if folder.strip(" /")} - set(ids), key=natural_key):
        new.append(new_state(db, name, [*states, *new]))
        ids[name] = new[-1].id
    return {folder: ids[clean_name(folder)] for folder in folders if folder.strip(" /")}, new


_INSERT = (
    "INSERT INTO image(source_id, path, name, sort_key, bytes, mtime_ns, content_hash, format, width, height, mode, "
    "split, class_id, status, reason, added_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_SEEN = (
    "UPDATE image SET source_id = ?, path = ?, name = ?, sort_key = ?, bytes = ?, mtime_ns = ?, content_hash = ?, "
    "format = ?, width = ?, height = ?, mode = ?, split = ?, status = ?, reason = ? WHERE id = ?"
)


def _new_rows(
    files: Sequence[ScannedFile], split: str, source_id: int, class_ids: dict[str, int]
) -> Iterator[tuple[Any, ...]]:
    now = now_text()
    for file in files:
        label = class_ids.get(class_path(file.path))
        yield (source_id, *_columns(file), split, label, *_status(file), now)


def _columns(file: ScannedFile) -> tuple[Any, ...]:
    name, facts = display_text(file.path), file.facts
    what = (facts.format, facts.width, facts.height, facts.mode) if facts else (None, None, None, None)
    return (file.path, name, natural_key(name), file.n_bytes, file.mtime_ns, file.content_hash, *what)


def _status(file: ScannedFile) -> tuple[str, str | None]:
    return ("ok", None) if file.facts is not None else ("unreadable", file.reason)


def _update(db: sqlite3.Connection, plan: ImportPlan, result: ScanResult, source_id: int) -> None:
    # out of each other's way first, for files may have changed places
    aside = "UPDATE image SET path = CAST('/moving/' || id AS BLOB) WHERE id = ?"
    db.executemany(aside, [(i,) for i, _ in plan.moved])
    for row_id, file in (*plan.moved, *plan.changed, *plan.touched):
        db.execute(_SEEN, (source_id, *_columns(file), result.split, *_status(file), row_id))
    gone = "UPDATE image SET status = 'missing', reason = 'The file is gone.' WHERE id = ?"
    db.executemany(gone, [(i,) for i in plan.missing])
    is_empty = "NOT EXISTS (SELECT 1 FROM image WHERE source_id = source.id)"
    db.execute(f"DELETE FROM source WHERE id <> ? AND {is_empty}", (source_id,))


def _count_returned(db: sqlite3.Connection, plan: ImportPlan) -> int:
    gone = {row[0] for row in db.execute("SELECT id FROM image WHERE status = 'missing'")}
    return len(gone.intersection(row_id for row_id, _ in (*plan.moved, *plan.changed, *plan.touched)))


def _summary(
    result: ScanResult, plan: ImportPlan, source_id: int, n_found: int, new_classes: Sequence[ClassState]
) -> ImportSummary:
    root = source_bytes(result.folder)
    unreadable = tuple(Skipped(absolute_path(root, f.path), f.reason) for f in result.files if f.facts is None)
    return ImportSummary(
        source_id=source_id, n_found=n_found, n_added=sum(f.facts is not None for f in plan.new),
        n_moved=len(plan.moved), n_changed=len(plan.changed), n_unchanged=plan.n_unchanged,
        n_missing=len(plan.missing), n_not_pictures=result.n_not_pictures,
        new_classes=tuple(c.name for c in new_classes), unreadable=unreadable, skipped=result.skipped,
        with_frames=names_with_frames(result.files),
    )
