"""Exact search for look-alikes, checked against the plain definition of the cosine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.embeddings.similar import IndexCache, SimilarIndex, best_first, unit_vectors
from core.embeddings.store import EmbeddingStore, EmbeddingWriter
from core.jobs import JobCancelled
from tests.conftest import RecordingContext

N_FEATURES = 24


def fill(folder: Path, n_rows: int, *, seed: int = 0) -> EmbeddingStore:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n_rows, N_FEATURES)).astype(np.float32)
    with EmbeddingWriter(folder, N_FEATURES) as writer:
        writer.append([(writer.n_rows + i).to_bytes(32, "big") for i in range(n_rows)], vectors)
    return EmbeddingStore(folder, N_FEATURES)


def cosines(store: EmbeddingStore, query: np.ndarray) -> np.ndarray:
    stored = store.read(np.arange(store.n_rows)).astype(np.float64)
    return stored @ query / np.linalg.norm(stored, axis=1) / np.linalg.norm(query)


@pytest.mark.parametrize("max_kept_bytes", [0, 30 * 4 * N_FEATURES, 2**20])
def test_similarities_are_cosines_however_much_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, max_kept_bytes: int
) -> None:
    monkeypatch.setattr("core.embeddings.similar.CHUNK", 7)
    store = fill(tmp_path / "s", 50)
    index = SimilarIndex(store, max_kept_bytes=max_kept_bytes)
    query = np.arange(N_FEATURES, dtype=np.float32)
    found = index.similarities(query)
    assert found.shape == (50,) and found.dtype == np.float32
    assert np.allclose(found, cosines(store, query), atol=1e-5)
    assert index._unit.nbytes <= max_kept_bytes


def test_a_vector_without_length_resembles_nothing(tmp_path: Path) -> None:
    index = SimilarIndex(fill(tmp_path / "s", 3))
    assert index.similarities(np.zeros(N_FEATURES, np.float32)).tolist() == [0, 0, 0]
    assert not unit_vectors(np.zeros((1, 3), np.float32)).any()


def test_an_empty_store_gives_nothing(tmp_path: Path) -> None:
    index = SimilarIndex(EmbeddingStore(tmp_path / "none", N_FEATURES))
    assert index.similarities(np.ones(N_FEATURES, np.float32)).shape == (0,)


def test_portions_hold_every_row_once_best_first() -> None:
    similarities = np.random.default_rng(1).permutation(3000).astype(np.float32)
    portions = list(best_first(similarities))
    assert [len(p) for p in portions] == [256, 256 * 7, 3000 - 256 * 8]
    rows = np.concatenate(portions)
    assert rows.tolist() == np.argsort(-similarities).tolist()


def test_equal_similarities_come_in_the_order_of_rows() -> None:
    assert np.concatenate(list(best_first(np.ones(5, np.float32)))).tolist() == [0, 1, 2, 3, 4]


def test_the_index_is_kept_until_rows_are_added_or_the_store_is_another(tmp_path: Path) -> None:
    cache = IndexCache()
    first = cache.get(fill(tmp_path / "s", 5))
    assert cache.get(EmbeddingStore(tmp_path / "s", N_FEATURES)) is first
    grown = cache.get(fill(tmp_path / "s", 2, seed=1))
    assert grown is not first and len(grown.similarities(np.ones(N_FEATURES, np.float32))) == 7
    assert cache.get(fill(tmp_path / "other", 7)) is not grown


def test_a_store_made_anew_with_as_many_rows_is_noticed(tmp_path: Path) -> None:
    cache, query = IndexCache(), np.ones(N_FEATURES, np.float32)
    before = cache.get(fill(tmp_path / "s", 5)).similarities(query)
    (tmp_path / "s").rename(tmp_path / "old")
    store = fill(tmp_path / "s", 5, seed=9)
    after = cache.get(store).similarities(query)
    assert not np.allclose(before, after) and np.allclose(after, cosines(store, query), atol=1e-5)


def test_building_and_searching_end_when_asked(tmp_path: Path) -> None:
    store = fill(tmp_path / "s", 5)
    with pytest.raises(JobCancelled):
        SimilarIndex(store, check=RecordingContext(cancel_after=0).check)
    with pytest.raises(JobCancelled):
        index = SimilarIndex(store)
        index.similarities(np.ones(N_FEATURES, np.float32), check=RecordingContext(cancel_after=0).check)
