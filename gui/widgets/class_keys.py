"""The keys of the session's classes, heard where pictures have the keyboard.

A letter may also be a key of the window (F finds): where pictures have the keyboard, the class
that a person gave the letter to wins. Qt asks by `ShortcutOverride` before it tries shortcuts.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from gui.widgets.label_keys import PLAIN
from gui.session import Session


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
