"""A catalog of a million rows with a run, for the benchmarks of the window; its files do not exist."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from core.project.classes import add_class
from core.project.project import Project
from core.project.runs import RunRow, record_run

N_IMAGES, N_CLASSES = 1_000_000, 10
RUN = "2026-01-01-001-transfer"


def make_catalog(folder: Path, n_images: int = N_IMAGES) -> None:
    """Nine classes of training pictures, a third unlabelled, a tenth of test pictures, one run over all."""
    with Project.create(folder) as project:
        ids = [add_class(project, f"class {i}").id for i in range(N_CLASSES)]
        record_run(project, RunRow(RUN, "transfer", "efficientnet-lite0", 0, n_images))
        with project.catalog.transaction() as db:
            db.executemany("INSERT INTO source VALUES (?, ?, ?, '2026')",
                           [(1, b"/nowhere/train", "train"), (2, b"/nowhere/test", "test")])
            db.executemany(
                "INSERT INTO image(source_id, path, name, sort_key, bytes, mtime_ns, content_hash, format, width, "
                "height, mode, split, class_id, status, added_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, 'JPEG', 640, 480, 'RGB', ?, ?, 'ok', '2026')",
                _image_rows(ids, n_images))
            db.executemany(
                "INSERT INTO prediction VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)", _prediction_rows(ids, n_images))


def _image_rows(class_ids: list[int], n_images: int) -> Iterator[tuple[object, ...]]:
    for i in range(n_images):
        place = i * N_CLASSES // n_images
        is_test = place == N_CLASSES - 1
        name = f"class {place}/image {i:07d}.jpg"
        label = None if is_test or i % 3 == 0 else class_ids[place]
        content_hash = hashlib.sha256(name.encode()).digest()
        yield (2 if is_test else 1, name.encode(), name, name, 1000 + i * 7919 % 90_000, i, content_hash,
               "test" if is_test else "train", label)


def _prediction_rows(class_ids: list[int], n_images: int) -> Iterator[tuple[object, ...]]:
    for i, p in enumerate(np.random.default_rng(0).random(n_images).tolist()):
        place = (i * N_CLASSES // n_images + (p < 0.01)) % N_CLASSES
        yield i + 1, i % 3 == 0, class_ids[place], p, p, 1 - p, p, 1 - p
