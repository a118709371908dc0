"""Expected accuracy on images without labels, from what a model predicts of them and of labelled images out of fold.

Cross-validation says how often a model is right on images like those that it learnt from. On images from elsewhere it
is another figure. Each estimate is the accuracy out of fold, less what something loses from labelled images to these:

- the confidence: *difference of confidences* (Guillory et al. 2021);
- *transported confidence* (after Lu et al. 2023, COT): the same, with each image given to a class so that the classes
  keep their shares, which finds a model that puts all that is strange into one class; by the model's probabilities,
  and by those of a ridge classifier;
- the *second opinion*: the probability that the ridge classifier gives to the model's class;
- the *agreement* with it, and with nearest neighbours (Jiang et al. 2022, Baek et al. 2022);
- the accuracy of the ridge classifier when labelled images are *moved* to where these lie;
- its accuracy with *groups* of like images held back, for series that stand in several folds.

Where the images lie among the labelled ones, only their confidence and the second opinion count: classes may have
other shares there. The further away they lie, the more the lowest of the others counts (`_combine`). *Average
thresholded confidence* (Garg et al. 2022) and the mean confidence after a temperature (Guo et al. 2017) are given
beside. None of it sees a class whose images look like those of another: see docs/benchmarks.md for where it fails.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.review.calibrate import fit_temperature, scale_by, transport
from core.review.metrics import wilson_interval
from core.review.simple_models import SecondOpinion

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]

FEWEST_JUDGED, FEW_IMAGES = 20, 20
"""With fewer labelled images nothing is estimated; an estimate for fewer images than `FEW_IMAGES` leads nowhere."""

NEAR, RAMP = 0.1, 0.2
"""Images that lie so many standard deviations further away count as among the labelled ones; `RAMP` more, as away."""

TRUST_IN_GROUPS = 0.1
"""Error of the estimate by neighbours against which that of held-back groups, by their number, is weighed."""

ERROR, DROP, AWAY = 0.02, 0.15, 0.03
"""Standard deviation of the estimate about the truth beyond chance, and what is added for each unit by which it lies
below the out-of-fold accuracy, and below it for images that lie away."""

TRANSPORTED_ALONE, ERROR_ALONE, DROP_ALONE = 0.75, 0.08, 0.5
"""The weight of the transported confidence beside the difference without simple models, and what is wrong then: the
first on either side, the second below. All constants were chosen on shifts that nothing is reported of
(benchmarks/expected_accuracy.py)."""

N_DRAWS, MOST_DRAWN = 400, 2_000_000
"""Bootstrap samples, and how many images they may hold together: large sets need fewer samples."""


@dataclass(frozen=True, slots=True)
class ExpectedAccuracy:
    """What accuracy to expect on images without labels.

    Attributes:
        n_images: How many they are, at least 1.
        accuracy: The estimate, 0 … 1.
        interval: Where the accuracy on these very images lies with a probability of about 95 %, 0 … 1.
        judged_accuracy: Accuracy out of fold on the labelled images, 0 … 1.
        judged_interval: Its 95 % confidence interval (Wilson).
        n_judged: Labelled images that it comes from.
        confidence: Mean probability of the predicted class on the images without labels, as the model gives it.
        temperature: What was fitted out of fold; above 1 where the model is too sure.
        calibrated, thresholded, difference, transported: Single estimates, 0 … 1.
        agreement, second, second_transported, neighbours, moved: Those by simple models, or None where they were
            not asked.
        grouped: The one with groups held back, or None where there are none.
        n_drawn, n_drawn_right: Images of the same kind that were drawn and labelled and count in the estimate, and
            how many of them the model has right.
        distance: How much further from the labelled images they lie, in standard deviations; None if not asked.
    """

    n_images: int
    accuracy: float
    interval: tuple[float, float]
    judged_accuracy: float
    judged_interval: tuple[float, float]
    n_judged: int
    confidence: float
    temperature: float
    calibrated: float
    thresholded: float
    difference: float
    transported: float
    agreement: float | None = None
    second: float | None = None
    second_transported: float | None = None
    neighbours: float | None = None
    moved: float | None = None
    grouped: float | None = None
    distance: float | None = None
    n_drawn: int = 0
    n_drawn_right: int = 0

    @property
    def is_few(self) -> bool:
        """Whether there are too few images for the estimate to lead."""
        return self.n_images < FEW_IMAGES

    @property
    def is_lower(self) -> bool:
        """Whether the accuracy out of fold lies above the interval: then this figure leads, not that one."""
        return not self.is_few and self.interval[1] < self.judged_accuracy

    def with_drawn(self, n: int, n_right: int) -> ExpectedAccuracy:
        """The estimate weighed with the share that is right of `n` images drawn from the same, by their variances."""
        if not n:
            return self
        low, high = self.interval
        variance = max((high - low) / 3.92, 1e-3) ** 2
        share = (n_right + 1) / (n + 2)
        of_drawn = share * (1 - share) / n
        expected = (self.accuracy * of_drawn + n_right / n * variance) / (of_drawn + variance)
        half = 1.96 * sqrt(of_drawn * variance / (of_drawn + variance) + expected * (1 - expected) / self.n_images)
        return replace(self, accuracy=expected, interval=(max(expected - half, 0.0), min(expected + half, 1.0)),
                       n_drawn=n, n_drawn_right=n_right)

    def to_json(self) -> dict[str, Any]:
        """Every figure by its name, and `is_lower`."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return found | {"interval": list(self.interval), "judged_interval": list(self.judged_interval),
                        "is_lower": self.is_lower}


