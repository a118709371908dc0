"""A solver for many L2-penalised multinomial logistic regressions on the same features at once (L-BFGS).

The models differ in which images they learn from, how much each counts, and in strength: the folds of a
cross-validation. Their matrix products are made as one wide product, which two cores do several times faster than
the thin ones of single models. Features are rotated onto their principal axes first, where the curvature of the loss
is nearly diagonal; divided by its root, L-BFGS (Nocedal & Wright 2006, algorithm 7.5) needs about half the steps.
The optimum is that of scikit-learn's `LogisticRegression` (a test compares them).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.runs.head import softmax

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

MAX_STEPS = 300
N_PAIRS = 10
"""Steps that the estimate of the curvature remembers."""

SUFFICIENT = 1e-4
"""Share of the expected decrease that a step must bring (Armijo)."""

MAX_VALUES = 2e7
"""So many float32 values one batch of models may have in its predictions, or in its coefficients (80 MB)."""

NO_VARIANCE = 1e-7
"""Principal axes with less than this share of the first one's variance are left out; what they hold is rounding."""

TINY = float(np.finfo(np.float32).tiny)


@dataclass(frozen=True, slots=True)
class Axes:
    """Features on their principal axes, largest variance first.

    Attributes:
        coordinates: (n_images, n_axes) float32.
        variances: (n_axes,) float64.
        basis: From features to coordinates, (n_features, n_axes) float32.
    """

    coordinates: Floats
    variances: NDArray[np.float64]
    basis: Floats


@dataclass(frozen=True, slots=True)
class Heads:
    """Softmax classifiers on principal axes.

    Attributes:
        kernels: (n_models, n_classes, n_axes) float32.
        biases: (n_models, n_classes) float32.
    """

    kernels: Floats
    biases: Floats

    def choose(self, models: slice | list[int]) -> Heads:
        """Some of the models."""
        return Heads(self.kernels[models], self.biases[models])

    def probabilities(self, coordinates: Floats, model: int) -> Floats:
        """(n_images, n_classes) float32 of one model."""
        return softmax(coordinates @ self.kernels[model].T + self.biases[model])


def find_axes(features: Floats) -> Axes:
    """Rotate features onto their principal axes; exact, also with fewer images than features.

    Args:
        features: (n_images, n_features) float32, their means near 0.
    """
    n_images, n_features = features.shape
    if n_images >= n_features:
        variances, basis = np.linalg.eigh((features.T @ features).astype(np.float64) / n_images)
        kept = _kept(variances)
        basis = np.ascontiguousarray(basis[:, kept], np.float32)
        return Axes(features @ basis, variances[kept], basis)
    variances, turned = np.linalg.eigh((features @ features.T).astype(np.float64))
    kept = _kept(variances)
    lengths, turned = np.sqrt(variances[kept]), turned[:, kept]
    basis = features.T @ (turned / lengths).astype(np.float32)
    return Axes(np.ascontiguousarray(turned * lengths, np.float32), variances[kept] / n_images, basis)


def _kept(variances: NDArray[np.float64]) -> Ints:
    order: Ints = np.argsort(variances)[::-1]
    kept: Ints = order[variances[order] > NO_VARIANCE * variances[order[0]]]
    return kept


