"""Simple models on embeddings beside a model – ridge classifier, nearest neighbours – and what they say of images.

Where models that learnt from the same images agree less than at home, all are right less often (Jiang et al. 2022,
“Assessing generalization of SGD via disagreement”; Baek et al. 2022, “Agreement-on-the-line”). Besides, embeddings
tell how far images lie from the labelled ones, and let the labelled ones be judged under circumstances that are like
those of the others: moved to where they lie (as CORAL does, Sun et al. 2016), and with whole series of nearly equal
images held back, so that a nearest neighbour is as far away as it is there (Milà et al. 2022). numpy only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]

N_NEIGHBOURS, N_NEAREST = 10, 5
"""Neighbours that vote, and those whose mean likeness says how near labelled images are."""

SHARPNESS = 20.0
"""A neighbour counts by exp(SHARPNESS × cosine)."""

MOST_KNOWN, MOST_ASKED = 3_000, 2_000
"""Labelled images that are learnt from, and images of each set that are asked about."""

N_AXES = 256
RIDGES = (1e-3, 1e-2, 1e-1, 1.0)
"""Penalties that are compared, in units of the mean variance of an axis."""

SCALES = (3.0, 5.0, 8.0, 12.0, 20.0, 30.0)
"""What the ridge classifier's outputs are multiplied with to become logits; the best out of fold is taken."""

FAR = 1.0
"""Groups are held back where images lie so many standard deviations further from the labelled ones than these do."""

FEWEST_GROUPS, LARGEST_GROUP, N_FOLDS = 3, 0.5, 5
"""Groups that each class must have, and the share of it that one may hold: else nothing is said of groups."""


@dataclass(frozen=True, slots=True, eq=False)
class SecondOpinion:
    """What simple models say of labelled images out of fold (`here`) and of others (`there`); NaN where not asked.

    Attributes:
        ridge_here, ridge_there: Probabilities by the ridge classifier, (n, n_classes).
        near_here, near_there: Share of the neighbours' votes for the class that the model predicts, (n,), 0 … 1.
        distance: By how many standard deviations less like labelled images the others are than these out of fold.
        moved: Accuracy of the ridge classifier on the labelled images moved to where the others lie, less that as
            they are, −1 … 1.
        grouped: The same difference with groups of like images held back; None where there are no such groups.
        n_groups: How many groups.
    """

    ridge_here: NDArray[np.float64]
    ridge_there: NDArray[np.float64]
    near_here: NDArray[np.float64]
    near_there: NDArray[np.float64]
    distance: float
    moved: float
    grouped: float | None = None
    n_groups: int = 0

    def among(self, known: Ints, n_known: int, asked: Ints, n_asked: int) -> SecondOpinion:
        """The same where the images are those of the rows `known` and `asked` of larger sets."""
        return replace(
            self, ridge_here=_spread_out(self.ridge_here, known, n_known),
            near_here=_spread_out(self.near_here, known, n_known),
            ridge_there=_spread_out(self.ridge_there, asked, n_asked),
            near_there=_spread_out(self.near_there, asked, n_asked))


def ask_simple_models(
    known: Floats, labels: Ints, folds: Ints, others: Floats, *, predicted: Ints, predicted_others: Ints,
    n_classes: int,
) -> SecondOpinion | None:
    """What simple models say; None with too few embeddings.

    Args:
        known: Embeddings of the labelled images, (n_judged, n_features); rows of NaN where there is none.
        labels: (n_judged,) integers below `n_classes`; negative ones are not learnt from.
        folds: (n_judged,) integers: no image is asked about with the help of its own fold.
        others: Embeddings of the images without labels, (n_images, n_features); rows of NaN where there is none.
        predicted, predicted_others: What the model predicts, (n_judged,) and (n_images,).
        n_classes: Of the model.
    """
    rng = np.random.default_rng(0)
    rows = draw_rows(np.flatnonzero(np.isfinite(known).all(axis=1) & (labels >= 0)), MOST_KNOWN, rng)
    asked = draw_rows(np.flatnonzero(np.isfinite(others).all(axis=1)), MOST_ASKED, rng)
    if len(rows) <= N_NEIGHBOURS or not len(asked) or len(np.unique(folds[rows])) < 2:
        return None
    with threadpool_limits(limits=1, user_api="blas"):  # OpenBLAS's threads would wait for each other
        return _ask(
            _directions(known[rows]), labels[rows], folds[rows], _directions(others[asked]),
            (predicted[rows], predicted_others[asked]), n_classes,
        ).among(rows, len(known), asked, len(others))