@dataclass(frozen=True, slots=True, eq=False)
class _Gain:
    """Something measured of each labelled image and of each other one; NaN where it was not."""

    here: Floats
    there: Floats

    def estimate(self, accuracy: float) -> float:
        return float(np.clip(accuracy - np.nanmean(self.here) + np.nanmean(self.there), 0, 1))


def expect_accuracy(
    probabilities: Floats, labels: Ints, others: Floats, second: SecondOpinion | None = None,
) -> ExpectedAccuracy | None:
    """What accuracy to expect on images without labels; None without any, or with too few labelled ones.

    Args:
        probabilities: Out of fold, (n_judged, n_classes), finite, rows sum to 1.
        labels: Of the same images as they are now, (n_judged,) integers; a class that the model does not know is
            any number outside 0 … n_classes − 1.
        others: Of the images without labels, (n_images, n_classes), by the model that was trained on all.
        second: Of simple models, where embeddings are at hand.
    """
    if len(labels) < FEWEST_JUDGED or not len(others):
        return None
    temperature = fit_temperature(probabilities, labels)
    here, there = scale_by(probabilities, temperature), scale_by(others, temperature)
    is_right = probabilities.argmax(axis=1) == labels
    right, accuracy = is_right.astype(np.float64), float(is_right.mean())
    known = labels[(labels >= 0) & (labels < here.shape[1])]
    shares = np.bincount(known, minlength=here.shape[1]) / max(len(known), 1)
    gains = {"difference": _Gain(here.max(axis=1), there.max(axis=1)),
             "transported": _Gain(transport(here, shares), transport(there, shares))}
    if second is not None:
        gains |= _gains_of(second, probabilities.argmax(axis=1), others.argmax(axis=1), shares)
    singles = {name: gain.estimate(accuracy) for name, gain in gains.items()}
    if second is not None:
        singles["moved"] = float(np.clip(accuracy + second.moved, 0, 1))
        if second.grouped is not None:
            singles["grouped"] = float(np.clip(accuracy + second.grouped, 0, 1))
    expected, used, away = _combine(singles, second)
    named: dict[str, Any] = dict(singles)
    chance = max(expected * (1 - expected), 0.25 / (len(others) + 1)) / len(others)
    chance += _bootstrap(right, [gains[name] for name in used]) ** 2
    if "grouped" in singles and second is not None:  # so many images are independent of each other, not more
        chance += max(expected * (1 - expected), 0.01) / second.n_groups
    below, above = (1.96 * sqrt(chance + error**2)
                    for error in _errors(max(accuracy - expected, 0.0), away, is_alone=second is None))
    return ExpectedAccuracy(
        len(others), expected, (max(expected - below, 0.0), min(expected + above, 1.0)), accuracy,
        wilson_interval(int(is_right.sum()), len(right)), len(right), float(others.max(axis=1).mean()), temperature,
        float(there.max(axis=1).mean()), _thresholded(is_right, here.max(axis=1), there.max(axis=1)), **named,
        distance=None if second is None else second.distance,
    )


