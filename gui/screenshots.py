"""Pictures of every page, made by the real window on a real project, without a screen.

    python -m gui.screenshots PROJECT FOLDER [--lang es] [--theme dark] [--size 1024x700] [--scale 2]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QEventLoop, QIODevice
from PySide6.QtWidgets import QApplication

from core.errors import StorageError
from core.files.user_files import write_bytes_to_replace
from core.text.language import DEFAULT, LANGUAGES, PSEUDO
from core.worker import EngineProcess
from gui import theme
from gui.app import WARM_MODULES, build_application
from gui.furnish import furnish
from gui.garbage import end_window
from gui.jobs import JobRunner
from gui.language import speak
from gui.main_window import MainWindow
from gui.pages import PageContext
from gui.preferences import Preferences
from gui.theme import ThemeChoice

PATIENCE_S = 20.0
"""Longest wait for thumbnails and the inspector before a picture is taken all the same."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the window looks in the pictures.

    Attributes:
        language: One of `LANGUAGES`, or the pseudo-locale.
        themes: One set of pictures for each.
        size: Width and height of the window in pixels.
        text_scale: Size of the text beside the system's own; 2 is 200 %.
    """

    language: str = DEFAULT
    themes: tuple[ThemeChoice, ...] = (ThemeChoice.LIGHT, ThemeChoice.DARK)
    size: tuple[int, int] = (1440, 900)
    text_scale: float = 1.0


def take_pictures(project: Path, folder: Path, look: Look = Look()) -> list[Path]:
    """Open a project and leave `<page>-<theme>.png` of each page.

    Args:
        project: A project's folder; must not be open elsewhere.
        folder: Made if missing; pictures of the same name are replaced.
        look: How the window looks.

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
        raise StorageError("window.folder_not_made", folder=folder) from error
    before = application.font()
    application.setFont(theme.scaled_font(before, look.text_scale))
    speak(look.language)
    with tempfile.TemporaryDirectory() as place:
        preferences = Preferences(Path(place))
        runner = JobRunner(EngineProcess(warm_modules=WARM_MODULES))
        window = MainWindow(preferences, runner)
        context = furnish(window, runner, preferences)
        try:
            return _take(application, context, project, folder, look)
        finally:
            window.close()
            end_window(window)
            application.setFont(before)


def _take(
    application: QApplication, context: PageContext, project: Path, folder: Path, look: Look
) -> list[Path]:
    window = context.window
    window.resize(*look.size)
    window.show()
    files = []
    for choice in look.themes:
        theme.current().choose(choice)
        files.append(_save(application, context, folder / f"welcome-{choice}.png"))
        window.open_asked.emit(project)
        for page in window.workbench.pages:
            window.go_to(page.name)
            files.append(_save(application, context, folder / f"{page.name}-{choice}.png"))
        context.session.close()
    return files


def _save(application: QApplication, context: PageContext, file: Path) -> Path:
    _settle(application, context)
    png = QBuffer()
    png.open(QIODevice.OpenModeFlag.WriteOnly)
    context.window.grab().save(png, "PNG")
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


def _read_look(arguments: Sequence[str]) -> tuple[Path, Path, Look]:
    parser = argparse.ArgumentParser(prog="python -m gui.screenshots")
    parser.add_argument("project", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lang", default=DEFAULT, choices=[*LANGUAGES, PSEUDO])
    parser.add_argument("--theme", choices=[ThemeChoice.LIGHT, ThemeChoice.DARK])
    parser.add_argument("--size", default="1440x900", type=lambda text: tuple(map(int, text.split("x"))))
    parser.add_argument("--scale", default=1.0, type=float)
    given = parser.parse_args(arguments)
    themes = (ThemeChoice(given.theme),) if given.theme else Look().themes
    return given.project, given.folder, Look(given.lang, themes, given.size, given.scale)


if __name__ == "__main__":
    import sys

    for made in take_pictures(*_read_look(sys.argv[1:])):
        print(made)
