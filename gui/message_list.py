"""The dialog with all messages of this start, newest first, each in full length below the list."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog, QDialogButtonBox, QListWidget, QListWidgetItem, QPlainTextEdit, QPushButton, QWidget,
)

from core.text import text
from gui import theme
from gui.icons import icon
from gui.message_bar import SIGNS
from gui.message_log import Heard, MessageLog
from gui.messages import Message
from gui.widgets.layouts import DIALOG, answers, column_of

SIZE = (640, 420)


class MessageList(QDialog):
    """Follows a log while it is open.

    Args:
        log: Of the messages.

    Signals:
        details_asked: The details of a fault, a `Message`, are wanted.
    """

    details_asked = Signal(object)

    def __init__(self, log: MessageLog, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(text("window.all_messages"))
        self._log = log
        self._heard: tuple[Heard, ...] = ()
        self.rows, self.words = QListWidget(), QPlainTextEdit()
        self.rows.setAccessibleName(text("window.all_messages"))
        self.rows.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows.setUniformItemSizes(True)
        self.words.setReadOnly(True)
        self.words.setPlaceholderText(text("window.no_messages"))
        self.words.setAccessibleName(text("window.message_in_full"))
        self.words.setMaximumHeight(5 * self.fontMetrics().lineSpacing() + theme.AROUND)
        buttons = self._build_buttons()
        column_of((self.rows, 1), self.words, buttons, spacing=theme.BETWEEN, margins=DIALOG, parent=self)
        self.resize(*SIZE)
        self.rows.currentRowChanged.connect(self._show_row)
        log.changed.connect(self.refresh)
        self.refresh()

    @property
    def current(self) -> Message | None:
        """The message that is shown in full."""
        row = self.rows.currentRow()
        return self._heard[row].message if 0 <= row < len(self._heard) else None

    def refresh(self) -> None:
        """List what came until now; the newest is shown."""
        if self._heard == self._log.heard and self._heard:
            return
        self._heard = self._log.heard
        self.rows.clear()
        for one in self._heard:
            name, role = SIGNS[one.message.tone]
            sign = icon("fault" if one.message.is_fault else name, role=role)
            item = QListWidgetItem(sign, self._say(one), self.rows)
            item.setToolTip(f"{one.message.sentence}\n{one.message.hint}".strip())
        self.rows.setCurrentRow(0 if self._heard else -1)
        self._show_row(self.rows.currentRow())

    def copy(self) -> None:
        """Put the message that is shown on the clipboard, with its details."""
        if (message := self.current) is not None:
            parts = (message.sentence, message.hint, message.details)
            QGuiApplication.clipboard().setText("\n\n".join(filter(None, parts)))

    def _say(self, one: Heard) -> str:
        is_other = one.project and one.project != self._log.project
        where = f"{one.project} · " if is_other else ""
        return f"{one.at:%H:%M:%S}   {where}{one.message.sentence}"

    def _show_row(self, row: int) -> None:
        message = self.current
        self.words.setPlainText(f"{message.sentence}\n{message.hint}".strip() if message is not None else "")
        self.copy_button.setEnabled(message is not None)
        self.details_button.setEnabled(message is not None and message.is_fault)

    def _build_buttons(self) -> QDialogButtonBox:
        self.copy_button, self.details_button = (
            QPushButton(icon("copy"), text("window.copy")), QPushButton(text("window.details_button")))
        self.copy_button.clicked.connect(self.copy)
        self.details_button.clicked.connect(self._on_details_clicked)
        box = answers(self)
        for button in (self.copy_button, self.details_button):
            button.setAutoDefault(False)
            box.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        return box

    def _on_details_clicked(self) -> None:
        if (message := self.current) is not None and message.is_fault:
            self.details_asked.emit(message)
