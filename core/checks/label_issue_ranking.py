"""Ranks labels by how likely they are wrong, from out-of-fold probabilities (confident learning) and embeddings.

Confident learning (Northcutt, Jiang & Chuang 2021, "Confident Learning: Estimating Uncertainty
in Dataset Labels") on out-of-fold probabilities; labels are ranked by the probability that is left to them
("self-confidence" there; Kuan & Mueller 2022, "Model-Agnostic Label Quality Scoring"). Where embeddings are
given, the predictions of several models are multiplied (a product of experts, Hinton 2002): the run's own, a
leave-one-out kernel model on the embeddings, and one on the colours alone, which pooled features of a network tell
badly. The product is calibrated on the labels. `python -m benchmarks.label_errors` gives the figures.

Tried on the same embeddings and no better than two draws of one set differ: a second fit without the
suspects (a model trained on the *true* labels ranks hardly better, so wrong labels are not what misleads it), more
folds and seeds, margins instead of self-confidence, class-wise thresholds, discriminant analysis, nearest
neighbours. Duplicates that share a wrong label support each other: look for duplicates first.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from core.checks.cue_measures import CHROMA_PX, SKETCH_PX
from core.checks.label_issue_count import WrongCount, confident_class, count_wrong
from core.checks.leave_one_out import (
    Floats, Ints, LeaveOneOut, leave_one_out_scores, prepare_leave_one_out, to_probabilities,
)
from core.errors import TrainingDataError

Bytes = NDArray[np.uint8]

SMALLEST_PROBABILITY = 1e-9

RUN_WEIGHT, KERNEL_WEIGHT, COLOUR_WEIGHT = 0.4, 0.6, 0.5
"""Of the logarithms; 0.3 to 0.5, 0.5 to 0.7 and 0.15 to 0.5 differ by less than the noise of ten draws."""

MOST_PER_WRONG = 2
"""Beyond so many times the upper end there are hardly any wrong labels, but images that are hard: of 1,500 poor
photographs with no label flipped over a hundred are contradicted confidently."""

N_COLOUR_LANDMARKS = 500
"""Colours have few dimensions; more landmarks change nothing."""

N_BINS = 7
"""Bins of colour along light, blue and red difference each; 7 to 13 without light do about as well."""

LEAST, MOST = 64.0, 192.0
"""Blue and red differences of photographs, 0 … 255; what lies beyond counts at the edge."""


@dataclass(frozen=True, slots=True)
class RankedLabel:
    """One label that may be wrong.

    Attributes:
        row: Of the image in the input.
        label: Index of the class that a person gave.
        suggested: Index of the likeliest other class.
        confidence: Probability of the suggested class by all models together, 0 … 1.
        trust: Probability that is left to the given label, 0 … 1; the list is ordered by it.
        is_confident: Whether the suggested class reaches that class's usual confidence.
    """

    row: int
    label: int
    suggested: int
    confidence: float
    trust: float
    is_confident: bool


@dataclass(frozen=True, slots=True)
class RankedLabels:
    """What was found.

    Attributes:
        issues: Most suspicious first: as many as may be wrong by the upper end of the interval, then those
            whom the models contradict confidently, up to `MOST_PER_WRONG` times as many; none that they agree with.
        order: All rows, most suspicious first, (n_images,) int64.
        trust: Probability left to each given label, (n_images,) float32.
        wrong: Estimated number of wrong labels.
    """

    issues: tuple[RankedLabel, ...]
    order: Ints
    trust: Floats
    wrong: WrongCount


def rank_label_issues(
    probabilities: Floats, labels: Ints, *, embeddings: Floats | None = None, colours: Floats | None = None
) -> RankedLabels:
    """Rank the labels by how likely they are wrong.

    Args:
        probabilities: Out of fold, (n_images, n_classes) float32, rows sum to 1.
        labels: (n_images,) int64 in 0 … n_classes − 1.
        embeddings: (n_images, n_features) float, or None.
        colours: From `colour_shares`, (n_images, n_colours) float32, or None; used beside embeddings only.

    Raises:
        TrainingDataError: Fewer than two classes have labels.
    """
    if len(np.unique(labels)) < 2:
        raise TrainingDataError("checks.only_one_class")
    fitted = None if embeddings is None else prepare_leave_one_out(embeddings)
    combined = _combine(probabilities, labels, fitted, colours)
    trust = combined[np.arange(len(labels)), labels]
    order = np.argsort(trust, kind="stable")
    wrong = count_wrong(probabilities, labels, fitted=fitted)
    issues = _issues(combined, labels, order=order, at_least=ceil(wrong.high))
    return RankedLabels(issues, order, trust, wrong)


def _combine(probabilities: Floats, labels: Ints, fitted: LeaveOneOut | None, colours: Floats | None) -> Floats:
    """The weighted product of all predictions, calibrated; without embeddings, those of the run."""
    if fitted is None:
        return probabilities.astype(np.float32)
    n_classes = probabilities.shape[1]
    said = RUN_WEIGHT * _centred_logs(probabilities) + KERNEL_WEIGHT * _kernel_logs(fitted, labels, n_classes)
    if colours is not None:
        by_colour = prepare_leave_one_out(colours, n_landmarks=N_COLOUR_LANDMARKS)
        said += COLOUR_WEIGHT * _kernel_logs(by_colour, labels, n_classes)
    return to_probabilities(said, labels)


def _kernel_logs(fitted: LeaveOneOut, labels: Ints, n_classes: int) -> Floats:
    return _centred_logs(to_probabilities(leave_one_out_scores(fitted, labels, n_classes), labels))


def _centred_logs(probabilities: Floats) -> Floats:
    logs = np.log(np.maximum(probabilities, SMALLEST_PROBABILITY))
    centred: Floats = logs - logs.mean(axis=1, keepdims=True)
    return centred


def _issues(probabilities: Floats, labels: Ints, *, order: Ints, at_least: int) -> tuple[RankedLabel, ...]:
    confident, is_confident = confident_class(probabilities, labels)
    contradicts = is_confident & (confident != labels)
    likeliest = probabilities.argmax(axis=1)
    is_listed = contradicts[order] | ((np.arange(len(order)) < at_least) & (likeliest != labels)[order])
    listed = order[is_listed][:MOST_PER_WRONG * at_least]
    return tuple(_ranked(int(r), probabilities[r], int(labels[r]), bool(contradicts[r])) for r in listed)


def _ranked(row: int, probabilities: Floats, label: int, is_confident: bool) -> RankedLabel:
    others = probabilities.copy()
    others[label] = -1.0
    best = int(others.argmax())
    return RankedLabel(row, label, best, float(probabilities[best]), float(probabilities[label]), is_confident)


def colour_shares(grey: Bytes, chroma: Bytes) -> Floats:
    """How much of each image has which colour, by a histogram with soft bins.

    Each cell counts for its eight nearest colours, in proportion, so that a little more light moves a little of the
    weight only. Where things lie in the image does not matter.

    Args:
        grey: (n_images, 48, 48) uint8 sketches.
        chroma: (n_images, 2, 8, 8) uint8 sketches.

    Returns:
        (n_images, 343) float32, rows sum to 1.
    """
    n_images, n_cells, side = len(grey), CHROMA_PX**2, SKETCH_PX // CHROMA_PX
    light = grey.reshape(n_images, CHROMA_PX, side, CHROMA_PX, side).mean(axis=(2, 4), dtype=np.float32)
    differences = np.clip((chroma.astype(np.float32) - LEAST) / (MOST - LEAST), 0.0, 1.0)
    colours = np.concatenate([light[:, None] / 255, differences], axis=1).reshape(n_images, 3, n_cells)
    shares = np.zeros((n_images, N_BINS**3), np.float32)
    for place, weight in _nearest_bins(colours * (N_BINS - 1)):
        flat = place + N_BINS**3 * np.arange(n_images)[:, None]
        shares += np.bincount(flat.ravel(), weight.ravel(), shares.size).reshape(shares.shape).astype(np.float32)
    parts: Floats = (shares / n_cells).astype(np.float32)
    return parts


def _nearest_bins(at: Floats) -> list[tuple[NDArray[np.int64], Floats]]:
    """The eight bins around each colour and their weights, (n_images, n_cells) each.

    Args:
        at: (n_images, 3, n_cells), 0 … N_BINS − 1 along each axis.
    """
    low = np.minimum(at.astype(np.int64), N_BINS - 2)
    beyond = at - low
    found = []
    for corner in np.ndindex(2, 2, 2):
        up = np.array(corner)[None, :, None]
        weight = np.where(up == 1, beyond, 1 - beyond).prod(axis=1)
        place = low + up
        found.append(((place[:, 0] * N_BINS + place[:, 1]) * N_BINS + place[:, 2], weight))
    return found
