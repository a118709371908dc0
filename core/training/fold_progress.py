"""Folds that are done of an unfinished cross-validation by epochs, so that it goes on with the fold it was at.

`folds.npz` lies beside `progress.npz` (see `core.training.unfinished`), which has the epochs of the fold, or of the
final training, that was interrupted. Folds are trained one after the other: each takes all cores and most of the
memory, so that several at once would end no sooner on one computer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.files.foreign import parse_json
from core.files.plain import from_plain
from core.files.stored_arrays import open_arrays
from core.files.writing import write_arrays
from core.text import Message
from core.training.settings import EpochFigures, StopReason
from core.training.unfinished import FOLDS_NAME, cannot_go_on

FORMAT = 1


@dataclass(frozen=True, slots=True)
class FoldFacts:
    """How the training of a fold went.

    Attributes:
        history: Its epochs.
        best_epoch: Counted from 1.
        blend: Share of what was learnt in the weights that judged it; 1 where nothing is blended.
    """

    reason: StopReason
    history: tuple[EpochFigures, ...]
    best_epoch: int
    blend: float = 1.0


@dataclass(frozen=True, slots=True)
class DoneFold:
    """A fold that is judged.

    Attributes:
        said: By name, what was said of its images, (n_held, n_classes) float32 each.
    """

    facts: FoldFacts
    said: Mapping[str, NDArray[np.float32]]


class FoldKeeper:
    """Keeps each fold once it is judged; knows those that an earlier process judged.

    Args:
        working: Folder of the unfinished training; must exist.
        data: Digest of images, labels and folds, and of the network where the settings do not name it.
        resume_from: Folder of the training that is gone on with, or None.

    Raises:
        RunError: The folds of the training that is gone on with are of other images, labels or groups.
    """

    def __init__(self, working: Path, data: str, resume_from: Path | None) -> None:
        self._working, self._data = working, data
        self.done: list[DoneFold] = [] if resume_from is None else _read(resume_from / FOLDS_NAME, data)
        if self.done and resume_from != working:
            self._write()

    def add(self, fold: DoneFold) -> None:
        """Keep one more.

        Raises:
            StorageError: The disk is full or fails.
        """
        self.done.append(fold)
        self._write()

    def _write(self) -> None:
        stored = json.dumps({"format": FORMAT, "data": self._data, "folds": [
            asdict(one.facts) | {"said": list(one.said)} for one in self.done]})
        arrays: dict[str, NDArray[Any]] = {"text": np.frombuffer(stored.encode(), np.uint8)}
        for at, one in enumerate(self.done):
            arrays |= {f"{name}_{at}": values for name, values in one.said.items()}
        write_arrays(self._working / FOLDS_NAME, **arrays)


def _read(path: Path, data: str) -> list[DoneFold]:
    """Folds that are done; none where the file is missing or damaged, for they can be trained again."""
    try:
        with open_arrays(path) as file:
            stored = parse_json(file["text"].tobytes().decode())
            if stored["format"] != FORMAT:
                return []
            is_same, folds = stored["data"] == data, [
                DoneFold(from_plain(FoldFacts, one), {str(name): file[f"{name}_{at}"] for name in one["said"]})
                for at, one in enumerate(stored["folds"])]
    except (OSError, KeyError, ValueError, TypeError, AttributeError):
        return []
    if not is_same:
        raise cannot_go_on(Message("training.changed.twins"))
    return folds


def all_epochs(folds: Sequence[DoneFold]) -> tuple[EpochFigures, ...]:
    """The epochs of all folds, one fold after the other."""
    return tuple(figures for one in folds for figures in one.facts.history)
