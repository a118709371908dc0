"""The errors that Catalejo foresees, as one tree; each carries one sentence and one hint as codes with parameters.

    AppError
    ├── InputError              a folder, file or option that cannot be used
    ├── ProjectError
    │   ├── NotAProject         the folder holds no catalog, or one of another program
    │   ├── ProjectLocked       another window or command has the project
    │   ├── ProjectTooNew       written by a newer version of Catalejo
    │   ├── ProjectDamaged      the catalog cannot be read
    │   └── ProjectReadOnly     nothing can be written here
    ├── ImageUnreadable         one image that cannot be decoded
    ├── TrainingDataError       labels that do not suffice for what was asked
    ├── RunError                a run that is missing, unfinished or does not fit
    ├── WeightsError
    │   ├── WeightsMissing      not on this computer
    │   ├── WeightsDamaged      not what it says it is
    │   └── DownloadNotAllowed  would need the network, and nobody agreed
    ├── StorageError            disk full, or a file that cannot be written
    └── EngineError             the engine process ended without an answer
        └── ProgramFault        a job met a fault of the program (in `core.tasks`)

`JobCancelled` (in `core.jobs`) is not an error and not in the tree.
"""

from __future__ import annotations

from typing import Any, Final

from core.text.catalogues import has_template
from core.text.message import Message
from core.text.render import render

_OWN: Final = "\0"
"""Stands for the hint of the sentence's own code."""


class AppError(Exception):
    """A foreseen error: what happened to what, and what to do about it.

    Args:
        code: The sentence's key in the catalogues (see `core.text`), or a whole `Message`. The hint is the entry
            `<code>.hint`, with the same parameters, where there is one.
        hint: Another hint; None where there is none.

    Attributes:
        message: One sentence of what happened to what.
        hint_message: One sentence of what to do, or None where nothing can be done.
    """

    def __init__(self, code: str | Message, /, hint: Message | str | None = _OWN, **params: Any) -> None:
        super().__init__(code, hint, params)
        self.message = code if isinstance(code, Message) else Message(code, **params)
        self.hint_message: Message | None
        if hint is _OWN:
            own = Message(f"{self.message.code}.hint", **self.message.params)
            self.hint_message = own if has_template(own.code) else None
        else:
            self.hint_message = (Message(hint) if hint else None) if isinstance(hint, str) else hint

    def __reduce__(self) -> tuple[Any, ...]:
        return _remade, (type(self), self.message, self.hint_message, {**self.__dict__})

    @property
    def sentence(self) -> str:
        """What happened, in the language in force."""
        return render(self.message)

    @property
    def hint(self) -> str:
        """What to do, in the language in force; empty where nothing can be done."""
        return render(self.hint_message) if self.hint_message else ""

    def __str__(self) -> str:
        return f"{self.sentence} {self.hint}".strip()


def _remade(kind: type[AppError], message: Message, hint: Message | None, state: dict[str, Any]) -> AppError:
    """An error that crossed from another process."""
    error = kind.__new__(kind)
    AppError.__init__(error, message, hint)
    error.__dict__.update(state)
    return error


class InputError(AppError):
    """A folder, file or option that cannot be used."""


class ProjectError(AppError):
    """A project that cannot be opened or changed."""


class NotAProject(ProjectError):
    """The folder holds no catalog, or the catalog of another program."""


class ProjectLocked(ProjectError):
    """Another window or command has the project open."""


class ProjectTooNew(ProjectError):
    """The catalog was written by a newer version of Catalejo."""


class ProjectDamaged(ProjectError):
    """The catalog cannot be read."""


class ProjectReadOnly(ProjectError):
    """The project lies where nothing can be written."""


class ImageUnreadable(AppError):
    """One image that cannot be decoded; `sentence` is the reason, without the path."""


class TrainingDataError(AppError):
    """Labels that do not suffice for what was asked."""


class RunError(AppError):
    """A run that is missing, unfinished or does not fit."""


class WeightsError(AppError):
    """Pretrained weights that cannot be used."""


class WeightsMissing(WeightsError):
    """The weights are not on this computer."""


class WeightsDamaged(WeightsError):
    """The weights file is not what it says it is."""


class DownloadNotAllowed(WeightsError):
    """The weights would have to be fetched from the network, and nobody agreed."""


class StorageError(AppError):
    """Something could not be written: disk full, or no permission."""


class EngineError(AppError):
    """The engine process ended without an answer."""
