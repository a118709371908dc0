"""The learning curve: which labels are drawn, who judges, and what is foreseen from drawn and lawful data."""

from __future__ import annotations

import numpy as np
import pytest

from core.jobs import JobContext
from core.training.learning_curve import (
    CurvePoint, LearningCurve, draw_curve, draw_labels, find_judges, foresee, plan_sizes,
)
from core.training.power_law import fit_power_law


def test_sizes_are_as_many_a_class_as_can_be_judged() -> None:
    assert plan_sizes(741, 2) == (10, 20, 40, 100, 200, 400, 592)
    assert plan_sizes(60, 2) == (10, 20, 40) and plan_sizes(16, 2) == (10,) and plan_sizes(4, 2) == ()


def test_whole_groups_are_drawn_in_the_proportions_of_the_classes() -> None:
    labels = np.repeat([0, 1, 2], [60, 30, 2])
    groups = np.arange(92) // 2
    rows = draw_labels(labels, groups, 46, np.random.default_rng(0))
    assert np.bincount(labels[rows]).tolist() == [30, 15, 1] and len(set(rows)) == 46
    n_groups = len(np.unique(groups[rows[labels[rows] == 0]]))
    assert n_groups == 15, "a group is used up before the next one is opened"
    assert set(draw_labels(labels, groups, 46, np.random.default_rng(1))) != set(rows)
    assert find_judges(np.array([7, 7, 8, 9]), np.array([0])).tolist() == [False, False, True, True]


def make(n: int, seed: int, n_copies: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Overlapping classes; each image several times, with a little noise."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    features = 0.5 * np.eye(3)[labels] @ rng.normal(size=(3, 24)) + rng.normal(size=(n, 24))
    copies = np.tile(features, (n_copies, 1)) + 0.01 * rng.normal(size=(n * n_copies, 24))
    return copies.astype(np.float32), np.tile(labels, n_copies), np.tile(np.arange(n), n_copies)


def test_accuracy_rises_and_images_of_a_drawn_group_never_judge() -> None:
    features, labels, groups = make(150, 0, n_copies=4)
    kept, split = (
        draw_curve(features, labels, which, n_classes=3, seed=0, context=JobContext())
        for which in (groups, np.arange(len(groups))))
    assert [p.n_labels for p in kept] == [15, 30, 60, 150, 300, 480]
    assert kept[-1].accuracy > kept[0].accuracy and all(p.low <= p.accuracy <= p.high for p in kept)
    assert split[-1].accuracy > kept[-1].accuracy + 0.1, "copies on both sides flatter"
    assert draw_curve(features, labels, groups, n_classes=3, seed=0, context=JobContext()) == kept


def test_a_law_is_found_again() -> None:
    n = np.array([10, 20, 50, 100, 200, 500], float)
    law = fit_power_law(n, 0.05 + 0.9 * n**-0.5, np.ones(6))
    assert (law.floor, law.scale, law.exponent) == pytest.approx((0.05, 0.9, 0.5), abs=0.002)
    plain = fit_power_law(n, 0.9 * n**-0.5, np.ones(6), has_floor=False)
    assert plain.floor == 0 and plain.error(1000) == pytest.approx(0.9 * 1000**-0.5, rel=1e-3)
    below = fit_power_law(n, 0.9 * n**-0.5 - 0.03, np.ones(6))
    assert below.floor == 0, "errors are never negative"
    flat = fit_power_law(n, np.full(6, 0.3), np.ones(6))
    assert flat.error(10_000) == pytest.approx(0.3)
    assert fit_power_law(n, 0.1 + 0.001 * n, np.ones(6)).error(1000) < 1, "rising errors are not carried on"


def lawful(floor: float, noise: float = 0.0) -> tuple[CurvePoint, ...]:
    rng = np.random.default_rng(3)
    points = []
    for n in (10, 20, 40, 100, 200, 400):
        draws = 1 - floor - 0.9 * n**-0.5 + noise * rng.normal(size=8)
        points.append(CurvePoint(n, n / 2, float(draws.mean()), 0, 1, tuple(draws.tolist())))
    return tuple(points)


def test_twice_as_many_labels_are_foreseen_with_an_interval() -> None:
    law, now, doubled = foresee(lawful(0.02), 500)
    assert law is not None and now is not None and doubled is not None
    assert doubled.n_labels == 1000 and doubled.accuracy == pytest.approx(1 - 0.02 - 0.9 * 1000**-0.5, abs=0.004)
    assert doubled.low < doubled.accuracy < doubled.high and now.accuracy < doubled.accuracy
    noisy = foresee(lawful(0.02, noise=0.05), 500)[2]
    assert noisy is not None and noisy.high - noisy.low > doubled.high - doubled.low
    assert foresee(lawful(0.02)[:2], 40) == (None, None, None)


@pytest.mark.parametrize(("points", "n", "kind"), [
    (lawful(0.02), 500, "more"), (lawful(0.3), 50_000, "little"), (lawful(0.0), 10**7, "nearly_all"),
    ((), 10, "too_few_labels"),
])
def test_the_sentence_says_what_it_is_worth(points: tuple[CurvePoint, ...], n: int, kind: str) -> None:
    found = LearningCurve(n, ("a", "b"), points, *foresee(points, n))
    assert found.now is None or found.now.low < 1, "nobody is right always"
    assert found.sentence.code == f"training.curve.{kind}"
