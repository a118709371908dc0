"""Plans which duplicates could go to the system's trash; moves them there and back as entries of the undo history.

Only files that a person has agreed to, named in the question one by one. Right before each goes it is compared with
the copy that stays. The intent is written before the first file moves, and what came of it after the last: killed
in between, the entry says that files were on their way, and `settle_trash` looks where they are."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from core.errors import ImageUnreadable, StorageError
from core.images.files import hash_file
from core.project.catalog import as_json, read_only
from core.project.project import Project
from core.project.rows import ImageRow, image_rows
from core.project.trash_entries import (
    TrashEntry, TrashedFile, begin_trash_entry, change_trash_entry, list_trash_entries,
)
from core.text import Message
from core.types import Skipped
from core.workflow.system_trash import SystemTrash, is_readable_trash, throw_away

OLD_LIST_NAME = "trashed.json"
"""In `health/`: what versions before the entries of the history knew of files in the trash."""


@dataclass(frozen=True, slots=True)
class Trashed:
    """What came of it.

    Attributes:
        image_ids: Images whose files were moved, (n,) ids.
        left: Files that were left where they are, with the reason.
    """

    image_ids: tuple[int, ...]
    left: tuple[Skipped, ...]


def move_to_trash(project: Project, moves: Sequence[tuple[int, int]]) -> Trashed:
    """Move duplicates to the system's trash, as one entry of the undo history; labels stay for when they come back.

    Args:
        moves: Images to keep and to move, (kept id, moved id), that a person agreed to.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: The catalog cannot be written. What was moved until then is in
            the history.
    """
    if project.is_read_only:
        raise read_only(project.folder)
    settle_trash(project)
    rows = _rows_by_id(project, [image_id for move in moves for image_id in move])
    files, left = list[TrashedFile](), list[Skipped]()
    for kept_id, moved_id in moves:
        row = rows[moved_id]
        reason = why_not_touch(row.path)
        if reason is not None or row.content_hash is None:
            left.append(Skipped(row.path, reason or Message("trash.never_read")))
        else:
            files.append(TrashedFile(moved_id, kept_id, row.path, row.content_hash))
    if not files:
        return Trashed((), tuple(left))
    found = _move(project, begin_trash_entry(project, files))
    return replace(found, left=(*left, *found.left))


def undo_trash(project: Project, entry: TrashEntry, *, gives_up: bool = False) -> Trashed:
    """Put the files of an entry back; those that cannot be stay in the entry, which is not undone then.

    Args:
        project: Open for writing.
        entry: One that is not undone.
        gives_up: Leave in the trash what cannot be put back, and count the entry as undone.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: The catalog cannot be written.
    """
    change_trash_entry(project, replace(entry, is_moving=True))
    back, left, reasons = _take_out(project, entry.files)
    if left and not gives_up:
        change_trash_entry(project, replace(entry, files=left, was_tried=True), present=back)
    else:
        change_trash_entry(project, replace(entry, files=back, is_undone=True), present=back)
    return Trashed(tuple(f.image_id for f in back), reasons)


def redo_trash(project: Project, entry: TrashEntry) -> Trashed:
    """Move the files of an undone entry again, each compared anew; the entry holds those that went.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: The catalog cannot be written.
    """
    begun = replace(entry, is_undone=False, is_moving=True)
    change_trash_entry(project, begun, gone=[f for f in entry.files if why_not_touch(f.path) is None])
    return _move(project, begun)


def put_back(project: Project) -> Trashed:
    """Put back everything that was moved to the trash from this project, whenever that was.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: The catalog cannot be written.
    """
    settle_trash(project)
    back, reasons = list[int](), list[Skipped]()
    newest = project.catalog.rows("SELECT max(id) FROM journal WHERE undone = 0")[0][0]
    for entry in list_trash_entries(project):
        if entry.is_undone:
            continue
        if entry.id == newest:
            found = undo_trash(project, entry)
        else:
            change_trash_entry(project, replace(entry, is_moving=True))
            here, left, why = _take_out(project, entry.files)
            # nothing is left to undo of files that are back, and only the newest entry can be redone
            change_trash_entry(project, replace(entry, files=left, was_tried=bool(left)), present=here)
            found = Trashed(tuple(f.image_id for f in here), why)
        back += found.image_ids
        reasons += found.left
    return Trashed(tuple(back), tuple(reasons))


def can_put_back(project: Project) -> int:
    """How many images are missing whose files lie in the trash; 0 where only this system's own trash knows."""
    if not is_readable_trash():
        return 0
    ids = [f.image_id for entry in list_trash_entries(project) if not entry.is_undone for f in entry.files]
    missing = ("SELECT count(*) FROM (SELECT id, status FROM image UNION ALL SELECT id, status FROM removed_image) "
               "WHERE status = 'missing' AND id IN (SELECT value FROM json_each(?))")
    return int(project.catalog.rows(missing, (as_json(ids),))[0][0]) + len(_old_list(project))


