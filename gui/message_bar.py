"""Messages above the page: one at a time, in the order in which they came, each until it is closed.

The bar never takes the focus and never vanishes by itself, so that nothing is missed.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QWidget

from core.text import text
from gui import theme
from gui.icons import IconLabel, icon_button
from gui.messages import Message, MessageDoor, Tone
from gui.widgets.layouts import column_of, row_of

_SIGNS = {Tone.NOTE: ("note", "accent"), Tone.DOUBT: ("doubt", "amber"), Tone.WRONG: ("wrong", "red")}

MAX_QUEUED = 20
"""More messages than this are not kept; the log has them all."""


class MessageBar(QFrame):
    """Shows what comes through the door; hidden while there is nothing to say.

    Args:
        door: Where messages come from.
        kept: What a bar before this one still had to show.

    Signals:
        details_asked: The user wants to see the `Message`'s details.
    """

    details_asked = Signal(object)

    def __init__(self, door: MessageDoor, kept: Sequence[Message] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "message")
        self._queue: list[Message] = []
        self._build()
        self.hide()
        door.posted.connect(self.add)
        for message in (*kept, *door.take_unseen()):
            self.add(message)

    @property
    def messages(self) -> tuple[Message, ...]:
        """What is shown now, then what waits."""
        return tuple(self._queue)

    def add(self, message: Message) -> None:
        """Show a message, or let it wait behind the one that is shown; the same one counts once."""
        if message in self._queue or len(self._queue) >= MAX_QUEUED:
            return
        if self._queue and self._queue[-1].tone is Tone.NOTE and message.tone is Tone.NOTE:
            self._queue.pop()  # good to know, and by now something newer is
        self._queue.append(message)
        self._show_first()

    def close_first(self) -> None:
        """Put the shown message away and show the next."""
        if self._queue:
            self._queue.pop(0)
        self._show_first()

    def _build(self) -> None:
        self._sign, self._sentence, self._hint = IconLabel("note"), theme.bold(QLabel()), QLabel()
        texts = column_of(spacing=theme.INSIDE // 2)
        for label in (self._sentence, self._hint):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)  # names of files stand in it
            label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            texts.addWidget(label)
        self._count = QLabel()
        self._details = QPushButton(text("window.details_button"))
        self._details.clicked.connect(self._on_details_clicked)
        self._close = icon_button("close", text("window.close_message"), self.close_first, side_px=0)
        row_of(
            self._sign, (texts, 1), self._count, self._details, self._close,
            margins=(theme.AROUND, theme.BETWEEN, theme.BETWEEN, theme.BETWEEN), parent=self
        )

    def _show_first(self) -> None:
        self.setVisible(bool(self._queue))
        if not self._queue:
            return
        message = self._queue[0]
        name, role = _SIGNS[message.tone]
        self._sign.set_icon("fault" if message.is_fault else name, role=role)
        self._sentence.setText(message.sentence)
        self._hint.setText(message.hint)
        self._hint.setVisible(bool(message.hint))
        self._count.setText(text("window.first_of_messages", n=len(self._queue)))
        self._count.setVisible(len(self._queue) > 1)
        self._details.setVisible(message.is_fault)
        self._set_tone(message.tone)
        self.setAccessibleName(f"{message.sentence} {message.hint}".strip())
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _set_tone(self, tone: Tone) -> None:
        if self.property("tone") == str(tone):
            return
        self.setProperty("tone", str(tone))
        self.style().unpolish(self)
        self.style().polish(self)

    def _on_details_clicked(self) -> None:
        if self._queue:
            self.details_asked.emit(self._queue[0])
