"""The keys that label: the same in grid, table, loupe and on the Label page, and the keys of the classes.

A letter may also be a key of the window (F finds): where images have the keyboard, the class that a person gave the
letter to wins. Qt asks by `ShortcutOverride` before it tries shortcuts.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from gui.session import Session

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


_ONCE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Backspace, Qt.Key.Key_Space)


class StageKeys(LabelKeys):
    """As `LabelKeys`, without repetition."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.isAutoRepeat():
            return event.key() in _ONCE
        return super().eventFilter(watched, event)


class ClassKeys(QObject):
    """Watches the keys of some widgets; other keys go on to them.

    Signals:
        class_asked(int class_id): the key of that class was pressed.
    """

    class_asked = Signal(int)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session

    def watch(self, widget: QWidget) -> None:
        """Call after the widget has its own `LabelKeys`: the last to come hears first."""
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.modifiers() not in PLAIN:
            return False
        found = self._session.class_with_key(event.text()) if event.text() else None
        if found is None:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and not event.isAutoRepeat():
            self.class_asked.emit(found.id)
        return event.type() == QEvent.Type.KeyPress
