"""Which duplicates could go to the trash, and what must be true of a pair right before one of them goes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import ImageUnreadable
from core.images.files import hash_file
from core.project.project import Project
from core.project.rows import ImageRow, image_rows
from core.checks.health_result import HealthResult
from core.text import Message
from core.types import Skipped


@dataclass(frozen=True, slots=True)
class CopyPlan:
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


def plan_copies(project: Project, result: HealthResult) -> CopyPlan:
    """What to move so that every image is there once among those for training, and once among those for testing.

    Images under two labels are left out: which label is right comes first.
    """
    moves, protected = list[tuple[ImageRow, ImageRow]](), list[Skipped]()
    for group in result.duplicates:
        rows = _keep_order([row for row in image_rows(project, group.image_ids) if row.status == "ok"])
        if len({row.class_id for row in rows} - {None}) > 1:
            continue
        kept: dict[str, ImageRow] = {}
        for row in rows:
            best = kept.setdefault(row.split, row)
            if best is row:
                continue
            reason = why_not_touch(row.path) or why_not_two(best.path, row.path)
            if reason:
                protected.append(Skipped(row.path, Message(reason)))
            else:
                moves.append((best, row))
    return CopyPlan(tuple(moves), tuple(protected))


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


def why_not_touch(path: Path) -> str:
    """Why a file is left alone: gone, a link, or protected; empty if nothing speaks against touching it."""
    if path.is_symlink():
        return "It is a link to another place."
    if not path.is_file():
        return "The file is gone already."
    if not os.access(path.parent, os.W_OK | os.X_OK):
        return "Its folder is protected."
    return "" if os.access(path, os.W_OK) else "The file is protected."


def why_not_two(kept: Path, moved: Path) -> str:
    """Why two names are not two copies: one file under both, by links, case of letters or a folder mounted twice."""
    try:
        is_one = os.path.samefile(kept, moved)
    except OSError:
        return f"The copy to keep, “{kept.name}”, is gone."
    return f"It is the copy to keep, “{kept.name}”, under another name." if is_one else ""


def why_not_move(kept: ImageRow, moved: ImageRow) -> str:
    """Why a duplicate must not go, by reading both files now; empty if both are as they were imported.

    Args:
        kept: The image that stays.
        moved: The one that would go.
    """
    reason = why_not_touch(moved.path) or why_not_two(kept.path, moved.path)
    if reason:
        return reason
    if kept.status != "ok":
        return f"The copy to keep, “{kept.path.name}”, would not stay either."
    try:
        now = hash_file(kept.path)
    except ImageUnreadable as error:
        return f"The copy to keep, “{kept.path.name}”, cannot be read: {error.sentence}"
    if now != kept.content_hash:
        return f"The copy to keep, “{kept.path.name}”, has changed since it was imported."
    try:
        is_same = hash_file(moved.path) == moved.content_hash
    except ImageUnreadable as error:
        return error.sentence
    return "" if is_same else "The file has changed since it was imported."
