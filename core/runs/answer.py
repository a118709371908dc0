"""The probabilities that a run gives one image, read without loading those of all the others."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from core.errors import RunError
from core.files.foreign import open_plain_file
from core.runs.folder import NO_HASH, PREDICTIONS_NAME, read_predictions
from core.runs.sums import require_sound
from core.files.stored_arrays import damage_as_value_error

_LOCAL_HEADER_BYTES = 30
"""Fixed part of a member's header in a ZIP archive (PKWARE APPNOTE 4.3.7)."""


def read_answer(folder: Path, image_id: int, content_hash: bytes | None) -> NDArray[np.float32] | None:
    """Probabilities of one image, (n_classes,) float32; None if the run did not look at what it shows now.

    Args:
        folder: Folder of a finished run; must exist.
        image_id: The image.
        content_hash: What the image shows now.

    Raises:
        RunError: The predictions are missing or damaged.
    """
    path = folder / PREDICTIONS_NAME
    require_sound(path)
    try:
        with damage_as_value_error(path):
            names = ("image_id", "probabilities", "content_hash")
            ids, probabilities, hashes = (_mapped(path, name) for name in names)
            _require_rows(ids, probabilities, hashes)
    except KeyError:
        ids = probabilities = hashes = None  # an older version noted no contents; its snapshot is asked
    except (OSError, ValueError) as error:
        raise RunError(f"The predictions “{path}” cannot be read.", "Train again.") from error
    if ids is None or probabilities is None or hashes is None:
        whole = read_predictions(folder)
        ids, probabilities, hashes = whole.image_ids, whole.probabilities, whole.hashes
    rows = np.flatnonzero(ids == image_id)
    if not len(rows) or content_hash == NO_HASH or hashes is None or hashes[rows[0]].tobytes() != content_hash:
        return None
    return np.array(probabilities[rows[0]], np.float32)


def _require_rows(*columns: NDArray[np.generic] | None) -> None:
    """Ids, probabilities and hashes have a row for each image; else ValueError."""
    shapes = [column.shape for column in columns if column is not None]
    if len({shape[:1] for shape in shapes}) > 1 or [len(shape) for shape in shapes] not in ([1, 2, 2], []):
        raise ValueError("columns of unequal length")


def _mapped(path: Path, name: str) -> NDArray[np.generic] | None:
    """An array of an uncompressed `.npz` as it lies in the file; None if it is compressed."""
    with open_plain_file(path) as raw, zipfile.ZipFile(raw) as archive:
        member = archive.getinfo(f"{name}.npy")
    if member.compress_type != zipfile.ZIP_STORED:
        return None
    with path.open("rb") as file:
        file.seek(member.header_offset)
        header = file.read(_LOCAL_HEADER_BYTES)
        file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
        version = npy.read_magic(file)
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, is_fortran, dtype = read_header(file)
        if is_fortran or dtype.hasobject:
            raise ValueError("expected plain rows")
        if not np.prod(shape):
            return np.zeros(shape, dtype)
        return np.memmap(path, dtype, "r", file.tell(), shape)
