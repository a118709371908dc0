"""What keeping groups in one fold does to the accuracy: a ridge classifier on embeddings, cross-validated both ways.

Least squares on one-hot labels has a closed form: the Gram matrix of the images outside a fold is that of all less
that of the fold, so that a cross-validation takes two passes over the features and one Cholesky factor a fold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from core.jobs import JobContext
from core.processors import n_processors
from core.text import Message
from core.training.folds import plan_folds

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

N_FOLDS = 5
PENALTIES = (1.0, 0.1, 10.0)
"""Ridge penalties in units of the Gram matrix's mean eigenvalue; the one with the least squared error on the first
fold is taken for all."""

LEAST_CHANGE, N_ERRORS = 0.01, 2.5
"""The accuracy must fall by at least this much, and by so many standard errors: other folds alone change it, too."""

STAGE = Message("jobs.comparing_groups")
SMALL = 3_000
"""With fewer images one thread is used: threads of BLAS wait for each other by spinning."""

TINY, FLAT = 1e-6, 1e-4
"""No division by less; a share of the mean that keeps inner products of alike images from being singular."""


@dataclass(frozen=True, slots=True)
class GroupEffect:
    """The accuracy with groups kept in one fold and with groups split, on the images that both judge.

    Attributes:
        together, split: 0 … 1.
        error: Standard error of their difference; what happens within a group is one observation.
    """

    together: float
    split: float
    error: float

    @property
    def is_clear(self) -> bool:
        """Whether splitting the groups flatters the accuracy by more than chance does."""
        return self.split - self.together >= max(LEAST_CHANGE, N_ERRORS * self.error)


def compare_groupings(
    features: Floats, labels: Ints, together: Ints, split: Ints, *, classes: tuple[str, ...], seed: int,
    context: JobContext,
) -> GroupEffect:
    """Judge all images with either grouping.

    Args:
        features: (n_images, n_features) float32, embeddings as they are.
        labels: (n_images,) int64 in 0 … n_classes − 1.
        together, split: Groups of the images, (n_images,) int64; those of `split` are parts of those of `together`.

    Raises:
        TrainingDataError: Fewer than two classes have two groups.
    """
    n_threads = 1 if len(labels) < SMALL else max(n_processors() - 1, 1)
    with threadpool_limits(limits=n_threads, user_api="blas"):
        scaled = _scale(features)
        found = []
        for done, groups in enumerate((together, split)):
            context.progress(done, 2, stage=STAGE, unit="models")
            folds = plan_folds(labels, groups, classes=classes, n_folds=N_FOLDS, seed=seed)
            found.append((folds >= 0, _judge(scaled, labels, folds, len(classes), context)))
    context.progress(2, 2, stage=STAGE, unit="models")
    both = found[0][0] & found[1][0]
    rights = [is_right[both] for _, is_right in found]
    gained = rights[1].astype(np.float64) - rights[0]
    mean = float(gained.mean())
    of_group = np.bincount(np.unique(together[both], return_inverse=True)[1], gained - mean)
    return GroupEffect(
        float(rights[0].mean()), float(rights[1].mean()), float(np.sqrt(np.square(of_group).sum()) / len(gained)))


def _scale(features: Floats) -> Floats:
    """Centred, of unit spread, and in the space that the images span where there are fewer of them than features."""
    spread = features.std(axis=0, dtype=np.float64)
    floor = max(float(spread.mean()) * 1e-3, TINY)
    scaled: Floats = ((features - features.mean(axis=0)) / np.maximum(spread, floor)).astype(np.float32)
    if len(scaled) < scaled.shape[1]:  # any factor of their inner products is as good
        products = scaled @ scaled.T
        products.flat[:: len(products) + 1] += FLAT * np.trace(products) / len(products)
        scaled = np.linalg.cholesky(products)
    return scaled


def _judge(features: Floats, labels: Ints, folds: Ints, n_classes: int, context: JobContext) -> NDArray[np.bool_]:
    """Whether each image is predicted right out of fold, (n_images,) bool; False where it is in no fold."""
    from scipy.linalg import cho_factor, cho_solve  # only now: the window loads the strategies as it starts

    targets = np.eye(n_classes, dtype=np.float32)[labels]
    targets -= targets.mean(axis=0)
    gram, moments = features.T @ features, features.T @ targets
    unit = float(np.trace(gram)) / len(gram)
    penalties: Sequence[float] = PENALTIES
    is_right = np.zeros(len(labels), bool)
    for fold in range(int(folds.max()) + 1):
        context.check()
        held = np.flatnonzero(folds == fold)
        own = features[held]
        left, aims = gram - own.T @ own, moments - own.T @ targets[held]
        tried = []
        for penalty in penalties:
            loaded = left.copy()
            loaded.flat[:: len(left) + 1] += penalty * unit
            tried.append(own @ cho_solve(cho_factor(loaded, lower=True, overwrite_a=True), aims))
        best = int(np.argmin([np.square(outputs - targets[held]).sum(dtype=np.float64) for outputs in tried]))
        is_right[held] = tried[best].argmax(axis=1) == labels[held]
        penalties = (penalties[best],)
    return is_right
