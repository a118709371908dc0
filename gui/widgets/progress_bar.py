"""A progress bar without words that waits for the next frame.

`QProgressBar.setValue` paints at once, and with itself all of the window that is due: 34 ms where a page had just
been built.
"""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QWidget


class ProgressBar(QProgressBar):
    """How far something is.

    Args:
        name: For screen readers.
    """

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextVisible(False)
        self.setAccessibleName(name)

    def show_progress(self, done: int, total: int) -> None:
        """Show a part of a whole; a `total` of 0 says that nobody knows yet."""
        if (done, total) == (self.value(), self.maximum()):
            return
        self.setUpdatesEnabled(False)
        self.setMaximum(total)
        self.setValue(done)
        self.setUpdatesEnabled(True)
