"""Ensembles of classifiers: soft voting, fitted weights, greedy selection, error correlation, gain over the best.

Soft voting is the weighted mean of the members' probabilities. Whatever is fitted is fitted on out-of-fold
probabilities alone, and log loss needs no more of them than what each member gave the label.

How weights are fitted without flattering the ensemble: each fold is judged with weights that were fitted on the
*other* folds, so no image takes part in choosing the weights that judge it. As in `core.training.logistic`, that is
not a fully nested cross-validation: the members that the other folds compare have learnt from this fold's labels.

Fitted weights that are not surely better than equal ones give way to these. On drawn members of equal skill, weights
fitted on 60 images cost 3 points of accuracy against equal ones, on 300 images 1 point; with the guard 0.5 and 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

LEAST = 1e-12
"""Smaller probabilities of the label count as this, so that one image cannot decide everything."""

GUARDED = ("weights", "updated")
"""Ways whose weights give way to equal ones unless they are surely better."""

MAX_ROUNDS, CLOSE = 2000, 1e-6
LEAST_WEIGHT = 1e-3
"""Members with less are left out: they would cost a pass of their network over each new image for nothing."""

N_BAGS, BAG_SHARE, N_STEPS, SORTED_SHARE = 20, 0.5, 50, 0.2
"""Greedy selection: bags, share of the members in each, additions, and share of these that a bag begins with."""


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Members that were put together.

    Attributes:
        weights: Of the members, fitted on all judged images, (n_members,) float64, none negative, sum 1.
        fold_weights: With which each fold was judged, fitted on the others, (n_folds, n_members) float64.
        probabilities: Of every judged image with the weights of its fold, (n_images, n_classes) float32, rows sum
            to 1.
    """

    weights: Doubles
    fold_weights: Doubles
    probabilities: Floats


@dataclass(frozen=True, slots=True)
class Gain:
    """How much more an ensemble gets right than its best member, on the same images.

    Attributes:
        best: Which member is right most often, of equals that with the lower log loss.
        accuracy, best_accuracy: Of the ensemble and of that member, 0 … 1.
        difference: Of the two, −1 … 1.
        interval: 95 % interval of the difference, −1 … 1.
    """

    best: int
    accuracy: float
    best_accuracy: float
    difference: float
    interval: tuple[float, float]

    @property
    def is_sure(self) -> bool:
        """Whether the ensemble is better, beyond what chance would do in 95 of 100 cases."""
        return self.interval[0] > 0


def put_together(members: Floats, labels: Ints, folds: Ints, *, way: str, seed: int) -> Ensemble:
    """Weigh members and judge every image with weights that its fold had no part in.

    Args:
        members: What each says of every judged image out of fold, (n_members, n_images, n_classes), rows sum to 1.
        labels: (n_images,) int64.
        folds: Fold in which each image was held back, (n_images,) int64, 0 … n_folds − 1, at least two folds.
        way: One of `core.training.strategies.ensemble.WAYS`.
    """
    chosen = given_to_labels(members, labels)
    n_folds = int(folds.max()) + 1
    fold_weights = np.stack([weigh(chosen[folds != fold], way=way, seed=seed) for fold in range(n_folds)])
    probabilities = np.empty(members.shape[1:], np.float32)
    for fold in range(n_folds):
        held = folds == fold
        probabilities[held] = vote(members[:, held], fold_weights[fold])
    return Ensemble(weigh(chosen, way=way, seed=seed), fold_weights, probabilities)


def vote(members: Floats, weights: Doubles) -> Floats:
    """Soft voting: the weighted mean of the members' probabilities, (n_images, n_classes) float32, rows sum to 1.

    Args:
        members: (n_members, n_images, n_classes), rows sum to 1.
        weights: (n_members,), none negative, sum 1.
    """
    mean = np.tensordot(weights, members.astype(np.float64), axes=1)
    voted: Floats = (mean / mean.sum(axis=1, keepdims=True)).astype(np.float32)
    return voted


