"""The messages of this start of the program: which one is shown, which are still open, and all that came before.

A note ends by itself (its view says when), a doubt or an error with its cause or by closing, and all of them end when
another project is opened. What has ended can be read again here.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from gui.messages import Message, MessageDoor, Tone

MAX_KEPT = 200
"""More messages than this are not kept; the log file has them all."""

MAX_OPEN = 20
"""Of more open messages the oldest ends."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that came.

    Attributes:
        at: When, local time.
        project: Name of the project that was open; empty without one.
    """

    message: Message
    at: datetime
    project: str = ""


class MessageLog(QObject):
    """Keeps what comes through the door; lives as long as the window, whatever is built anew in it.

    Args:
        door: Where messages come from.

    Attributes:
        project: Name of the open project, for the messages that come next.

    Signals:
        came: A `Message`; it is the one that is shown now.
        changed: Another message is shown, or one less is open.
    """

    came = Signal(object)
    changed = Signal()

    def __init__(self, door: MessageDoor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = ""
        self._kept: deque[Heard] = deque(maxlen=MAX_KEPT)
        self._open: list[Message] = []
        door.posted.connect(self.add)
        door.settled.connect(self.settle)
        for message in door.take_unseen():
            self.add(message)

    @property
    def heard(self) -> tuple[Heard, ...]:
        """All that came, newest first."""
        return tuple(reversed(self._kept))

    @property
    def open(self) -> tuple[Message, ...]:
        """What has not ended, the one that is shown first."""
        return tuple(reversed(self._open))

    @property
    def shown(self) -> Message | None:
        """The newest that has not ended."""
        return self._open[-1] if self._open else None

    def add(self, message: Message) -> None:
        """Show a message at once. Notes before it, the same message and those of the same cause are over."""
        self._open = [
            one for one in self._open if one.tone is not Tone.NOTE and one != message
            and not (message.cause and one.cause == message.cause)
        ][-(MAX_OPEN - 1):]
        self._open.append(message)
        self._kept.append(Heard(message, datetime.now(), self.project))
        self.changed.emit()
        self.came.emit(message)

    def end(self, message: Message) -> None:
        """A message is over; harmless if it is already."""
        if message in self._open:
            self._open.remove(message)
            self.changed.emit()

    def settle(self, cause: str) -> None:
        """The messages of a cause are over."""
        left = [one for one in self._open if not cause or one.cause != cause]
        if len(left) < len(self._open):
            self._open = left
            self.changed.emit()

    def end_all(self) -> None:
        """Another project is opened: what was said of the one before is over."""
        if self._open:
            self._open = []
            self.changed.emit()
