"""Embedding maps as a project keeps them, by content.

    maps/<method>-<backbone>-<digest>.npz    hashes (n, 32) uint8, xy (n, 2) float32, is_placed (n,) bool, key

The digest is of all parameters, so that a map is never taken for one that was made in another way.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.backbones.registry import find_backbone
from core.engine import neighbour_embedding as tsne
from core.files.stored_arrays import open_arrays
from core.files.writing import write_arrays, write_errors

PCA, TSNE = "pca", "tsne"
METHODS = (TSNE, PCA)
FORMAT = 1
"""Part of the digest; another one is another map."""

N_AXES = 50
"""Principal axes that neighbours are found on: a hundredth of the time, and noise is gone (openTSNE's guide)."""

MOST_FITTED = 50_000
"""Of more contents, so many make the map and the others are placed in it."""

HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class KeptMap:
    """A map as it lies in a project.

    Attributes:
        key: Of the embeddings that it was made from.
        hashes: Contents, n of 32 bytes.
        xy: (n, 2) float32, finite.
        is_placed: Which were placed by their nearest neighbours, (n,) bool.
    """

    key: str
    hashes: tuple[bytes, ...]
    xy: NDArray[np.float32]
    is_placed: NDArray[np.bool_]


def map_path(folder: Path, backbone: str, method: str, seed: int = 0) -> Path:
    """Where a map of these parameters is kept.

    Raises:
        InputError: There is no such backbone.
    """
    parameters = (FORMAT, method, seed, N_AXES, MOST_FITTED, *tsne.PARAMETERS)
    digest = hashlib.sha256(repr(parameters).encode()).hexdigest()[:8]
    return folder / f"{method}-{find_backbone(backbone).name}-{digest}.npz"


def read_map(path: Path) -> KeptMap | None:
    """A kept map; None where there is none, or it is damaged: it is then made anew."""
    try:
        with open_arrays(path) as file:
            hashes, xy, is_placed = file["hashes"], file["xy"], file["is_placed"]
            key = file["key"].astype(np.uint8).tobytes().decode()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    n = len(hashes) if hashes.ndim == 2 else -1
    fits = hashes.shape == (n, HASH_BYTES) and xy.shape == (n, 2) and is_placed.shape == (n,)
    if not fits or hashes.dtype != np.uint8 or xy.dtype != np.float32 or not np.isfinite(xy).all():
        return None
    return KeptMap(key, tuple(row.tobytes() for row in hashes), xy, is_placed.astype(bool))


def write_map(path: Path, kept: KeptMap) -> None:
    """Keep a map in place of the former one of the same parameters.

    Raises:
        StorageError: It cannot be written; the former one still is there.
    """
    with write_errors(path.parent):
        path.parent.mkdir(exist_ok=True)
    write_arrays(
        path, hashes=np.frombuffer(b"".join(kept.hashes), np.uint8).reshape(-1, HASH_BYTES), xy=kept.xy,
        is_placed=kept.is_placed, key=np.frombuffer(kept.key.encode(), np.uint8))
