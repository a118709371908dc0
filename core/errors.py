"""The errors that Catalejo foresees, as one tree; each carries one sentence and one hint.

    AppError
    ├── InputError              a folder, file or option that cannot be used
    ├── ProjectError
    │   ├── NotAProject         the folder holds no catalog, or one of another program
    │   ├── ProjectLocked       another window or command has the project
    │   ├── ProjectTooNew       written by a newer version of Catalejo
    │   ├── ProjectDamaged      the catalog cannot be read
    │   └── ProjectReadOnly     nothing can be written here
    ├── ImageUnreadable         one picture that cannot be decoded
    ├── TrainingDataError       labels that do not suffice for what was asked
    ├── RunError                a run that is missing, unfinished or does not fit
    ├── WeightsError
    │   ├── WeightsMissing      not on this computer
    │   ├── WeightsDamaged      not what it says it is
    │   └── DownloadNotAllowed  would need the network, and nobody agreed
    ├── StorageError            disk full, or a file that cannot be written
    └── EngineError             the engine process ended without an answer
        └── ProgramFault        a job met a fault of the program (in `core.worker_protocol`)

`JobCancelled` (in `core.jobs`) is not an error and not in the tree.
"""

from __future__ import annotations


class AppError(Exception):
    """A foreseen error: what happened to what, and what to do about it.

    Args:
        sentence: One sentence of what happened to what, shown to the user as it is.
        hint: One sentence of what to do; may be empty where nothing can be done.
    """

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence, hint)
        self.sentence = sentence
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.sentence} {self.hint}".strip()


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
    """One picture that cannot be decoded; `sentence` is the reason, without the path."""


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