def settle_trash(project: Project) -> None:
    """Look where files are that were on their way when the program was killed, and take over an older version's list.

    Raises:
        StorageError, ProjectDamaged: The catalog cannot be written.
    """
    for entry in list_trash_entries(project):
        if entry.is_moving:
            rows = _rows_by_id(project, [f.image_id for f in entry.files])
            present = [f for f in entry.files if _is_in_place(f, rows)]
            gone = tuple(f for f in entry.files if f not in present)
            change_trash_entry(project, TrashEntry(entry.id, False, gone), present=present)
    _take_over_old_list(project)


def _move(project: Project, entry: TrashEntry) -> Trashed:
    """Move the files of an entry that was begun, each pair compared right before, and write what came of it."""
    moved, left, reasons = list[TrashedFile](), list[TrashedFile](), list[Skipped]()
    rows = _rows_by_id(project, [i for f in entry.files for i in (f.image_id, f.kept_id) if i is not None])
    for file in entry.files:
        reason = _move_one(file, rows)
        if reason is not None:
            left.append(file)
            reasons.append(Skipped(file.path, reason))
        else:
            moved.append(file)
    stayed = [f for f in left if os.path.lexists(f.path)]
    change_trash_entry(project, TrashEntry(entry.id, False, tuple(moved)), stayed=stayed)
    return Trashed(tuple(f.image_id for f in moved), tuple(reasons))


def _move_one(file: TrashedFile, rows: dict[int, ImageRow]) -> Message | None:
    """Compare and move one file; the reason why not, or None."""
    row, kept = rows.get(file.image_id), rows.get(file.kept_id or 0)
    if row is None or row.path != file.path or row.content_hash != file.content_hash:
        return Message("trash.image_has_changed")
    if kept is None:
        return Message("trash.kept_is_unknown")
    reason = why_not_move(kept, row) or throw_away(row.path)
    if reason is not None or kept.path.is_file():
        return reason
    # a disk that is mounted twice without saying so: both names were one file after all
    SystemTrash().take_out(row.path, lambda found: _has_hash(found, file.content_hash))
    return Message("trash.is_kept_file", name=kept.path.name)


def _take_out(
    project: Project, files: Sequence[TrashedFile]
) -> tuple[tuple[TrashedFile, ...], tuple[TrashedFile, ...], tuple[Skipped, ...]]:
    """Put files back: those that are there now, those that are not, and why."""
    rows, trash = _rows_by_id(project, [f.image_id for f in files]), SystemTrash()
    back, left, reasons = list[TrashedFile](), list[TrashedFile](), list[Skipped]()
    for file in files:
        row = rows.get(file.image_id)
        if _is_in_place(file, rows) or row is not None and row.status == "ok" and row.path != file.path:
            back.append(file)  # somebody put it back, here or elsewhere
            continue
        reason = trash.take_out(file.path, partial(_is_same, file=file, rows=rows))
        if reason is not None:
            left.append(file)
            reasons.append(Skipped(file.path, reason))
        else:
            back.append(file)
    return tuple(back), tuple(left), tuple(reasons)


def _is_in_place(file: TrashedFile, rows: dict[int, ImageRow]) -> bool:
    return file.path.is_file() and not file.path.is_symlink() and _is_same(file.path, file, rows)


def _is_same(path: Path, file: TrashedFile, rows: dict[int, ImageRow]) -> bool:
    """Whether a file is the one that was moved: by size and time as an import tells, else by its bytes."""
    row = rows.get(file.image_id)
    try:
        status = path.stat()
    except OSError:
        return False
    if row is not None and row.content_hash == file.content_hash:
        if (status.st_size, status.st_mtime_ns) == (row.n_bytes, row.mtime_ns):
            return True
    return _has_hash(path, file.content_hash)


def _has_hash(path: Path, content_hash: bytes) -> bool:
    try:
        return hash_file(path) == content_hash
    except ImageUnreadable:
        return False


def _rows_by_id(project: Project, ids: Sequence[int]) -> dict[int, ImageRow]:
    return {row.id: row for row in image_rows(project, list(dict.fromkeys(ids)))}


def _old_list(project: Project) -> list[int]:
    """Images whose files an older version moved; their paths are in the catalog."""
    try:
        text = (project.health_path / OLD_LIST_NAME).read_text(encoding="utf-8", errors="surrogateescape")
        return [int(image_id) for image_id, _ in json.loads(text)]
    except (OSError, ValueError, TypeError, RecursionError):
        return []


