"""Simple models on embeddings – nearest neighbours, nearest class mean – and how often they agree with another model.

Where two models that learnt from the same images agree less than at home, both are right less often (Jiang et al.
2022, “Assessing generalization of SGD via disagreement”; Baek et al. 2022). These two need no fit. numpy only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.review.expected import Agreement

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]

N_NEIGHBOURS = 10
SHARPNESS = 10.0
"""A neighbour counts by exp(SHARPNESS × cosine)."""

MOST_KNOWN, MOST_ASKED = 3_000, 2_000
"""Labelled images that neighbours are looked for among, and images of each set that are asked about."""

BLOCK = 512


def measure_agreement(
    known: Floats, labels: Ints, folds: Ints, others: Floats, *, predicted: Ints, predicted_others: Ints,
) -> Agreement:
    """How the simple models agree with a model, out of fold and on other images.

    Args:
        known: Embeddings of the labelled images, (n_judged, n_features); rows of NaN where there is none.
        labels: (n_judged,) integers from 0; negative ones are not learnt from.
        folds: (n_judged,) integers: no image is asked about with the help of its own fold.
        others: Embeddings of the images without labels, (n_images, n_features); rows of NaN where there is none.
        predicted, predicted_others: What the model predicts, (n_judged,) and (n_images,).
    """
    rng, here, there = np.random.default_rng(0), np.full(len(known), np.nan), np.full(len(others), np.nan)
    rows = draw_rows(np.flatnonzero(np.isfinite(known).all(axis=1) & (labels >= 0)), MOST_KNOWN, rng)
    asked = draw_rows(np.flatnonzero(np.isfinite(others).all(axis=1)), MOST_ASKED, rng)
    if len(rows) <= N_NEIGHBOURS or not len(asked):
        return Agreement(here, there)
    units, n_classes = _directions(known[rows]), int(labels.max()) + 1
    own, fold = labels[rows], folds[rows]
    for held in np.unique(fold):
        is_held = fold == held
        if 0 < is_held.sum() < len(rows):
            said = _predict(units[~is_held], own[~is_held], units[is_held], n_classes)
            here[rows[is_held]] = (said == predicted[rows[is_held]]).mean(axis=0)
    for start in range(0, len(asked), BLOCK):
        part = asked[start:start + BLOCK]
        said = _predict(units, own, _directions(others[part]), n_classes)
        there[part] = (said == predicted_others[part]).mean(axis=0)
    return Agreement(here, there)


def _predict(units: Floats, labels: Ints, others: Floats, n_classes: int) -> NDArray[np.int64]:
    """Classes by nearest neighbours and by nearest class mean, (2, n_others) int64."""
    is_class = labels[:, None] == np.arange(n_classes)
    means = _unit(is_class.T.astype(np.float32) @ units)
    by_mean = others @ means.T
    by_mean[:, ~is_class.any(axis=0)] = -np.inf
    likeness = others @ units.T
    k = min(N_NEIGHBOURS, len(units))
    nearest = np.argpartition(likeness, -k, axis=1)[:, -k:]
    weights = np.exp(SHARPNESS * np.take_along_axis(likeness, nearest, axis=1))
    votes = np.zeros((len(others), n_classes))
    np.add.at(votes, (np.arange(len(others))[:, None], labels[nearest]), weights)
    return np.stack([votes.argmax(axis=1), by_mean.argmax(axis=1)])


def _directions(vectors: Floats) -> NDArray[np.float32]:
    """Directions after a square root that keeps the sign: a few large features do not decide alone."""
    return _unit(np.sign(vectors) * np.sqrt(np.abs(vectors)))


def _unit(vectors: Floats) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


def draw_rows(rows: Ints, most: int, rng: np.random.Generator) -> Ints:
    """The rows, or `most` of them drawn at random, in order."""
    return rows if len(rows) <= most else np.sort(rng.choice(rows, most, replace=False))
