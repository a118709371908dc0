"""Takes back the making of a project in which nothing is: its own files go by name, whatever else is there stays."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from core.project.backup_files import BACKUPS_NAME, BESIDE, find_backups
from core.project.catalog import CATALOG_NAME
from core.project.project import OF_SYSTEMS, OWN_LEFTOVERS, THUMBNAILS_NAME, Project

_MUST_BE_EMPTY = (
    "image", "removed_image", "removed_source", "journal", "class", "run", "finding_decision")
"""Tables that hold what a person or a computation put into a project; the others belong to these.

A source without an image, as an import that found none leaves it, is nothing that was put in."""

_OWN_FOLDERS = (BACKUPS_NAME, "health", "embeddings", "maps", "runs")


def is_unused(project: Project) -> bool:
    """Whether nothing was ever put into a project, not even something that was undone or removed since.

    Raises:
        ProjectDamaged, StorageError: See `Catalog.rows`.
    """
    return not any(project.catalog.rows(f"SELECT 1 FROM {table} LIMIT 1") for table in _MUST_BE_EMPTY)


def discard_unused(project: Project) -> bool:
    """Close a project and remove its files, if nothing was ever put into it.

    Files are removed by name and folders only where they are empty then; a folder that was there before the project
    was made stays, with what a system noted in it of how it looks. What cannot be removed stays without a word: it is
    no more than an empty project.

    Args:
        project: Open for writing. It is closed if it is unused.

    Returns:
        Whether its folder is gone.

    Raises:
        ProjectDamaged, StorageError: See `Catalog.rows`; nothing was removed.
    """
    if project.is_read_only or not is_unused(project):
        return False
    project.close()
    folder = project.folder
    own = {*OWN_LEFTOVERS, *(name + beside for name in (CATALOG_NAME, THUMBNAILS_NAME) for beside in ("", *BESIDE))}
    own -= frozenset() if project.is_folder_new else OF_SYSTEMS
    for path in (*(folder / name for name in sorted(own)), *(backup.path for backup in find_backups(folder))):
        with suppress(OSError):
            path.unlink()
    for name in _OWN_FOLDERS:
        with suppress(OSError):
            (folder / name).rmdir()
    if project.is_folder_new:
        with suppress(OSError):
            folder.rmdir()
    return not _is_there(folder)


def _is_there(folder: Path) -> bool:
    try:
        return folder.exists()
    except OSError:
        return True
