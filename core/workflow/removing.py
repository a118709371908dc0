"""Deleting a run: its rows in the catalog, then its folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from send2trash import send2trash

from core.errors import StorageError
from core.files.foreign import is_inside, is_run_id
from core.project.project import Project
from core.project.runs import delete_run
from core.runs.repository import discard_path


def remove_run(project: Project, run_id: str) -> bool:
    """Forget a run and put its folder into the system's trash, or delete it where there is no trash.

    Labels and images stay as they are, and so does whatever lies outside of the project.

    Returns:
        Whether the folder lies in the trash.

    Raises:
        RunError: There is no such run.
        ProjectReadOnly, ProjectDamaged: Nothing was changed.
        StorageError: Nothing was changed, or the run is forgotten and its folder could not be deleted.
    """
    delete_run(project, run_id)
    if not is_run_id(run_id):
        return False  # a name from elsewhere: whatever it leads to is no folder of this project
    folder = project.run_path(run_id)
    if folder.is_symlink() and not project.runs_path.is_symlink():
        discard_path(folder)  # the link alone
        return False
    if folder.exists() and not is_inside(folder, project.folder):
        raise StorageError("runs.outside_project", folder=folder)
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
        raise StorageError("runs.folder_not_deleted", folder=folder) from error
    return False
