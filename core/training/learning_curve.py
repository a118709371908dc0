"""Job `learning-curve`: accuracy with 5, 10, 20, 50 … labels a class, and what more labels would bring.

Labels are drawn several times from those that there are, in the proportions of the classes; each draw trains the
head of the strategy `transfer` on stored embeddings and is judged on the images that were not drawn. Whole groups
are drawn: no image is judged by a model that has seen another one of its group. The strength of a draw is the one
that suits the other draws best, as in `core.training.logistic`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from core.embeddings.embedded import embed
from core.errors import TrainingDataError
from core.jobs import JobContext
from core.processors import n_processors
from core.review.metrics import wilson_interval
from core.text import Message
from core.training.job import TrainJob, leave_out_changed
from core.training.logistic import SMALL_PROBLEM, STRENGTHS, UNIT
from core.training.power_law import PowerLaw, fit_power_law
from core.training.solver import find_axes, solve
from core.training.transfer import choose_labelled
from core.types import Skipped

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

PER_CLASS = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
"""Labels a class, on average, that are drawn as far as there are enough."""

LARGEST_SHARE = 0.8
"""At most so many of the labels are drawn; the others judge."""

MOST_LABELS = 20_000
"""Of more labels only so many are drawn from: what lies beyond is foreseen."""

LEAST_POINTS = 3
"""A law is fitted through so many sizes at least."""

LEAST_VARIANCE = 1e-5
"""Of the mean of the draws of one size; few draws may happen to agree."""

N_RESAMPLED = 200
"""Refits with draws drawn again, for the interval of what is foreseen."""

STAGE = Message("jobs.learning_curve")


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Accuracy with some number of labels.

    Attributes:
        n_labels: Labels that were learnt from.
        per_class: The same a class, on average.
        accuracy: Mean over the draws, 0 … 1.
        low, high: Its 95 % interval.
        draws: Accuracy of each draw.
    """

    n_labels: int
    per_class: float
    accuracy: float
    low: float
    high: float
    draws: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Accuracy that a number of labels would give, 0 … 1, with its 95 % interval."""

    n_labels: int
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """How accuracy rises with labels.

    Attributes:
        n_labels: Labels that there are.
        classes: Names of the classes that were learnt.
        points: By number of labels, rising.
        law: What was fitted; None with too few points.
        now, doubled: What all labels, and twice as many, give; None without a law.
        backbone, features: What the embeddings are of.
    """

    n_labels: int
    classes: tuple[str, ...]
    points: tuple[CurvePoint, ...]
    law: PowerLaw | None = None
    now: Foreseen | None = None
    doubled: Foreseen | None = None
    backbone: str = ""
    features: str = ""
    notes: tuple[Message, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    @property
    def sentence(self) -> Message:
        """What twice as many labels would bring."""
        if self.now is None or self.doubled is None:
            return Message("training.curve.too_few_labels")
        gain = self.doubled.accuracy - self.now.accuracy
        kind = "nearly_all" if self.now.low > NEARLY_ALL else "little" if gain < LITTLE else "more"
        return Message(f"training.curve.{kind}", now=self.now.accuracy, expected=self.doubled.accuracy,
                       low=self.doubled.low, high=self.doubled.high, n=self.doubled.n_labels, least=self.now.low)

    def to_json(self) -> dict[str, Any]:
        """For `learning-curve --json`."""
        return {
            "n_labels": self.n_labels, "classes": list(self.classes), "backbone": self.backbone,
            "features": self.features, "sentence": self.sentence,
            "points": [{"n_labels": p.n_labels, "per_class": p.per_class, "accuracy": p.accuracy,
                        "interval": [p.low, p.high], "n_draws": len(p.draws)} for p in self.points],
            "law": None if self.law is None else {
                "floor": self.law.floor, "scale": self.law.scale, "exponent": self.law.exponent},
            "now": _as_json(self.now), "doubled": _as_json(self.doubled), "notes": list(self.notes),
            "skipped": [one.to_json() for one in self.skipped],
        }


NEARLY_ALL, LITTLE = 0.99, 0.005
"""From this accuracy on more labels are not needed; a gain below the second is called little."""


def _as_json(foreseen: Foreseen | None) -> dict[str, Any] | None:
    return None if foreseen is None else {
        "n_labels": foreseen.n_labels, "accuracy": foreseen.accuracy, "interval": [foreseen.low, foreseen.high]}


def measure_learning_curve(job: TrainJob, context: JobContext) -> LearningCurve:
    """The job: embed what has no embedding yet, draw, train, judge, fit.

    Args:
        job: A training of the strategy `transfer`, of which no run is written.

    Raises:
        TrainingDataError: No labels, fewer than two classes with two images, or nothing could be read.
        WeightsError, EngineError, StorageError: The backbone cannot be used.
        JobCancelled: The caller asked to end.
    """
    current, changed = leave_out_changed(job, context)
    settings = current.settings
    labelled = tuple(image for image, label in zip(current.images, current.labels, strict=True) if label >= 0)
    if not labelled:
        raise TrainingDataError("training.no_labels")
    embedded = embed(labelled, settings.backbone, current.embeddings, context, weights=current.weights,
                     allow_download=current.allow_download, features=settings.features)
    rows = np.full(len(current.images), -1, np.int64)
    rows[np.asarray(current.labels) >= 0] = embedded.rows
    places, labels, classes, _, notes, choice = choose_labelled(
        current, rows, context, read_features=lambda at: embedded.store.read(rows[at]))
    some = np.arange(len(labels))
    if len(labels) > MOST_LABELS:
        some = draw_labels(labels, choice.groups, MOST_LABELS, np.random.default_rng(settings.seed))
        notes += (Message("training.curve.some", n=len(some), n_all=len(labels)),)
    points = draw_curve(embedded.store.read(rows[places[some]]), labels[some], choice.groups[some],
                        n_classes=len(classes), seed=settings.seed, context=context)
    law, now, doubled = foresee(points, len(labels))
    return LearningCurve(
        len(labels), classes, points, law, now, doubled, settings.backbone, settings.features,
        (*notes, *choice.notes, *embedded.notes), (*changed, *embedded.skipped))


def draw_curve(
    features: Floats, labels: Ints, groups: Ints, *, n_classes: int, seed: int, context: JobContext,
    largest_share: float = LARGEST_SHARE,
) -> tuple[CurvePoint, ...]:
    """Accuracy by number of labels, on the images that were not drawn.

    Args:
        features: (n_images, n_features) float32.
        labels: (n_images,) int64 in 0 … n_classes − 1.
        groups: Equal for images that stay together, (n_images,) int64.
        largest_share: At most so many of the images are drawn, 0 … 1.

    Raises:
        JobCancelled: The caller asked to end.
    """
    sizes = plan_sizes(len(labels), n_classes, largest_share)
    spread = features.std(axis=0, dtype=np.float64)
    spread = np.maximum(spread, max(float(spread.mean()) * 1e-3, 1e-12)).astype(np.float32)
    scaled = (features - features.mean(axis=0, dtype=np.float64).astype(np.float32)) / spread
    rng, points, tried = np.random.default_rng(seed), [], range(len(STRENGTHS))
    is_small = features.size * n_classes < SMALL_PROBLEM
    n_models, done = sum(map(_n_draws, sizes)), 0
    with threadpool_limits(limits=1 if is_small else n_processors(), user_api="blas"):
        for size in sizes:
            context.progress(done, n_models, stage=STAGE, unit=UNIT)
            drawn = [draw_labels(labels, groups, size, rng) for _ in range(_n_draws(size))]
            draws = [_Draw(rows, judged) for rows in drawn if (judged := find_judges(groups, rows)).any()]
            if draws:
                found = _judge_draws(scaled, labels, draws, n_classes, tried, context)
                n_judged = int(np.any([draw.judged for draw in draws], axis=0).sum())
                points.append(_point(found.accuracies, size, n_classes, n_judged))
                tried = range(max(found.best - 1, 0), min(found.best + 2, len(STRENGTHS)))
            done += _n_draws(size)
    context.progress(n_models, n_models, stage=STAGE, unit=UNIT)
    return tuple(points)


def plan_sizes(n_images: int, n_classes: int, largest_share: float = LARGEST_SHARE) -> tuple[int, ...]:
    """Numbers of labels that are drawn: `PER_CLASS` for all classes, and the largest that can be judged."""
    largest = int(largest_share * n_images)
    sizes = [per_class * n_classes for per_class in PER_CLASS if per_class * n_classes <= largest]
    if not sizes or largest > 1.2 * sizes[-1]:
        sizes.append(largest)
    return tuple(size for size in sizes if size >= 2 * n_classes)


def _n_draws(size: int) -> int:
    """Few labels differ most from draw to draw, and cost least."""
    return 10 if size <= 500 else 6 if size <= 2000 else 3


def draw_labels(labels: Ints, groups: Ints, size: int, rng: np.random.Generator) -> Ints:
    """Rows of about `size` images, each class in its proportion and with one at least, whole groups first."""
    order = np.lexsort((rng.random(len(labels)), rng.permutation(int(groups.max()) + 1)[groups]))
    counts = np.bincount(labels)
    quotas = np.maximum(np.round(counts * (size / len(labels))).astype(np.int64), np.minimum(counts, 1))
    return np.concatenate([order[labels[order] == label][:quota] for label, quota in enumerate(quotas)])


def find_judges(groups: Ints, drawn: Ints) -> NDArray[np.bool_]:
    """Images of whose group none was drawn, (n_images,) bool."""
    return ~np.isin(groups, groups[drawn])


@dataclass(frozen=True, slots=True, eq=False)
class _Draw:
    """Rows that are learnt from, (n_drawn,) int64, and whether each image judges, (n_images,) bool."""

    rows: Ints
    judged: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Judged:
    """Accuracy of each draw, and the place in `STRENGTHS` that suits all of them best."""

    accuracies: list[float]
    best: int


def _judge_draws(
    features: Floats, labels: Ints, draws: Sequence[_Draw], n_classes: int, tried: range, context: JobContext
) -> _Judged:
    """Accuracy of each draw, with the strength that suits the other draws best.

    Draws of fewer images than features are solved one by one, on axes of their own; larger ones together.
    """
    is_alone = len(draws[0].rows) < features.shape[1]
    parts = [[draw] for draw in draws] if is_alone else [list(draws)]
    found = np.concatenate([_try_strengths(features, labels, part, n_classes, tried, context) for part in parts])
    losses, accuracies = found[:, :, 0].T, found[:, :, 1].T
    others = losses.sum(axis=1, keepdims=True) - losses if len(draws) > 1 else losses
    chosen = others.argmin(axis=0)
    return _Judged(accuracies[chosen, np.arange(len(draws))].tolist(), tried[int(losses.sum(axis=1).argmin())])


def _try_strengths(
    features: Floats, labels: Ints, draws: Sequence[_Draw], n_classes: int, tried: range, context: JobContext
) -> NDArray[np.float64]:
    """Log loss and accuracy of each draw with each strength, (n_draws, n_strengths, 2) float64."""
    union = np.unique(np.concatenate([draw.rows for draw in draws]))
    axes = find_axes(features[union])
    counts = np.array([np.isin(union, draw.rows) for draw in draws], np.float32)
    coordinates = features @ axes.basis
    found, heads = np.empty((len(draws), len(tried), 2)), None
    for at, strength in enumerate(tried):
        heads = solve(axes, labels[union], counts, np.full(len(draws), STRENGTHS[strength]), n_classes=n_classes,
                      check=context.check, start=heads)
        for model, draw in enumerate(draws):
            found[model, at] = _judge(heads.probabilities(coordinates[draw.judged], model), labels[draw.judged])
    return found


def _judge(probabilities: Floats, labels: Ints) -> tuple[float, float]:
    """Log loss and accuracy."""
    chosen = np.maximum(probabilities[np.arange(len(labels)), labels], 1e-12)
    return -float(np.log(chosen).mean(dtype=np.float64)), float((probabilities.argmax(axis=1) == labels).mean())


def _point(accuracies: Sequence[float], size: int, n_classes: int, n_judged: int) -> CurvePoint:
    """Mean and interval: the draws differ, and the images that any of them was judged on are a sample."""
    mean = float(np.mean(accuracies))
    between = float(np.var(accuracies, ddof=1)) / len(accuracies) if len(accuracies) > 1 else 0.0
    width = 1.96 * np.sqrt(between + _sampling(mean, n_judged))
    return CurvePoint(size, size / n_classes, mean, max(mean - width, 0.0), min(mean + width, 1.0), tuple(accuracies))


def _sampling(accuracy: float, n: float) -> float:
    """Variance of an accuracy that was measured on n images; that of one mistake where there was none."""
    return float(max(accuracy * (1 - accuracy), 1 / (n + 1)) / n)


def foresee(
    points: Sequence[CurvePoint], n_labels: int
) -> tuple[PowerLaw | None, Foreseen | None, Foreseen | None]:
    """The law through the points, and what it says of all labels and of twice as many."""
    if len(points) < LEAST_POINTS:
        return None, None, None
    sizes = np.array([point.n_labels for point in points], np.float64)
    draws = [np.array(point.draws) for point in points]
    law, plain = fit_points(points), fit_points(points, has_floor=False)
    rng = np.random.default_rng(0)
    again = [_fit(sizes, [rng.choice(found, len(found)) for found in draws]) for _ in range(N_RESAMPLED)]
    now, doubled = (_foresee_one(n, law, plain, again, n_labels) for n in (n_labels, 2 * n_labels))
    return law, now, doubled


def fit_points(points: Sequence[CurvePoint], *, has_floor: bool = True) -> PowerLaw:
    """The law through the means of the draws, each size weighed by how much its draws agree."""
    sizes = np.array([point.n_labels for point in points], np.float64)
    return _fit(sizes, [np.array(point.draws) for point in points], has_floor=has_floor)


def _fit(
    sizes: NDArray[np.float64], draws: Sequence[NDArray[np.float64]], *, has_floor: bool = True
) -> PowerLaw:
    errors = np.array([1 - found.mean() for found in draws])
    variances = np.array([found.var(ddof=min(1, len(found) - 1)) / len(found) for found in draws])
    return fit_power_law(sizes, errors, 1 / (variances + LEAST_VARIANCE), has_floor=has_floor)


def _foresee_one(n: int, law: PowerLaw, plain: PowerLaw, again: Sequence[PowerLaw], n_judged: int) -> Foreseen:
    """Three things are not known: what other draws say, what other images say, and whether errors have a floor."""
    expected = 1 - law.error(n)
    spread = np.var([one.error(n) for one in again]) + _sampling(expected, n_judged)
    spread += ((law.error(n) - plain.error(n)) / 2) ** 2
    width = 1.96 * float(np.sqrt(spread))
    least, _ = wilson_interval(round(expected * n_judged), n_judged)  # without a mistake the width says too little
    return Foreseen(n, expected, min(max(expected - width, 0.0), least), min(expected + width, 1.0))
