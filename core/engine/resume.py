"""Going on with a training that was stopped or killed, from its last complete epoch, bit by bit alike.

Everything is in one file, `progress.npz`, that is replaced whole after each epoch: weights, what
the optimizer remembers, figures, and of which labels and settings.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
from numpy.typing import NDArray

from core.engine.checkpoints import BEST, copy_weights
from core.errors import RunError
from core.files.foreign import parse_json
from core.files.plain import from_plain
from core.files.writing import write_arrays
from core.training.unfinished import PROGRESS_NAME as PROGRESS
from core.training.unfinished import cannot_go_on, describe_changed_settings
from core.files.stored_arrays import open_arrays
from core.training.settings import EpochFigures

__all__ = ["PROGRESS", "PastEpochs", "ProgressKeeper", "Terms", "bring_best", "data_digest", "read_progress",
           "require_classes"]

FORMAT = 2


class Stateful(Protocol):
    """What takes the steps and remembers more than the network's weights, as arrays in a fixed order."""

    def state(self) -> list[NDArray[Any]]:
        """A copy of what it remembers."""

    def set_state(self, arrays: Sequence[NDArray[Any]]) -> None:
        """Go on from what `state` gave; raises ValueError if that is of another network."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What must be the same for a training to go on.

    Attributes:
        classes: Names in the order of the outputs.
        settings: By name, JSON values.
        data: Digest of the labelled images with their labels.
        network: Digest of weights and cut, or name.
        parts: Digest of which images are learnt from, watched and held back.
    """

    classes: tuple[str, ...]
    settings: Mapping[str, Any]
    data: str
    network: str
    parts: str = ""


@dataclass(frozen=True, slots=True)
class PastEpochs:
    """What `read_progress` found.

    Attributes:
        history: The complete epochs.
        weights: Of the network after the last of them.
        optimizer: What its optimizer remembered.
    """

    history: tuple[EpochFigures, ...]
    weights: tuple[NDArray[Any], ...]
    optimizer: tuple[NDArray[Any], ...]


def data_digest(hashes: Sequence[bytes], labels: NDArray[np.int64]) -> str:
    """The same for the same labelled images, whatever their order."""
    pairs = sorted(zip(hashes, labels.tolist(), strict=True))
    return hashlib.sha256(b"".join(content + b"%d;" % label for content, label in pairs)).hexdigest()[:16]


class ProgressKeeper:
    """Keeps the state after each epoch; see `core.engine.epochs.Keeper`."""

    def __init__(
        self, folder: Path, terms: Terms, net: keras.Model, trainer: Stateful, past: PastEpochs | None = None,
    ) -> None:
        self._folder, self._terms, self._net, self._trainer = folder, terms, net, trainer
        self.past: tuple[EpochFigures, ...] = past.history if past else ()
        if past:
            try:
                net.set_weights(list(past.weights))
                trainer.set_state(past.optimizer)
            except (ValueError, TypeError, IndexError) as error:
                raise _damaged(folder) from error

    def keep(self, history: tuple[EpochFigures, ...]) -> None:
        """Replace the file.

        Raises:
            StorageError: It cannot be written; the one before is still there.
        """
        stored = json.dumps({"format": FORMAT, "terms": asdict(self._terms), "history": [asdict(f) for f in history]})
        arrays = {f"weight_{i}": w for i, w in enumerate(self._net.get_weights())}
        arrays |= {f"optimizer_{i}": a for i, a in enumerate(self._trainer.state())}
        write_arrays(self._folder / PROGRESS, text=np.frombuffer(stored.encode(), np.uint8), **arrays)


def read_progress(folder: Path, terms: Terms) -> PastEpochs:
    """The state of a stopped or killed training, after making sure that it may go on.

    Args:
        folder: Of the stopped run, or of the unfinished one.
        terms: Of the training that is to go on with it.

    Raises:
        RunError: There is no state, it is damaged, or classes, labels, settings or network are others now.
    """
    with _opened(folder) as (file, stored):
        _require_same(stored["terms"], terms)
        return PastEpochs(
            tuple(from_plain(EpochFigures, figures) for figures in stored["history"]),
            _numbered(file, "weight"), _numbered(file, "optimizer"),
        )


def require_classes(folder: Path, classes: Sequence[str]) -> None:
    """Make sure of what can be told before anything is built: that there is a state, of the same classes.

    Raises:
        RunError: There is none, it is damaged, or a class was added or removed.
    """
    with _opened(folder) as (_, stored):
        _require_same_classes(stored["terms"]["classes"], classes)


@contextmanager
def _opened(folder: Path) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The file and its text, with every error explained."""
    try:
        with open_arrays(folder / PROGRESS) as file:
            stored = parse_json(file["text"].tobytes().decode())
            if stored["format"] != FORMAT:
                raise RunError(f"The training in “{folder}” was stopped by another version.", "Train anew.")
            yield file, stored
    except FileNotFoundError as error:
        raise RunError(
            f"There is nothing to go on with in “{folder}”: that training is complete or was not begun.",
            "Train anew.",
        ) from error
    except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise _damaged(folder) from error


def _damaged(folder: Path) -> RunError:
    return RunError(f"The state of the training in “{folder}” is damaged.", "Train anew.")


def _numbered(file: Any, prefix: str) -> tuple[NDArray[Any], ...]:
    n = sum(name.startswith(f"{prefix}_") for name in file.files)
    return tuple(file[f"{prefix}_{i}"] for i in range(n))


def _require_same(stored: Mapping[str, Any], terms: Terms) -> None:
    _require_same_classes(stored["classes"], terms.classes)
    if stored["data"] != terms.data:
        raise cannot_go_on("labels were added, removed or changed")
    changed = describe_changed_settings(stored["settings"], json.loads(json.dumps(terms.settings)))
    if changed:
        raise cannot_go_on(f"other settings were chosen: {changed}")
    if stored["parts"] != terms.parts:
        raise cannot_go_on("other pictures are known to be alike, and are kept together")
    if stored["network"] != terms.network:
        raise cannot_go_on("the network's weights are others now")


def _require_same_classes(before: Sequence[str], now: Sequence[str]) -> None:
    if list(before) != list(now):
        raise cannot_go_on(_class_difference(before, now))


def _class_difference(before: Sequence[str], now: Sequence[str]) -> str:
    added = [f"“{name}” was added" for name in now if name not in before]
    removed = [f"“{name}” was removed" for name in before if name not in now]
    return "; ".join(added + removed) or "the classes are in another order"


def bring_best(source: Path, working: Path, *, names: Sequence[str] = (BEST,)) -> None:
    """The best epoch of the training that is gone on with, from the first of some files that is there.

    Raises:
        StorageError: It cannot be copied.
    """
    best = next((source / name for name in names if (source / name).is_file()), source / BEST)
    if best.resolve() != (working / BEST).resolve():
        copy_weights(best, working / BEST)
