"""Why a label is doubted: how the pictures that look most like it are labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.checks.similar_pairs import unit_rows

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

N_NEIGHBOURS = 5
BLOCK = 512


@dataclass(frozen=True, slots=True)
class NearestLabels:
    """The pictures that look most like one.

    Attributes:
        rows: Most similar first.
        sentence: How they are labelled.
    """

    rows: tuple[int, ...]
    sentence: str


def nearest_labels(
    rows: Sequence[int] | Ints, embeddings: Floats, *, labels: Ints, classes: Sequence[str], hashes: Sequence[bytes]
) -> tuple[NearestLabels, ...]:
    """For each row the most similar pictures with other bytes, and their labels in words.

    Args:
        rows: Which pictures.
        embeddings: Of all labelled pictures, (n_images, n_features).
        labels: (n_images,) int64.
        classes: Names.
        hashes: Content hash of each picture; copies of the picture itself tell nothing.
    """
    units, asked = unit_rows(embeddings), np.asarray(rows, np.int64)
    found = []
    for start in range(0, len(asked), BLOCK):
        part = asked[start:start + BLOCK]
        likeness = units[part] @ units.T
        found += [_nearest(int(row), likeness[i], labels, classes, hashes) for i, row in enumerate(part)]
    return tuple(found)


def _nearest(
    row: int, likeness: Floats, labels: Ints, classes: Sequence[str], hashes: Sequence[bytes]
) -> NearestLabels:
    best = np.argsort(-likeness, kind="stable")
    others = [int(i) for i in best[: 4 * N_NEIGHBOURS] if hashes[i] != hashes[row]][:N_NEIGHBOURS]
    if not others:
        return NearestLabels((), "")
    counts = np.bincount(labels[others], minlength=len(classes))
    most, n_own = int(counts.argmax()), int(counts[labels[row]])
    if most == labels[row]:
        said = f"{n_own} of the {len(others)} pictures that look most like it carry the same label"
        return NearestLabels(tuple(others), said + ", so it may be right.")
    return NearestLabels(tuple(others), (
        f"{counts[most]} of the {len(others)} pictures that look most like it are labelled {classes[most]}."
    ))
