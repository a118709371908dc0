"""Check `learning_curve`: the accuracy of a simple model with fewer labels, and what twice as many may bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.checks.check import CatalogState, Check, CheckData, Floats, Ints
from core.checks.leave_one_out import leave_one_out_scores, prepare_leave_one_out
from core.jobs import JobContext
from core.text import Message

N_HALVINGS = 3
FEWEST_TO_EXTRAPOLATE = 100
NEARLY_ALL = 0.995


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """Accuracy by number of labels.

    Attributes:
        n_labels: How many labels were used, rising; empty where there are too few.
        accuracies: Leave-one-out; means of several draws where few were used.
        expected: With twice as many labels, or None where that cannot be told.
    """

    n_labels: tuple[int, ...] = ()
    accuracies: tuple[float, ...] = ()
    expected: float | None = None

    @property
    def sentence(self) -> Message:
        if not self.accuracies:
            return Message("checks.too_few_labels_to_extrapolate")
        if self.accuracies[-1] > NEARLY_ALL:
            return Message("checks.more_labels_not_needed")
        if self.expected is None:
            return Message("checks.more_labels_bring_little")
        return Message("checks.more_labels", expected=self.expected, now=self.accuracies[-1])


def estimate_learning_curve(embeddings: Floats, labels: Ints, *, n_classes: int) -> LearningCurve:
    """Train a simple model on an eighth, a quarter, half and all labels, and carry the errors on by a power law.

    Args:
        embeddings: (n_images, n_features) of labelled images.
        labels: (n_images,) int64 in 0 … n_classes − 1.
        n_classes: At least 2.
    """
    if len(labels) < FEWEST_TO_EXTRAPOLATE:
        return LearningCurve()
    sizes = [len(labels) >> halving for halving in range(N_HALVINGS, -1, -1)]
    rng = np.random.default_rng(0)
    accuracies = [_accuracy_with(n, embeddings, labels, n_classes, rng) for n in sizes]
    return LearningCurve(tuple(sizes), tuple(accuracies), _carry_on(np.array(sizes, float), np.array(accuracies)))


def _accuracy_with(n: int, embeddings: Floats, labels: Ints, n_classes: int, rng: np.random.Generator) -> float:
    """Leave-one-out accuracy with n labels; several draws where n is small."""
    accuracies = []
    for _ in range(max(1, min(2, len(labels) // (2 * n)))):
        rows = rng.choice(len(labels), n, replace=False) if n < len(labels) else np.arange(n)
        scores = leave_one_out_scores(prepare_leave_one_out(embeddings[rows]), labels[rows], n_classes)
        accuracies.append(float((scores.argmax(axis=1) == labels[rows]).mean()))
    return float(np.mean(accuracies))


def _carry_on(sizes: NDArray[np.float64], accuracies: NDArray[np.float64]) -> float | None:
    """Accuracy at twice the labels if errors fall as a power of their number; None if they do not fall."""
    errors = np.maximum(1 - accuracies, 0.5 / sizes)
    slope, _ = np.polyfit(np.log(sizes), np.log(errors), 1, w=np.sqrt(sizes))
    if slope >= -0.02:
        return None
    # through the last point: the level is known there, only the slope is estimated
    return float(1 - errors[-1] * 2**slope)


class LearningCurveCheck(Check[LearningCurve]):
    """Says what more labels would bring; that is no finding."""

    name = "learning_curve"
    evidence = LearningCurve
    no_facts = {"more_labels": None}
    needs_embeddings = True

    def run(self, data: CheckData, context: JobContext) -> LearningCurve | None:
        assert data.vectors is not None
        rows = np.flatnonzero((data.train_labels >= 0) & data.has_vector)
        used, labels = np.unique(data.train_labels[rows], return_inverse=True)
        return estimate_learning_curve(data.vectors[rows], labels, n_classes=len(used)) if len(used) > 1 else None

    def facts(self, evidence: LearningCurve, now: CatalogState) -> Mapping[str, Any]:
        return {"more_labels": {
            "n_labels": list(evidence.n_labels), "accuracies": list(evidence.accuracies),
            "expected": evidence.expected, "sentence": evidence.sentence,
        }}
