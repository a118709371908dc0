"""Leave-one-out predictions in closed form: a kernel model that predicts each image without having seen its label.

Kernel ridge regression with a Gaussian kernel, whose leave-one-out predictions need one
matrix factorisation instead of n fits (Golub, Heath & Wahba 1979; Rifkin & Lippert 2007).
Beyond `N_LANDMARKS` images the kernel is approximated through landmarks (Nyström; Williams
& Seeger 2001), so the cost grows linearly with the number of images. Refitting after a
label was changed on purpose costs two products, which `label_issue_count` makes use of.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.embeddings.similar import root_directions

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

N_LANDMARKS = 1_500
RIDGE = 1.0
"""Penalty against kernel values of at most 1; 0.3 to 1 differ by less than two draws of the same set."""

JITTER = 1e-3


@dataclass(frozen=True, slots=True)
class LeaveOneOut:
    """The fitted part that does not depend on the labels.

    Attributes:
        features: (n_images, n_landmarks) float32; inner products approximate the kernel.
        solved: (n_landmarks, n_images) float32; times the targets gives the weights.
        leverage: (n_images,) float32 in 0 … 1; how much each image decides about itself.
    """

    features: Floats
    solved: Floats
    leverage: Floats


def prepare_leave_one_out(embeddings: Floats, *, n_landmarks: int | None = None) -> LeaveOneOut:
    """Factorise once for all labellings.

    Args:
        embeddings: (n_images, n_features) float, n_images ≥ 2.
        n_landmarks: `N_LANDMARKS` where not given.
    """
    from scipy.linalg import cho_factor, cho_solve  # takes time, and kept results are read without it

    directions = root_directions(embeddings)
    features = _kernel_features(directions, n_landmarks or N_LANDMARKS)
    gram = features.T @ features
    gram.flat[:: len(gram) + 1] += RIDGE
    solved = cho_solve(cho_factor(gram, lower=True, check_finite=False), features.T, check_finite=False)
    leverage = np.einsum("im,mi->i", features, solved)
    return LeaveOneOut(features, np.ascontiguousarray(solved), np.clip(leverage, 0.0, 0.999).astype(np.float32))


def leave_one_out_scores(fitted: LeaveOneOut, labels: Ints, n_classes: int) -> Floats:
    """Score of each class for each image by a model that did not see that image's label.

    Args:
        fitted: From `prepare_leave_one_out`.
        labels: (n_images,) int64 in 0 … n_classes − 1.
        n_classes: At least 2.

    Returns:
        (n_images, n_classes) float32; not probabilities, larger is likelier.
    """
    targets = np.full((len(labels), n_classes), -1.0 / n_classes, np.float32)
    targets[np.arange(len(labels)), labels] += 1.0
    scores = fitted.features @ (fitted.solved @ targets)
    own = fitted.leverage[:, None]
    left_out: Floats = (scores - own * targets) / (1.0 - own)
    return left_out


def to_probabilities(scores: Floats, labels: Ints) -> Floats:
    """Turn scores into probabilities: one temperature and one offset a class, by maximum likelihood.

    Args:
        scores: (n_images, n_classes) float.
        labels: (n_images,) int64.

    Returns:
        (n_images, n_classes) float32, rows sum to 1.
    """
    from scipy.optimize import minimize

    rows, n_classes = np.arange(len(labels)), scores.shape[1]

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        errors = softmax_rows(scores * np.exp(parameters[0]) + parameters[1:])
        value = -float(np.log(np.maximum(errors[rows, labels], 1e-12)).mean()) + _SHY * float(parameters @ parameters)
        errors[rows, labels] -= 1.0
        slope = np.empty(n_classes + 1)
        slope[0] = float((errors * scores).sum(axis=1).mean() * np.exp(parameters[0]))
        slope[1:] = errors.mean(axis=0)
        return value, slope + 2 * _SHY * parameters

    bounds = [(-2, 4), *[(-5, 5)] * n_classes]
    found = minimize(loss, np.zeros(n_classes + 1), jac=True, method="L-BFGS-B", bounds=bounds)
    return softmax_rows(scores * np.exp(found.x[0]) + found.x[1:]).astype(np.float32)


_SHY = 1e-4
"""Weight of a small penalty, so that separable classes do not ask for an infinite temperature."""


def softmax_rows(logits: NDArray[np.floating]) -> NDArray[np.floating]:
    """Row-wise softmax; rows sum to 1."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: NDArray[np.floating] = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _kernel_features(directions: Floats, n_landmarks: int) -> Floats:
    from scipy.linalg import cholesky, solve_triangular

    n_images = len(directions)
    order = np.random.default_rng(0).permutation(n_images)[:n_landmarks]
    landmarks = directions[np.sort(order)]
    among = _squared_distances(landmarks, landmarks)
    width = max(float(np.median(among)), 1e-6)
    inner = np.exp(-among / width)
    inner.flat[:: len(inner) + 1] += JITTER
    root = cholesky(inner, lower=True, check_finite=False)
    outer = np.exp(-_squared_distances(landmarks, directions) / width)
    features: Floats = solve_triangular(root, outer, lower=True, check_finite=False).T.astype(np.float32)
    return np.ascontiguousarray(features)


def _squared_distances(a: Floats, b: Floats) -> Floats:
    distances: Floats = np.maximum(2.0 - 2.0 * (a @ b.T), 0.0)
    return distances
