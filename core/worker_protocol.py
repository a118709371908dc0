"""What the window's process and the engine process say to each other.

A frame is an 8-byte little-endian length and a pickle. Pickle is right here and nowhere
else: both ends are processes of this program, joined by an anonymous pipe, and nothing is
stored. Arrays of a few megabytes may travel in a result; larger ones go by file, because
the receiving side unpickles while the window waits for the interpreter lock.
"""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass, field
from typing import BinaryIO

from core.jobs import Progress
from core.tasks import Cancelled, Failed, Succeeded

_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True, slots=True)
class Setup:
    """First words to the engine process."""

    tasks: dict[str, str] = field(default_factory=dict)
    warm_modules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Start:
    """Begin job `number` and write its files in `language`.

    The inputs are pickled apart, so that unreadable ones fail the job alone.
    """

    number: int
    task: str
    inputs: bytes
    language: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """Ask job `number` to end; too late for a finished one, and then without effect."""

    number: int


@dataclass(frozen=True, slots=True)
class Published:
    """An event that the job wants its watcher to see."""

    event: object


@dataclass(frozen=True, slots=True)
class Logged:
    """A log record of the engine process, to be kept with the window's own."""

    name: str
    level: int
    text: str


FromEngine = Progress | Published | Logged | Succeeded | Failed | Cancelled


def write_message(stream: BinaryIO, message: object) -> None:
    """Send one message; nothing is written if it cannot be pickled."""
    frame = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(frame)))
    stream.write(frame)
    stream.flush()


def read_message(stream: BinaryIO) -> object:
    """Wait for one message.

    Raises:
        EOFError: The other side is gone.
    """
    (length,) = _LENGTH.unpack(_read_exactly(stream, _LENGTH.size))
    return pickle.loads(_read_exactly(stream, length))


def _read_exactly(stream: BinaryIO, n_bytes: int) -> bytes:
    data = stream.read(n_bytes)
    if len(data) < n_bytes:
        raise EOFError
    return data
