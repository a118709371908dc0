"""What each image of a `zero-shot` run was read as, kept beside the run; imports no engine library."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import RunError
from core.files.foreign import read_json
from core.files.stored_arrays import open_arrays
from core.files.writing import write_arrays

READINGS_NAME = "readings.npz"
CLASS_MAP_NAME = "class_map.json"
N_IMAGENET_CLASSES = 1000


@dataclass(frozen=True, slots=True)
class StoredReadings:
    """The likeliest ImageNet class of every image.

    Attributes:
        image_ids: (n_images,) int64.
        places: Where in `names` each image's ImageNet class stands, (n_images,) int32.
        probabilities: Of that class, (n_images,) float32, 0 … 1.
        names: Of the ImageNet classes that occur.
        indices: Their numbers, 0 … 999.
    """

    image_ids: NDArray[np.int64]
    places: NDArray[np.int32]
    probabilities: NDArray[np.float32]
    names: tuple[str, ...]
    indices: tuple[int, ...]


def write_readings(folder: Path, readings: StoredReadings) -> None:
    """Keep the readings in the folder of a run.

    Raises:
        StorageError: The disk is full or fails.
    """
    write_arrays(
        folder / READINGS_NAME, image_id=readings.image_ids, place=readings.places,
        probability=readings.probabilities, name=np.array(readings.names, np.str_),
        index=np.array(readings.indices, np.int16),
    )


def read_readings(folder: Path) -> StoredReadings:
    """The readings of a run.

    Raises:
        RunError: They are missing or damaged, as in a run that was not made by reading.
    """
    path = folder / READINGS_NAME
    try:
        with open_arrays(path) as file:
            found = StoredReadings(
                file["image_id"], file["place"], file["probability"], tuple(map(str, file["name"])),
                tuple(map(int, file["index"])),
            )
        if len({len(found.image_ids), len(found.places), len(found.probabilities)}) > 1:
            raise ValueError("columns of unequal length")
        return found
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise RunError("backbones.readings_unreadable", path=path) from error


def read_stands_for(folder: Path) -> dict[int, str]:
    """The class that each ImageNet class (0 … 999) stood for in a run; those that stood for none are left out.

    Raises:
        RunError: The class map is missing or damaged.
    """
    path = folder / CLASS_MAP_NAME
    try:
        stored = read_json(path)
        found = {int(link["index"]): str(name) for name, links in stored.items() for link in links}
        if not all(0 <= index < N_IMAGENET_CLASSES for index in found):
            raise ValueError(f"expected numbers below {N_IMAGENET_CLASSES}")
        return found
    except (OSError, KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise RunError("backbones.class_map_unreadable", path=path) from error
