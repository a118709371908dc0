"""Multinomial logistic regression on embeddings: choose the strength, judge out of fold, fit on all.

The solver is `core.training.solver`: importing scikit-learn takes a second of a command that should take two, its
solver cannot be cancelled between two steps, and it fits one model at a time.

How the strength C is chosen without flattering the result: each fold is judged with the C
that has the least log loss on the *other* folds, so no image takes part in choosing the
model that judges it. This costs no extra fit. It is not a fully nested cross-validation, for the
models compared on the other folds have learnt from this fold's labels. Measured against a fully
nested one, 40 draws of 40 to 160 images in five hard classes each: accuracy higher by 0.000 (standard
error 0.001) on drawn features at 76 % accuracy, and by 0.001 (0.002) on photographs of flowers at
60 %. Taking the C with the best accuracy on the same folds would have flattered by 0.014 to 0.021.
Whether classes are weighted is chosen in the same way, fold by fold (`class_weights.do_weights_help`), and so is the
temperature by which the logits are divided (`core.review.calibrate`): the few values of C are far apart, and each
fold may have another one, so a temperature belongs to what its own C said of the other folds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from core.training.class_weights import are_unequal, class_weights, do_weights_help
from core.jobs import JobContext
from core.processors import n_processors
from core.review.calibrate import Temperatures, fit_of_run, scale_folds
from core.runs.head import Head
from core.text import Message
from core.training.solver import Axes, Heads, find_axes, solve

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

STRENGTHS = (1e-4, 1e-3, 3e-3, 1e-2, 1e-1, 1.0)
"""Values of C that are compared, as in scikit-learn: C weighs the sum of the losses against ½‖w‖²."""

WORSE_BY = 1.05
"""A total log loss this many times the best ends the search: larger C only overfits more, and is slowest."""

SMALL_PROBLEM = 1e8
"""Products a step below which one thread is used. OpenBLAS's threads wait for each other by spinning: with
another program on the cores a fit took up to fifteen times the processor time of a single thread."""

FLAT_FEATURE = 1e-3
"""Features whose spread is below this share of the mean spread are not blown up further."""

TINY = float(np.finfo(np.float32).tiny)

STAGE = Message("jobs.training")
UNIT: Final = "models"


@dataclass(frozen=True, slots=True)
class TransferFit:
    """What `fit_transfer` found.

    Attributes:
        probabilities: Out of fold, (n_images, n_classes) float32, rows sum to 1, calibrated; NaN for images in no
            fold.
        folds: Fold in which each image was held back, (n_images,) int64; −1 for images that always were learnt from.
        strength: C of the final model.
        fold_strengths: C with which each fold was judged, chosen on the other folds.
        head: Fitted on all images, for plain embeddings (standardisation and temperature folded in).
        is_weighted: Whether images of small classes counted more in the final model.
        temperatures: By which the logits were divided.
    """

    probabilities: Floats
    folds: Ints
    strength: float
    fold_strengths: tuple[float, ...]
    head: Head
    is_weighted: bool
    temperatures: Temperatures


def fit_transfer(
    embeddings: Floats, labels: Ints, *, folds: Ints, n_classes: int, context: JobContext, weighting: str = "none",
) -> TransferFit:
    """Judge every image by a model that did not see it, then fit one model on all.

    The features are scaled by the spread over all images given; that uses no label. Their
    means need not be removed fold by fold, because the bias is not penalised.

    Args:
        embeddings: (n_images, n_features) float32.
        labels: (n_images,) int64 in 0 … n_classes − 1.
        folds: (n_images,) int64 in 0 … n_folds − 1, or −1 for images that are learnt from in every fold and judged
            in none; exact duplicates must share a fold.
        n_classes: At least 2.
        context: Progress counts fitted models.
        weighting: Whether classes count alike whatever their size: "none", "balanced", or "auto" where it helps
            out of fold; equal classes are never weighted by "auto".

    Raises:
        JobCancelled: The caller asked the job to end.
    """
    is_small = embeddings.size * n_classes < SMALL_PROBLEM
    ways = {"none": (False,), "balanced": (True,)}.get(weighting, (False, True) if are_unequal(labels) else (False,))
    with threadpool_limits(limits=1 if is_small else n_processors(), user_api="blas"):
        return _fit_transfer(embeddings, labels, folds=folds, n_classes=n_classes, context=context, ways=ways)


def _fit_transfer(
    embeddings: Floats, labels: Ints, *, folds: Ints, n_classes: int, context: JobContext, ways: tuple[bool, ...],
) -> TransferFit:
    mean, spread = mean_and_spread(embeddings)
    task = _Task(find_axes((embeddings - mean) / spread), labels, folds, n_classes, context, ways)
    search = _search(task)
    chosen = [_choose(search, task, left_out=k) for k in range(task.n_folds)]
    probabilities = np.full((len(labels), n_classes), np.nan, np.float32)
    for k, (way, choice) in enumerate(chosen):
        probabilities[folds == k] = search[choice].probabilities[way][folds == k]
    way, choice = _choose(search, task)
    temperatures = Temperatures(_fit_temperature(search, task, way, choice), tuple(
        _fit_temperature(search, task, *one, left_out=k) for k, one in enumerate(chosen)))
    counts = task.counts(np.ones(len(labels), bool), ways[way])
    final = task.solve(counts[None], STRENGTHS[choice], None)
    context.progress(task.n_models, task.n_models, stage=STAGE, unit=UNIT)
    return TransferFit(
        scale_folds(probabilities, folds, temperatures.folds), folds, STRENGTHS[choice],
        tuple(STRENGTHS[c] for _, c in chosen),
        _for_plain_embeddings(final, task.axes, mean, spread, temperatures.final), ways[way], temperatures,
    )


@dataclass(frozen=True, slots=True)
class _Task:
    """What is learnt; `ways` says for each kind of model whether classes are weighted."""

    axes: Axes
    labels: Ints
    folds: Ints
    n_classes: int
    context: JobContext
    ways: tuple[bool, ...]

    @property
    def n_folds(self) -> int:
        return int(self.folds.max()) + 1

    @property
    def n_models(self) -> int:
        return len(self.ways) * len(STRENGTHS) * self.n_folds + 1

    def counts(self, rows: NDArray[np.bool_], is_weighted: bool) -> Floats:
        """How much each image counts in a model that learns from these rows, (n_images,) float32."""
        counts = rows.astype(np.float32)
        if is_weighted:
            counts[rows] = class_weights(self.labels[rows], self.n_classes)[self.labels[rows]]
        return counts

    def solve(self, counts: Floats, strength: float, start: Heads | None) -> Heads:
        """The models of these counts, (n_models, n_images)."""
        return solve(self.axes, self.labels, counts, np.full(len(counts), strength), n_classes=self.n_classes,
                     check=self.context.check, start=start)


@dataclass(frozen=True, slots=True)
class _Tried:
    """One strength tried on every fold, by way: summed log loss of each fold, and all probabilities."""

    losses: NDArray[np.float64]
    probabilities: list[Floats]


def _choose(search: list[_Tried], task: _Task, *, left_out: int | None = None) -> tuple[int, int]:
    """Which way to weigh and which strength are best on all folds but one: places in `ways` and `STRENGTHS`."""
    losses = np.array([tried.losses for tried in search])
    if left_out is not None:
        losses = np.delete(losses, left_out, axis=2)
    strengths = losses.sum(axis=2).argmin(axis=0)
    if len(strengths) == 1:
        return 0, int(strengths[0])
    others = (task.folds >= 0) & (task.folds != (-1 if left_out is None else left_out))
    plain, weighted = (search[choice].probabilities[way][others] for way, choice in enumerate(strengths))
    way = int(do_weights_help(task.labels[others], plain, weighted))
    return way, int(strengths[way])


def _fit_temperature(search: list[_Tried], task: _Task, way: int, choice: int, *, left_out: int = -1) -> float:
    """The temperature of one kind of model and strength, from all folds but one."""
    rows = (task.folds >= 0) & (task.folds != left_out)
    return fit_of_run(search[choice].probabilities[way][rows], task.labels[rows])


def _search(task: _Task) -> list[_Tried]:
    """Try the strengths from small to large, all folds at once, each from the one before, until much worse."""
    tried: list[_Tried] = []
    held = [task.folds == k for k in range(task.n_folds)]
    counts = np.array([task.counts(~rows, is_weighted) for is_weighted in task.ways for rows in held])
    heads: Heads | None = None
    for i, strength in enumerate(STRENGTHS):
        task.context.progress(i * len(counts), task.n_models, stage=STAGE, unit=UNIT)
        heads = task.solve(counts, strength, heads)
        tried.append(_judge(task, heads, held))
        totals = np.array([one.losses.sum(axis=1) for one in tried])
        if (totals[-1] > WORSE_BY * totals.min(axis=0)).all():
            break
    return tried


def _judge(task: _Task, heads: Heads, held: list[NDArray[np.bool_]]) -> _Tried:
    losses, judged = np.empty((len(task.ways), len(held))), []
    for way, is_weighted in enumerate(task.ways):
        counted = task.counts(np.ones(len(task.labels), bool), is_weighted)
        probabilities = np.empty((len(task.labels), task.n_classes), np.float32)
        for k, rows in enumerate(held):
            probabilities[rows] = heads.probabilities(task.axes.coordinates[rows], way * len(held) + k)
            logs = np.log(np.maximum(probabilities[rows, task.labels[rows]], 1e-12))
            losses[way, k] = -(logs * counted[rows]).sum(dtype=np.float64)
        judged.append(probabilities)
    return _Tried(losses, judged)


def mean_and_spread(embeddings: Floats) -> tuple[Floats, Floats]:
    """Mean and spread of each feature, (n_features,) float32, by which a head's features are standardised."""
    mean: Floats = embeddings.mean(axis=0, dtype=np.float64).astype(np.float32)
    spread = embeddings.std(axis=0, dtype=np.float64)
    floor = max(float(spread.mean()) * FLAT_FEATURE, TINY)
    return mean, np.maximum(spread, floor).astype(np.float32)


def _for_plain_embeddings(heads: Heads, axes: Axes, mean: Floats, spread: Floats, temperature: float) -> Head:
    """The first model, calibrated, for embeddings that are neither rotated nor standardised."""
    kernel = (axes.basis @ heads.kernels[0].T / spread[:, None] / temperature).astype(np.float32)
    return Head(kernel, (heads.biases[0] / temperature - mean @ kernel).astype(np.float32))
