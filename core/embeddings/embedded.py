"""Embeddings of images, computed where they are missing: as rows of their store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.embeddings.embed import EmbedInput, embed_images
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
    """Embed what has no embedding yet, and find all of them; see `EmbedInput` and `embed_images`."""
    done = embed_images(
        EmbedInput(images, backbone, folder, weights=weights, allow_download=allow_download), context)
    found = find_embedded(images, folder / done.key, done.n_features)
    return replace(found, skipped=done.skipped, notes=done.notes)


def find_embedded(images: Sequence[ImageRef], folder: Path, n_features: int) -> Embedded:
    """The embeddings of `n_features` that the store in a folder has already; the folder may be missing."""
    store = EmbeddingStore(folder, n_features)
    return Embedded(folder.name, store, store.rows_of([image.content_hash for image in images]))
