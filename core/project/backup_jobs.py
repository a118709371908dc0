"""Jobs that keep, list and restore copies of a catalog, for whoever must not wait for them.

They touch files alone. A catalog is restored under the project's lock, so nobody may have it open for writing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.jobs import JobContext
from core.project.backups import Content, keep_backup, list_contents, restore_backup


@dataclass(frozen=True, slots=True)
class RestoreInput:
    """What shall be restored.

    Attributes:
        folder: The project, which nobody has open for writing.
        chosen: The copy to go back to, one of `core.project.backup_files.find_backups`.
    """

    folder: Path
    chosen: Path


def back_up(folder: Path, context: JobContext) -> Path:
    """Copy the catalog of the project in this folder; see `keep_backup` for what it raises."""
    path = keep_backup(folder, context)
    assert path is not None, "a copy that is asked for is due"
    return path


def list_copies(folder: Path, context: JobContext) -> tuple[Content, ...]:
    """The sound copies of the catalog of the project in this folder; see `list_contents`."""
    context.check()
    return list_contents(folder, context)


def restore(inputs: RestoreInput, context: JobContext) -> Mapping[str, Any]:
    """Go back to a copy; see `restore_backup` for what it gives and raises."""
    context.check()
    return restore_backup(inputs.folder, chosen=inputs.chosen, context=context)
