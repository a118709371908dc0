"""Weights on disk that are whole at every moment: written beside, flushed, then renamed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import keras

from core.errors import StorageError

BEST, LAST = "best.weights.h5", "last.weights.h5"
OVERHEAD_BYTES = 256 * 1024
"""What HDF5 needs beside the weights themselves; 31 to 144 kB for the three scratch networks at 64×64."""


def save_weights(net: keras.Model, path: Path) -> None:
    """Write the weights of a network; a kill or a full disk leaves the file at `path` as it was.

    Args:
        net: A built network.
        path: Ends in ".weights.h5"; its folder must exist.

    Raises:
        StorageError: The disk is full, or the folder cannot be written.
    """
    beside = path.with_name(f"writing-{path.name}")
    try:
        _make_sure_of_room(beside, 4 * net.count_params() + OVERHEAD_BYTES)
        net.save_weights(beside, overwrite=True)
        _put_in_place(beside, path)
    except (OSError, RuntimeError) as error:  # h5py gives a full disk as either
        beside.unlink(missing_ok=True)
        raise StorageError(
            f"The trained network could not be saved in {path.parent}.",
            "Make room on the disk or choose another folder; the last epoch that was saved is still there.",
        ) from error


def copy_weights(source: Path, path: Path) -> None:
    """Copy a weights file in the same all-or-nothing way.

    Raises:
        StorageError: The disk is full, or the folder cannot be written.
    """
    beside = path.with_name(f"writing-{path.name}")
    try:
        shutil.copyfile(source, beside)
        _put_in_place(beside, path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise StorageError(
            f"The best epoch could not be kept in {path.parent}.", "Make room on the disk and train again.",
        ) from error


def _make_sure_of_room(beside: Path, n_bytes: int) -> None:
    """Fail on a full disk before HDF5 begins to write.

    After a failed write HDF5 keeps the broken file open inside and may crash the process later
    (h5py 3.14), so the room is taken by plain means first.
    """
    with beside.open("wb") as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, n_bytes)
        else:
            file.write(bytes(n_bytes))


def _put_in_place(beside: Path, path: Path) -> None:
    with beside.open("rb+") as file:
        os.fsync(file.fileno())
    os.replace(beside, path)
