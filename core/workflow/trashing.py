"""Putting files of the user into the system's trash, and back: the only place that touches them.

Only copies that a person has agreed to, file by file named in the question. Files and folders that may
not be written are left alone. On Linux and other freedesktop systems a file is put back by what its
`.trashinfo` says (FreeDesktop.org Trash specification 1.0); elsewhere the system's own trash does that.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from configparser import ConfigParser, Error
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import numpy as np
from send2trash import send2trash

from core.errors import InputError, StorageError
from core.project.labels import as_json
from core.project.project import Project
from core.project.rows import ImageRow, image_rows
from core.review.health_result import HealthResult
from core.runs.atomic import open_to_replace
from core.types import Skipped
from core.workflow.health import health_path

IN_TRASH = "The file was moved to the trash."
LIST_NAME = "trashed.json"


@dataclass(frozen=True, slots=True)
class Trashed:
    """What came of it.

    Attributes:
        image_ids: Images whose files were moved, (n,) ids.
        left: Files that were left alone, with the reason.
    """

    image_ids: tuple[int, ...]
    left: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class CopyPlan:
    """Copies that could go, each group keeping its best picture on each side of train and test.

    Attributes:
        moves: Images to keep and to move, (kept, moved) for each copy.
        protected: Copies that must not be touched, with the reason.
    """

    moves: tuple[tuple[ImageRow, ImageRow], ...]
    protected: tuple[Skipped, ...]


def plan_copies(project: Project, result: HealthResult) -> CopyPlan:
    """What to move so that every picture is there once among those for training, and once among those for testing.

    Pictures under two labels are left out: which label is right comes first.
    """
    moves, protected = list[tuple[ImageRow, ImageRow]](), list[Skipped]()
    for group in result.duplicates:
        rows = [row for row in image_rows(project, group.image_ids) if row.status == "ok"]
        if len({row.class_id for row in rows} - {None}) > 1:
            continue
        kept: dict[str, ImageRow] = {}
        for row in rows:
            best = kept.setdefault(row.split, row)
            if best is row:
                continue
            reason = _why_not(row.path)
            if reason:
                protected.append(Skipped(row.path, reason))
            else:
                moves.append((best, row))
    return CopyPlan(tuple(moves), tuple(protected))


def find_protected(paths: Sequence[Path]) -> tuple[Skipped, ...]:
    """The files that must not be touched: read-only ones, those in folders that cannot be written, links, and
    files that are gone."""
    return tuple(Skipped(path, reason) for path in paths if (reason := _why_not(path)))


def move_to_trash(project: Project, image_ids: Sequence[int]) -> Trashed:
    """Move files to the system's trash and mark their images as missing; labels stay for when they come back.

    Args:
        project: An open project.
        image_ids: Images whose files a person agreed to move.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: The catalog cannot be written; what was moved is listed.
    """
    moved, left = list[tuple[int, Path]](), list[Skipped]()
    if project.is_read_only:
        raise InputError("This project can only be looked at.", "Copy it to where it can be written.")
    for row in image_rows(project, image_ids):
        reason = _why_not(row.path)
        if not reason:
            try:
                send2trash(str(row.path))
            except OSError as error:
                reason = f"The trash does not take it ({error.strerror or error})."
        if reason:
            left.append(Skipped(row.path, reason))
        else:
            moved.append((row.id, row.path))
    _remember(project, [*_remembered(project), *moved])
    _mark(project, [image_id for image_id, _ in moved], is_missing=True)
    return Trashed(tuple(i for i, _ in moved), tuple(left))


def can_put_back(project: Project) -> int:
    """How many files were moved that are still in the trash list; 0 where this system's own trash must be used."""
    return len(_remembered(project)) if _is_freedesktop() else 0


def put_back(project: Project) -> Trashed:
    """Put everything back that was moved to the trash from this project.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: The catalog cannot be written.
    """
    moved, left = list[int](), list[Skipped]()
    for image_id, path in _remembered(project):
        reason = _restore(path)
        moved += [] if reason else [image_id]
        left += [Skipped(path, reason)] if reason else []
    _remember(project, [])
    _mark(project, moved, is_missing=False)
    return Trashed(tuple(moved), tuple(left))


def _why_not(path: Path) -> str:
    if path.is_symlink():
        return "It is a link to another place."
    if not path.is_file():
        return "The file is gone already."
    if not os.access(path.parent, os.W_OK | os.X_OK):
        return "Its folder is protected."
    return "" if os.access(path, os.W_OK) else "The file is protected."


def _mark(project: Project, image_ids: Sequence[int], *, is_missing: bool) -> None:
    if not image_ids:
        return
    status, reason = ("missing", IN_TRASH) if is_missing else ("ok", None)
    with project.catalog.transaction() as db:
        db.execute(
            "UPDATE image SET status = ?, reason = ? WHERE id IN (SELECT value FROM json_each(?))",
            (status, reason, as_json(np.array(image_ids, np.int64))),
        )


def _remember(project: Project, moved: Sequence[tuple[int, Path]]) -> None:
    folder = health_path(project)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise StorageError(f"“{folder}” cannot be made ({error.strerror}).", "Check the disk.") from error
    with open_to_replace(folder / LIST_NAME, is_own=True) as file:
        json.dump([[image_id, str(path)] for image_id, path in moved], file)


def _remembered(project: Project) -> list[tuple[int, Path]]:
    try:
        text = (health_path(project) / LIST_NAME).read_text(encoding="utf-8", errors="surrogateescape")
        return [(int(image_id), Path(path)) for image_id, path in json.loads(text)]
    except (OSError, ValueError, TypeError):
        return []


def _is_freedesktop() -> bool:
    return sys.platform not in ("win32", "darwin")


def _restore(path: Path) -> str:
    """Put one file back; the reason why not, or nothing."""
    if path.exists():
        return "There is a file of that name again."
    found = max(_entries(path), default=None)
    if found is None:
        return "It is no longer in the trash."
    _, info = found
    try:
        os.rename(info.parent.parent / "files" / info.stem, path)
    except OSError as error:
        return f"It cannot be put back ({error.strerror})."
    with suppress(OSError):
        info.unlink()
    return ""


def _entries(path: Path) -> Iterator[tuple[str, Path]]:
    """Date and `.trashinfo` of each file in the trash that lay at `path`."""
    for trash, root in _trashes(path):
        for info in (trash / "info").glob("*.trashinfo"):
            parser = ConfigParser(interpolation=None)
            try:
                parser.read_string(info.read_text(encoding="utf-8"))
                said = parser["Trash Info"]
                if root / unquote(said["Path"], errors="surrogateescape") == path:
                    yield said.get("DeletionDate", ""), info
            except (OSError, ValueError, KeyError, Error):
                continue


def _trashes(path: Path) -> Iterator[tuple[Path, Path]]:
    """Where a file may have been put, and what its recorded path is relative to: of the user, or of the volume."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    yield data / "Trash", Path("/")
    user = str(os.getuid()) if hasattr(os, "getuid") else ""
    for folder in path.parents:
        if os.path.ismount(folder):
            yield folder / ".Trash" / user, folder
            yield folder / f".Trash-{user}", folder
            return
