"""Repeated cross-validation: the same strategy judged again in other folds, and how far the accuracy spreads.

The accuracy of one cross-validation depends a little on which images came into which fold. What is measured here is
that and nothing else: the confidence interval, which tells of the choice of images, stays as wide as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.jobs import JobContext
from core.text import Message
from core.training.folds import plan_folds
from core.training.groups import GroupChoice

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

STAGE = Message("jobs.repeating_folds")

Judge = Callable[[Ints, JobContext], Floats]
"""From folds, (n_images,) int64 or −1, to what is said of each image out of fold, (n_images, n_classes)."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """How a strategy was judged in several sets of folds.

    Attributes:
        accuracies: Of each set, 0 … 1; the first is the run's own. Empty where nothing was repeated.
    """

    accuracies: tuple[float, ...] = ()

    @property
    def mean(self) -> float:
        """Mean accuracy, 0 … 1."""
        return float(np.mean(self.accuracies))

    @property
    def spread(self) -> float:
        """Standard deviation of the accuracies."""
        return float(np.std(self.accuracies, ddof=1))

    def to_json(self) -> Mapping[str, Any]:
        """Part of `fit` in run.json, to be merged with it."""
        if not self.accuracies:
            return {}
        return {"repeats": {"accuracies": [round(one, 6) for one in self.accuracies], "mean": round(self.mean, 6),
                            "spread": round(self.spread, 6)}}

    @property
    def notes(self) -> tuple[Message, ...]:
        """What the user should read."""
        if not self.accuracies:
            return ()
        return (Message(
            "training.repeats", n=len(self.accuracies), mean=self.mean, low=min(self.accuracies),
            high=max(self.accuracies), spread=100 * self.spread, own=self.accuracies[0]),)


def repeat_folds(
    settings: Any, labels: Ints, choice: GroupChoice, probabilities: Floats, folds: Ints, *,
    classes: tuple[str, ...], judge: Judge, context: JobContext,
) -> Repeats:
    """Judge `settings.n_repeats − 1` times more, in the folds that the next seeds would give.

    Args:
        labels: (n_images,) int64.
        choice: Which images stay together.
        probabilities, folds: Of the run itself, (n_images, n_classes) and (n_images,); folds are −1 where unjudged.
        judge: Trains and judges everything anew in other folds.
    """
    if settings.n_repeats < 2:
        return Repeats()
    found = [_accuracy(probabilities, labels, folds)]
    for at in range(1, settings.n_repeats):
        context.progress(at - 1, settings.n_repeats - 1, stage=STAGE, unit="trainings")
        others = plan_folds(
            labels, choice.groups, classes=classes, n_folds=settings.n_folds, seed=(settings.seed + at) % 2**32)
        found.append(_accuracy(judge(others, context.muted()), labels, others))
    context.progress(settings.n_repeats - 1, settings.n_repeats - 1, stage=STAGE, unit="trainings")
    return Repeats(tuple(found))


def _accuracy(probabilities: Floats, labels: Ints, folds: Ints) -> float:
    judged = folds >= 0
    return float((probabilities[judged].argmax(axis=1) == labels[judged]).mean())
