"""A project: its folder, its catalog, and where its other files lie."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from core.errors import AppError, InputError, NotAProject, ProjectReadOnly, StorageError
from core.files.foreign import checked_run_id
from core.files.writing import DRAFT_START, reason_of
from core.project.backup_files import (
    BESIDE, DRAFT_ENDING, LOCK_NAME as BACKUP_LOCK_NAME, find_backups, remove_with_journals,
)
from core.project.backups import keep_backup
from core.project.catalog import CATALOG_NAME, Catalog, create_catalog, not_a_project
from core.project.schema import require_no_links
from core.project.lock import LOCK_NAME, OWNER_NAME, ProjectLock
from core.runs.repository import convert_older_runs

PROGRAM = "catalejo"
RUNS_NAME = "runs"
THUMBNAILS_NAME = "thumbnails.sqlite"
OF_SYSTEMS = frozenset({".DS_Store", "desktop.ini"})
"""How a folder looks in the system's own windows."""

OWN_LEFTOVERS = OF_SYSTEMS | frozenset({
    LOCK_NAME, OWNER_NAME, BACKUP_LOCK_NAME,
    *(CATALOG_NAME + DRAFT_ENDING + beside for beside in ("", *BESIDE)),
})
"""What may lie in a folder that is to become a project: some of it is left where making one was killed."""


class Project:
    """An open project; a context manager that closes itself. Made by `create` or `open`.

    Attributes:
        folder: Absolute path of the project's folder.
        is_folder_new: Whether the folder was made together with the project, by `create`.
    """

    def __init__(self, folder: Path, catalog: Catalog, lock: ProjectLock | None) -> None:
        self.folder = folder
        self.is_folder_new = False
        self.catalog = catalog
        self._lock = lock

    @classmethod
    def create(cls, folder: Path, *, program: str = PROGRAM) -> Self:
        """Make an empty project and open it.

        Args:
            folder: Must not exist yet, or be empty; its parent must exist.
            program: Who opens it, for whoever comes second.

        Raises:
            InputError: The folder cannot become a project.
            ProjectReadOnly: Nothing can be written there.
            NotAProject: It was a project and has lost its catalog, but not the copies of it.
            ProjectLocked: Another program is making it at this moment.
            StorageError: The disk is full or fails.
        """
        folder = folder.expanduser().absolute()
        is_new = not folder.exists()
        _make_folder(folder)
        lock = ProjectLock(folder, program=program)
        try:
            _require_empty(folder)
            create_catalog(folder / CATALOG_NAME)
            made = cls(folder, Catalog(folder / CATALOG_NAME), lock)
            made.is_folder_new = is_new
            return made
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open(cls, folder: Path, *, read_only: bool = False, program: str = PROGRAM) -> Self:
        """Open a project that exists.

        Args:
            read_only: Look without changing; needs no lock, so it works beside another program.
            program: Who opens it, for whoever comes second.

        Raises:
            NotAProject, ProjectLocked, ProjectTooNew, ProjectDamaged, ProjectReadOnly, StorageError: See each.
        """
        folder = folder.expanduser().absolute()
        _require_project(folder)
        if not read_only or os.access(folder, os.W_OK):
            require_no_links(folder)
        if read_only:
            return cls(folder, Catalog(folder / CATALOG_NAME, is_read_only=True), None)
        lock = ProjectLock(folder, program=program)
        try:
            with suppress(OSError):  # what a restoring left that was killed
                remove_with_journals(folder / (CATALOG_NAME + DRAFT_ENDING))
            catalog = Catalog(folder / CATALOG_NAME)
            convert_older_runs(folder / RUNS_NAME)
            return cls(folder, catalog, lock)
        except BaseException:
            lock.release()
            raise

    @property
    def is_read_only(self) -> bool:
        return self.catalog.is_read_only

    @property
    def embeddings_path(self) -> Path:
        """Folder of the embedding stores; made when first written."""
        return self.folder / "embeddings"

    @property
    def health_path(self) -> Path:
        """Folder of what the check of the data keeps; made when first written."""
        return self.folder / "health"

    @property
    def runs_path(self) -> Path:
        """Folder of the runs; made when first written."""
        return self.folder / RUNS_NAME

    @property
    def thumbnails_path(self) -> Path:
        """File of the thumbnail store; may be deleted at any time."""
        return self.folder / THUMBNAILS_NAME

    def run_path(self, run_id: str) -> Path:
        """Folder of one run.

        Raises:
            RunError: The id is a path, or cannot be a folder's name.
        """
        return self.runs_path / checked_run_id(run_id)

    def close(self) -> None:
        """Close the catalog and let others have the project; harmless when closed already."""
        self.catalog.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except FileNotFoundError as error:
        raise InputError("project.parent_does_not_exist", folder=folder.parent) from error
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError("project.is_a_file", folder=folder) from error
    except PermissionError as error:
        raise ProjectReadOnly("project.nothing_can_be_made", folder=folder.parent) from error
    except (OSError, ValueError) as error:
        raise StorageError("project.folder_cannot_be_made", folder=folder, reason=reason_of(error)) from error
    _require_empty(folder)


def require_place(folder: Path) -> None:
    """Refuse a folder that cannot become a project, as `Project.create` would; nothing is written.

    Raises:
        InputError, NotAProject: The folder holds something else, is a file, or has no parent.
    """
    folder = folder.expanduser().absolute()
    if folder.is_dir():
        _require_empty(folder)
    elif folder.exists():
        raise InputError("project.is_a_file", folder=folder)
    elif not folder.parent.is_dir():
        raise InputError("project.parent_does_not_exist", folder=folder.parent)


def _require_empty(folder: Path) -> None:
    try:
        names = {entry.name for entry in folder.iterdir() if not entry.name.startswith(DRAFT_START)}
    except OSError as error:
        raise InputError("project.folder_unreadable", folder=folder) from error
    if CATALOG_NAME in names:
        raise InputError("project.exists", folder=folder)
    if find_backups(folder):
        raise not_a_project(folder)
    if not names <= OWN_LEFTOVERS:
        raise InputError("project.folder_is_not_empty", folder=folder)


def _require_project(folder: Path) -> None:
    try:
        is_there, has_catalog = folder.exists(), (folder / CATALOG_NAME).is_file()
    except (OSError, ValueError) as error:
        raise InputError("project.folder_cannot_be_read", folder=folder, reason=reason_of(error)) from error
    if not is_there:
        raise NotAProject("project.not_there", folder=folder)
    if not has_catalog:
        raise not_a_project(folder)


@contextmanager
def project_for_thread(project: Project) -> Iterator[Project]:
    """An open project once more, through a connection of its own, under the lock that the process holds already.

    A catalog belongs to one thread; what is recorded here is one transaction as ever, and the thread of
    `project` reads the state before it until it is whole. Afterwards, for this thread has the time, the catalog
    is copied into `backups/` if that is due.

    Args:
        project: Open; only its folder is read here, so it may belong to another thread.

    Raises:
        ProjectError, StorageError: See `Catalog`.
    """
    catalog = Catalog(project.folder / CATALOG_NAME, is_read_only=project.is_read_only)
    try:
        yield Project(project.folder, catalog, None)
    finally:
        catalog.close()
    if not project.is_read_only:
        with suppress(AppError):  # what was recorded is recorded; the next opening says what is wrong with the disk
            keep_backup(project.folder, only_if_due=True)
