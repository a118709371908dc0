"""Pictures of every page, made by the real window on a real project, without a screen."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QBuffer, QEventLoop, QIODevice
from PySide6.QtWidgets import QApplication

from core.errors import StorageError
from core.files.user_files import write_bytes_to_replace
from core.worker import EngineProcess
from gui import theme
from gui.app import WARM_MODULES, build_application
from gui.furnish import furnish
from gui.garbage import end_window
from gui.jobs import JobRunner
from gui.main_window import MainWindow
from gui.pages import PageContext
from gui.preferences import Preferences
from gui.theme import ThemeChoice

SIZE = (1440, 900)
PATIENCE_S = 20.0
"""Longest wait for thumbnails and the inspector before a picture is taken all the same."""


def take_pictures(project: Path, folder: Path) -> list[Path]:
    """Open a project and leave `<page>-<theme>.png` of each page in light and dark.

    Args:
        project: A project's folder; must not be open elsewhere.
        folder: Made if missing; pictures of the same name are replaced.

    Returns:
        The files.

    Raises:
        InputError: Something else lies in the place of a file.
        StorageError: Nothing can be written there.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    running = QApplication.instance()
    application = running if isinstance(running, QApplication) else build_application()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"The folder “{folder}” cannot be made.", "Choose another place.") from error
    with tempfile.TemporaryDirectory() as place:
        preferences = Preferences(Path(place))
        runner = JobRunner(EngineProcess(warm_modules=WARM_MODULES))
        window = MainWindow(preferences, runner)
        context = furnish(window, runner, preferences)
        try:
            return _take(application, window, context, project, folder)
        finally:
            window.close()
            end_window(window)


def _take(
    application: QApplication, window: MainWindow, context: PageContext, project: Path, folder: Path
) -> list[Path]:
    window.resize(*SIZE)
    window.show()
    files = []
    for choice in (ThemeChoice.LIGHT, ThemeChoice.DARK):
        theme.current().choose(choice)
        files.append(_save(application, window, context, folder / f"welcome-{choice}.png"))
        window.open_asked.emit(project)
        for page in window.workbench.pages:
            window.go_to(page.name)
            files.append(_save(application, window, context, folder / f"{page.name}-{choice}.png"))
        context.session.close()
    return files


def _save(application: QApplication, window: MainWindow, context: PageContext, file: Path) -> Path:
    _settle(application, context)
    png = QBuffer()
    png.open(QIODevice.OpenModeFlag.WriteOnly)
    window.grab().save(png, "PNG")
    write_bytes_to_replace(file, bytes(png.data().data()))
    return file


def _settle(application: QApplication, context: PageContext) -> None:
    """Let the window finish what it is doing: thumbnails, the inspector's questions."""
    end = time.monotonic() + PATIENCE_S
    n_still = 0
    while n_still < 8 and time.monotonic() < end:
        application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
        time.sleep(0.03)
        is_busy = context.thumbnails.is_busy() or context.runner.current is not None
        n_still = 0 if is_busy else n_still + 1
