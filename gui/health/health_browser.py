"""The pictures of a finding; Enter takes the finding's suggestion in place of the model's."""

from __future__ import annotations

from PySide6.QtCore import Signal

from gui.widgets.browser import ImageBrowser


class HealthBrowser(ImageBrowser):
    """The browser of the page.

    Signals:
        accept_asked: Enter was pressed on a picture.
    """

    accept_asked = Signal()

    def accept(self) -> None:
        """Ask the page, which knows what is suggested."""
        self.accept_asked.emit()
