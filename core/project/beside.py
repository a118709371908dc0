"""The open project once more, for another thread of the process that owns it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from core.errors import AppError
from core.project.backups import keep_backup
from core.project.catalog import CATALOG_NAME, Catalog
from core.project.project import Project


@contextmanager
def beside(project: Project) -> Iterator[Project]:
    """The same project through a connection of its own, under the lock that the process holds already.

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
