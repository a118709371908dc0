"""Python's cyclic garbage collector, kept in the window's thread.

By itself it runs in whatever thread allocates. A collection in a worker thread that meets a
forgotten widget destroys a Qt object in the wrong thread while the window may be delivering an
event to it: seen as a rare segmentation fault in `QObject::event` (PySide 6.11.3). So the
automatic collector is switched off and a timer of the window's thread does its work, by the
same thresholds.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

EVERY_MS = 500
"""Between two looks at whether a generation is due."""


def end_window(window: QWidget) -> None:
    """Destroy a closed window with all that hangs on it while its application lives.

    Left to the end of the process, Python's last collection meets its parts in any order, and one in a few
    processes ended with a segmentation fault (PySide 6.11.3).
    """
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()


class GarbageInThisThread(QObject):
    """Collects in the thread that it lives in, as long as it lives.

    Args:
        parent: Usually the application.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        gc.collect()
        gc.freeze()  # what was imported stays; a full collection need not walk it each time
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.collect_what_is_due)
        self._timer.start(EVERY_MS)

    def collect_what_is_due(self) -> None:
        """Collect the oldest generation whose count is past its threshold, with all younger ones."""
        pairs = zip(gc.get_count(), gc.get_threshold(), strict=True)
        due = [generation for generation, (count, limit) in enumerate(pairs) if count > limit]
        if due:
            gc.collect(max(due))
