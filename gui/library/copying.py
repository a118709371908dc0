"""Copies the paths of images: as text, and as files that a file manager pastes, as long as they are not too many.

The paths of a few are read at once, those of many in a thread; the clipboard has them as soon as they are there.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QGuiApplication

from core.errors import AppError
from core.project.project import Project
from core.project.rows import image_paths
from core.text import Message
from gui import messages
from gui.session import Session
from gui.widgets import file_drag
from gui.widgets.background_query import BackgroundQuery


class PathCopier(QObject):
    """Puts paths on the clipboard; the latest request wins.

    Args:
        session: Whose images are copied.
    """

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._query = BackgroundQuery(self._on_answer)
        session.project_changed.connect(self._query.forget)
        application = QCoreApplication.instance()
        assert application is not None
        application.aboutToQuit.connect(self._query.end)

    def copy(self, ids: np.ndarray) -> None:
        """Copy the paths of these images, (n,) int64, in their order."""
        self._query.forget()
        if len(ids) <= file_drag.MOST_DRAGGED:
            self._take(image_paths(self._session.project, ids))
        else:
            self._query.ask(self._session.project.folder, partial(_as_text, ids=np.array(ids)))

    def end(self) -> None:
        """End the thread, if there is one."""
        self._query.end()

    def _on_answer(self, answer: tuple[str, int] | AppError) -> None:
        if isinstance(answer, AppError):
            messages.warn(answer)
            return
        words, n = answer
        QGuiApplication.clipboard().setText(words)
        messages.tell(Message("window_library.paths_copied", n=n),
                      Message("window_library.copied_as_text", most=file_drag.MOST_DRAGGED))

    def _take(self, paths: list[Path]) -> None:
        QGuiApplication.clipboard().setMimeData(file_drag.mime_of(paths))
        messages.tell(Message("window_library.paths_copied", n=len(paths)))


def _as_text(project: Project, ids: np.ndarray) -> tuple[str, int]:
    paths = image_paths(project, ids)
    return "\n".join(map(str, paths)), len(paths)
