"""A line for the name of a class that keeps its keys to itself.

Qt's own line passes Enter and unused keys on to the page, where Enter accepts a suggestion.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_LEADING_OUT = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)


class NameField(QLineEdit):
    """Asks and tells.

    Args:
        words: What it is for: placeholder and name for screen readers.

    Signals:
        entered(str name): Enter; stray spaces are gone, and an empty name is not announced.
        left(): Esc.
        stepped(int rows): up (−1) or down (1), for a list below.
    """

    entered = Signal(str)
    left = Signal()
    stepped = Signal(int)

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(words)
        self.setAccessibleName(words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat() and self.text().strip():
                self.entered.emit(self.text().strip())
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key in STEPS:
            self.stepped.emit(STEPS[key])
        else:
            super().keyPressEvent(event)
        if key not in _LEADING_OUT and event.modifiers() in (Qt.KeyboardModifier.NoModifier,
                                                             Qt.KeyboardModifier.KeypadModifier):
            event.accept()
