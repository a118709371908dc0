"""The newest message, in the line below every page, whose height is always there: nothing moves when one comes.

It never takes the focus. A note ends after some seconds, later while the pointer or the keyboard is at it; doubts and
errors stay. Words that do not fit end in …; a click opens the list of messages with all of them.
"""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QFontMetrics, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QPushButton, QSizePolicy, QWidget

from core.text import text
from gui import theme
from gui.icons import IconLabel, icon_button
from gui.message_log import MessageLog
from gui.messages import Message, Tone
from gui.widgets.labels import ElidedLabel
from gui.widgets.layouts import column_of, row_of

SIGNS = {Tone.NOTE: ("note", "accent"), Tone.DOUBT: ("doubt", "amber"), Tone.WRONG: ("wrong", "red")}
"""Icon and role of its colour."""

LEAST_MS, MS_A_LETTER, MOST_MS = 4_000, 60, 20_000
"""How long a note is shown, by the length of its words."""

AGAIN_MS = 2_000
"""A note that somebody points at is asked again after so long."""

SLIP_MS = 500
"""So soon after a message took the place of another, a click still means the other and is passed over."""


class MessageBar(QFrame):
    """Shows what a log says is to be shown; empty while there is nothing.

    Args:
        log: Of the messages.

    Signals:
        details_asked: The user wants to see the `Message`'s details.
        list_asked: The user wants to see all messages.
        filled(bool): Whether there is something to show now.
    """

    details_asked = Signal(object)
    list_asked = Signal()
    filled = Signal(bool)

    def __init__(self, log: MessageLog, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "message")
        self._log = log
        self._shown: Message | None = None
        self._before: Message | None = None
        self._replaced = QElapsedTimer()
        self._again = QTimer(self, singleShot=True, interval=0)  # once the labels have their new width
        self._again.timeout.connect(self._on_again_timeout)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._build()
        log.changed.connect(self.refresh)
        log.came.connect(self._on_log_came)
        self.refresh()

    @property
    def messages(self) -> tuple[Message, ...]:
        """What is shown now, then what comes into sight when it ends."""
        return self._log.open

    def close_first(self) -> None:
        """End the shown message; the one before it that has not ended is shown again."""
        if self._shown is not None:
            self._replaced.invalidate()
            self._log.end(self._shown)

    def refresh(self) -> None:
        """Show what is to be shown now."""
        message = self._log.shown
        if message is not self._shown and message is not None and message.tone is Tone.NOTE:
            self._timer.start(lifetime_ms(message))
        self._before, self._shown = self._shown, message
        for widget in (self._sign, self._sentence, self._hint, self._count, self._details, self._close):
            widget.setVisible(message is not None)
        self._set_tone(str(message.tone) if message is not None else "")
        if message is not None:
            self._show(message)
        self.filled.emit(message is not None)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def _build(self) -> None:
        self._sign, self._sentence = IconLabel("note"), theme.bold(ElidedLabel())
        self._hint = ElidedLabel()
        self._hint_font = theme.scaled_font(self._hint.font(), theme.CAPTION_SCALE)
        texts = column_of(self._sentence, self._hint, spacing=0)
        self._count = theme.as_caption(QLabel())
        self._details = QPushButton(text("window.details_button"))
        self._details.clicked.connect(self._on_details_clicked)
        self._close = icon_button("close", text("window.close_message"), self._on_close_clicked, side_px=0)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row_of(
            self._sign, (texts, 1), self._count, self._details, self._close,
            margins=(theme.BETWEEN, 0, theme.INSIDE, 0), parent=self
        )

    def least_height(self) -> int:
        """Of two lines, whether or not there are any."""
        return 2 * self._sentence.sizeHint().height()

    def _show(self, message: Message) -> None:
        name, role = SIGNS[message.tone]
        self._sign.set_icon("fault" if message.is_fault else name, role=role)
        self._arrange(message)
        n_open = len(self._log.open)
        self._count.setText(text("window.first_of_messages", n=n_open))
        self._count.setVisible(n_open > 1)
        self._details.setVisible(message.is_fault)
        self.setToolTip(f"{message.sentence}\n{message.hint}".strip())
        self.setAccessibleName(f"{message.sentence} {message.hint}".strip())
        self._again.start()

    def _arrange(self, message: Message) -> None:
        """The sentence above its hint; without a hint a long one takes both lines."""
        first, rest = message.sentence, message.hint
        if not rest:
            first, rest = _in_two_lines(first, self._sentence.fontMetrics(), self._sentence.width())
        self._sentence.set_text(first)
        self._hint.setFont(self._hint_font if message.hint else self._sentence.font())
        self._hint.set_text(rest)
        self._hint.setVisible(bool(rest))

    def _set_tone(self, tone: str) -> None:
        if self.property("tone") == tone:
            return
        self.setProperty("tone", tone)
        self.style().unpolish(self)
        self.style().polish(self)

    # ── what happens ─────────────────────────────────────────────────────

    def _on_log_came(self, _: Message) -> None:
        if self._before is not None:
            self._replaced.start()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _on_again_timeout(self) -> None:
        if self._shown is not None:
            self._arrange(self._shown)

    def _on_timer_timeout(self) -> None:
        if self._shown is None or self._shown.tone is not Tone.NOTE:
            return
        focus = QApplication.focusWidget()
        if self.underMouse() or focus is not None and self.isAncestorOf(focus):
            self._timer.start(AGAIN_MS)
        else:
            self.close_first()

    def _on_close_clicked(self) -> None:
        if not (self._replaced.isValid() and self._replaced.elapsed() < SLIP_MS):
            self.close_first()

    def _on_details_clicked(self) -> None:
        if self._shown is not None:
            self.details_asked.emit(self._shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._shown is not None:
            self._again.start()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if self._shown is not None and event.button() is Qt.MouseButton.LeftButton:
            self.list_asked.emit()


def _in_two_lines(sentence: str, metrics: QFontMetrics, width_px: int) -> tuple[str, str]:
    """A sentence, and what of it does not fit into a line; empty if all does."""
    words = sentence.split(" ")
    n = len(words)
    while n > 1 and metrics.horizontalAdvance(" ".join(words[:n])) > width_px:
        n -= 1
    return " ".join(words[:n]), " ".join(words[n:])


def lifetime_ms(message: Message) -> int:
    """How long a note is shown, milliseconds: time to read it twice."""
    return min(MOST_MS, LEAST_MS + MS_A_LETTER * len(message.sentence + message.hint))
