"""The one door through which the program speaks to the user.

`tell` what is good to know, `doubt` what may be wrong, `warn` of an error that was foreseen,
`report` a fault of the program. Messages are shown by `gui.message_bar`; those that come
before a bar exists wait for it. May be called from any thread.
"""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal

from core.errors import AppError
from core.tasks import ProgramFault

FAULT_SENTENCE = "A fault of the program: something happened that it did not foresee."
FAULT_HINT = "You can go on; your labels are safe. Please report it with the details."

_log = logging.getLogger(__name__)


class Tone(StrEnum):
    """How serious a message is."""

    NOTE = "note"
    DOUBT = "doubt"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Message:
    """What the user is told.

    Attributes:
        sentence: What happened to what.
        hint: What to do, or empty.
        details: For whoever mends it; not empty marks a fault of the program.
    """

    tone: Tone
    sentence: str
    hint: str = ""
    details: str = ""

    @property
    def is_fault(self) -> bool:
        return bool(self.details)


class MessageDoor(QObject):
    """Passes messages on to whoever shows them.

    Signals:
        posted: A `Message`.
    """

    posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._unseen: list[Message] = []
        self._has_watcher = False

    def post(self, message: Message) -> None:
        if self._has_watcher:
            self.posted.emit(message)
        else:
            self._unseen.append(message)

    def take_unseen(self) -> list[Message]:
        """What came before anybody watched; from now on `posted` tells."""
        unseen, self._unseen, self._has_watcher = self._unseen, [], True
        return unseen


def door() -> MessageDoor:
    """The door of the running application, made when first asked for; ask first in its own thread."""
    application = QCoreApplication.instance()
    assert application is not None, "messages need an application"
    found = application.findChild(MessageDoor, "messages", Qt.FindChildOption.FindDirectChildrenOnly)
    if found is None:
        found = MessageDoor(application)
        found.setObjectName("messages")
    return found


def tell(sentence: str, hint: str = "") -> None:
    """Say what is good to know."""
    _log.info("told: %s", sentence)
    door().post(Message(Tone.NOTE, sentence, hint))


def doubt(sentence: str, hint: str = "") -> None:
    """Say what may be wrong."""
    _log.info("doubted: %s", sentence)
    door().post(Message(Tone.DOUBT, sentence, hint))


def warn(error: AppError) -> None:
    """Show an error that was foreseen, or a fault that a job brought home."""
    if isinstance(error, ProgramFault):
        _log.error("%s\n%s", error.sentence, error.details)
        door().post(Message(Tone.WRONG, error.sentence, error.hint, error.details or error.sentence))
        return
    _log.info("warned: %s", error)
    door().post(Message(Tone.WRONG, error.sentence, error.hint))


def report(error: BaseException) -> None:
    """Show a fault of the program with its traceback to copy, and log it."""
    details = "".join(traceback.format_exception(error))
    _log.error("a fault of the program\n%s", details)
    door().post(Message(Tone.WRONG, FAULT_SENTENCE, FAULT_HINT, details))