def _take_over_old_list(project: Project) -> None:
    ids = _old_list(project)
    if not ids:
        return
    known = {f.image_id for entry in list_trash_entries(project) for f in entry.files}
    files = [
        TrashedFile(row.id, None, row.path, row.content_hash) for row in image_rows(project, ids)
        if row.id not in known and row.status == "missing" and row.content_hash is not None
    ]
    if files:
        change_trash_entry(project, replace(begin_trash_entry(project, files), is_moving=False))
    path = project.health_path / OLD_LIST_NAME
    try:
        path.unlink()
    except OSError as error:
        raise StorageError("trash.list_not_removed", path=path, reason=error.strerror or str(error)) from error


@dataclass(frozen=True, slots=True)
class DuplicatePlan:
    """Duplicates that could go, each group keeping its best image on each side of train and test.

    Attributes:
        moves: Images to keep and to move, (kept, moved) for each duplicate.
        protected: Duplicates that must not be touched, with the reason.
    """

    moves: tuple[tuple[ImageRow, ImageRow], ...]
    protected: tuple[Skipped, ...]

    def moves_of(self, split: str) -> tuple[tuple[ImageRow, ImageRow], ...]:
        """Those among the images of one side; a submission needs every test image, so those go on request only."""
        return tuple(move for move in self.moves if move[1].split == split)


def plan_duplicates(project: Project, groups: Iterable[Sequence[int]]) -> DuplicatePlan:
    """What to move so that every image is there once among those for training, and once among those for testing.

    Images under two labels are left out: which label is right comes first.

    Args:
        groups: Image ids of duplicates, the one to keep first.
    """
    moves, protected = list[tuple[ImageRow, ImageRow]](), list[Skipped]()
    for group in groups:
        rows = _keep_order([row for row in image_rows(project, group) if row.status == "ok"])
        if len({row.class_id for row in rows} - {None}) > 1:
            continue
        kept: dict[str, ImageRow] = {}
        for row in rows:
            best = kept.setdefault(row.split, row)
            if best is row:
                continue
            reason = why_not_touch(row.path) or why_not_two(best.path, row.path)
            if reason is not None:
                protected.append(Skipped(row.path, reason))
            else:
                moves.append((best, row))
    return DuplicatePlan(tuple(moves), tuple(protected))


def _keep_order(rows: Sequence[ImageRow]) -> list[ImageRow]:
    """The best image first: no label may go with a copy, then as the health check found them.

    Of the same bytes the shortest name stays: “copy of a.jpg” and “a (1).jpg” are what people call copies.
    """
    place: dict[bytes | None, int] = {}
    for at, row in enumerate(rows):
        place.setdefault(row.content_hash, at)
    return sorted(rows, key=lambda row: (
        row.class_id is None or row.label_content is not None, place[row.content_hash], len(row.name)))


def why_not_touch(path: Path) -> Message | None:
    """Why a file is left alone: gone, a link, or protected; None if nothing speaks against touching it."""
    if path.is_symlink():
        return Message("trash.is_link")
    if not path.is_file():
        return Message("trash.is_gone")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        return Message("trash.folder_is_protected")
    return None if os.access(path, os.W_OK) else Message("trash.file_is_protected")


def why_not_two(kept: Path, moved: Path) -> Message | None:
    """Why two names are not two copies: one file under both, by links, case of letters or a folder mounted twice."""
    try:
        is_one = os.path.samefile(kept, moved)
    except OSError:
        return Message("trash.kept_is_gone", name=kept.name)
    return Message("trash.is_kept_file", name=kept.name) if is_one else None


def why_not_move(kept: ImageRow, moved: ImageRow) -> Message | None:
    """Why a duplicate must not go, by reading both files now; None if both are as they were imported.

    Args:
        kept: The image that stays.
        moved: The one that would go.
    """
    reason = why_not_touch(moved.path) or why_not_two(kept.path, moved.path)
    if reason is not None:
        return reason
    if kept.status != "ok":
        return Message("trash.kept_would_not_stay", name=kept.path.name)
    try:
        now = hash_file(kept.path)
    except ImageUnreadable as error:
        return Message("trash.kept_is_unreadable", name=kept.path.name, reason=error)
    if now != kept.content_hash:
        return Message("trash.kept_has_changed", name=kept.path.name)
    try:
        is_same = hash_file(moved.path) == moved.content_hash
    except ImageUnreadable as error:
        return error.message
    return None if is_same else Message("trash.file_has_changed")