def solve(
    axes: Axes, labels: Ints, counts: Floats, strengths: NDArray[np.float64], *, n_classes: int,
    check: Callable[[], object], start: Heads | None = None, tolerance: float = 1e-3, flat: float = 1e-6,
) -> Heads:
    """Fit one model for each row of `counts`.

    Args:
        axes: What is learnt from.
        labels: (n_images,) int64 in 0 … n_classes − 1.
        counts: How much each image counts in each model, (n_models, n_images) float32, 0 for those held out; the
            positive ones of a model have mean 1.
        strengths: C of each model, (n_models,); ½‖kernel‖² / C is added to the sum of losses.
        n_classes: Columns of the result, also for classes without an image.
        check: Asked before each step; raises to end the work.
        start: Where to start from; zero where not given.
        tolerance: A model is ready when no component of its scaled gradient is larger.
        flat: … or when a step lowers its mean loss by less than this share.
    """
    n_axes, n_images = len(axes.variances), len(labels)
    per_batch = max(int(MAX_VALUES / (n_classes * max(n_images, n_axes))), 1)
    parts = []
    for first in range(0, len(counts), per_batch):
        chosen = slice(first, first + per_batch)
        begun = None if start is None else start.choose(chosen)
        batch = _Batch(axes, labels, counts[chosen], strengths[chosen], n_classes, begun)
        parts.append(batch.minimise(check, tolerance, flat))
    kernels, biases = zip(*((part.kernels, part.biases) for part in parts), strict=True)
    return Heads(np.concatenate(kernels), np.concatenate(biases))


class _Batch:
    """Models that are fitted together; parameters are (n_models, n_classes, n_axes + 1), scaled by the curvature."""

    def __init__(
        self, axes: Axes, labels: Ints, counts: Floats, strengths: NDArray[np.float64], n_classes: int,
        start: Heads | None,
    ) -> None:
        self._features, self._n_classes = axes.coordinates, n_classes
        self._labels, self._rows = labels, np.arange(len(labels))
        n_train = np.count_nonzero(counts, axis=1).astype(np.float64)
        self._counts = (counts / n_train[:, None]).astype(np.float32)
        self._penalties = 1.0 / (strengths * n_train)
        curvature = np.full(len(counts), 0.5 / n_classes) if start is None else self._curvature(start)
        scale = 1.0 / np.sqrt(curvature[:, None] * axes.variances + self._penalties[:, None])
        self._scale = np.concatenate([scale, 1.0 / np.sqrt(curvature[:, None])], axis=1).astype(np.float32)[:, None]
        shape = (len(counts), n_classes, len(axes.variances) + 1)
        self._at = np.zeros(shape, np.float32)
        if start is not None:
            self._at[:, :, :-1], self._at[:, :, -1] = start.kernels, start.biases
            self._at /= self._scale

    def _curvature(self, start: Heads) -> NDArray[np.float64]:
        """Mean of p (1 − p) over the images and classes that each model learns from."""
        found = []
        for model, counts in enumerate(self._counts):
            p = start.probabilities(self._features, model)
            found.append(float(counts @ (p * (1 - p)).mean(axis=1)))
        curvature: NDArray[np.float64] = np.maximum(np.array(found, np.float64), 1e-6)
        return curvature

    def minimise(self, check: Callable[[], object], tolerance: float, flat: float) -> Heads:
        """L-BFGS with a backtracking line search, each model with a step length and a history of its own."""
        active = np.arange(len(self._at))
        at = self._at
        loss, gradient = self._evaluate(at, active)
        pairs = _Pairs(at.shape)
        direction, length = -gradient, 1.0 / np.maximum(np.sqrt(_dot(gradient, gradient)), 1.0)
        for step in range(MAX_STEPS):
            active = active[np.abs(gradient[active]).max(axis=(1, 2)) > tolerance]
            if not len(active):
                break
            check()
            moved = length[active, None, None].astype(np.float32) * direction[active]
            trial = at[active] + moved
            new_loss, new_gradient = self._evaluate(trial, active)
            expected = length[active] * _dot(gradient[active], direction[active])
            is_lower = new_loss <= loss[active] + SUFFICIENT * expected + 1e-7 * np.abs(loss[active])
            length[active[~is_lower]] *= 0.3
            done = active[is_lower]
            pairs.add(step, done, moved[is_lower], new_gradient[is_lower] - gradient[done])
            fell = loss[done] - new_loss[is_lower]
            at[done], gradient[done], loss[done] = trial[is_lower], new_gradient[is_lower], new_loss[is_lower]
            length[done] = 1.0
            for model in done.tolist():
                direction[model] = pairs.find_direction(model, gradient[model])
            active = np.setdiff1d(active, done[fell <= flat * np.abs(loss[done])])
            active = np.setdiff1d(active, np.flatnonzero(length < 1e-8))
        solved = at * self._scale
        return Heads(np.ascontiguousarray(solved[:, :, :-1]), solved[:, :, -1])

    def _evaluate(self, at: Floats, models: Ints) -> tuple[NDArray[np.float64], Floats]:
        """Penalised mean loss of these models, and its gradient in the scaled parameters."""
        n_models, n_classes, n_images = len(models), self._n_classes, len(self._labels)
        plain = at * self._scale[models]
        kernels = np.ascontiguousarray(plain[:, :, :-1]).reshape(n_models * n_classes, -1)
        # classes first: reductions over them run along the images, several times faster than over short rows
        errors = (kernels @ self._features.T).reshape(n_models, n_classes, n_images)
        errors += plain[:, :, -1:]
        errors -= errors.max(axis=1, keepdims=True)
        np.exp(errors, out=errors)
        errors /= errors.sum(axis=1, keepdims=True)
        counts, penalties = self._counts[models], self._penalties[models]
        chosen = np.log(np.maximum(errors[:, self._labels, self._rows], TINY))
        loss = -np.einsum("mi,mi->m", chosen, counts, dtype=np.float64)
        loss += 0.5 * penalties * _dot(plain[:, :, :-1], plain[:, :, :-1])
        errors[:, self._labels, self._rows] -= 1.0
        errors *= counts[:, None]
        gradient = np.empty_like(plain)
        gradient[:, :, :-1] = (errors.reshape(-1, n_images) @ self._features).reshape(n_models, n_classes, -1)
        gradient[:, :, :-1] += penalties[:, None, None].astype(np.float32) * plain[:, :, :-1]
        gradient[:, :, -1] = errors.sum(axis=2)
        return loss, gradient * self._scale[models]


