"""The probabilities that a run gives one image, read without loading those of all the others."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from core.errors import RunError
from core.runs.folder import NO_HASH, PREDICTIONS_NAME, read_predictions
from core.runs.sums import require_sound

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
        ids, probabilities, hashes = (_mapped(path, name) for name in ("image_id", "probabilities", "content_hash"))
    except KeyError:
        ids = probabilities = hashes = None  # an older version noted no contents; its snapshot is asked
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise RunError(f"The predictions “{path}” cannot be read.", "Train again.") from error
    if ids is None or probabilities is None or hashes is None:
        whole = read_predictions(folder)
        ids, probabilities, hashes = whole.image_ids, whole.probabilities, whole.hashes
    rows = np.flatnonzero(ids == image_id)
    if not len(rows) or content_hash == NO_HASH or hashes is None or hashes[rows[0]].tobytes() != content_hash:
        return None
    return np.array(probabilities[rows[0]], np.float32)


def _mapped(path: Path, name: str) -> NDArray[np.generic] | None:
    """An array of an uncompressed `.npz` as it lies in the file; None if it is compressed."""
    with zipfile.ZipFile(path) as archive:
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
