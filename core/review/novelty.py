"""Finds images that are out of distribution: unlike all that a run learnt from, by the distance to the nearest ones.

The distance is one minus the mean cosine to the three nearest training images, after a square root of the backbone's
features (k-NN distance: Sun et al. 2022). An image is unlike all of them where it is farther away than 99 % of the
training images are from those of other folds. Mahalanobis distance (Lee et al. 2018) told strangers apart no better
and needs far more images than features for its limit to hold. A class that looks like those that were learnt, as
another flower among flowers, is hardly found: see docs/benchmarks.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.backbones.registry import DEFAULT, JOINED_BY, find_backbone
from core.embeddings.embedded import Rows, embed
from core.embeddings.similar import root_directions
from core.embeddings.store import EmbeddingStore
from core.errors import InputError
from core.jobs import JobContext
from core.runs.predictions import OUT_OF_FOLD, read_predictions
from core.runs.repository import read_run
from core.runs.snapshot import SnapshotRow, read_snapshot
from core.types import ImageRef

Floats = NDArray[np.float32]

N_NEIGHBOURS = 3
INSIDE = 0.99
"""Share of the training images that counts as ordinary."""

FEWEST_KNOWN = 50
"""With fewer training images the limit would be chance."""

MOST_KNOWN, MOST_MEASURED = 50_000, 4000
"""Of more training images so many are drawn to compare with (256 MB), and to measure the limit on."""

BLOCK, N_PARTS = 2048, 5
"""Rows at once; parts where no folds are known."""


@dataclass(frozen=True, slots=True, eq=False)
class Novelty:
    """What a run learnt from, to tell what is unlike it.

    Attributes:
        known: Directions of the training images, (n_known, n_features) float32.
        limit: Largest distance of an ordinary image, 0 … 2.
    """

    known: Floats
    limit: float

    def distances(self, vectors: Floats) -> NDArray[np.float64]:
        """How far images are from the nearest training images, (n_images,) float64, 0 … 2.

        Args:
            vectors: Their embeddings, (n_images, n_features).
        """
        return _distances(root_directions(vectors), self.known)


def learn_novelty(vectors: Floats, folds: NDArray[np.integer]) -> Novelty:
    """Choose the limit on the training images alone.

    Args:
        vectors: Their embeddings, (n_known, n_features), at least `FEWEST_KNOWN`.
        folds: Images of one fold – copies and series are – say nothing about each other, (n_known,).
    """
    known = root_directions(vectors)
    rows = np.arange(len(known))
    if len(rows) > MOST_MEASURED:
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST_MEASURED, replace=False))
    found = [_distances(known[rows[folds[rows] == fold]], known[folds != fold]) for fold in np.unique(folds)]
    return Novelty(known, float(np.quantile(np.concatenate(found), INSIDE)))


def find_unlike(
    run_folder: Path, images: Sequence[ImageRef], embeddings: Path, context: JobContext
) -> NDArray[np.bool_]:
    """Which images are unlike all that a run learnt from, (n_images,) bool; what has no embedding yet is embedded.

    Args:
        run_folder: Folder of a finished run.
        images: Those that cannot be read are not unlike.
        embeddings: The folder of embedding stores.

    Raises:
        InputError: The run learnt from too few images.
        RunError: The run is missing or damaged.
        WeightsError, EngineError, StorageError: New images cannot be embedded.
        JobCancelled: The caller asked to end.
    """
    backbone = backbone_to_compare(read_run(run_folder).backbone)
    snapshot = read_snapshot(run_folder)
    known = [ImageRef(row.image_id, row.path, row.content_hash) for row in snapshot]
    found = embed((*known, *images), backbone, embeddings, context)
    rows, asked = found.rows[:len(known)], found.rows[len(known):]
    novelty = _learn_from(run_folder, snapshot, found.store, rows)
    if novelty is None:
        raise InputError("review.novelty_too_few", n=int((rows >= 0).sum()), fewest=FEWEST_KNOWN)
    is_unlike = np.zeros(len(images), bool)
    for first in range(0, len(asked), BLOCK):
        some = np.arange(first, min(first + BLOCK, len(asked)))
        some = some[asked[some] >= 0]
        is_unlike[some] = novelty.distances(found.store.read(asked[some])) > novelty.limit
    return is_unlike


def stored_novelty(run_folder: Path, store: EmbeddingStore) -> Novelty | None:
    """What a run learnt from, as far as a store has it; None where that is too little.

    Raises:
        RunError: The run is missing or damaged.
    """
    snapshot = read_snapshot(run_folder)
    return _learn_from(run_folder, snapshot, store, store.rows_of([row.content_hash for row in snapshot]))


def _learn_from(
    run_folder: Path, snapshot: Sequence[SnapshotRow], store: Rows, rows: NDArray[np.int64]
) -> Novelty | None:
    """From rows of a store, one for each image of a snapshot, −1 where it has none."""
    places = np.flatnonzero(rows >= 0)
    if len(places) < FEWEST_KNOWN:
        return None
    if len(places) > MOST_KNOWN:
        places = np.sort(np.random.default_rng(0).choice(places, MOST_KNOWN, replace=False))
    folds = _folds_of(run_folder, [row.image_id for row in snapshot])
    return learn_novelty(store.read(rows[places]), folds[places])


def backbone_to_compare(name: str) -> str:
    """The main backbone of a run; the usual one for a run that has none."""
    try:
        return find_backbone(name.partition(JOINED_BY)[0]).name
    except InputError:
        return DEFAULT


def _folds_of(run_folder: Path, image_ids: Sequence[int]) -> NDArray[np.int64]:
    """Fold in which each training image was judged; parts in turn where none is known."""
    said = read_predictions(run_folder)
    known: dict[int, int] = {}
    if said.folds is not None:
        judged = said.kinds == OUT_OF_FOLD
        known = dict(zip(said.image_ids[judged].tolist(), said.folds[judged].tolist(), strict=True))
    return np.array([known.get(i, at % N_PARTS) for at, i in enumerate(image_ids)], np.int64)


def _distances(directions: Floats, known: Floats) -> NDArray[np.float64]:
    """One minus the mean cosine to the nearest of the known, some rows at a time, (n_directions,) float64."""
    n = min(N_NEIGHBOURS, len(known))
    found = [np.zeros(0)]
    for first in range(0, len(directions), BLOCK):
        likeness = directions[first:first + BLOCK] @ known.T
        nearest = np.partition(likeness, -n, axis=1)[:, -n:]
        found.append(1 - nearest.mean(axis=1, dtype=np.float64))
    return np.concatenate(found)
