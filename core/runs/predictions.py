"""The predictions of a run: plain arrays that are memory-mapped when read, one file a column.

    runs/<id>/predictions/image_id.npy        (n_images,) int64
                          content_hash.npy    (n_images, 32) uint8, SHA-256 of the file that was predicted
                          kind.npy            (n_images,) uint8, `OUT_OF_FOLD` or `NEW`
                          fold.npy            (n_images,) int16, where the folds are known
                          probabilities.npy   (n_images, n_classes) float32

Earlier versions kept the same columns in one `predictions.npz`. It is read where it has not been converted yet; see
`core.runs.repository`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from core.errors import RunError
from core.files.foreign import open_plain_file
from core.files.stored_arrays import damage_as_value_error, open_arrays
from core.files.writing import open_to_write
from core.runs.snapshot import read_snapshot
from core.runs.sums import PREDICTIONS_NAME, require_sound
from core.types import ImageRef

OLDER_NAME = "predictions.npz"

OUT_OF_FOLD, NEW = 0, 1
"""Kinds of predictions: on an image with a label held back, and on any other image."""

NO_HASH = bytes(32)
"""Stands for the content of an image where nobody noted it."""


@dataclass(frozen=True, slots=True)
class RunPredictions:
    """What a run predicts of every image that it was asked about.

    Attributes:
        image_ids: (n_images,) int64.
        kinds: (n_images,) uint8, `OUT_OF_FOLD` or `NEW`.
        probabilities: (n_images, n_classes) float32, rows sum to 1.
        folds: Fold in which each image was held back, (n_images,) int16, −1 for `NEW` ones; None if not known.
        hashes: Content that each was made from, (n_images, 32) uint8; zeros where an older version noted none.
            None before a run is written, for `write_run` knows its images, and for what the images show now.
    """

    image_ids: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    folds: NDArray[np.int16] | None = None
    hashes: NDArray[np.uint8] | None = None

    def of_contents(self, hashes: Mapping[int, bytes | None]) -> NDArray[np.bool_]:
        """Whether each prediction is of the content that its image has, (n_images,) bool.

        Args:
            hashes: Content hashes by image id; images that are not among them have none.
        """
        if self.hashes is None:
            return np.zeros(len(self.image_ids), bool)
        same = (hashes.get(i) == h.tobytes() for i, h in zip(self.image_ids.tolist(), self.hashes, strict=True))
        return np.fromiter(same, bool, len(self.image_ids))

    def choose(self, which: NDArray[np.bool_] | slice) -> RunPredictions:
        """The predictions of some images, (n_images,) bool or a slice."""
        folds = None if self.folds is None else self.folds[which]
        hashes = None if self.hashes is None else self.hashes[which]
        return RunPredictions(self.image_ids[which], self.kinds[which], self.probabilities[which], folds, hashes)

    def with_hashes(self, images: Iterable[ImageRef]) -> RunPredictions:
        """The same with the contents of these images, unless the contents are noted already."""
        hashes = {image.id: image.content_hash for image in images}
        if not hashes or self.hashes is not None:
            return self
        return replace(self, hashes=_hashes_of(self.image_ids, hashes))


def read_predictions(folder: Path) -> RunPredictions:
    """The predictions of a run, but those that are no numbers; arrays may be mapped from their files.

    Raises:
        RunError: They are missing or damaged.
    """
    found = _open(folder)
    is_number = np.asarray(np.isfinite(found.probabilities).all(axis=1))
    return found if is_number.all() else found.choose(is_number)


def read_answer(folder: Path, image_id: int, content_hash: bytes | None) -> NDArray[np.float32] | None:
    """Probabilities of one image, (n_classes,) float32; None if the run did not predict what it shows now.

    Args:
        folder: Folder of a finished run; must exist.
        content_hash: What the image shows now.

    Raises:
        RunError: The predictions are missing or damaged.
    """
    said = _open(folder)
    rows = np.flatnonzero(said.image_ids == image_id)
    if not len(rows) or content_hash == NO_HASH or said.hashes is None:
        return None
    probabilities = np.array(said.probabilities[rows[0]], np.float32)
    is_of_it = said.hashes[rows[0]].tobytes() == content_hash and bool(np.isfinite(probabilities).all())
    return probabilities if is_of_it else None


def write_predictions(folder: Path, predictions: RunPredictions) -> None:
    """Write the arrays into a new folder `predictions` of a run.

    Raises:
        OSError, StorageError: The disk is full or fails.
    """
    arrays: dict[str, NDArray[Any] | None] = {
        "image_id": predictions.image_ids.astype(np.int64), "kind": predictions.kinds.astype(np.uint8),
        "probabilities": predictions.probabilities.astype(np.float32), "fold": predictions.folds,
        "content_hash": predictions.hashes,
    }
    kinds = {"fold": np.int16, "content_hash": np.uint8}
    place = folder / PREDICTIONS_NAME
    place.mkdir()
    for name, array in arrays.items():
        if array is not None:
            with open_to_write(place / f"{name}.npy") as file:
                np.save(file, array.astype(kinds.get(name, array.dtype)), allow_pickle=False)


def as_rows(hashes: Sequence[bytes]) -> NDArray[np.uint8]:
    """Content hashes as an array, (n_hashes, 32) uint8."""
    return np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, len(NO_HASH))


def _open(folder: Path) -> RunPredictions:
    """The columns as they lie in the files, after making sure that they belong together."""
    place = folder / PREDICTIONS_NAME
    try:
        found = _map_columns(place) if place.is_dir() else _read_older(folder)
        _require_columns(found)
        return found
    except (OSError, KeyError, ValueError, TypeError) as error:  # a scalar has no rows
        raise RunError("runs.predictions_unreadable", path=place) from error


def _map_columns(place: Path) -> RunPredictions:
    def column(name: str) -> NDArray[Any]:
        path = place / f"{name}.npy"
        require_sound(path)
        open_plain_file(path).close()  # a pipe would be waited for
        with damage_as_value_error(path):
            return np.asarray(npy.open_memmap(path, mode="r"))  # refuses objects

    has_folds = (place / "fold.npy").exists()
    return RunPredictions(
        column("image_id"), column("kind"), column("probabilities"), column("fold") if has_folds else None,
        column("content_hash") if (place / "content_hash.npy").exists() else None,
    )


def _read_older(folder: Path) -> RunPredictions:
    path = folder / OLDER_NAME
    require_sound(path)
    with open_arrays(path) as file:
        folds = file["fold"] if "fold" in file else None
        hashes = file["content_hash"] if "content_hash" in file else _hashes_of_snapshot(folder, file["image_id"])
        return RunPredictions(file["image_id"], file["kind"], file["probabilities"], folds, hashes)


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


def _hashes_of_snapshot(folder: Path, image_ids: NDArray[np.int64]) -> NDArray[np.uint8]:
    """What the first versions noted beside the predictions: the contents of the labelled images alone."""
    try:
        known = {row.image_id: row.content_hash for row in read_snapshot(folder)}
    except RunError:
        known = {}
    return _hashes_of(image_ids, {i: h for i, h in known.items() if len(h) == len(NO_HASH)})


def _hashes_of(image_ids: NDArray[np.int64], hashes: Mapping[int, bytes]) -> NDArray[np.uint8]:
    """Hashes of images, (n_images, 32) uint8; zeros for those that have none."""
    return as_rows([hashes.get(i, NO_HASH) for i in image_ids.tolist()])
