"""Deleting a run: its rows in the catalog, then its folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from send2trash import send2trash

from core.errors import StorageError
from core.project.project import Project
from core.project.runs import delete_run


def remove_run(project: Project, run_id: str) -> bool:
    """Forget a run and put its folder into the system's trash, or delete it where there is no trash.

    Labels and pictures stay as they are.

    Returns:
        Whether the folder lies in the trash.

    Raises:
        RunError: There is no such run.
        ProjectReadOnly, ProjectDamaged: Nothing was changed.
        StorageError: Nothing was changed, or the run is forgotten and its folder could not be deleted.
    """
    delete_run(project, run_id)
    folder = project.run_path(run_id)
    return folder.exists() and _discard(folder)


def _discard(folder: Path) -> bool:
    try:
        send2trash(folder)
        return True
    except OSError:
        return _delete(folder)


def _delete(folder: Path) -> bool:
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise StorageError(
            f"The run is gone from the list, but its folder “{folder}” could not be deleted.",
            "Delete the folder by hand.",
        ) from error
    return False
