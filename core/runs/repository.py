"""The run repository: writes and reads what a run left on disk. A run is whole or not there.

    runs/<id>/run.json            `RunRecord`, written once
              head.weights.h5     `Head`
              snapshot.csv        `SnapshotRow`: the labels that it was trained on
              predictions/*.npy   `RunPredictions`

A run is written beside its place and renamed. Strategies add files of their own.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.errors import AppError, RunError
from core.files.foreign import UNFINISHED
from core.files.writing import put_in_place, write_errors
from core.runs.head import Head, read_head, write_head
from core.runs.predictions import OLDER_NAME, RunPredictions, read_predictions, write_predictions
from core.runs.record import RunRecord, read_record, write_record
from core.runs.snapshot import SNAPSHOT_NAME, SnapshotRow, write_rows
from core.runs.sums import PREDICTIONS_NAME, RECORD_NAME, find_damaged, require_sound, sum_files
from core.text import Message
from core.types import ImageRef

HEAD_NAME = "head.weights.h5"


def write_run(
    folder: Path, record: RunRecord, *, head: Head | None, snapshot: Iterable[SnapshotRow],
    predictions: RunPredictions, images: Iterable[ImageRef] = (), add_files: Callable[[Path], object] | None = None,
) -> None:
    """Write a whole run; nothing appears at `folder` before all of it is on the disk.

    Args:
        folder: Must not exist yet; its parents are made.
        record: All that `run.json` says but the checksums; it is never changed later.
        head: The head; None where the strategy adds others, named `….weights.h5`.
        snapshot: The labels that it was trained on.
        predictions: What it predicts.
        images: Those that were predicted, as the run saw them.
        add_files: Puts the strategy's own files into the folder that it is called with.

    Raises:
        RunError: There is a run of that name.
        StorageError: The disk is full or fails.
    """
    if folder.exists():
        raise RunError("runs.exists", folder=folder)
    unfinished = folder.with_name(folder.name + UNFINISHED)
    try:
        with write_errors(folder):
            discard_path(unfinished)
            unfinished.mkdir(parents=True)
            write_predictions(unfinished, predictions.with_hashes(images))
            write_rows(unfinished / SNAPSHOT_NAME, snapshot)
            if head is not None:
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


def read_run(folder: Path) -> RunRecord:
    """The record of a run.

    Raises:
        RunError: It is missing, damaged or too new.
    """
    if folder.is_dir() and not (folder / RECORD_NAME).is_file():
        raise RunError("runs.record_missing", run=folder.name, file=RECORD_NAME)
    return read_record(folder / RECORD_NAME)


def read_whole(folder: Path) -> tuple[RunRecord, RunPredictions]:
    """Record and predictions of a run, checked against each other.

    Raises:
        RunError: Either is missing or damaged, or they do not belong together.
    """
    record = read_run(folder)  # first: without its record nothing else of the run is of use
    said = read_predictions(folder)
    if said.probabilities.shape[1] != len(record.classes):
        raise RunError("runs.predictions_of_other_classes", run=folder.name)
    return record, said


def read_run_head(folder: Path, record: RunRecord) -> Head:
    """The head of a run, checked against its record.

    Raises:
        RunError: It is missing, damaged or does not have the record's classes.
    """
    require_sound(folder / HEAD_NAME)
    head = read_head(folder / HEAD_NAME)
    if len(head.bias) != len(record.classes):
        raise RunError("runs.head_of_other_classes", folder=folder,
                       found=Message("text.classes", n=len(head.bias)),
                       wanted=Message("text.classes", n=len(record.classes)))
    return head


def find_damage(folder: Path) -> Message | None:
    """What is wrong with a run that the catalog lists, one sentence; None if its files look whole.

    Large weights are not read through, so that many runs can be listed at once.
    """
    if not folder.is_dir():
        return Message("runs.folder_gone")
    if not (folder / RECORD_NAME).is_file():
        return Message("runs.its_record_missing", file=RECORD_NAME)
    try:
        read_run(folder)
    except RunError as error:
        return error.message
    arrays, archive = folder / PREDICTIONS_NAME, folder / OLDER_NAME
    is_archived = archive.is_file() and zipfile.is_zipfile(archive)
    if not ((arrays / "probabilities.npy").is_file() if arrays.is_dir() else is_archived):
        return Message("runs.its_predictions_missing")
    if not any(path.is_file() and path.stat().st_size for path in folder.rglob("*.weights.h5")):
        return Message("runs.its_weights_missing")
    damaged = find_damaged(folder)
    return Message("runs.its_file_changed", file=damaged) if damaged else None


def discard_path(path: Path) -> None:
    """Remove a file, a link or a folder with all that is in it, as far as that can be; nothing there is fine.

    A folder that is reached through a link stays: somebody else may have put that link there.
    """
    if path.parent.is_symlink():
        return
    if path.is_symlink() or path.is_file():
        with suppress(OSError):
            path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)


def convert_older_runs(runs_folder: Path) -> int:
    """Make plain arrays of the `predictions.npz` of earlier versions, in a project open for writing; how many.

    The archive goes last, after the arrays were read back and compared with it and the record names their checksums.
    Killed at any point, nothing is lost and the next call finishes.

    Runs that are damaged, reached through a link, or for which there is no room stay as they are and are still read.
    """
    if runs_folder.is_symlink():
        return 0
    return sum(_convert(path.parent) for path in sorted(runs_folder.glob(f"*/{OLDER_NAME}")))


def _convert(folder: Path) -> bool:
    if folder.is_symlink() or folder.name.endswith(UNFINISHED):
        return False
    with suppress(AppError, OSError):
        if not (folder / PREDICTIONS_NAME).exists():
            _write_arrays(folder)
        record, _ = read_whole(folder)
        sums = {name: value for name, value in sum_files(folder).items() if name.startswith(PREDICTIONS_NAME + "/")}
        kept = {name: value for name, value in record.files.items() if name != OLDER_NAME}
        write_record(folder / RECORD_NAME, replace(record, files=kept | sums))
        (folder / OLDER_NAME).unlink()
        return True
    return False


def _write_arrays(folder: Path) -> None:
    """The arrays beside the archive, under their name once they are known to be the same."""
    _, archived = read_whole(folder)
    draft = folder / f"{PREDICTIONS_NAME}{UNFINISHED}"
    try:
        discard_path(draft)
        draft.mkdir()
        write_predictions(draft, archived)
        if not _is_same(read_predictions(draft), archived):
            raise OSError("the arrays are not what was written")
        put_in_place(draft / PREDICTIONS_NAME, folder / PREDICTIONS_NAME)
    finally:
        discard_path(draft)


def _is_same(one: RunPredictions, other: RunPredictions) -> bool:
    columns = ((getattr(one, name), getattr(other, name)) for name in RunPredictions.__slots__)
    return all(a is b if a is None or b is None else np.array_equal(a, b) for a, b in columns)
