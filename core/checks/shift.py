"""Check `shift`: test images from another distribution, by a classifier that tells them from training images.

A two-sample test with a classifier (Lopez-Paz & Oquab 2017): a ridge discriminant on embeddings, cross-validated with
duplicates in one fold; its area under the ROC curve is compared with those of shuffled sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.checks.check import CatalogState, Check, CheckData, Finding, Floats, Ints, share_figure
from core.checks.duplicate_pairs import pairs_of
from core.embeddings.similar_pairs import group_ids
from core.jobs import JobContext
from core.text import Message

FEWEST = 20
"""Fewer images on either side are not compared."""

MOST = 1_500
"""So many of either side take part, drawn at random."""

N_FOLDS, N_SHUFFLES = 5, 99
RIDGE = 0.3
"""Penalty in units of the number of images, for standardised features."""

LEAST_AUC, LARGEST_P = 0.65, 0.05
"""What is worth a finding: many sets differ a little, and nothing follows from it."""

GIVEN_AWAY = 0.95
"""Test images above this quantile of the training images' scores are named."""


@dataclass(frozen=True, slots=True)
class Shift:
    """How well test images are told from training images.

    Attributes:
        image_ids: Test images that give it away, most first.
        n_train, n_test: Images of either side that were compared.
        auc: Area under the ROC curve out of fold, 0 … 1; 0.5 is chance.
        accuracy: Balanced accuracy out of fold, 0 … 1; 0.5 is chance.
        p_value: Share of shuffles with as large an area, 0 … 1, at least 1 / (N_SHUFFLES + 1).
    """

    image_ids: tuple[int, ...]
    n_train: int
    n_test: int
    auc: float
    accuracy: float
    p_value: float

    @property
    def is_worth_saying(self) -> bool:
        return self.auc >= LEAST_AUC and self.p_value <= LARGEST_P


def compare_sets(
    vectors: Floats, is_test: NDArray[np.bool_], groups: Ints, context: JobContext
) -> tuple[Shift, Ints] | None:
    """The two-sample test; None with too few images.

    Args:
        vectors: Embeddings, (n_images, n_features), finite.
        is_test: (n_images,) bool.
        groups: Equal numbers mark duplicates, (n_images,) integers: each group counts once on either side, and
            stays in one fold.
        context: May end the work.

    Returns:
        The figures without ids, and the rows of test images that give it away, most first.

    Raises:
        JobCancelled: The caller asked the job to end.
    """
    rng = np.random.default_rng(0)
    first = np.unique(np.stack([groups, is_test]), axis=1, return_index=True)[1]
    sides = [rng.permutation(first[is_test[first] == side])[:MOST] for side in (False, True)]
    if min(map(len, sides)) < FEWEST:
        return None
    rows = np.concatenate(sides)
    side = np.repeat([0.0, 1.0], [len(part) for part in sides]).astype(np.float32)
    mean, spread = vectors[rows].mean(axis=0), vectors[rows].std(axis=0)
    spread = np.maximum(spread, max(float(spread.mean()) * 1e-3, 1e-12))
    shuffled = np.stack([side, *(rng.permutation(side) for _ in range(N_SHUFFLES))], axis=1)
    names, place = np.unique(groups[rows], return_inverse=True)
    fold = (rng.permutation(len(names)) % N_FOLDS)[place]
    scores, kernel = _score((vectors[rows] - mean) / spread, shuffled, fold, context)
    areas = np.array([_area(scores[:, at], shuffled[:, at]) for at in range(scores.shape[1])])
    own, here, there = scores[:, 0], scores[side == 0, 0], scores[side == 1, 0]
    middle = (here.mean() + there.mean()) / 2
    everyone = ((vectors - mean) / spread) @ kernel
    everyone[rows] = own
    odd = np.flatnonzero(is_test & (everyone > np.quantile(here, GIVEN_AWAY)))
    accuracy = ((here < middle).mean() + (there >= middle).mean()) / 2
    return Shift(
        (), len(here), len(there), float(areas[0]), float(accuracy), float((areas >= areas[0]).mean()),
    ), odd[np.argsort(-everyone[odd], kind="stable")]


def _score(features: Floats, sides: Floats, folds: Ints, context: JobContext) -> tuple[Floats, Floats]:
    """Scores out of fold for each column of sides, and the mean model of the first column."""
    features, basis = features.astype(np.float32), None
    if len(features) < features.shape[1]:  # the same in the space that the images span
        basis, coordinates = np.linalg.qr(features.T)
        features = np.ascontiguousarray(coordinates.T)
    n_features, scores, kernels = features.shape[1], np.empty_like(sides), []
    whole = features.T @ features
    for k in range(N_FOLDS):
        context.check()
        held = folds == k
        if not held.any() or held.all():
            continue
        rest = features[~held]
        scatter = (whole - features[held].T @ features[held]) / len(rest)
        scatter[np.diag_indices(n_features)] += RIDGE
        kernel = np.linalg.solve(scatter, rest.T @ (sides[~held] - sides[~held].mean(axis=0)) / len(rest))
        scores[held] = features[held] @ kernel
        kernels.append(kernel[:, 0])
    kernel = np.mean(kernels, axis=0)
    return scores, kernel if basis is None else basis @ kernel


def _area(scores: Floats, side: Floats) -> float:
    """Area under the ROC curve by ranks (Mann and Whitney)."""
    ranks = np.empty(len(scores))
    ranks[np.argsort(scores, kind="stable")] = np.arange(1, len(scores) + 1)
    n = float(side.sum())
    return float((ranks[side == 1].sum() - n * (n + 1) / 2) / (n * (len(side) - n)))


class ShiftCheck(Check[Shift]):
    """Compares all test images with the labelled training images."""

    name = "shift"
    evidence = Shift
    no_facts = {"shift": None}
    needs_embeddings = True

    def run(self, data: CheckData, context: JobContext) -> Shift | None:
        assert data.vectors is not None
        rows = np.flatnonzero(data.has_vector & (data.is_test | (data.train_labels >= 0)))
        pairs = pairs_of(data, context).all
        left, right = np.array([p.left for p in pairs], np.int64), np.array([p.right for p in pairs], np.int64)
        groups = group_ids(len(data.job.images), left, right)
        found = compare_sets(data.vectors[rows], data.is_test[rows], groups[rows], context)
        if found is None:
            return None
        return replace(found[0], image_ids=data.ids_of(rows[found[1]]))

    def findings(self, evidence: Shift, now: CatalogState) -> Iterator[Finding]:
        if evidence.is_worth_saying:
            yield Finding(
                "shift", self.name, "shift", min(0.65, evidence.auc - 0.4), Message("checks.title.shift"),
                Message("checks.test_images_shifted", auc=evidence.auc, accuracy=evidence.accuracy,
                        p_value=evidence.p_value),
                share_figure(evidence.accuracy),
                (Message("checks.shift_given_away", n=len(evidence.image_ids)),) if evidence.image_ids else (),
                evidence.image_ids,
            )

    def facts(self, evidence: Shift, now: CatalogState) -> Mapping[str, Any]:
        return {"shift": {
            "auc": evidence.auc, "accuracy": evidence.accuracy, "p_value": evidence.p_value,
            "n_train": evidence.n_train, "n_test": evidence.n_test, "images": now.paths_of(evidence.image_ids),
        }}
