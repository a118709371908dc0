"""The folder of a run: written beside its place and renamed, so that a run is whole or not there.

    runs/<id>/run.json            RunRecord
              head.weights.h5     Head
              snapshot.csv        image_id,content_hash,path,label of what it was trained on
              predictions.npz     image_id, content_hash, kind, probabilities
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.files.writing import open_text_to_write, put_in_place, write_arrays, write_errors
from core.errors import RunError
from core.files.foreign import UNFINISHED as UNFINISHED  # the ending of what is not whole yet is known here too
from core.files.foreign import open_plain_file
from core.runs.discard import discard_path
from core.runs.head import TRY_AGAIN, Head, read_head, write_head
from core.runs.record import RunRecord, read_record, write_record
from core.runs.sums import CHOOSE_ANOTHER, RECORD_NAME, find_damaged, require_sound, sum_files
from core.files.stored_arrays import open_arrays
from core.types import ImageRef

HEAD_NAME = "head.weights.h5"
SNAPSHOT_NAME = "snapshot.csv"
PREDICTIONS_NAME = "predictions.npz"

OUT_OF_FOLD, NEW = 0, 1
"""Kinds of predictions: on an image with a label held back, and on any other image."""

NO_HASH = bytes(32)
"""Stands for the content of an image where nobody noted it."""

SNAPSHOT_COLUMNS = ("image_id", "content_hash", "path", "label")


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """One labelled image as it was when the run was trained."""

    image_id: int
    content_hash: bytes
    path: Path
    label: str


@dataclass(frozen=True, slots=True)
class RunPredictions:
    """What a run says of every image that it looked at.

    Attributes:
        image_ids: (n_images,) int64.
        kinds: (n_images,) uint8, `OUT_OF_FOLD` or `NEW`.
        probabilities: (n_images, n_classes) float32, rows sum to 1.
        folds: Fold in which each image was held back, (n_images,) int16, −1 for `NEW` ones; None if not known.
        hashes: Content that each was made from, (n_images, 32) uint8; zeros where an older version noted none.
            None before a run is written: `write_run` knows its images.
    """

    image_ids: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    folds: NDArray[np.int16] | None = None
    hashes: NDArray[np.uint8] | None = None

    def of_contents(self, hashes: Mapping[int, bytes]) -> NDArray[np.bool_]:
        """Whether each prediction is of the content that its image has, (n_images,) bool.

        Args:
            hashes: Content hashes by image id; images that are not among them have none.
        """
        if self.hashes is None:
            return np.zeros(len(self.image_ids), bool)
        same = (hashes.get(i) == h.tobytes() for i, h in zip(self.image_ids.tolist(), self.hashes, strict=True))
        return np.fromiter(same, bool, len(self.image_ids))

    def choose(self, which: NDArray[np.bool_]) -> RunPredictions:
        """The predictions of some images, (n_images,) bool."""
        folds = None if self.folds is None else self.folds[which]
        hashes = None if self.hashes is None else self.hashes[which]
        return RunPredictions(self.image_ids[which], self.kinds[which], self.probabilities[which], folds, hashes)


def write_run(
    folder: Path, record: RunRecord, *, head: Head, snapshot: Iterable[SnapshotRow], predictions: RunPredictions,
    images: Iterable[ImageRef] = (), add_files: Callable[[Path], object] | None = None,
) -> None:
    """Write a whole run; nothing appears at `folder` before all of it is on the disk.

    Args:
        folder: Must not exist yet; its parents are made.
        images: Those that were predicted, as the run saw them.
        add_files: Puts the strategy's own files into the folder that it is called with.

    Raises:
        RunError: There is a run of that name.
        StorageError: The disk is full or fails.
    """
    if folder.exists():
        raise RunError(f"There is already a run in “{folder}”.", "Train again under another id.")
    unfinished = folder.with_name(folder.name + UNFINISHED)
    try:
        with write_errors(folder):
            discard_path(unfinished)
            unfinished.mkdir(parents=True)
            _write_predictions(unfinished / PREDICTIONS_NAME, _with_hashes(predictions, images))
            write_rows(unfinished / SNAPSHOT_NAME, snapshot)
            write_head(unfinished / HEAD_NAME, head)
            if add_files:
                add_files(unfinished)
            write_record(unfinished / RECORD_NAME, replace(record, files=sum_files(unfinished)))
            put_in_place(unfinished, folder)
    finally:
        discard_path(unfinished)


def take_file(path: Path, folder: Path, *, name: str = "") -> None:
    """Put a file into another folder without copying it where that can be, also under another name; it also stays.

    Raises:
        OSError: It cannot be.
    """
    try:
        os.link(path, folder / (name or path.name))
    except OSError:  # a disk without hard links
        shutil.copyfile(path, folder / (name or path.name))


def add_findings(
    folder: Path, findings: Sequence[Mapping[str, Any]], notes: Sequence[str] = ()
) -> RunRecord:
    """Note in the record of a run what speaks against believing it, and what else the user should read.

    Raises:
        RunError: The record is missing or damaged.
        StorageError: It cannot be written.
    """
    record = read_run(folder)
    more = tuple(note for note in notes if note not in record.notes)
    record = replace(record, findings=tuple(findings), notes=record.notes + more)
    write_record(folder / RECORD_NAME, record)
    return record


def read_run(folder: Path) -> RunRecord:
    """The record of a run.

    Raises:
        RunError: It is missing, damaged or too new.
    """
    if folder.is_dir() and not (folder / RECORD_NAME).is_file():
        raise RunError(f"The run “{folder.name}” is damaged: its record {RECORD_NAME} is missing.", CHOOSE_ANOTHER)
    return read_record(folder / RECORD_NAME)


def find_damage(folder: Path) -> str:
    """What is wrong with a run that the catalog lists, one sentence; empty if its files look whole.

    Large weights are not read through, so that many runs can be listed at once.
    """
    if not folder.is_dir():
        return "Its folder is gone."
    if not (folder / RECORD_NAME).is_file():
        return f"Its record {RECORD_NAME} is missing."
    try:
        read_run(folder)
    except RunError as error:
        return error.sentence
    if not ((folder / PREDICTIONS_NAME).is_file() and zipfile.is_zipfile(folder / PREDICTIONS_NAME)):
        return f"Its {PREDICTIONS_NAME} is missing or damaged."
    if not any(path.is_file() and path.stat().st_size for path in folder.glob("*.weights.h5")):
        return "Its weights are missing."
    damaged = find_damaged(folder)
    return f"Its {damaged} is missing or not as it was written." if damaged else ""


def read_run_head(folder: Path, record: RunRecord) -> Head:
    """The head of a run, checked against its record.

    Raises:
        RunError: It is missing, damaged or does not have the record's classes.
    """
    require_sound(folder / HEAD_NAME)
    head = read_head(folder / HEAD_NAME)
    if len(head.bias) != len(record.classes):
        raise RunError(
            f"The weights in “{folder}” are for {len(head.bias)} classes, its record for {len(record.classes)}.",
            TRY_AGAIN,
        )
    return head


def read_predictions(folder: Path) -> RunPredictions:
    """The predictions of a run.

    Raises:
        RunError: They are missing or damaged.
    """
    path = folder / PREDICTIONS_NAME
    require_sound(path)
    try:
        with open_arrays(path) as file:
            folds = file["fold"] if "fold" in file else None
            hashes = file["content_hash"] if "content_hash" in file else _older_hashes(folder, file["image_id"])
            found = RunPredictions(file["image_id"], file["kind"], file["probabilities"], folds, hashes)
        _require_columns(found)
        is_number = np.asarray(np.isfinite(found.probabilities).all(axis=1))
        return found if is_number.all() else found.choose(is_number)
    except (OSError, KeyError, ValueError, TypeError) as error:  # a scalar has no rows
        raise RunError(f"The predictions “{path}” cannot be read.", "Train again.") from error


def _require_columns(found: RunPredictions) -> None:
    """The columns are as long as each other and of the kinds that they should be; else ValueError."""
    n = len(found.image_ids)
    columns: tuple[tuple[NDArray[Any] | None, str, int], ...] = (
        (found.image_ids, "i", 1), (found.kinds, "u", 1), (found.probabilities, "f", 2), (found.folds, "i", 1),
        (found.hashes, "u", 2),
    )
    if any(c is not None and (len(c) != n or c.dtype.kind != kind or c.ndim != d) for c, kind, d in columns):
        raise ValueError("columns of unequal length or of another kind")
    if found.hashes is not None and found.hashes.shape[1] != len(NO_HASH):
        raise ValueError("hashes of another length")


def _older_hashes(folder: Path, image_ids: NDArray[np.int64]) -> NDArray[np.uint8]:
    """What an older version noted beside the predictions: the contents of the labelled images alone."""
    try:
        known = {row.image_id: row.content_hash for row in read_snapshot(folder)}
    except RunError:
        known = {}
    return _as_array({i: h for i, h in known.items() if len(h) == len(NO_HASH)}, image_ids)


def read_snapshot(folder: Path) -> tuple[SnapshotRow, ...]:
    """What a run was trained on.

    Raises:
        RunError: The snapshot is missing or damaged.
    """
    require_sound(folder / SNAPSHOT_NAME)
    return read_rows(folder / SNAPSHOT_NAME)


def read_rows(path: Path) -> tuple[SnapshotRow, ...]:
    """Rows as in a snapshot.

    Raises:
        RunError: The file is missing or damaged.
    """
    try:
        with io.TextIOWrapper(open_plain_file(path), "utf-8", "surrogateescape", newline="") as file:
            return tuple(
                SnapshotRow(int(row["image_id"]), bytes.fromhex(row["content_hash"]), Path(row["path"]), row["label"])
                for row in csv.DictReader(file)
            )
    except (OSError, KeyError, ValueError, TypeError, csv.Error) as error:
        raise RunError(f"The snapshot “{path}” cannot be read.", "Train again.") from error


def _with_hashes(predictions: RunPredictions, images: Iterable[ImageRef]) -> RunPredictions:
    hashes = {image.id: image.content_hash for image in images}
    if not hashes or predictions.hashes is not None:
        return predictions
    return replace(predictions, hashes=_as_array(hashes, predictions.image_ids))


def _as_array(hashes: Mapping[int, bytes], image_ids: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Hashes of images, (n_images, 32) uint8; zeros for those that have none."""
    return as_rows([hashes.get(i, NO_HASH) for i in image_ids.tolist()])


def as_rows(hashes: Sequence[bytes]) -> NDArray[np.uint8]:
    """Content hashes as an array, (n_hashes, 32) uint8."""
    return np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, len(NO_HASH))


def _write_predictions(path: Path, predictions: RunPredictions) -> None:
    arrays: dict[str, NDArray] = {
        "image_id": predictions.image_ids.astype(np.int64), "kind": predictions.kinds.astype(np.uint8),
        "probabilities": predictions.probabilities.astype(np.float32),
    }
    if predictions.folds is not None:
        arrays["fold"] = predictions.folds.astype(np.int16)
    if predictions.hashes is not None:
        arrays["content_hash"] = predictions.hashes.astype(np.uint8)
    write_arrays(path, **arrays)


def write_rows(path: Path, rows: Iterable[SnapshotRow]) -> None:
    """Rows as in a snapshot.

    Raises:
        StorageError: The disk is full or fails.
    """
    with open_text_to_write(path) as file:
        writer = csv.writer(file)
        writer.writerow(SNAPSHOT_COLUMNS)
        writer.writerows((row.image_id, row.content_hash.hex(), row.path, row.label) for row in rows)
