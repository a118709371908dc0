"""A trash of its own for tests, and drawn copies to move there."""

from __future__ import annotations

import shutil
from pathlib import Path

from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.rows import ImageRow, image_rows
from tests.conftest import write_class_folder


def draw_copies(folder: Path) -> None:
    write_class_folder(folder, "red", 3)
    for i in range(3):
        shutil.copy(folder / f"red_{i}.png", folder / f"red_{i + 3}.png")


def trash_as_specified(home: Path, path: Path) -> None:
    """What the specification says that a trash does; the user's own must not be filled by tests."""
    trash = home / "data" / "Trash"
    for part in ("files", "info"):
        (trash / part).mkdir(parents=True, exist_ok=True)
    n = sum(1 for _ in (trash / "info").iterdir())
    (trash / "info" / f"{path.stem} {n}{path.suffix}.trashinfo").write_text(
        f"[Trash Info]\nPath={path}\nDeletionDate=2026-11-22T10:00:{n:02}\n")
    shutil.move(path, trash / "files" / f"{path.stem} {n}{path.suffix}")


def rows_of(project: Project) -> tuple[ImageRow, ...]:
    return image_rows(project, image_ids(project, ImageFilter(status=None)))


def pairs(project: Project, *which: int) -> list[tuple[int, int]]:
    """(kept id, moved id) of the copies asked for, 0 … 2."""
    ids = [row.id for row in rows_of(project)]
    return [(ids[i], ids[i + 3]) for i in which or (0, 1, 2)]


def statuses(project: Project) -> list[str]:
    return [row.status for row in rows_of(project)]
