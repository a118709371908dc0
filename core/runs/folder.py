"""The folder of a run: written beside its place and renamed, so that a run is whole or not there.

    runs/<id>/run.json            RunRecord
              head.weights.h5     Head
              snapshot.csv        image_id,content_hash,path,label of what it was trained on
              predictions.npz     image_id, kind, probabilities
"""

from __future__ import annotations

import csv
import os
import shutil
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.drafts import open_draft
from core.errors import RunError, StorageError
from core.foreign import UNFINISHED as UNFINISHED  # the ending of what is not whole yet is known here too
from core.runs.discard import discard_path
from core.runs.head import TRY_AGAIN, Head, read_head, write_head
from core.runs.record import RunRecord, read_record, record_text, write_record

RECORD_NAME = "run.json"
HEAD_NAME = "head.weights.h5"
SNAPSHOT_NAME = "snapshot.csv"
PREDICTIONS_NAME = "predictions.npz"
CHOOSE_ANOTHER = "Choose another run, or train again."

OUT_OF_FOLD, NEW = 0, 1
"""Kinds of predictions: on an image with a label held back, and on any other image."""

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
    """

    image_ids: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    folds: NDArray[np.int16] | None = None


def write_run(
    folder: Path, record: RunRecord, *, head: Head, snapshot: Iterable[SnapshotRow], predictions: RunPredictions,
    add_files: Callable[[Path], object] | None = None,
) -> None:
    """Write a whole run; nothing appears at `folder` before all of it is on the disk.

    Args:
        folder: Must not exist yet; its parents are made.
        add_files: Puts the strategy's own files into the folder that it is called with.

    Raises:
        RunError: There is a run of that name.
        StorageError: The disk is full or fails.
    """
    if folder.exists():
        raise RunError(f"There is already a run in “{folder}”.", "Train again under another id.")
    unfinished = folder.with_name(folder.name + UNFINISHED)
    try:
        discard_path(unfinished)
        unfinished.mkdir(parents=True)
        _write_predictions(unfinished / PREDICTIONS_NAME, predictions)
        write_rows(unfinished / SNAPSHOT_NAME, snapshot)
        write_head(unfinished / HEAD_NAME, head)
        write_record(unfinished / RECORD_NAME, record)
        if add_files:
            add_files(unfinished)
        for path in unfinished.iterdir():
            _flush_to_disk(path)
        unfinished.rename(folder)
    except OSError as error:
        raise StorageError(
            f"The run could not be saved in “{folder}”: {error.strerror or error}.",
            "Make room on the disk and train again.",
        ) from error
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


def add_findings(folder: Path, findings: Sequence[Mapping[str, Any]]) -> RunRecord:
    """Note in the record of a run what speaks against believing it.

    Raises:
        RunError: The record is missing or damaged.
        StorageError: It cannot be written.
    """
    record = replace(read_run(folder), findings=tuple(findings))
    try:
        with open_draft(folder / RECORD_NAME) as file:
            file.write(record_text(record).encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise StorageError(
            f"The run could not be saved in “{folder}”: {error.strerror or error}.", "Make room on the disk.",
        ) from error
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

    Arrays and weights are not read through, so that many runs can be listed at once.
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
    if not any(path.stat().st_size for path in folder.glob("*.weights.h5")):
        return "Its weights are missing."
    return ""


def read_run_head(folder: Path, record: RunRecord) -> Head:
    """The head of a run, checked against its record.

    Raises:
        RunError: It is missing, damaged or does not have the record's classes.
    """
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
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            folds = file["fold"] if "fold" in file else None
            found = RunPredictions(file["image_id"], file["kind"], file["probabilities"], folds)
        lengths = {len(found.image_ids), len(found.kinds), len(found.probabilities)}
        if len(lengths) > 1 or folds is not None and len(folds) not in lengths:
            raise ValueError("columns of unequal length")
        return found
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise RunError(f"The predictions “{path}” cannot be read.", "Train again.") from error


def read_snapshot(folder: Path) -> tuple[SnapshotRow, ...]:
    """What a run was trained on.

    Raises:
        RunError: The snapshot is missing or damaged.
    """
    return read_rows(folder / SNAPSHOT_NAME)


def read_rows(path: Path) -> tuple[SnapshotRow, ...]:
    """Rows as in a snapshot.

    Raises:
        RunError: The file is missing or damaged.
    """
    try:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            return tuple(
                SnapshotRow(int(row["image_id"]), bytes.fromhex(row["content_hash"]), Path(row["path"]), row["label"])
                for row in csv.DictReader(file)
            )
    except (OSError, KeyError, ValueError, TypeError, csv.Error) as error:
        raise RunError(f"The snapshot “{path}” cannot be read.", "Train again.") from error


def _write_predictions(path: Path, predictions: RunPredictions) -> None:
    arrays: dict[str, NDArray] = {
        "image_id": predictions.image_ids.astype(np.int64), "kind": predictions.kinds.astype(np.uint8),
        "probabilities": predictions.probabilities.astype(np.float32),
    }
    if predictions.folds is not None:
        arrays["fold"] = predictions.folds.astype(np.int16)
    np.savez(path, allow_pickle=False, **arrays)


def write_rows(path: Path, rows: Iterable[SnapshotRow]) -> None:
    """Rows as in a snapshot.

    Raises:
        OSError: The disk is full or fails.
    """
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(SNAPSHOT_COLUMNS)
        writer.writerows((row.image_id, row.content_hash.hex(), row.path, row.label) for row in rows)


def _flush_to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
