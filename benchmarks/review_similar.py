"""How long similar images take among many: the whole job, its parts, and usearch beside numpy where it is installed.

The store is filled with random numbers, for an exact search takes as long whatever the images are. The first search
makes the unit vectors that the engine keeps. Where other programs are at work, the processor's time says more than
the clock.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from benchmarks.gui_catalog import make_catalog
from benchmarks.measure import median, print_machine, print_table
from core.backbones.registry import DEFAULT
from core.embeddings.one_image import kept_index, kept_store
from core.embeddings.similar import best_first
from core.embeddings.store import EmbeddingWriter
from core.project.project import Project
from core.project.rows import image_refs, readable_contents
from core.review.similar_images import SimilarInput
from core.tasks import run_here

REPEATS, ROWS_AT_ONCE, N_FOUND = 20, 10_000, 300


def fill(project: Path, n_rows: int) -> None:
    """A catalog of so many images, each with an embedding of random numbers."""
    make_catalog(project, n_rows)
    with Project.open(project, read_only=True) as opened:
        hashes = readable_contents(opened)
    rng, store = np.random.default_rng(0), kept_store(DEFAULT, project / "embeddings")
    with EmbeddingWriter(store.folder, store._n_stored) as writer:
        for start in range(0, n_rows, ROWS_AT_ONCE):
            some = hashes[start:start + ROWS_AT_ONCE]
            writer.append(some, rng.standard_normal((len(some), store._n_stored), dtype=np.float32))


def time_of(act: Callable[[int], object], *, n: int = REPEATS) -> tuple[float, float]:
    """Median seconds by the clock and of the processor, after one that does not count."""
    act(0)
    clock, processor = [], []
    for at in range(1, n + 1):
        began, spent = perf_counter(), process_time()
        act(at)
        clock.append(perf_counter() - began)
        processor.append(process_time() - spent)
    return median(clock), median(processor)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    asked = parser.parse_args(arguments)
    print_machine()
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "p"
        fill(project, asked.rows)
        with Project.open(project, read_only=True) as opened:
            images = image_refs(opened, list(range(1, REPEATS + 2)))
        began = perf_counter()
        run_here("find-similar", SimilarInput(project, images[:1], n_similar=N_FOUND))
        first = perf_counter() - began
        rows = [("the whole job, later", time_of(lambda at: run_here(
            "find-similar", SimilarInput(project, (images[at],), n_similar=N_FOUND))))]
        store = kept_store(DEFAULT, project / "embeddings")
        queries = store.read(np.arange(REPEATS + 1))
        index = kept_index(store, lambda: None)

        def search(at: int) -> np.ndarray:
            return next(best_first(index.similarities(queries[at])))

        rows.append(("search by numpy, float32", time_of(search)))
        rows += [(name, time_of(act)) for name, act in by_usearch(index._unit, queries)]
    print(f"{asked.rows:,} × {store.n_features:,}; the first search, which makes the unit vectors: {first:.1f} s")
    print_table(("", "clock, ms", "processor, ms"), [
        (name, f"{1000 * clock:.0f}", f"{1000 * processor:.0f}") for name, (clock, processor) in rows])


def by_usearch(unit: np.ndarray, queries: np.ndarray) -> list[tuple[str, Callable[[int], object]]]:
    """Its exact search; nothing where it is not installed."""
    if find_spec("usearch") is None:
        return []
    from usearch.index import MetricKind, search  # type: ignore[import-not-found]

    def ask(vectors: np.ndarray, threads: int, at: int) -> object:
        query = queries[at].astype(vectors.dtype)[None]
        return search(vectors, query, N_FOUND, MetricKind.Cos, exact=True, threads=threads)

    kinds = {"float32": unit, "float16": unit.astype(np.float16)}
    return [(f"search by usearch, {name}, {threads} thread{'s' * (threads > 1)}", partial(ask, vectors, threads))
            for name, vectors in kinds.items() for threads in (1, 2)]