def given_to_labels(members: Floats, labels: Ints) -> Doubles:
    """The probability that each member gave each image's label, (n_images, n_members) float64, above 0."""
    chosen = members[:, np.arange(len(labels)), labels].T.astype(np.float64)
    return np.maximum(chosen, LEAST)


def weigh(chosen: Doubles, *, way: str, seed: int) -> Doubles:
    """Weights of the members, (n_members,) float64, none negative, sum 1.

    Args:
        chosen: What each member gave the label of each image, (n_images, n_members), above 0.
        way: One of `core.training.strategies.ensemble.WAYS`.
        seed: Of the bags of greedy selection; nothing else is random.
    """
    equal = np.full(chosen.shape[1], 1 / chosen.shape[1])
    if way == "equal" or not len(chosen):
        return equal
    weights = (
        select_greedily(chosen, seed=seed) if way == "greedy" else
        update_weights(chosen) if way == "updated" else fit_weights(chosen))
    if way in GUARDED and not is_surely_better(chosen, weights, equal):
        return equal
    weights[weights < LEAST_WEIGHT] = 0
    whole: Doubles = weights / weights.sum()
    return whole


def fit_weights(chosen: Doubles) -> Doubles:
    """The weights with the least log loss, (n_members,) float64, none negative, sum 1.

    The problem is convex. Solved by expectation maximisation for the proportions of a mixture with known parts
    (Dempster, Laird and Rubin 1977), whose steps keep weights non-negative and of sum 1. It ends where
    the largest slope shows that no weights have a mean log loss lower by more than `CLOSE`.

    Args:
        chosen: What each member gave the label of each image, (n_images, n_members), above 0; at least one image.
    """
    n_members = chosen.shape[1]
    weights = np.full(n_members, 1 / n_members)
    for _ in range(MAX_ROUNDS):
        slopes = (chosen / (chosen @ weights)[:, None]).mean(axis=0)
        if slopes.max() <= 1 + CLOSE:
            break
        weights = weights * slopes
    return weights


def update_weights(chosen: Doubles) -> Doubles:
    """Weights that are updated in turn with the hardness of the images, (n_members,) float64, sum 1.

    The weight-adjusted voting of Kim, Kim, Moon and Ahn (2011, "A weight-adjusted voting algorithm for ensembles of
    classifiers", Journal of the Korean Statistical Society 40), one of the schemes of weight-updated voting: an image
    is the harder the more members fail on it, a failure counting by the weight of all other members, and a member
    weighs the more the better it does on hard images. Where they count an answer as right or wrong, this takes the
    probability of the label, as soft voting does. Alternating converges to the leading eigenvector of a non-negative
    matrix.

    Args:
        chosen: What each member gave the label of each image, (n_images, n_members), above 0; at least one image.
    """
    n_members = chosen.shape[1]
    others = np.ones((n_members, n_members)) - np.eye(n_members)
    step = chosen.T @ (1 - chosen) @ others
    weights = np.full(n_members, 1 / n_members)
    for _ in range(MAX_ROUNDS):
        updated: Doubles = step @ weights
        total = float(updated.sum())
        if total <= LEAST:  # nobody fails anywhere, or there is one member only
            break
        updated /= total
        if np.abs(updated - weights).max() < CLOSE:
            return updated
        weights = updated
    return weights


def is_surely_better(chosen: Doubles, weights: Doubles, equal: Doubles) -> bool:
    """Whether fitted weights are better than equal ones by more than a standard error of the difference in log loss.

    The guard of fitted weights against overfitting, after the one-standard-error rule (Breiman et al. 1984). What the
    fit itself takes off the loss of the images that it was made on is counted by the criterion of Akaike (1974): one
    for each free weight, over the number of images.

    Args:
        chosen: What each member gave the label of each image, (n_images, n_members), above 0.
        weights: Fitted on these images.
    """
    n_images, n_members = chosen.shape
    better = np.log(chosen @ weights) - np.log(chosen @ equal)
    error = float(better.std(ddof=1)) / math.sqrt(n_images) if n_images > 1 else math.inf
    return bool(better.mean() - (n_members - 1) / n_images > error)


