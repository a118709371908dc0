"""A fault of the program, with the details to copy for whoever mends it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from core.text import text
from gui import theme
from gui.icons import IconLabel, icon
from gui.messages import Message


class FaultDialog(QDialog):
    """Shows a message together with its details."""

    def __init__(self, message: Message, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(text("window.fault_title"))
        self._message = message
        self.details = QPlainTextEdit(message.details)
        self.details.setReadOnly(True)
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setAccessibleName(text("window.fault_details"))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.AROUND)
        column.setSpacing(theme.AROUND)
        column.addLayout(self._build_words())
        column.addWidget(self.details, 1)
        column.addWidget(self._build_buttons())
        self.resize(640, 400)

    def copy(self) -> None:
        """Put everything on the clipboard."""
        parts = (self._message.sentence, self._message.details)
        QGuiApplication.clipboard().setText("\n\n".join(parts))

    def _build_words(self) -> QHBoxLayout:
        sentence, hint = QLabel(self._message.sentence), QLabel(self._message.hint)
        font = sentence.font()
        font.setWeight(font.Weight.DemiBold)
        sentence.setFont(font)
        hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        words = QVBoxLayout()
        words.setSpacing(theme.INSIDE)
        for label in (sentence, hint):
            label.setWordWrap(True)
            words.addWidget(label)
        row = QHBoxLayout()
        row.setSpacing(theme.AROUND)
        row.addWidget(IconLabel("fault", role="red", side_px=32), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        return row

    def _build_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        copy = buttons.addButton(text("window.copy_details"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.setIcon(icon("copy"))
        copy.clicked.connect(self.copy)
        return buttons