def _ask(
    here: Floats, labels: Ints, folds: Ints, there: Floats, said: tuple[Ints, Ints], n_classes: int
) -> SecondOpinion:
    ridge = _fit_ridge(here, labels, folds, n_classes)
    place_here, place_there = ridge.places, ridge.place(there)
    out_of_fold = ridge.out_of_fold(place_here)
    scale = _choose_scale(out_of_fold, labels)
    likeness, away = here @ here.T, there @ here.T
    at_home = np.where(folds[:, None] == folds, -np.inf, likeness)
    distance = _distance(_nearness(at_home), _nearness(away), *said)
    right = float((out_of_fold.argmax(axis=1) == labels).mean())
    moved = float((ridge.out_of_fold(_move(place_here, place_there)).argmax(axis=1) == labels).mean()) - right
    grouped, n_groups = _hold_groups_back(ridge, likeness, at_home, away) if distance > FAR else (None, 0)
    return SecondOpinion(
        _softmax(out_of_fold * scale), _softmax(ridge.whole(place_there) * scale), _votes(at_home, labels, said[0]),
        _votes(away, labels, said[1]), distance, moved, None if grouped is None else grouped - right, n_groups,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Ridge:
    """Ridge classifiers on principal axes: one for each fold, learnt from the others, and one on all."""

    mean: Floats
    axes: Floats
    penalty: float
    targets: Floats
    labels: Ints
    folds: Ints
    places: Floats

    def place(self, units: Floats) -> Floats:
        """Coordinates on the axes, (n_images, n_axes)."""
        return np.asarray((units - self.mean) @ self.axes)

    def fit(self, rows: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Kernel and bias from some of the labelled images."""
        return _solve(self.places[rows], self.targets[rows], self.penalty)

    def out_of_fold(self, places: Floats, folds: Ints | None = None) -> Floats:
        """Outputs for the labelled images as they stand at `places`, each by the model without its fold."""
        folds = self.folds if folds is None else folds
        outputs = np.zeros_like(self.targets)
        for held in np.unique(folds):
            kernel, bias = self.fit(folds != held)
            outputs[folds == held] = places[folds == held] @ kernel + bias
        return outputs

    def whole(self, places: Floats) -> Floats:
        """Outputs of the model on all, (n_images, n_classes)."""
        kernel, bias = self.fit(np.ones(len(self.labels), bool))
        return places @ kernel + bias


def _fit_ridge(units: Floats, labels: Ints, folds: Ints, n_classes: int) -> _Ridge:
    """Axes by subspace iteration (Halko et al. 2011), and the penalty of the least squared error out of fold."""
    mean = units.mean(axis=0)
    centred = units - mean
    rng = np.random.default_rng(0)
    axes = rng.normal(size=(units.shape[1], min(N_AXES, len(units) - 1, units.shape[1]))).astype(np.float32)
    for _ in range(3):
        axes = np.linalg.qr(centred.T @ (centred @ axes))[0]
    places = centred @ axes
    axes = axes @ np.linalg.eigh(places.T @ places)[1].astype(np.float32)  # so that each can be scaled alone
    places = centred @ axes
    variance = float((places**2).mean(axis=0).mean())
    targets = (labels[:, None] == np.arange(n_classes)).astype(np.float32)
    found = [_Ridge(mean, axes, ridge * variance, targets, labels, folds, places) for ridge in RIDGES]
    return min(found, key=lambda one: float(((one.out_of_fold(places) - targets) ** 2).sum()))


def _solve(places: Floats, targets: Floats, penalty: float) -> tuple[Floats, Floats]:
    middle, share = places.mean(axis=0), targets.mean(axis=0)
    centred = places - middle
    scatter = centred.T @ centred / len(places)
    scatter[np.diag_indices(len(scatter))] += penalty
    kernel = np.linalg.solve(scatter, centred.T @ (targets - share) / len(places))
    return kernel, share - middle @ kernel


def _move(here: Floats, there: Floats) -> Floats:
    """Places with the mean and the spread of others on each axis."""
    factor = np.clip((there.std(axis=0) + 1e-6) / (here.std(axis=0) + 1e-6), 0.1, 3.0)
    return np.asarray((here - here.mean(axis=0)) * factor + there.mean(axis=0))


def _hold_groups_back(
    ridge: _Ridge, likeness: Floats, at_home: Floats, away: Floats
) -> tuple[float | None, int]:
    """Accuracy with groups held back, and how many; images are of one group where a chain of likeness joins them.

    Likeness counts from halfway between that of the nearest labelled images at home and away.
    """
    from_here_on = (np.median(at_home.max(axis=1)) + np.median(away.max(axis=1))) / 2
    groups = _chains(likeness > from_here_on)
    counts = np.zeros((int(groups.max()) + 1, int(ridge.labels.max()) + 1))
    np.add.at(counts, (groups, ridge.labels), 1)
    in_class = counts[:, counts.any(axis=0)]
    shares = in_class.max(axis=0) / in_class.sum(axis=0)
    if (in_class > 0).sum(axis=0).min() < FEWEST_GROUPS or shares.max() > LARGEST_GROUP:
        return None, 0
    fold_of, held = np.zeros(len(counts), np.int64), np.zeros((N_FOLDS, counts.shape[1]))
    for group in np.argsort(-counts.sum(axis=1), kind="stable"):
        fold_of[group] = (held @ counts[group] + counts[group].sum() * held.sum(axis=1) * 1e-3).argmin()
        held[fold_of[group]] += counts[group]
    outputs = ridge.out_of_fold(ridge.places, fold_of[groups])
    return float((outputs.argmax(axis=1) == ridge.labels).mean()), len(counts)


def _chains(is_near: NDArray[np.bool_]) -> Ints:
    """Connected components of a symmetric matrix, numbered from 0."""
    first, n = np.arange(len(is_near)), len(is_near)
    while True:
        smallest = np.minimum(np.where(is_near, first, n).min(axis=1), first)
        smallest = smallest[smallest]
        if np.array_equal(smallest, first):
            return np.asarray(np.unique(first, return_inverse=True)[1])
        first = smallest


def _votes(likeness: Floats, labels: Ints, said: Ints) -> NDArray[np.float64]:
    """Share of the nearest neighbours' votes for a class each, (n_images,)."""
    k = min(N_NEIGHBOURS, likeness.shape[1])
    nearest = np.argpartition(likeness, -k, axis=1)[:, -k:]
    likest = np.take_along_axis(likeness, nearest, axis=1)
    weights = np.exp(SHARPNESS * (likest - likest.max(axis=1, keepdims=True)))
    is_for = labels[nearest] == said[:, None]
    return np.asarray((weights * is_for).sum(axis=1) / weights.sum(axis=1), np.float64)


def _nearness(likeness: Floats) -> Floats:
    """Mean likeness of the nearest labelled images, (n_images,)."""
    k = min(N_NEAREST, likeness.shape[1])
    return np.asarray(np.partition(likeness, -k, axis=1)[:, -k:].clip(-1).mean(axis=1))


def _distance(here: Floats, there: Floats, said: Ints, said_there: Ints) -> float:
    """How much less near the others are, in standard deviations; classes count as they are predicted there."""
    of_class = {int(c): float(here[said == c].mean()) for c in np.unique(said)}
    usual = np.array([of_class.get(int(c), float(here.mean())) for c in said_there])
    return float((usual - there).mean() / (here.std() + 1e-6))


def _choose_scale(outputs: Floats, labels: Ints) -> float:
    rows = np.arange(len(labels))
    return min(SCALES, key=lambda s: -float(np.log(_softmax(outputs * s)[rows, labels] + 1e-12).mean()))


def _softmax(logits: Floats) -> NDArray[np.float64]:
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _spread_out(values: Floats, rows: Ints, n: int) -> NDArray[np.float64]:
    """Values of some rows among n, NaN elsewhere."""
    found = np.full((n, *values.shape[1:]), np.nan)
    found[rows] = values
    return found


def _directions(vectors: Floats) -> NDArray[np.float32]:
    """Directions after a square root that keeps the sign: a few large features do not decide alone."""
    roots = np.sign(vectors) * np.sqrt(np.abs(vectors))
    return np.asarray(roots / np.maximum(np.linalg.norm(roots, axis=1, keepdims=True), 1e-12), np.float32)


def draw_rows(rows: Ints, most: int, rng: np.random.Generator) -> Ints:
    """The rows, or `most` of them drawn at random, in order."""
    return rows if len(rows) <= most else np.sort(rng.choice(rows, most, replace=False))
