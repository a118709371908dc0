"""Are there enough labels, of every class, and do they cover what the model will see?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.jobs import JobContext
from core.review.baseline import listed
from core.checks.outliers import FAR_Z, neighbour_distances, robust_z
from core.checks.leave_one_out import leave_one_out_scores, prepare_leave_one_out

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

FEW_LABELS = 20
UNEQUAL = 5.0
CONFUSED_SHARE = 0.25
"""Two classes are hard to tell apart if this share of both together is taken for the other one."""

N_HALVINGS = 3
FEWEST_TO_EXTRAPOLATE = 100


@dataclass(frozen=True, slots=True)
class ClassCount:
    """How many labels a class has; `sentence` is empty where they suffice."""

    name: str
    n_labels: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Balance:
    """Labels of each class.

    Attributes:
        counts: In the order of the classes.
        ratio: Largest to smallest class that has labels at all; 1 where they are equal.
        sentence: For the user.
    """

    counts: tuple[ClassCount, ...]
    ratio: float
    sentence: str


@dataclass(frozen=True, slots=True)
class MergeProposal:
    """Two classes that the model cannot tell apart.

    Attributes:
        first, second: Index of each class.
        n_confused, n_images: Images of both that were taken for the other one, and all of both.
        share: 0 … 1.
        sentence: For the user.
    """

    first: int
    second: int
    n_confused: int
    n_images: int
    share: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """Test images unlike all training images.

    Attributes:
        rows: Of the test images, farthest first.
        distances: (n_test,) float32 mean cosine distance to the nearest training images.
        sentence: For the user.
    """

    rows: tuple[int, ...]
    distances: Floats
    sentence: str


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """How often a simple model is right with fewer labels, and what twice as many may bring.

    Attributes:
        n_labels: How many labels were used, rising.
        accuracies: What they gave on the others, or left out; means of several draws.
        expected: With twice as many labels, or None where that cannot be told.
        sentence: For the user.
    """

    n_labels: tuple[int, ...]
    accuracies: tuple[float, ...]
    expected: float | None
    sentence: str


def class_balance(labels: Ints, classes: Sequence[str]) -> Balance:
    """Count the labels of every class.

    Args:
        labels: (n_images,) int64, −1 where there is none.
        classes: Names.
    """
    counts = np.bincount(labels[labels >= 0], minlength=len(classes))
    described = tuple(ClassCount(name, int(n), _few(name, int(n))) for name, n in zip(classes, counts, strict=True))
    some = counts[counts > 0]
    ratio = float(some.max() / some.min()) if len(some) else 1.0
    return Balance(described, ratio, _balance_sentence(described, ratio))


def propose_merges(confusion: NDArray[np.int64], classes: Sequence[str]) -> tuple[MergeProposal, ...]:
    """Pairs of classes that the model takes for each other, worst first.

    Args:
        confusion: (n_classes, n_classes) int64, rows are labels, columns out-of-fold predictions.
        classes: Names.
    """
    both = confusion + confusion.T
    totals = confusion.sum(axis=1)
    proposals = []
    for first, second in zip(*np.nonzero(np.triu(both, 1)), strict=True):
        a, b = int(first), int(second)
        n_images, n_confused = int(totals[a] + totals[b]), int(both[a, b])
        n_mutual = min(confusion[a, b], confusion[b, a])
        if n_confused >= CONFUSED_SHARE * n_images and n_mutual > 0:
            sentence = (
                f"{classes[a]} and {classes[b]} are hard to tell apart: {n_confused:,} of {n_images:,} were taken "
                "for the other. If the difference does not matter to you, make them one class."
            )
            proposals.append(MergeProposal(a, b, n_confused, n_images, n_confused / n_images, sentence))
    return tuple(sorted(proposals, key=lambda p: -p.share))


def judge_coverage(train: Floats, test: Floats, context: JobContext) -> Coverage:
    """Find test images that lie far from all training images, measured by how far those lie from each other.

    Args:
        train: (n_train, n_features) embeddings, at least 20 for anything to be found.
        test: (n_test, n_features).
        context: Progress counts images.

    Raises:
        JobCancelled: The caller asked the job to end.
    """
    if len(train) < FEW_LABELS or len(test) == 0:
        return Coverage((), np.zeros(len(test), np.float32), "There are too few pictures to compare.")
    usual = neighbour_distances(train, context=context)
    distances = neighbour_distances(test, context=context, among=train)
    # on the scale of the training pictures: many strange test pictures must not make each other usual
    z = robust_z(distances, reference=usual)
    far = np.flatnonzero(z > FAR_Z)
    rows = tuple(int(r) for r in far[np.argsort(-z[far], kind="stable")])
    if not rows:
        return Coverage(rows, distances, "The training pictures cover the test pictures.")
    n = len(rows)
    what = "test picture looks" if n == 1 else "test pictures look"
    return Coverage(rows, distances, f"{n:,} {what} unlike all training pictures; label some of that kind.")


def estimate_learning_curve(
    embeddings: Floats, labels: Ints, *, classes: Sequence[str], seed: int = 0
) -> LearningCurve:
    """Train a simple model on an eighth, a quarter, half and all labels, and carry the errors on by a power law.

    Args:
        embeddings: (n_images, n_features) of labelled images.
        labels: (n_images,) int64 in 0 … n_classes − 1.
        classes: Names.
        seed: Of the draws.
    """
    if len(labels) < FEWEST_TO_EXTRAPOLATE:
        return LearningCurve((), (), None, "There are too few labels to tell what more of them would bring.")
    sizes = [len(labels) >> halving for halving in range(N_HALVINGS, -1, -1)]
    rng = np.random.default_rng(seed)
    accuracies = [_accuracy_with(n, embeddings, labels, len(classes), rng) for n in sizes]
    expected = _carry_on(np.array(sizes, float), np.array(accuracies))
    return LearningCurve(tuple(sizes), tuple(accuracies), expected, _curve_sentence(accuracies[-1], expected))


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


def _few(name: str, n_labels: int) -> str:
    if n_labels == 0:
        return f"{name} has no labels yet."
    labels = "1 label" if n_labels == 1 else f"{n_labels} labels"
    return f"{name} has only {labels}; {FEW_LABELS} are a good start." if n_labels < FEW_LABELS else ""


def _balance_sentence(counts: Sequence[ClassCount], ratio: float) -> str:
    few = [c for c in counts if c.sentence]
    if few:
        if len(few) == 1:
            return few[0].sentence
        named = [f"{c.name} {c.n_labels:,}" for c in sorted(few, key=lambda c: c.n_labels)]
        return f"{len(few)} classes have fewer than {FEW_LABELS} labels: {listed(named)}."
    if ratio > UNEQUAL:
        ordered = sorted(counts, key=lambda c: c.n_labels)
        return (
            f"{ordered[-1].name} has {ratio:.0f} times as many labels as {ordered[0].name}; "
            "the model will lean towards it."
        )
    return "Every class has enough labels to begin with."


def _curve_sentence(now: float, expected: float | None) -> str:
    if now > 0.995:
        return "More labels would bring little: nearly all pictures are already told apart."
    if expected is None:
        return "More labels of the same kind would probably bring little."
    return f"With twice the labels, about {expected:.0%} instead of {now:.0%} may be right."