def _gains_of(second: SecondOpinion, said: Ints, said_there: Ints, shares: Floats) -> dict[str, _Gain]:
    """What the simple models give, by the name of the estimate."""
    sides = []
    for ridge, near, predicted in ((second.ridge_here, second.near_here, said),
                                   (second.ridge_there, second.near_there, said_there)):
        asked, transported = np.isfinite(ridge).all(axis=1), np.full(len(ridge), np.nan)
        transported[asked] = transport(ridge[asked], shares)
        agrees = np.where(asked, ridge.argmax(axis=1) == predicted, np.nan)
        sides.append({"agreement": agrees, "second": ridge[np.arange(len(ridge)), predicted],
                      "second_transported": transported, "neighbours": near})
    return {name: _Gain(sides[0][name], sides[1][name]) for name in sides[0]}


def _combine(
    singles: dict[str, float], second: SecondOpinion | None
) -> tuple[float, tuple[str, ...], float]:
    """The estimate, the gains that it mostly comes from, and how far the images lie away, 0 … 1."""
    if second is None:
        share = TRANSPORTED_ALONE
        return share * singles["transported"] + (1 - share) * singles["difference"], ("transported",), 0.0
    away = float(np.clip((second.distance - NEAR) / RAMP, 0, 1))
    among = (singles["difference"] + singles["second"]) / 2
    neighbours = singles["neighbours"]
    if "grouped" in singles:
        weight = TRUST_IN_GROUPS**2 / (TRUST_IN_GROUPS**2 + 0.25 / second.n_groups)
        neighbours = weight * singles["grouped"] + (1 - weight) * neighbours
    both = ("transported", "second_transported")
    transported = singles["transported"] + singles["second_transported"]
    lowest, used = min((transported / 2, both), ((transported + singles["moved"]) / 3, both),
                       (singles["agreement"], ("agreement",)), (neighbours, ("neighbours",)))
    return away * lowest + (1 - away) * among, used if away > 0.5 else ("difference", "second"), away


def _errors(drop: float, away: float, *, is_alone: bool) -> tuple[float, float]:
    """Standard deviations of the estimate about the truth beyond chance, below and above it."""
    if is_alone:
        return ERROR_ALONE + DROP_ALONE * drop, ERROR_ALONE
    return ERROR + DROP * drop + AWAY * away, ERROR + DROP * drop


def _thresholded(is_right: NDArray[np.bool_], here: Floats, there: Floats) -> float:
    """Share above the confidence that as large a share of the labelled images exceeds as are right (Garg et al.)."""
    threshold = np.sort(here)[min(int((~is_right).sum()), len(here) - 1)]
    return float((there >= threshold).mean())


def _bootstrap(right: Floats, gains: list[_Gain]) -> float:
    """Standard deviation of the estimate over bootstrap samples of both sets (Poisson weights)."""
    here = right - np.mean([np.nan_to_num(g.here, nan=float(np.nanmean(g.here))) for g in gains], axis=0)
    there = np.mean([np.nan_to_num(g.there, nan=float(np.nanmean(g.there))) for g in gains], axis=0)
    rng = np.random.default_rng(0)
    n_draws = int(np.clip(MOST_DRAWN // (len(here) + len(there)), 50, N_DRAWS))
    drawn = np.zeros(n_draws)
    for values in (here, there):
        weights = rng.poisson(1, (n_draws, len(values)))
        drawn += weights @ values / np.maximum(weights.sum(axis=1), 1)
    return float(drawn.std())
