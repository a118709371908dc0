"""Tells a project that a source folder lies elsewhere now, and finds its images there by their contents.

A file is the image whose content it has, whatever it is called; of several with one content the one at the same path
comes first, then one of the same name. Labels, exclusions and predictions stay with the images. Images that are not
found are kept as missing; files that are no image of the source are left to an import. It is one step for undo, which
moves no file.
"""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError
from core.images.reasons import write_reason
from core.project.importer import write_plan
from core.project.journal import RELOCATE, write_entry
from core.project.matching import ImportPlan
from core.project.paths import display_text, source_bytes
from core.project.project import Project
from core.project.relocated_rows import describe_places, read_places
from core.project.scan import ScanInput, ScannedFile, ScanResult
from core.text import Message


_OTHER_CONTENT = write_reason(Message("images.other_content"))
"""Why an image is missing at whose place there is a file."""


@dataclass(frozen=True, slots=True)
class Relocation:
    """What came of it.

    Attributes:
        folder: Where the source lies now.
        n_found: Images that were found there.
        missing: Names of images that were not.
        n_others: Images in the folder that are none of the source; an import adds them.
    """

    folder: Path
    n_found: int
    missing: tuple[str, ...]
    n_others: int


def relocation_input(project: Project, source_id: int, folder: Path) -> ScanInput:
    """What the job `scan` is to look through: the whole folder, for contents are compared.

    Raises:
        InputError: There is no such source, or the folder belongs to another one.
    """
    found = project.catalog.rows("SELECT split FROM source WHERE id = ?", (source_id,))
    if not found:
        raise InputError("project.no_such_source")
    _require_free(project, source_id, folder)
    return ScanInput(Path(os.fsdecode(source_bytes(folder))), found[0][0], with_labels=False)


def record_relocation(project: Project, source_id: int, result: ScanResult) -> Relocation:
    """Write where a source and its images lie now, as one entry of the journal.

    Raises:
        InputError: None of its images is there, or the folder became another source meanwhile.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    folder = result.asked.folder
    _require_free(project, source_id, folder)
    with project.catalog.transaction() as db:
        plan, n_others = _match(db, source_id, result)
        n_found = len(plan.touched) + len(plan.moved)
        if not n_found:
            raise InputError("project.nothing_at_new_place", folder=folder)
        lost = [*plan.missing, *(image_id for image_id, _ in plan.displaced)]
        names = tuple(_name(db, image_id) for image_id in lost)
        _write(db, plan, result, source_id)
    return Relocation(folder, n_found, names, n_others)


def _write(db: sqlite3.Connection, plan: ImportPlan, result: ScanResult, source_id: int) -> None:
    """Write the places, and what changed as an entry of the journal."""
    old, new = db.execute("SELECT path FROM source WHERE id = ?", (source_id,)).fetchone()[0], result.asked.folder
    before = read_places(db, source_id)
    db.execute("UPDATE source SET path = ? WHERE id = ?", (source_bytes(new), source_id))
    write_plan(db, plan, result, source_id)
    there, path_of = {file.path for file in result.files}, dict(db.execute(
        "SELECT id, path FROM image WHERE source_id = ?", (source_id,)).fetchall())
    db.executemany("UPDATE image SET reason = ? WHERE id = ? AND status = 'missing'", [
        (_OTHER_CONTENT, i) for i in plan.missing if path_of.get(i) in there])
    changed = describe_places(source_id, (old, source_bytes(new)), before, read_places(db, source_id))
    if changed is not None:
        name = display_text(old.rpartition(b"/")[2]) or "/"
        title = Message("project.journal.relocate", name=name, folder=display_text(source_bytes(new)))
        write_entry(db, title, action=RELOCATE, more=changed)


def _require_free(project: Project, source_id: int, folder: Path) -> None:
    if project.catalog.rows("SELECT 1 FROM source WHERE path = ? AND id <> ?", (source_bytes(folder), source_id)):
        raise InputError("project.is_another_source", folder=folder)


def _match(db: sqlite3.Connection, source_id: int, result: ScanResult) -> tuple[ImportPlan, int]:
    """Which file is which image, and how many files are none."""
    sql = "SELECT id, path, content_hash FROM image WHERE source_id = ? ORDER BY id"
    rows = db.execute(sql, (source_id,)).fetchall()
    by_content: dict[bytes | None, list[ScannedFile]] = defaultdict(list)
    for file in result.files:
        by_content[file.content_hash].append(file)
    found: dict[int, ScannedFile] = {}
    for part in _PARTS:
        for image_id, path, content in rows:
            match = None if image_id in found else _take(by_content[content], path, part)
            if match is not None:
                found[image_id] = match
    path_of = {image_id: path for image_id, path, _ in rows}
    taken = {file.path for file in found.values()}
    lost = [image_id for image_id, _, _ in rows if image_id not in found]
    return ImportPlan(
        new=(), changed=(), n_unchanged=0,
        touched=tuple((i, file) for i, file in found.items() if file.path == path_of[i]),
        moved=tuple((i, file) for i, file in found.items() if file.path != path_of[i]),
        missing=tuple(i for i in lost if path_of[i] not in taken),
        displaced=tuple((i, path_of[i]) for i in lost if path_of[i] in taken),
    ), len(result.files) - len(found)


_PARTS: tuple[Callable[[bytes], bytes], ...] = (
    lambda path: path, lambda path: path.rpartition(b"/")[2], lambda path: b"")
"""What two paths of one content must have in common, the most telling way first."""


def _take(files: list[ScannedFile], path: bytes, part: Callable[[bytes], bytes]) -> ScannedFile | None:
    """The first of some files of one content that fits a path; it is taken out of them.

    Files whose bytes could not be read are told by their whole path alone.
    """
    file = next((f for f in files if part(f.path) == part(path) and (f.content_hash or f.path == path)), None)
    if file is not None:
        files.remove(file)
    return file


def _name(db: sqlite3.Connection, image_id: int) -> str:
    return display_text(db.execute("SELECT path FROM image WHERE id = ?", (image_id,)).fetchone()[0])
