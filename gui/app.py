"""From a started process to a window on the screen; then the engine warms up in the background."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import PySide6
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QWidget

import core
import resources
from core.errors import AppError
from core.tasks import TASKS
from core.text.language import find_language
from core.worker import EngineProcess
from gui import messages, theme
from gui.faults import install_hooks, log_folder, start_logging
from gui.garbage import GarbageInThisThread, end_window
from gui.jobs import JobRunner
from gui.language import speak
from gui.main_window import MainWindow
from gui.preferences import Preferences, preferences_folder
from gui.screen import check_qt_pair

_FIRST_TASKS = ("train", "embed", "scan", "inspect")

ICON = Path(resources.__path__[0]) / "icons" / "catalejo.svg"
"""The application's own icon."""

WARM_MODULES = (
    "numpy", "PIL.Image", "openvino", "h5py",
    *(TASKS[name].partition(":")[0] for name in _FIRST_TASKS),
)
"""What a transfer run needs; TensorFlow is not among it."""

SWITCH_S = 0.0005
"""A frame asks for Python's lock dozens of times, each time waiting so long for a thread that computes.

With Python's own 5 ms, one frame in twenty took twice as long while a thread took the snapshot of a training.
"""

Furnish = Callable[[MainWindow, JobRunner, Preferences], object]


def run_window(arguments: Sequence[str], *, language: str | None = None) -> int:
    """Open the window as the command line asks for it.

    Args:
        arguments: At most one, a project's folder.
        language: What `--lang` asks for.
    """
    return run(project=Path(arguments[0]).absolute() if arguments else None, furnish=_furnish, language=language)


def _furnish(window: MainWindow, runner: JobRunner, preferences: Preferences) -> object:
    """Only now, for importing session and pages takes longer than showing the window."""
    from gui.furnish import furnish

    return furnish(window, runner, preferences)


def run(
    *, project: Path | None = None, furnish: Furnish | None = None,
    on_painted: Callable[[], None] = lambda: None, arguments: Sequence[str] = (), language: str | None = None,
) -> int:
    """Open the window and stay until it is closed.

    Args:
        project: Opened as soon as the window is furnished, by way of `MainWindow.open_asked`.
        furnish: Puts session and pages into the window, right after its first paint; clicks wait until then.
        on_painted: Called once after the first paint, before the window is furnished.
        arguments: For Qt ("-platform", "offscreen").
        language: Asked for on the command line; wins over preferences and system.

    Returns:
        Exit code: 0, or 2 if this Qt cannot be used with this Python.
    """
    try:
        check_qt_pair(sys.version_info[:2], PySide6.__version_info__[:2])
    except AppError as error:
        print(error, file=sys.stderr)
        return 2
    application = build_application(arguments)
    log_path = start_logging(log_folder())
    install_hooks()
    preferences = Preferences(preferences_folder())
    speak(find_language(language, preferences.language))
    theme.current().choose(preferences.theme)
    runner = JobRunner(EngineProcess(warm_modules=WARM_MODULES))
    try:
        window = MainWindow(preferences, runner, log_path=log_path)

        def begin() -> None:
            if furnish is not None:
                furnish(window, runner, preferences)
            if project is not None:
                window.open_asked.emit(project)
            elif window.workbench.pages:  # what an opening would have to build first
                window.workbench.build_page(window.workbench.pages[0].name)

        FirstPaint(window.job_bar, on_painted, begin, runner.warm)
        window.show()
        code = application.exec()
        end_window(window)
        return code
    finally:
        runner.close()  # Qt ends the process where a thread outlives it, and nobody would read the traceback


def build_application(arguments: Sequence[str] = ()) -> QApplication:
    """The application with its names, its icon and the doors that belong to its thread."""
    application = QApplication(["catalejo", *arguments])
    application.setApplicationName("catalejo")
    application.setApplicationDisplayName("Catalejo")
    application.setApplicationVersion(core.__version__)
    application.setDesktopFileName("catalejo")
    sys.setswitchinterval(SWITCH_S)
    GarbageInThisThread(application)
    theme.current()
    messages.door()
    application.setWindowIcon(QIcon(str(ICON)))
    return application


class FirstPaint(QObject):
    """Calls functions once, right after a widget has been painted for the first time."""

    def __init__(self, widget: QWidget, *functions: Callable[[], None]) -> None:
        super().__init__(widget)
        self._widget, self._functions = widget, functions
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self._widget.removeEventFilter(self)
            QTimer.singleShot(0, self._call)
        return False

    def _call(self) -> None:
        for function in self._functions:
            function()
