"""Pictures of every page, made by the real window on a real project, without a screen.

    python -m gui.screenshots PROJECT FOLDER [--lang es] [--theme dark] [--size 1024x700] [--scale 2]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from PySide6.QtCore import (
    QBuffer, QEventLoop, QIODevice, QMessageLogContext, QtMsgType, qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication, QWidget

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

OF_THE_PLATFORM = "This plugin does not support "
"""How what the offscreen platform says of itself begins."""

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


class QtWarnings:
    """A context in which everything that Qt warns of is heard.

    Attributes:
        heard: Where the window was, and the words.
        where: Said with what is heard from now on.
    """

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.where = ""

    def __enter__(self) -> Self:
        self._before = qInstallMessageHandler(self._hear)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        qInstallMessageHandler(self._before)

    def _hear(self, kind: QtMsgType, _: QMessageLogContext, words: str | None) -> None:
        is_grave = kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg)
        if is_grave and not (words or "").startswith(OF_THE_PLATFORM):
            self.heard.append((self.where, words or ""))


class Stage:
    """A window of its own preferences that pictures are taken of.

    Attributes:
        context: What its pages work with.
        window: The window, shown.
    """

    def __init__(self, application: QApplication, context: PageContext) -> None:
        self._application, self.context, self.window = application, context, context.window

    def take_picture(self, file: Path, widget: QWidget | None = None) -> Path:
        """Take a picture of the window, or of another widget, as soon as nothing moves any more.

        Raises:
            InputError: Something else lies in the place of the file.
            StorageError: Nothing can be written there.
        """
        self.settle()
        write_bytes_to_replace(file, png_of(widget or self.window))
        return file

    def settle(self) -> None:
        """Let the window finish what it is doing: thumbnails, the inspector's questions."""
        end = time.monotonic() + PATIENCE_S
        n_still = 0
        while n_still < 8 and time.monotonic() < end:
            self._application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
            time.sleep(0.03)
            is_busy = self.context.thumbnails.is_busy() or self.context.runner.current is not None
            n_still = 0 if is_busy else n_still + 1


@contextmanager
def staged_window(look: Look) -> Iterator[Stage]:
    """The real window without a project, in a language and size; it is gone at the end."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    running = QApplication.instance()
    application = running if isinstance(running, QApplication) else build_application()
    before = application.font()
    application.setFont(theme.scaled_font(before, look.text_scale))
    speak(look.language)
    with tempfile.TemporaryDirectory() as place:
        preferences = Preferences(Path(place))
        runner = JobRunner(EngineProcess(warm_modules=WARM_MODULES))
        window = MainWindow(preferences, runner)
        context = furnish(window, runner, preferences)
        try:
            window.resize(*look.size)
            window.show()
            yield Stage(application, context)
        finally:
            window.close()
            end_window(window)
            application.setFont(before)


def png_of(widget: QWidget) -> bytes:
    """A widget as a PNG file, in the pixels of its screen."""
    png = QBuffer()
    png.open(QIODevice.OpenModeFlag.WriteOnly)
    widget.grab().save(png, "PNG")
    return bytes(png.data().data())


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
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError("window.folder_not_made", folder=folder) from error
    files = []
    with staged_window(look) as stage:
        for choice in look.themes:
            theme.current().choose(choice)
            files.append(stage.take_picture(folder / f"welcome-{choice}.png"))
            stage.window.open_asked.emit(project)
            for page in stage.window.workbench.pages:
                stage.window.go_to(page.name)
                files.append(stage.take_picture(folder / f"{page.name}-{choice}.png"))
            stage.context.session.close()
    return files


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
