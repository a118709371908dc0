"""Finds similar images (nearest neighbours) by exact cosine search over an embedding store.

Embeddings are brought to length 1 once and kept, for that costs ten times the search. What is
kept is bounded; rows beyond the bound are read through in chunks for each search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.embeddings.store import EmbeddingStore

MAX_KEPT_BYTES = 512 * 1024**2
"""Of unit vectors kept between searches: 100,000 embeddings of 1280 features."""

CHUNK = 8192
"""Rows compared at once: 42 MB of 1280 features."""

LEAST_NORM = 1e-12
FIRST_PORTION, GROWTH = 256, 8


class SimilarIndex:
    """Unit vectors of a store as it was when this was made.

    Args:
        max_kept_bytes: How many bytes of unit vectors may be kept.
        check: Called between chunks; may raise to end the work.
    """

    def __init__(
        self, store: EmbeddingStore, *, max_kept_bytes: int = MAX_KEPT_BYTES,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        n_kept = min(store.n_rows, max_kept_bytes // (4 * store.n_features))
        self._unit = np.empty((n_kept, store.n_features), np.float32)
        for start in range(0, n_kept, CHUNK):
            check()
            end = min(start + CHUNK, n_kept)
            self._unit[start:end] = self._read(start, end)

    def similarities(
        self, vector: NDArray[np.float32], *, check: Callable[[], None] = lambda: None,
    ) -> NDArray[np.float32]:
        """Cosine similarity of every stored image to one embedding.

        Args:
            vector: (n_features,) float32.
            check: Called between chunks; may raise to end the search.

        Returns:
            (n_rows,) float32, −1 … 1; 0 for an embedding without length.
        """
        query = unit_vectors(vector[None])[0]
        found = [chunk @ query for chunk in self._chunks(check)]
        joined = np.concatenate([np.zeros(0, np.float32), *found])
        similarities: NDArray[np.float32] = np.clip(joined, -1.0, 1.0)
        return similarities

    def _chunks(self, check: Callable[[], None]) -> Iterator[NDArray[np.float32]]:
        """All unit vectors in order: those that are kept, then the others."""
        n_kept, n_rows = len(self._unit), self._store.n_rows
        if n_kept:
            check()
            yield self._unit
        for start in range(n_kept, n_rows, CHUNK):
            check()
            yield self._read(start, min(start + CHUNK, n_rows))

    def _read(self, start: int, end: int) -> NDArray[np.float32]:
        rows = np.arange(start, end)
        vectors = self._store.read(rows)
        vectors[~self._store.are_sound(rows)] = 0  # a damaged row is like nothing
        return unit_vectors(vectors)


class IndexCache:
    """The index of the store that was asked for last; one at a time, for it may be large."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._index: SimilarIndex | None = None

    def get(self, store: EmbeddingStore, *, check: Callable[[], None] = lambda: None) -> SimilarIndex:
        """The index of a store, made anew if rows were added or the store is another."""
        key = (store.folder, store.n_features, store.n_rows, _state(store.folder))
        if self._index is None or key != self._key:
            self._index = None  # the old one goes before the new one is made
            self._index, self._key = SimilarIndex(store, check=check), key
        return self._index


def unit_vectors(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, n_features) float32 brought to length 1; vectors without length stay 0."""
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    scaled: NDArray[np.float32] = vectors / np.maximum(norms, np.float32(LEAST_NORM))[:, None]
    return scaled


def root_directions(embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
    """Signed square roots of unit length: single strong features then no longer outshout the rest."""
    roots = np.sign(embeddings) * np.sqrt(np.abs(embeddings.astype(np.float32)))
    lengths = np.linalg.norm(roots, axis=1, keepdims=True)
    directions: NDArray[np.float32] = roots / np.maximum(lengths, 1e-12)
    return directions


def _state(folder: Path) -> tuple[int, int]:
    """Changes when a store was deleted and made anew with as many rows."""
    try:
        status = (folder / "vectors.f16").stat()
    except OSError:
        return 0, 0
    return status.st_ino, status.st_mtime_ns


def best_first(similarities: NDArray[np.float32]) -> Iterator[NDArray[np.int64]]:
    """Rows of (n_rows,) similarities, the most similar first, in growing portions: few need more than one."""
    done, end = 0, FIRST_PORTION
    while done < len(similarities):
        end = min(end, len(similarities))
        best = np.argpartition(-similarities, end - 1)[:end]
        ordered = best[np.lexsort((best, -similarities[best]))]
        yield ordered[done:end]
        done, end = end, end * GROWTH
