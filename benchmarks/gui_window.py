"""The whole window as the program furnishes it, offscreen, for the benchmarks."""

from __future__ import annotations

import os
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QSize  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from core.worker import EngineProcess  # noqa: E402
from gui.app import build_application  # noqa: E402
from gui.furnish import furnish  # noqa: E402
from gui.jobs import JobRunner  # noqa: E402
from gui.widgets.browser import ImageBrowser  # noqa: E402
from gui.widgets.visible_browser import visible_browser  # noqa: E402
from gui.main_window import MainWindow  # noqa: E402
from gui.preferences import Preferences  # noqa: E402

SIZE = QSize(1440, 900)


class WholeWindow:
    """Shown and painted when made.

    Args:
        settings: A folder for its preferences.
        warm_modules: What the engine imports ahead.
    """

    def __init__(self, settings: Path, *, warm_modules: tuple[str, ...] = ()) -> None:
        self.application = build_application()
        preferences = Preferences(settings)
        self.runner = JobRunner(EngineProcess(warm_modules=warm_modules))
        self.window = MainWindow(preferences, self.runner)
        self.context = furnish(self.window, self.runner, preferences)
        self.window.workbench.build_page("library")  # as `gui.app.run` does while nobody waits
        self.window.resize(SIZE)
        self.window.show()
        self.paint()

    def paint(self) -> None:
        QApplication.processEvents()
        self.window.repaint()

    @property
    def browser(self) -> ImageBrowser:
        browser = visible_browser(self.window)
        assert browser is not None
        return browser

    def end(self) -> None:
        self.window.close()
