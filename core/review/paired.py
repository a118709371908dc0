"""Compares two models on the same images: McNemar's exact test, and paired differences with confidence intervals.

The test is the exact conditional one (McNemar 1947): where both models are equally good, an image that only one of
them gets right is as likely to be the one's as the other's, so that these images are tosses of a coin. The interval
of the difference is Wald's after adding an image to each of the two cells that differ (Bonett and Price 2012), which
keeps its level also for few images. numpy only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.review.metrics import class_figures, confusion_matrix

Ints = NDArray[np.int64]

SIGNIFICANT = 0.05
"""From this probability on a difference is said to be one that chance brings too."""


@dataclass(frozen=True, slots=True)
class PairedShare:
    """How often two models are right on the same images.

    Attributes:
        n_images: Images that both judged.
        n_both: Those that both got right.
        n_fixed: Those that only the second got right.
        n_broken: Those that only the first got right.
        design_effect: How many images tell as much as one that is alike no other, 1 or more.
    """

    n_images: int
    n_both: int
    n_fixed: int
    n_broken: int
    design_effect: float = 1.0

    @property
    def before(self) -> float | None:
        """Share that the first got right, 0 … 1; None without an image."""
        return (self.n_both + self.n_broken) / self.n_images if self.n_images else None

    @property
    def after(self) -> float | None:
        """Share that the second got right, 0 … 1; None without an image."""
        return (self.n_both + self.n_fixed) / self.n_images if self.n_images else None

    @property
    def difference(self) -> float:
        """Of the second over the first, −1 … 1; 0 without an image."""
        return (self.n_fixed - self.n_broken) / max(self.n_images, 1)

    @property
    def interval(self) -> tuple[float, float]:
        """95 % confidence interval of the difference, −1 … 1; without an image (−1, 1)."""
        if not self.n_images:
            return -1.0, 1.0
        n = self.n_images / self.design_effect
        fixed, broken = ((k / self.design_effect + 1) / (n + 2) for k in (self.n_fixed, self.n_broken))
        half = NormalDist().inv_cdf(0.975) * sqrt((fixed + broken - (fixed - broken) ** 2) / (n + 2))
        return max(fixed - broken - half, -1.0), min(fixed - broken + half, 1.0)

    @property
    def p_value(self) -> float:
        """See `mcnemar_exact`; each image counts as one."""
        return mcnemar_exact(self.n_fixed, self.n_broken)

    def to_json(self) -> dict[str, Any]:
        """Figures by name."""
        return {"n": self.n_images, "before": self.before, "after": self.after, "difference": self.difference,
                "interval": list(self.interval), "p_value": self.p_value}


@dataclass(frozen=True, slots=True)
class PairedClass:
    """What two models make of one class.

    Attributes:
        name: The class.
        recall: On the images with this label.
        precision: Share of the images predicted to be of this class that is, before and after; None without any. The
            two are of different images, so that there is no paired interval.
        f1: Harmonic mean of recall and precision, before and after; None where one of them is.
    """

    name: str
    recall: PairedShare
    precision: tuple[float | None, float | None]
    f1: tuple[float | None, float | None]

    def to_json(self) -> dict[str, Any]:
        """Figures by name."""
        return {"name": self.name, "recall": self.recall.to_json(), "precision": list(self.precision),
                "f1": list(self.f1)}


def mcnemar_exact(n_fixed: int, n_broken: int) -> float:
    """Probability of so uneven a table, or a more uneven one, where both models are equally good, 0 … 1 (two-sided).

    Args:
        n_fixed, n_broken: Images that only the second, only the first model got right.
    """
    n, least = n_fixed + n_broken, min(n_fixed, n_broken)
    if n_fixed == n_broken:
        return 1.0
    tail = sum(exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) - n * log(2)) for k in range(least + 1))
    return min(2 * tail, 1.0)


def pair_shares(was_right: NDArray[np.bool_], is_right: NDArray[np.bool_], *, design_effect: float = 1.0) -> (
        PairedShare):
    """Counts of images by whether each model is right, (n_images,) bool each."""
    return PairedShare(
        len(was_right), int((was_right & is_right).sum()), int((~was_right & is_right).sum()),
        int((was_right & ~is_right).sum()), design_effect)


def pair_classes(
    labels: Ints, before: Ints, after: Ints, classes: Sequence[str], *, design_effect: float = 1.0
) -> tuple[PairedClass, ...]:
    """What two models make of every class, in the order of the classes.

    Args:
        labels, before, after: Index into `classes` of the label and of both predictions, (n_images,) int64 each.
        design_effect: See `PairedShare`.
    """
    names, n = tuple(classes), len(classes)
    was, now = (class_figures(confusion_matrix(labels, said, n), names) for said in (before, after))
    counts = np.stack([np.bincount(labels[which], minlength=n) for which in (
        np.ones(len(labels), bool), (before == labels) & (after == labels), (before != labels) & (after == labels),
        (before == labels) & (after != labels))], axis=1).tolist()
    shares = (PairedShare(n_all, both, fixed, broken, design_effect) for n_all, both, fixed, broken in counts)
    return tuple(
        PairedClass(name, share, (one.precision, other.precision), (one.f1, other.f1))
        for name, one, other, share in zip(names, was, now, shares, strict=True))
