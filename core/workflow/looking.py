"""Opens a project that is only asked, also where nothing can be written or while another program has it open."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import ProjectLocked, ProjectReadOnly, StorageError
from core.project.lock import is_taken
from core.project.project import Project


@contextmanager
def open_for_answers(folder: Path) -> Iterator[Project]:
    """A project open for writing; for looking only where nothing can be written or another program has it.

    Raises:
        NotAProject, ProjectTooNew, ProjectDamaged, ProjectReadOnly, StorageError: See `Project.open`.
    """
    try:
        project = Project.open(folder)
    except (ProjectReadOnly, ProjectLocked):
        project = Project.open(folder, read_only=True)
    with project:
        yield project


@contextmanager
def place_for_embeddings(project: Project) -> Iterator[Path]:
    """Where embeddings of new images go: into the project, or aside until the end.

    Aside where the project cannot be written, and where another program has it: a training there would be refused
    while this one writes.

    Raises:
        StorageError: There is no place at all.
    """
    if not project.is_read_only or os.access(project.folder, os.W_OK) and not is_taken(project.folder):
        yield project.embeddings_path
        return
    try:
        aside = tempfile.TemporaryDirectory(prefix="catalejo-")
    except OSError as error:
        raise StorageError("imports.no_temporary_folder", folder=project.folder) from error
    with aside as path:
        yield Path(path)
