"""The keys that mean the same in grid, table and loupe."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


class LabelKeys(QObject):
    """Watches the keys of a widget and says what was asked for; other keys go on to the widget.

    Signals:
        relabel_requested(int digit): 0 … 9 was pressed.
        unlabel_requested(): Backspace.
        accept_requested(): Enter, to take the model's suggestion.
        loupe_requested(): Space.
    """

    relabel_requested = Signal(int)
    unlabel_requested = Signal()
    accept_requested = Signal()
    loupe_requested = Signal()

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.modifiers() in PLAIN:
            return self._take(Qt.Key(event.key()))
        return False

    def _take(self, key: Qt.Key) -> bool:
        if Qt.Key.Key_0 <= key <= Qt.Key.Key_9:
            self.relabel_requested.emit(key - Qt.Key.Key_0)
            return True
        signal = {
            Qt.Key.Key_Backspace: self.unlabel_requested,
            Qt.Key.Key_Return: self.accept_requested,
            Qt.Key.Key_Enter: self.accept_requested,
            Qt.Key.Key_Space: self.loupe_requested,
        }.get(key)
        if signal is None:
            return False
        signal.emit()
        return True
