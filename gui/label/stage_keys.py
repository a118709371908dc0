"""The keys that a picture hears on this page; a key held down labels one picture, not all that follow."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent

from gui.widgets.label_keys import LabelKeys

_ONCE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Backspace, Qt.Key.Key_Space)


class StageKeys(LabelKeys):
    """As `LabelKeys`, without repetition."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.isAutoRepeat():
            return event.key() in _ONCE
        return super().eventFilter(watched, event)
