"""The project that a job was started in: prepared from it, recorded in it, whatever the window has open by then.

While the window has the project open, the job's thread has a connection beside the window's. Once the window has left
it, the project is opened for as long as that takes, under its lock: somebody who opens it in that moment is told so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.project.project import Project, project_for_thread
from gui.open_project import PROGRAM
from gui.session import Session


class HomeProject:
    """Remembers the open project of a session.

    Args:
        session: Has a project open.
    """

    def __init__(self, session: Session) -> None:
        self._session, self._project = session, session.project

    @property
    def folder(self) -> Path:
        return self._project.folder

    @property
    def is_here(self) -> bool:
        """Whether the window has it open now, still or again."""
        return self._session.folder == self.folder

    @contextmanager
    def opened(self) -> Iterator[Project]:
        """The project, for whatever thread asks.

        Raises:
            NotAProject, ProjectLocked, ProjectDamaged, ProjectReadOnly, StorageError: See `Project.open`.
        """
        if self.is_here:
            with project_for_thread(self._project) as same:
                yield same
        else:
            with Project.open(self.folder, read_only=self._project.is_read_only, program=PROGRAM) as same:
                yield same
