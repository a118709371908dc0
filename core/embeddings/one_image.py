"""Embeds single images with what a process keeps open: network, embedding store and unit vectors of a backbone.

Whoever looks through images asks for one after the other, several times a second.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.backbones.registry import find_backbone
from core.backbones.weights import locate_weights
from core.embeddings.embed import embedding_key, embedding_recipe
from core.embeddings.similar import IndexCache, SimilarIndex
from core.embeddings.store import EmbeddingStore
from core.engine.network import Network, network_key, open_network
from core.images.reading import read_image

_indexes = IndexCache()

State = tuple[tuple[int, int, int], ...]


@lru_cache(maxsize=1)
def kept_network(backbone: str) -> Network:
    """The network of that name, ready to embed; the one that was asked for last stays open.

    Raises:
        WeightsError, EngineError, StorageError: See `open_network`.
    """
    return open_network(find_backbone(backbone))


def kept_store(backbone: str, embeddings: Path) -> EmbeddingStore:
    """The embeddings that a project has by a backbone, read anew once its files changed; no network is opened.

    Args:
        backbone: Its name.
        embeddings: The project's folder of embedding stores; need not exist.

    Raises:
        WeightsError: The backbone is not installed.
        ProjectDamaged: See `EmbeddingStore.refresh`.
    """
    found, key = find_backbone(backbone), _store_key(backbone)
    names = ("vectors.f16", "hashes.bin", "sums.u64")
    return _open_store(embeddings / key, found.n_stored, found.n_features, files_state(embeddings / key, names))


@lru_cache(maxsize=1)
def _store_key(backbone: str) -> str:
    """Kept, for the weights are read through to make sure that they are the published ones."""
    found = find_backbone(backbone)
    return embedding_key(network_key(found, locate_weights(found)), found)


@lru_cache(maxsize=1)
def _open_store(folder: Path, n_stored: int, n_features: int, _: State) -> EmbeddingStore:
    return EmbeddingStore(folder, n_stored, n_features)


def kept_index(store: EmbeddingStore, check: Callable[[], None]) -> SimilarIndex:
    """Unit vectors of a store; made where it is another one or has other rows. `check` is called between chunks."""
    return _indexes.get(store, check=check)


def embed_one(
    path: Path, content_hash: bytes | None, backbone: str, store: EmbeddingStore,
) -> NDArray[np.float32]:
    """The embedding of an image, (n_features,) float32: the stored one, or a new one that is not kept.

    Args:
        content_hash: What the file should hold; None where any content will do.
        store: See `kept_store`.

    Raises:
        ImageUnreadable: There is no stored one, and the file is missing, changed or cannot be decoded.
        WeightsError, EngineError: The network cannot be used.
    """
    rows = store.rows_of([content_hash] if content_hash else [])
    if len(rows) and rows[0] >= 0:
        stored: NDArray[np.float32] = store.read(rows)[0]
        return stored
    pixels = read_image(path, content_hash, recipe=embedding_recipe(find_backbone(backbone).side_px))
    fresh: NDArray[np.float32] = kept_network(backbone).embed(pixels[None])[0, :store.n_features]
    return fresh


def files_state(folder: Path, names: tuple[str, ...]) -> State:
    """Changes when any of these files of a folder is written to or replaced; zeros for one that is not there."""
    found = []
    for name in names:
        try:
            status = (folder / name).stat()
            found.append((status.st_ino, status.st_size, status.st_mtime_ns))
        except OSError:
            found.append((0, 0, 0))
    return tuple(found)
