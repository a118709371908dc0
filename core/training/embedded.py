"""Embeds the images of a training or a prediction and finds the embedding of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.embeddings.store import EmbeddingStore
from core.jobs import JobContext
from core.text import Message
from core.types import ImageRef, Skipped


@dataclass(frozen=True, slots=True)
class Embedded:
    """Images with their embeddings.

    Attributes:
        key: Fingerprint of the backbone's weights and of how images are prepared.
        store: Where the embeddings are.
        rows: Row of each image in the store, (n_images,) int64; −1 for one that could not be read.
        skipped: Images that could not be read.
        notes: What the user should read.
    """

    key: str
    store: EmbeddingStore
    rows: NDArray[np.int64]
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[Message, ...] = ()


def embed(
    images: tuple[ImageRef, ...], backbone: str, folder: Path, context: JobContext, *, weights: Path | None = None,
    allow_download: bool = False,
) -> Embedded:
    """Embed what has no embedding yet, and find all of them.

    Args:
        images: Which.
        backbone: Name of the network.
        folder: The project's folder of embedding stores.
        context: Told the images done.
        weights, allow_download: See `EmbedInput`.

    Raises:
        WeightsError, StorageError, EngineError, JobCancelled: See `embed_images`.
    """
    from core.embeddings.embed import EmbedInput, embed_images

    done = embed_images(
        EmbedInput(images, backbone, folder, weights=weights, allow_download=allow_download), context)
    found = find_embedded(images, folder / done.key, done.n_features)
    return Embedded(done.key, found.store, found.rows, done.skipped, done.notes)


def find_embedded(images: Sequence[ImageRef], folder: Path, n_features: int) -> Embedded:
    """The embeddings that a store has already.

    Args:
        images: Which.
        folder: Of the store; may be missing.
        n_features: Length of an embedding.
    """
    store = EmbeddingStore(folder, n_features)
    return Embedded(folder.name, store, store.rows_of([image.content_hash for image in images]))
