"""The messages of this start of the program: which one is shown, which are still open, and all that came before.

A note ends by itself (its view says when), a doubt or an error with its cause or by closing, and all of them end when
another project is opened. What has ended can be read again here. What is about a project that is not open, because
its job went on after the window had left it, is shown when it is opened again.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

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
        project: Name of the project that it is about, or that was open; empty without one.
    """

    message: Message
    at: datetime
    project: str = ""


def name_of(folder: Path | None) -> str:
    """What a project is called: its folder's name without the ending; empty for none."""
    return folder.name.removesuffix(".catalejo") if folder is not None else ""


class MessageLog(QObject):
    """Keeps what comes through the door; lives as long as the window, whatever is built anew in it.

    Args:
        door: Where messages come from.

    Attributes:
        folder: Of the open project, for the messages that come next; None without one.

    Signals:
        came: A `Message`; it is the one that is shown now.
        changed: Another message is shown, or one less is open.
    """

    came = Signal(object)
    changed = Signal()

    def __init__(self, door: MessageDoor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder: Path | None = None
        self._kept: deque[Heard] = deque(maxlen=MAX_KEPT)
        self._open: list[Message] = []
        self._elsewhere: dict[Path, list[Message]] = {}
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

    @property
    def project(self) -> str:
        """Name of the open project; empty without one."""
        return name_of(self.folder)

    def add(self, message: Message) -> None:
        """Show a message at once. Notes before it, the same message and those of the same cause are over.

        One about a project that is not open waits until it is.
        """
        folder = message.project or self.folder
        self._kept.append(Heard(message, datetime.now(), name_of(folder)))
        if folder is None or folder == self.folder:
            self._open = _joined(self._open, message)
            self.changed.emit()
            self.came.emit(message)
        else:
            self._elsewhere[folder] = _joined(self._elsewhere.get(folder, []), message)
            self.changed.emit()

    def end(self, message: Message) -> None:
        """A message is over; harmless if it is already."""
        if message in self._open:
            self._open.remove(message)
            self.changed.emit()

    def settle(self, cause: str, project: Path | None = None) -> None:
        """The messages of a cause are over, of the open project or of another."""
        if project is not None and project != self.folder:
            self._elsewhere[project] = _without(self._elsewhere.get(project, []), cause)
            return
        left = _without(self._open, cause)
        if len(left) < len(self._open):
            self._open = left
            self.changed.emit()

    def begin(self, folder: Path | None) -> None:
        """Another project is open, or none: what was said of the one before is over; what waited for it is shown."""
        self.folder = folder
        waiting = self._elsewhere.pop(folder, []) if folder is not None else []
        self._open = list(waiting)
        self.changed.emit()
        for message in waiting[-1:]:
            self.came.emit(message)


def _joined(messages: list[Message], message: Message) -> list[Message]:
    """Those that a newer message leaves open, and itself."""
    left = [one for one in messages if one.tone is not Tone.NOTE and one != message
            and not (message.cause and one.cause == message.cause)]
    return [*left[-(MAX_OPEN - 1):], message]


def _without(messages: list[Message], cause: str) -> list[Message]:
    return [one for one in messages if not cause or one.cause != cause]
