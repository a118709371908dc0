"""Which labels are probably wrong: what models that did not see a label think of it.

Confident learning (Northcutt, Jiang & Chuang 2021, "Confident Learning: Estimating Uncertainty
in Dataset Labels") on out-of-fold probabilities; labels are ranked by the probability that is left to them
("self-confidence" there; Kuan & Mueller 2022, "Model-Agnostic Label Quality Scoring"). Where embeddings are
given, the opinions of several models are multiplied (a product of experts, Hinton 2002): the run's own, a
leave-one-out kernel model on the embeddings, and one on the colours alone, which pooled features of a network tell
badly. The product is calibrated on the labels. `python -m benchmarks.label_errors` gives the figures.

Tried on the same embeddings and no better than two draws of one set differ: a second fit without the
suspects (a model trained on the *true* labels ranks hardly better, so wrong labels are not what misleads it), more
folds and seeds, margins instead of self-confidence, class-wise thresholds, discriminant analysis, nearest
neighbours. Twins of a picture that share its wrong label stand up for each other: look for duplicates first.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from core.errors import TrainingDataError
from core.checks.health_result import FEWEST_TO_JUDGE
from core.checks.leave_one_out import (
    LeaveOneOut, leave_one_out_scores, prepare_leave_one_out, to_probabilities,
)
from core.checks.label_error_count import WrongCount, confident_class, count_wrong

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

SMALLEST_PROBABILITY = 1e-9

RUN_WEIGHT, KERNEL_WEIGHT, COLOUR_WEIGHT = 0.4, 0.6, 0.5
"""Of the logarithms; 0.3 to 0.5, 0.5 to 0.7 and 0.15 to 0.5 differ by less than the noise of ten draws."""

MOST_PER_WRONG = 2
"""Beyond so many times the upper end there are hardly any wrong labels, but pictures that are hard: of 1,500 poor
photographs with no label flipped over a hundred are contradicted confidently."""

N_COLOUR_LANDMARKS = 500
"""Colours have few dimensions; more landmarks change nothing."""


@dataclass(frozen=True, slots=True)
class LabelErrorInput:
    """What `find_label_errors` looks at; rows belong together.

    Attributes:
        probabilities: Out of fold, (n_images, n_classes) float32, rows sum to 1.
        labels: (n_images,) int64 in 0 … n_classes − 1.
        classes: Names, n_classes of them.
        embeddings: (n_images, n_features) float, or None.
        colours: From `colour_shares`, (n_images, n_colours) float32, or None; used beside embeddings only.
        seed: Of everything drawn at random.
    """

    probabilities: Floats
    labels: Ints
    classes: tuple[str, ...]
    embeddings: Floats | None = None
    colours: Floats | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Suspect:
    """One label that is probably wrong.

    Attributes:
        row: Of the image in the input.
        label: Index of the class that a person gave.
        suggested: Index of the likeliest other class.
        confidence: Probability of the suggested class by all models together, 0 … 1.
        trust: Probability that is left to the given label, 0 … 1; the list is ordered by it.
        is_confident: Whether the suggested class reaches that class's usual confidence.
        sentence: For the user.
    """

    row: int
    label: int
    suggested: int
    confidence: float
    trust: float
    is_confident: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class LabelErrors:
    """What was found.

    Attributes:
        suspects: Most suspicious first: as many as may be wrong by the upper end of the interval, then those
            whom the models contradict confidently, up to `MOST_PER_WRONG` times as many; none that they agree with.
        order: All rows, most suspicious first, (n_images,) int64.
        trust: Probability left to each given label, (n_images,) float32.
        wrong: Estimated number of wrong labels.
        sentence: For the user.
    """

    suspects: tuple[Suspect, ...]
    order: Ints
    trust: Floats
    wrong: WrongCount
    sentence: str


def find_label_errors(inputs: LabelErrorInput) -> LabelErrors:
    """Rank the labels by how likely they are wrong.

    Raises:
        TrainingDataError: Fewer than two classes have labels.
    """
    labels, n_classes = inputs.labels.astype(np.int64), len(inputs.classes)
    if len(np.unique(labels)) < 2:
        raise TrainingDataError("Only one class has labels.", "Label pictures of at least two classes.")
    fitted = None if inputs.embeddings is None else prepare_leave_one_out(inputs.embeddings, seed=inputs.seed)
    probabilities = combine_opinions(inputs, labels, fitted)
    trust = probabilities[np.arange(len(labels)), labels]
    order = np.argsort(trust, kind="stable")
    wrong = count_wrong(inputs.probabilities, labels, fitted=fitted, seed=inputs.seed)
    suspects = _suspects(probabilities, labels, inputs.classes, order=order, at_least=ceil(wrong.high))
    return LabelErrors(suspects, order, trust, wrong, _summary(wrong, len(labels), n_classes, len(suspects)))


def combine_opinions(inputs: LabelErrorInput, labels: Ints, fitted: LeaveOneOut | None) -> Floats:
    """The weighted product of what all models think, calibrated; without embeddings, what the run thinks.

    Returns:
        (n_images, n_classes) float32, rows sum to 1.
    """
    if fitted is None:
        return inputs.probabilities.astype(np.float32)
    said = RUN_WEIGHT * _centred_logs(inputs.probabilities) + KERNEL_WEIGHT * _kernel_logs(fitted, labels, inputs)
    if inputs.colours is not None:
        by_colour = prepare_leave_one_out(inputs.colours, seed=inputs.seed, n_landmarks=N_COLOUR_LANDMARKS)
        said += COLOUR_WEIGHT * _kernel_logs(by_colour, labels, inputs)
    return to_probabilities(said, labels)


def _kernel_logs(fitted: LeaveOneOut, labels: Ints, inputs: LabelErrorInput) -> Floats:
    return _centred_logs(to_probabilities(leave_one_out_scores(fitted, labels, len(inputs.classes)), labels))


def _centred_logs(probabilities: Floats) -> Floats:
    logs = np.log(np.maximum(probabilities, SMALLEST_PROBABILITY))
    centred: Floats = logs - logs.mean(axis=1, keepdims=True)
    return centred


def _suspects(
    probabilities: Floats, labels: Ints, classes: tuple[str, ...], *, order: Ints, at_least: int
) -> tuple[Suspect, ...]:
    confident, is_confident = confident_class(probabilities, labels)
    contradicts = is_confident & (confident != labels)
    likeliest = probabilities.argmax(axis=1)
    is_listed = contradicts[order] | ((np.arange(len(order)) < at_least) & (likeliest != labels)[order])
    listed = order[is_listed][:MOST_PER_WRONG * at_least]
    return tuple(_suspect(int(r), probabilities[r], int(labels[r]), classes, bool(contradicts[r])) for r in listed)


def _suspect(row: int, probabilities: Floats, label: int, classes: tuple[str, ...], is_confident: bool) -> Suspect:
    others = probabilities.copy()
    others[label] = -1.0
    suggested = int(others.argmax())
    confidence, trust = float(probabilities[suggested]), float(probabilities[label])
    # no probability in words: it is that of all models together, and the inspector shows that of the run
    sentence = f"Labelled {classes[label]}, but looks like {classes[suggested]}."
    return Suspect(row, label, suggested, confidence, trust, is_confident, sentence)


def _summary(wrong: WrongCount, n_images: int, n_classes: int, n_suspects: int) -> str:
    low, high = round(wrong.low), round(wrong.high)
    if n_images < FEWEST_TO_JUDGE:
        return f"{n_images} labels are too few to tell how many of them are wrong."
    if wrong.expected < 0.5 and n_suspects:
        return f"Perhaps none of {n_images:,} labels is wrong, and at most {high:,} {'is' if high == 1 else 'are'}."
    if wrong.expected < 0.5:
        return f"No wrong label was found among {n_images:,}; up to {high} may have been missed."
    if low < 1:
        return f"Up to {high:,} of {n_images:,} labels may be wrong, and perhaps none is."
    few = f"About {round(wrong.expected):,} of {n_images:,} labels are probably wrong (between {low:,} and {high:,})."
    if n_classes > 2 and wrong.method == "confident joint" and wrong.expected > 0.1 * n_images:
        return few + " Some of them may be classes that look alike rather than mistakes."
    return few
