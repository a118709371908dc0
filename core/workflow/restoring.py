"""The command `restore`: which backup became the catalog, and how much is in it, as JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.project.backups import restore_backup


def restore_project(folder: Path) -> Mapping[str, Any]:
    """Put the newest sound copy in the place of a damaged or missing catalog.

    Returns:
        `project, backup, made_at, images, labels, runs` and `aside`, the folder where the damaged one lies, or None.

    Raises:
        InputError, ProjectLocked, ProjectReadOnly, StorageError: See `core.project.backups.restore_backup`.
    """
    done = restore_backup(folder)
    path = done.backup.path
    return {
        "project": str(folder), "backup": str(path), "made_at": f"{done.backup.made_at:%Y-%m-%d %H:%M}",
        "images": done.n_images, "labels": done.n_labels, "runs": done.n_runs,
        "aside": str(path.parent) if done.is_aside else None,
    }
