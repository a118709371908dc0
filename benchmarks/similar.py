"""How long it takes to find the pictures that look most like one, among many.

    python -m benchmarks.similar [--rows 100000] [--features 1280]

The store is filled with random numbers: an exact search takes as long whatever the pictures
are. The first search makes the unit vectors that the engine keeps.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.measure import median, print_machine, print_table
from core.embeddings.similar import IndexCache, best_first
from core.embeddings.store import EmbeddingStore, EmbeddingWriter

REPEATS = 20
ROWS_AT_ONCE = 10_000


def fill(folder: Path, n_rows: int, n_features: int) -> EmbeddingStore:
    rng = np.random.default_rng(0)
    with EmbeddingWriter(folder, n_features) as writer:
        for start in range(0, n_rows, ROWS_AT_ONCE):
            n = min(ROWS_AT_ONCE, n_rows - start)
            hashes = [(start + i).to_bytes(32, "big") for i in range(n)]
            writer.append(hashes, rng.standard_normal((n, n_features), dtype=np.float32))
    return EmbeddingStore(folder, n_features)


def seconds_of_search(cache: IndexCache, store: EmbeddingStore, row: int) -> float:
    started = perf_counter()
    similarities = cache.get(store).similarities(store.read(np.array([row]))[0])
    assert next(best_first(similarities))[0] == row
    return perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--features", type=int, default=1280)
    asked = parser.parse_args()
    print_machine()
    with tempfile.TemporaryDirectory() as folder:
        store, cache = fill(Path(folder) / "store", asked.rows, asked.features), IndexCache()
        first = seconds_of_search(cache, store, 0)
        later = median(seconds_of_search(cache, store, row) for row in range(1, 1 + REPEATS))
        opening = median(_seconds_of_opening(store) for _ in range(REPEATS))
    print_table(("embeddings", "first search, s", "later search, ms", "opening the store, ms"), [
        (f"{asked.rows:,} × {asked.features:,}", f"{first:.2f}", f"{1000 * later:.0f}", f"{1000 * opening:.0f}"),
    ])


def _seconds_of_opening(store: EmbeddingStore) -> float:
    started = perf_counter()
    EmbeddingStore(store.folder, store.n_features)
    return perf_counter() - started


if __name__ == "__main__":
    main()
