"""Which duplicates could go to the trash, and what must be true of a pair right before one of them goes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import ImageUnreadable
from core.images.files import hash_file
from core.project.project import Project
from core.project.rows import ImageRow, image_rows
from core.text import Message
from core.types import Skipped


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
        project: An open project.
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
    return sorted(rows, key=lambda row: (not _counts(row), place[row.content_hash], len(row.name)))


def _counts(row: ImageRow) -> bool:
    """Whether it has a label of the content that it shows."""
    return row.class_id is not None and row.label_content is None


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