class _Pairs:
    """What the last steps of each model moved, and how its gradient turned by that: its estimate of the curvature.

    Args:
        shape: Of the parameters, (n_models, n_classes, n_axes + 1).
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._shape = shape
        self._moves: list[Floats] = []
        self._turns: list[Floats] = []
        self._weights = np.zeros((N_PAIRS, shape[0]))
        self._newest = -1

    def add(self, step: int, models: Ints, moved: Floats, turned: Floats) -> None:
        """Remember a step that these models took in place of the oldest; that of the others does not count."""
        self._newest = slot = step % N_PAIRS
        if slot == len(self._moves):  # few models ever need all pairs
            self._moves.append(np.empty(self._shape, np.float32))
            self._turns.append(np.empty(self._shape, np.float32))
        product = _dot(moved, turned)
        self._moves[slot][models], self._turns[slot][models] = moved, turned
        self._weights[slot] = 0.0
        self._weights[slot, models] = np.where(product > 1e-12, 1.0 / np.maximum(product, 1e-12), 0.0)

    def find_direction(self, model: int, gradient: Floats) -> Floats:
        """The direction of L-BFGS (two-loop recursion) for one model."""
        slots = [(self._newest - i) % N_PAIRS for i in range(N_PAIRS)]
        slots = [slot for slot in slots if self._weights[slot, model] > 0]
        q, factors = gradient.copy(), {}
        for slot in slots:
            factors[slot] = self._weights[slot, model] * np.vdot(self._moves[slot][model], q)
            q -= np.float32(factors[slot]) * self._turns[slot][model]
        if slots:
            latest = self._turns[slots[0]][model]
            q *= np.float32(1.0 / max(float(np.vdot(latest, latest)) * self._weights[slots[0], model], 1e-30))
        for slot in reversed(slots):
            back = factors[slot] - self._weights[slot, model] * np.vdot(self._turns[slot][model], q)
            q += np.float32(back) * self._moves[slot][model]
        return -q


def _dot(left: Floats, right: Floats) -> NDArray[np.float64]:
    """The inner product for each model."""
    return np.array([np.vdot(a, b) for a, b in zip(left, right, strict=True)], np.float64)
