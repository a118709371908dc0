"""Opening a project that is only asked, also where nothing can be written: an archive, a disk for reading."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import ProjectReadOnly, StorageError
from core.project.project import Project


@contextmanager
def open_for_answers(folder: Path) -> Iterator[Project]:
    """A project open for writing, or for looking only where nothing can be written.

    Raises:
        NotAProject, ProjectLocked, ProjectTooNew, ProjectDamaged, ProjectReadOnly, StorageError: See `Project.open`.
    """
    try:
        project = Project.open(folder)
    except ProjectReadOnly:
        project = Project.open(folder, read_only=True)
    with project:
        yield project


@contextmanager
def place_for_embeddings(project: Project) -> Iterator[Path]:
    """Where embeddings of new pictures go: into the project, or aside until the end where it cannot be written.

    Raises:
        StorageError: There is no place at all.
    """
    if not project.is_read_only or os.access(project.folder, os.W_OK):
        yield project.embeddings_path
        return
    try:
        aside = tempfile.TemporaryDirectory(prefix="catalejo-")
    except OSError as error:
        raise StorageError(
            f"Nothing can be written in “{project.folder}”, nor is there a folder for temporary files.",
            "Copy the project to another disk.",
        ) from error
    with aside as path:
        yield Path(path)
