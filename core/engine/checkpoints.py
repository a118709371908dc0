"""Checkpoints of a training: weights that are whole on the disk at every moment, and all that the next epoch needs.

Weights are written beside their place, flushed, then renamed. `progress.npz` is replaced whole after each epoch and
holds weights, what the optimizer remembers, figures, and of which labels and settings they are: a training that was
stopped or killed goes on from its last complete epoch, bit by bit alike.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from core.errors import RunError, StorageError
from core.files.foreign import parse_json
from core.files.plain import from_plain
from core.files.stored_arrays import open_arrays
from core.files.writing import path_to_write, write_arrays
from core.text import Message
from core.training.settings import EpochFigures
from core.training.unfinished import (
    PROGRESS_NAME, cannot_go_on, describe_changed_settings, describe_class_difference,
)

BEST, LAST = "best.weights.h5", "last.weights.h5"
OVERHEAD_BYTES = 256 * 1024
"""What HDF5 needs beside the weights themselves; 31 to 144 kB for the three scratch networks at 64×64."""

FORMAT = 2
"""Of `progress.npz`."""


def save_weights(net: keras.Model, path: Path) -> None:
    """Write the weights of a network; a kill or a full disk leaves the file at `path` as it was.

    Args:
        path: Ends in ".weights.h5"; its folder must exist.

    Raises:
        StorageError: The disk is full, or the folder cannot be written.
    """
    try:
        with path_to_write(path) as draft:
            _make_sure_of_room(draft, 4 * net.count_params() + OVERHEAD_BYTES)
            net.save_weights(draft, overwrite=True)
    except RuntimeError as error:  # h5py gives a full disk as this or as an OSError
        raise StorageError("files.disk_is_full", path=path) from error


def copy_weights(source: Path, path: Path) -> None:
    """Copy a weights file in the same all-or-nothing way.

    Raises:
        StorageError: The disk is full, or the folder cannot be written.
    """
    with path_to_write(path) as draft:
        shutil.copyfile(source, draft)


def _make_sure_of_room(draft: Path, n_bytes: int) -> None:
    """Fail on a full disk before HDF5 begins to write.

    After a failed write HDF5 keeps the broken file open inside and may crash the process later
    (h5py 3.14), so the room is taken by plain means first.
    """
    with draft.open("wb") as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, n_bytes)
        else:
            file.write(bytes(n_bytes))


class Trainer(ABC):
    """Takes the steps of a network; what it remembers beside the weights can be told and taken back.

    So a training goes on as if it had never been interrupted.

    Attributes:
        optimizer: Has a `learning_rate` that can be set.
    """

    optimizer: Any

    @abstractmethod
    def train_on_batch(self, x: Any, y: Any, sample_weight: Any = None) -> dict[str, float]:
        """One step; at least `loss` and `accuracy`, means over the batch."""

    def variables(self) -> list[Any]:
        """Where it remembers, in a fixed order."""
        return list(self.optimizer.variables)

    def state(self) -> list[NDArray[Any]]:
        """A copy of what it remembers."""
        return [np.array(keras.ops.convert_to_numpy(variable)) for variable in self.variables()]

    def set_state(self, arrays: Sequence[NDArray[Any]]) -> None:
        """Go on from what `state` gave.

        Raises:
            ValueError: It is of another network.
        """
        own = self.variables()
        if [tuple(v.shape) for v in own] != [a.shape for a in arrays]:
            raise ValueError("expected the state of the same network and augmenter")
        for variable, array in zip(own, arrays, strict=True):
            variable.assign(array)


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
    """Keeps what a later training needs to go on from the last complete epoch.

    Attributes:
        past: Epochs that are complete already; network and trainer then hold their state.
    """

    def __init__(
        self, folder: Path, terms: Terms, net: keras.Model, trainer: Trainer, past: PastEpochs | None = None,
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
        """Replace the file, with all complete epochs so far.

        Raises:
            StorageError: It cannot be written; the one before is still there.
        """
        stored = json.dumps({"format": FORMAT, "terms": asdict(self._terms), "history": [asdict(f) for f in history]})
        arrays = {f"weight_{i}": w for i, w in enumerate(self._net.get_weights())}
        arrays |= {f"optimizer_{i}": a for i, a in enumerate(self._trainer.state())}
        write_arrays(self._folder / PROGRESS_NAME, text=np.frombuffer(stored.encode(), np.uint8), **arrays)


def read_progress(folder: Path, terms: Terms) -> PastEpochs:
    """The state of a stopped or killed training, after making sure that it may go on.

    Args:
        folder: Of the stopped run, or of the unfinished one.

    Raises:
        RunError: There is no state, it is damaged, or classes, labels, settings or network are others now.
    """
    with _opened(folder) as (file, stored):
        _require_same(stored["terms"], terms)
        return PastEpochs(
            tuple(from_plain(EpochFigures, figures) for figures in stored["history"]),
            _numbered(file, "weight"), _numbered(file, "optimizer"),
        )


def is_progress_of(folder: Path, parts: str) -> bool:
    """Whether the state in a folder is of a training on these parts of the images (see `Terms`), such as one fold.

    Raises:
        RunError: There is none, or it is damaged.
    """
    with _opened(folder) as (_, stored):
        return bool(stored["terms"]["parts"] == parts)


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
        with open_arrays(folder / PROGRESS_NAME) as file:
            stored = parse_json(file["text"].tobytes().decode())
            if stored["format"] != FORMAT:
                raise RunError("training.progress_of_other_version", folder=folder)
            yield file, stored
    except FileNotFoundError as error:
        raise RunError("training.nothing_to_resume", folder=folder) from error
    except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise _damaged(folder) from error


def _damaged(folder: Path) -> RunError:
    return RunError("training.progress_damaged", folder=folder)


def _numbered(file: Any, prefix: str) -> tuple[NDArray[Any], ...]:
    n = sum(name.startswith(f"{prefix}_") for name in file.files)
    return tuple(file[f"{prefix}_{i}"] for i in range(n))


def _require_same(stored: Mapping[str, Any], terms: Terms) -> None:
    _require_same_classes(stored["classes"], terms.classes)
    if stored["data"] != terms.data:
        raise cannot_go_on(Message("training.changed.labels"))
    changed = describe_changed_settings(stored["settings"], json.loads(json.dumps(terms.settings)))
    if changed:
        raise cannot_go_on(Message("training.changed.settings", settings=changed))
    if stored["parts"] != terms.parts:
        raise cannot_go_on(Message("training.changed.twins"))
    if stored["network"] != terms.network:
        raise cannot_go_on(Message("training.changed.network"))


def _require_same_classes(before: Sequence[str], now: Sequence[str]) -> None:
    if list(before) != list(now):
        raise cannot_go_on(*describe_class_difference(before, now))


def bring_best(source: Path, working: Path, *, names: Sequence[str] = (BEST,)) -> None:
    """The best epoch of the training that is gone on with, from the first of some files that is there.

    Raises:
        StorageError: It cannot be copied.
    """
    best = next((source / name for name in names if (source / name).is_file()), source / BEST)
    if best.resolve() != (working / BEST).resolve():
        copy_weights(best, working / BEST)
