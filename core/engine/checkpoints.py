"""Saves the weights of a Keras network whole or not at all, and copies such files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import keras

from core.errors import StorageError
from core.files.writing import path_to_write

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
