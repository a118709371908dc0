"""Estimates how many labels are wrong, with a 95 % interval.

Two estimates, each too high for a different reason, so the smaller one is taken:

- **Confident joint** (Northcutt, Jiang & Chuang 2021): an image counts against its label when
  another class reaches that class's mean confidence. Where classes look alike it also counts
  what the model merely confuses: with no label wrong it claims 170 of 1,500 poor flower photographs.
- **Planted errors**: labels flipped on purpose show how suspicious a wrong label looks. The
  share π of wrong labels cannot exceed (share of the real labels that look that suspicious) /
  (share of the planted ones that do), at any threshold; the least such ratio is the
  mixture-proportion estimate of Blanchard, Lee & Scott (2010). It needs embeddings.

The interval is a bootstrap over images, 2.5 to 97.5 %. Planted errors go to any other class
with equal chance; people confuse like with like, whose errors look less suspicious, so the
truth may lie above the estimate where classes are very alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.checks.leave_one_out import Floats, Ints, LeaveOneOut, leave_one_out_scores

N_BOOTSTRAP = 200
PLANTED_SHARE = 0.05
N_PLANTED = 600
"""Planted errors that are gathered over several rounds, so that ten per cent of them are sixty."""

MAX_ROUNDS = 30
LOWEST_QUANTILE, HIGHEST_QUANTILE, N_THRESHOLDS = 0.1, 0.9, 33
"""Thresholds as quantiles of the planted errors' margins; below a tenth the ratio is mostly noise."""

FEWEST_EXPECTED = 3
"""A threshold counts where by the confident joint so many wrong labels lie below it: the least of many ratios with
one or two in each is zero, and of twelve flips among 741 clear images “perhaps none” was said half of the time."""


@dataclass(frozen=True, slots=True)
class WrongCount:
    """Number of labels that are probably wrong.

    Attributes:
        expected: Best estimate, 0 … n_images.
        low, high: 95 % interval.
        method: "planted errors" or "confident joint", whichever gave the smaller figure.
    """

    expected: float
    low: float
    high: float
    method: str


def count_wrong(probabilities: Floats, labels: Ints, *, fitted: LeaveOneOut | None = None) -> WrongCount:
    """Estimate how many labels are wrong.

    Args:
        probabilities: Out of fold, (n_images, n_classes), rows sum to 1.
        labels: (n_images,) int64 in 0 … n_classes − 1.
        fitted: From `prepare_leave_one_out`; without it only the confident joint is used.
    """
    rng = np.random.default_rng(0)
    margins = planted = None
    if fitted is not None:
        margins, planted = _plant(fitted, labels, probabilities.shape[1], rng)
    expected, method = _both(probabilities, labels, margins, planted)
    draws = np.empty(N_BOOTSTRAP)
    for b in range(N_BOOTSTRAP):
        rows = rng.integers(0, len(labels), len(labels))
        again = None if planted is None else planted[rng.integers(0, len(planted), len(planted))]
        draws[b], _ = _both(probabilities[rows], labels[rows], None if margins is None else margins[rows], again)
    low, high = np.quantile(draws, [0.025, 0.975])
    # the rule of three: with nothing found, up to three may still have been missed (95 %)
    high = max(float(high), 3.0 if expected < 0.5 else expected)
    return WrongCount(expected, min(float(low), expected), high, method)


def confident_counts(probabilities: Floats, labels: Ints) -> NDArray[np.int64]:
    """The confident joint: rows are given labels, columns what the model is confident of.

    Returns:
        (n_classes, n_classes) int64; images that reach no class's threshold are counted nowhere.
    """
    n_classes = probabilities.shape[1]
    confident, is_confident = confident_class(probabilities, labels)
    joint = np.zeros((n_classes, n_classes), np.int64)
    np.add.at(joint, (labels[is_confident], confident[is_confident]), 1)
    return joint


def confident_class(probabilities: Floats, labels: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """For each image the likeliest class among those that reach their own threshold.

    The threshold of a class is the mean probability of that class over the images that carry
    its label; a class without labels cannot be reached.

    Returns:
        Class of each image (n_images,) int64, and whether there is one (n_images,) bool.
    """
    n_classes = probabilities.shape[1]
    counts = np.bincount(labels, minlength=n_classes)
    own = np.bincount(labels, weights=probabilities[np.arange(len(labels)), labels], minlength=n_classes)
    thresholds = np.where(counts > 0, own / np.maximum(counts, 1), np.inf)
    reached = probabilities >= thresholds - 1e-9
    best = np.where(reached, probabilities, -1.0).argmax(axis=1)
    return best.astype(np.int64), np.any(reached, axis=1).astype(np.bool_)


def _both(
    probabilities: Floats, labels: Ints, margins: Floats | None, planted: Floats | None
) -> tuple[float, str]:
    joint = _from_joint(probabilities, labels)
    if margins is None or planted is None:
        return joint, "confident joint"
    mixture = _from_planted(margins, planted, joint)
    return (mixture, "planted errors") if mixture < joint else (joint, "confident joint")


def _from_joint(probabilities: Floats, labels: Ints) -> float:
    """Off-diagonal mass of the joint, after each row is scaled to the number of its labels."""
    joint = confident_counts(probabilities, labels)
    totals, counts = joint.sum(axis=1), np.bincount(labels, minlength=len(joint))
    wrong = totals - np.diag(joint)
    return float((wrong / np.maximum(totals, 1) * counts).sum())


def _from_planted(margins: Floats, planted: Floats, joint: float) -> float:
    lowest = np.clip(FEWEST_EXPECTED / max(joint, 1e-9), LOWEST_QUANTILE, HIGHEST_QUANTILE)
    thresholds = np.quantile(planted, np.linspace(lowest, HIGHEST_QUANTILE, N_THRESHOLDS))
    real = np.searchsorted(np.sort(margins), thresholds, side="right") / len(margins)
    wrong = np.searchsorted(np.sort(planted), thresholds, side="right") / len(planted)
    return float((real / wrong).min() * len(margins))


def _plant(
    fitted: LeaveOneOut, labels: Ints, n_classes: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Margins of the labels as they are, and of labels flipped on purpose."""
    n_images = len(labels)
    n_flips = max(round(PLANTED_SHARE * n_images), 1)
    rounds = int(np.clip(np.ceil(N_PLANTED / n_flips), 1, MAX_ROUNDS))
    found = []
    for _ in range(rounds):
        flips = rng.choice(n_images, n_flips, replace=False)
        changed = labels.copy()
        changed[flips] = (labels[flips] + rng.integers(1, n_classes, n_flips)) % n_classes
        found.append(_margins(leave_one_out_scores(fitted, changed, n_classes), changed)[flips])
    return _margins(leave_one_out_scores(fitted, labels, n_classes), labels), np.concatenate(found)


def _margins(scores: Floats, labels: Ints) -> Floats:
    """Score of the given label minus the best other score; negative where another class is likelier."""
    rows = np.arange(len(labels))
    others = scores.copy()
    others[rows, labels] = -np.inf
    margins: Floats = scores[rows, labels] - others.max(axis=1)
    return margins