def select_greedily(chosen: Doubles, *, seed: int) -> Doubles:
    """Weights by greedy selection with replacement (Caruana et al. 2004), (n_members,) float64, sum 1.

    Its three guards against overfitting: a member may be added more than once; a bag begins with its best members
    (sorted initialisation); and the counts of `N_BAGS` bags of random members are averaged (bagging).

    Args:
        chosen: What each member gave the label of each image, (n_images, n_members), above 0; at least one image.
        seed: Of the bags.
    """
    n_members = chosen.shape[1]
    rng = np.random.default_rng(seed)
    size = min(n_members, max(2, math.ceil(BAG_SHARE * n_members)))
    bags = [rng.choice(n_members, size, replace=False) for _ in range(N_BAGS)]
    weights = np.zeros(n_members)
    for bag in bags:
        weights[bag] += _select(chosen[:, bag]) / N_BAGS
    return weights


def _select(chosen: Doubles) -> Doubles:
    """Weights of one bag: members are added one by one, and the best of the sets passed through is taken."""
    losses = -np.log(chosen).mean(axis=0)
    counts = np.zeros(chosen.shape[1])
    counts[np.argsort(losses, kind="stable")[:max(1, round(SORTED_SHARE * len(losses)))]] = 1
    best, least = counts, _loss(chosen @ counts / counts.sum())
    for _ in range(N_STEPS):
        added = (chosen @ counts)[:, None] + chosen
        at = int(np.argmin(-np.log(added).mean(axis=0)))
        counts = counts + (np.arange(len(counts)) == at)
        loss = _loss(chosen @ counts / counts.sum())
        if loss < least:
            best, least = counts, loss
    weights: Doubles = best / best.sum()
    return weights


def _loss(mean: Doubles) -> float:
    return -float(np.log(mean).mean())


def correlate_errors(members: Floats, labels: Ints) -> Doubles:
    """Correlation of being wrong between members (φ coefficient), (n_members, n_members) float64, −1 … 1.

    NaN where a member is always right or always wrong.
    """
    is_wrong = (members.argmax(axis=2) != labels).astype(np.float64)
    centred = is_wrong - is_wrong.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.square(centred).mean(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Doubles = (centred @ centred.T / len(labels)) / np.outer(spread, spread)
    return found


def measure_gain(ensemble: Floats, members: Floats, labels: Ints) -> Gain:
    """How much more the ensemble gets right than its best member.

    Which one is best is known only afterwards, which favours that member: the gain is rather too small.

    Args:
        ensemble: (n_images, n_classes), rows sum to 1; at least one image.
        members: (n_members, n_images, n_classes), of the same images.
    """
    is_right = members.argmax(axis=2) == labels
    losses = -np.log(given_to_labels(members, labels)).mean(axis=0)
    best = int(np.lexsort((losses, -is_right.mean(axis=1)))[0])
    ours = ensemble.argmax(axis=1) == labels
    difference, interval = paired_difference(ours, is_right[best])
    return Gain(best, float(ours.mean()), float(is_right[best].mean()), difference, interval)


def paired_difference(ours: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> tuple[float, tuple[float, float]]:
    """The difference of two accuracies on the same images and its 95 % interval, −1 … 1.

    Adjusted Wald interval for paired proportions (Bonett and Price 2012): one image is added to each kind on which
    the two disagree.
    """
    n = len(ours)
    n_won, n_lost = int((ours & ~theirs).sum()), int((theirs & ~ours).sum())
    won, lost = (n_won + 1) / (n + 2), (n_lost + 1) / (n + 2)
    half = 1.959964 * math.sqrt(max(won + lost - (won - lost) ** 2, 0) / (n + 2))
    return (n_won - n_lost) / n, (max(won - lost - half, -1.0), min(won - lost + half, 1.0))
