"""Asks for the key of a class by having it pressed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui import theme

WIDTH_PX = 340


class KeyDialog(QDialog):
    """Closes with the first key that has a character.

    Signals:
        pressed(str key): one character, or "" for no key.
    """

    pressed = Signal(str)

    def __init__(self, class_name: str, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Key of “{0}”").format(class_name))
        self.setFixedWidth(WIDTH_PX)
        words = QLabel(self.tr("Press the key that shall label with “{0}”.").format(class_name), wordWrap=True)
        now = self.tr("Its key is {0}.").format(key) if key else self.tr("It has no key.")
        clash = self.tr("A letter that is also a key of the program labels while the pictures have the keyboard.")
        hint = theme.caption_label(f"{now} {clash}")
        hint.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.AROUND)
        column.setSpacing(theme.BETWEEN)
        column.addWidget(words)
        column.addWidget(hint)
        column.addLayout(self._build_buttons())

    def _build_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        for title, slot in ((self.tr("No key"), lambda: self._take("")), (self.tr("Cancel"), self.reject)):
            button = QPushButton(title)
            button.setAutoDefault(False)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(slot)
            row.addWidget(button)
        return row

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text = event.text()
        if len(text) == 1 and text.isprintable() and not text.isspace():
            self._take(text.lower())
        else:
            super().keyPressEvent(event)

    def _take(self, key: str) -> None:
        self.accept()
        self.pressed.emit(key)
