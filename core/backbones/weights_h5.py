"""Looks into Keras weights files (HDF5) without TensorFlow, and distrusts what they announce.

h5py is imported when a file is read: the window lists networks, and opens none of their files.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import WeightsDamaged
from core.files.foreign import open_plain_file

N_IMAGENET_CLASSES = 1000


def check_h5(path: Path) -> None:
    """Make sure that a file is HDF5, whole, and holds no more than its size allows.

    A small foreign file can announce arrays of any size, or point to other files.

    Raises:
        WeightsDamaged: It is not so.
    """
    import h5py

    try:
        with open_plain_file(path) as raw, h5py.File(raw, "r") as file:
            n_bytes = _stored_bytes(file)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise _damaged(path) from error
    if not 0 < n_bytes <= path.stat().st_size:
        raise _damaged(path)


def _stored_bytes(group: Any) -> int:
    """Bytes that all arrays of a file announce; a link out of the file is an error."""
    import h5py

    total = 0
    for name in group:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise ValueError("a link in a weights file")
        item = group[name]
        if isinstance(item, h5py.Dataset):
            if item.external or item.is_virtual:
                raise ValueError("an array outside the weights file")
            total += item.nbytes
        else:
            total += _stored_bytes(item)
    return total


def has_classifier_h5(path: Path, n_features: int) -> bool:
    """Whether a weights file holds an ImageNet classifier for that many features.

    Raises:
        WeightsDamaged: The file is of another kind.
    """
    kernels, biases = _find_classifiers(path, n_features)
    return len(kernels) == 1 and len(biases) == 1


def read_classifier_h5(path: Path, n_features: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The ImageNet classifier of a weights file.

    Returns:
        Kernel (n_features, 1000) and bias (1000,), float32.

    Raises:
        WeightsDamaged: The file has none of that size, or is of another kind.
    """
    import h5py

    kernels, biases = _find_classifiers(path, n_features)
    if len(kernels) != 1 or len(biases) != 1:
        raise WeightsDamaged("backbones.no_classifier", name=path.name, n_features=n_features)
    with h5py.File(path, "r") as file:
        kernel, bias = file[kernels[0]][()], file[biases[0]][()]
    return kernel.reshape(n_features, N_IMAGENET_CLASSES).astype(np.float32), bias.astype(np.float32)


def _find_classifiers(path: Path, n_features: int) -> tuple[list[str], list[str]]:
    """Names of what may be its kernel, and of what may be its bias."""
    import h5py

    check_h5(path)
    kernels: list[str] = []
    biases: list[str] = []

    def visit(name: str, item: Any) -> None:
        if not isinstance(item, h5py.Dataset) or not item.shape or item.shape[-1] != N_IMAGENET_CLASSES:
            return
        if item.shape == (N_IMAGENET_CLASSES,):
            biases.append(name)
        elif item.size == n_features * N_IMAGENET_CLASSES:
            kernels.append(name)

    with h5py.File(path, "r") as file:
        file.visititems(visit)
    return kernels, biases


def _damaged(path: Path) -> WeightsDamaged:
    return WeightsDamaged("backbones.h5_file_damaged", name=path.name)
