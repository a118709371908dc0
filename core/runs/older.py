"""Converts runs of earlier versions: the archive `predictions.npz` becomes plain arrays, and `run.json` names them.

The archive goes last, after the arrays were read back and compared with it and the record names their checksums.
Killed at any point, nothing is lost and the next call finishes.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.errors import AppError
from core.files.foreign import UNFINISHED
from core.files.writing import put_in_place
from core.runs.predictions import OLDER_NAME, RunPredictions, read_predictions, write_predictions
from core.runs.record import write_record
from core.runs.repository import discard_path, read_whole
from core.runs.sums import PREDICTIONS_NAME, RECORD_NAME, sum_files


def convert_older_runs(runs_folder: Path) -> int:
    """Convert the runs of a project that is open for writing; how many.

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
