"""The one door through which the program speaks to the user.

`tell` what is good to know, `doubt` what may be wrong, `warn` of an error that was foreseen,
`report` a fault of the program. Messages are kept by `gui.message_log` and shown by `gui.message_bar`;
those that come before anybody keeps them wait. May be called from any thread. What is said while a job is worked on
belongs to the project of that job, whatever is open by then (`said_of`).
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal

from core import text as words
from core.errors import AppError
from core.tasks import ProgramFault

Said = str | words.Message
"""What is said: a text, or better a message of the text layer, which follows a change of language."""

FAULT = words.Message("window.fault")
FAULT_HINT = words.Message("window.fault.hint")

_log = logging.getLogger(__name__)
_project: ContextVar[Path | None] = ContextVar("project of what is said", default=None)


class Tone(StrEnum):
    """How serious a message is."""

    NOTE = "note"
    DOUBT = "doubt"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Message:
    """What the user is told.

    Attributes:
        said: What happened to what.
        advice: What to do, or empty.
        details: For whoever mends it; not empty marks a fault of the program.
        cause: What it is about, such as "job:train"; it ends once somebody calls `settle` with the same, and a newer
            message of the same cause takes its place. Empty where only closing ends it.
        project: Folder of the project that it is about; None for whatever is open when it comes.
    """

    tone: Tone
    said: Said
    advice: Said = ""
    details: str = ""
    cause: str = ""
    project: Path | None = None

    @property
    def sentence(self) -> str:
        """What happened, in the language in force."""
        return str(self.said)

    @property
    def hint(self) -> str:
        """What to do, in the language in force, or empty."""
        return str(self.advice)

    @property
    def is_fault(self) -> bool:
        return bool(self.details)


class MessageDoor(QObject):
    """Passes messages on to whoever shows them.

    Signals:
        posted: A `Message`.
        settled: The cause of messages that are over now, and the folder of their project or None.
    """

    posted = Signal(object)
    settled = Signal(str, object)

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


@contextmanager
def said_of(project: Path | None) -> Iterator[None]:
    """What is said and settled meanwhile, in this thread, is about the project in this folder."""
    before = _project.set(project)
    try:
        yield
    finally:
        _project.reset(before)


def tell(sentence: Said, hint: Said = "") -> None:
    """Say what is good to know."""
    _log.info("told: %s", sentence)
    door().post(Message(Tone.NOTE, sentence, hint, project=_project.get()))


def doubt(sentence: Said, hint: Said = "", *, cause: str = "") -> None:
    """Say what may be wrong, until it is closed or its cause is settled."""
    _log.info("doubted: %s", sentence)
    door().post(Message(Tone.DOUBT, sentence, hint, cause=cause, project=_project.get()))


def cause_of(task: str) -> str:
    """The cause of messages about jobs of a task; they end when one is started."""
    return f"job:{task}"


LISTS = cause_of("list-folders")
"""The cause of messages about a folder; they end when another one is looked through."""


def settle(cause: str) -> None:
    """End the messages of a cause, because it is over."""
    door().settled.emit(cause, _project.get())


def warn(error: AppError, *, cause: str = "") -> None:
    """Show an error that was foreseen, or a fault that a job brought home, until it is closed or settled."""
    details = ""
    if isinstance(error, ProgramFault):
        _log.error("%s\n%s", error.sentence, error.details)
        details = error.details or error.sentence
    else:
        _log.info("warned: %s", error)
    door().post(Message(Tone.WRONG, error.message, error.hint_message or "", details, cause, _project.get()))


@contextmanager
def warned() -> Iterator[None]:
    """Do something; an error that was foreseen ends it and is shown."""
    try:
        yield
    except AppError as error:
        warn(error)


def report(error: BaseException) -> None:
    """Show a fault of the program with its traceback to copy, and log it."""
    details = "".join(traceback.format_exception(error))
    _log.error("a fault of the program\n%s", details)
    door().post(Message(Tone.WRONG, FAULT, FAULT_HINT, details, project=_project.get()))
