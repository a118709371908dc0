"""Embeddings of images, computed where they are missing: as rows of their store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.backbones.registry import JOINED_BY
from core.embeddings.embed import VIEWS, EmbedInput, embed_images
from core.embeddings.store import EmbeddingStore
from core.jobs import JobContext
from core.text import Message
from core.types import ImageRef, Skipped


class Rows(Protocol):
    """Embeddings that can be read by row."""

    @property
    def n_features(self) -> int:
        """Numbers of an embedding."""

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """(n,) row numbers → (n, n_features) float32."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """Images with their embeddings.

    Attributes:
        key: Fingerprint of the backbone's weights and of how images are prepared.
        store: Where the embeddings are.
        rows: Row of each image in the store, (n_images,) int64; −1 for one that could not be read.
    """

    key: str
    store: Rows
    rows: NDArray[np.int64]
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class MeanOfViews:
    """The average of the embeddings of several views; a row is the place of an image in the list asked for."""

    views: tuple[Embedded, ...]

    @property
    def n_features(self) -> int:
        return self.views[0].store.n_features

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """See `Rows`."""
        total: NDArray[np.float32] = sum(view.store.read(view.rows[rows]) for view in self.views)  # type: ignore
        return total / np.float32(len(self.views))


@dataclass(frozen=True, slots=True)
class WholeAndTiles:
    """The embedding of the whole image, and beside it the largest of its tiles in each feature.

    What one tile sees of a small subject would be lost in a mean. The first view is the whole image; a row is the
    place of an image.
    """

    views: tuple[Embedded, ...]

    @property
    def n_features(self) -> int:
        return 2 * self.views[0].store.n_features

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """See `Rows`."""
        whole, *tiles = self.views
        largest = tiles[0].store.read(tiles[0].rows[rows])
        for tile in tiles[1:]:
            np.maximum(largest, tile.store.read(tile.rows[rows]), out=largest)
        return np.hstack([whole.store.read(whole.rows[rows]), largest])


@dataclass(frozen=True, slots=True)
class Joined:
    """Embeddings by several backbones side by side; a row is the place of an image among those asked for."""

    parts: tuple[Embedded, ...]

    @property
    def n_features(self) -> int:
        return sum(part.store.n_features for part in self.parts)

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """See `Rows`."""
        return np.hstack([part.store.read(part.rows[rows]) for part in self.parts])


def join(found: Sequence[Embedded]) -> Embedded:
    """Embeddings of the same images by several backbones as one, with features side by side."""
    if len(found) == 1:
        return found[0]
    return _together(found, JOINED_BY.join(one.key for one in found), Joined(tuple(found)))


def _together(found: Sequence[Embedded], key: str, store: Rows) -> Embedded:
    has_all = np.all([one.rows >= 0 for one in found], axis=0)
    return Embedded(
        key, store, np.where(has_all, np.arange(len(has_all)), -1),
        tuple(dict.fromkeys(skipped for one in found for skipped in one.skipped)),
        tuple(dict.fromkeys(note for one in found for note in one.notes)),
    )


TILES = tuple(name for name in VIEWS if name.startswith("tile-"))
VIEWS_OF: Mapping[str, tuple[str, ...]] = {
    "two views": ("whole", "centre"), "six views": tuple(name for name in VIEWS if name not in TILES),
    "tiles": ("whole", *TILES),
}
"""Views by the features of `core.training.strategies.transfer.FEATURES`; for others it is the whole image."""


def embed(
    images: tuple[ImageRef, ...], backbone: str, folder: Path, context: JobContext, *, weights: Path | None = None,
    allow_download: bool = False, features: str = "final",
) -> Embedded:
    """Embed what has no embedding yet, and find all of them; see `EmbedInput` and `embed_images`.

    Args:
        features: One of `core.training.strategies.transfer.FEATURES`; where no stages are stored there are none.
    """
    views = VIEWS_OF.get(features, ("whole",))
    found = [
        _embed_view(EmbedInput(images, backbone, folder, weights, allow_download, view), features, context)
        for view in views
    ]
    if len(found) == 1:
        return found[0]
    kind = WholeAndTiles if features == "tiles" else MeanOfViews
    return _together(found, found[-1].key, kind(tuple(found)))


def _embed_view(inputs: EmbedInput, features: str, context: JobContext) -> Embedded:
    done = embed_images(inputs, context)
    n_features = done.n_features if features == "final" else done.n_stored
    found = find_embedded(inputs.images, inputs.folder / done.key, done.n_stored, n_features)
    return replace(found, skipped=done.skipped, notes=done.notes)


def find_embedded(
    images: Sequence[ImageRef], folder: Path, n_stored: int, n_features: int | None = None,
) -> Embedded:
    """The embeddings that the store in a folder has already, see `EmbeddingStore`; the folder may be missing."""
    store = EmbeddingStore(folder, n_stored, n_features)
    return Embedded(folder.name, store, store.rows_of([image.content_hash for image in images]))
