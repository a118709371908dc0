"""Weights, greedy selection, error correlation and gain of ensembles, on probabilities that are drawn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from core.training.ensemble import (
    correlate_errors, fit_weights, given_to_labels, is_surely_better, measure_gain, paired_difference, put_together,
    select_greedily, update_weights, vote, weigh,
)
from core.training.strategies.ensemble import WAYS


def draw(
    n: int, skills: tuple[float, ...], *, n_classes: int = 4, seed: int = 0, shared: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (n_members, n, n_classes) and labels; `shared` is how much noise the members have in common."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, n_classes, n)
    common, members = rng.normal(size=(n, n_classes)), []
    for skill in skills:
        logits = shared * common + (1 - shared ** 2) ** 0.5 * rng.normal(size=(n, n_classes))
        logits[np.arange(n), labels] += skill
        members.append(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))
    return np.array(members, np.float32), labels


def mean_loss(chosen: np.ndarray, weights: np.ndarray) -> float:
    return -float(np.log(chosen @ weights).mean())


def test_fitted_weights_are_the_best_there_are() -> None:
    members, labels = draw(400, (2.0, 1.5, 0.2))
    chosen = given_to_labels(members, labels)
    weights = fit_weights(chosen)
    assert weights.min() >= 0 and weights.sum() == pytest.approx(1)
    found = minimize(
        lambda w: mean_loss(chosen, w), np.full(3, 1 / 3), method="SLSQP", bounds=[(0, 1)] * 3, tol=1e-12,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1})
    assert mean_loss(chosen, weights) == pytest.approx(found.fun, abs=2e-6)
    np.testing.assert_allclose(weights, found.x, atol=0.01)


@pytest.mark.parametrize("way", WAYS)
def test_weights_are_shares(way: str) -> None:
    members, labels = draw(60, (2.0, 1.0, 0.0, 1.5, 0.5))
    weights = weigh(given_to_labels(members, labels), way=way, seed=3)
    assert weights.shape == (5,) and weights.min() >= 0 and weights.sum() == pytest.approx(1)
    voted = vote(members, weights)
    assert voted.dtype == np.float32
    np.testing.assert_allclose(voted.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(voted, np.einsum("m,mnc->nc", weights, members), atol=1e-6)


def test_equal_members_share_and_a_useless_one_gets_nothing() -> None:
    members, labels = draw(300, (2.0,))
    useless = np.full_like(members[0], 0.01)
    useless[:, 0] = 0.97
    chosen = given_to_labels(np.stack([members[0], members[0], useless]), labels)
    weights = weigh(chosen, way="weights", seed=0)
    assert weights[0] == pytest.approx(weights[1])
    better = np.stack([members[0], np.full_like(members[0], 0.25)])
    sure, labels = draw(300, (9.0,))
    assert weigh(given_to_labels(np.stack([sure[0], better[1]]), labels), way="weights", seed=0)[1] < 0.01


def test_a_member_that_is_certain_and_wrong_breaks_nothing() -> None:
    members, labels = draw(50, (2.0, 2.0))
    members[0, 0] = 0
    members[0, 0, (labels[0] + 1) % 4] = 1
    for way in WAYS:
        assert np.isfinite(weigh(given_to_labels(members, labels), way=way, seed=0)).all()
    both_wrong = members.copy()
    both_wrong[1, 0] = members[0, 0]
    assert np.isfinite(fit_weights(given_to_labels(both_wrong, labels))).all()


def test_greedy_selection_prefers_what_helps_and_its_bags_are_seeded() -> None:
    members, labels = draw(300, (2.0, 1.8, -1.0, -1.0))
    chosen = given_to_labels(members, labels)
    weights = select_greedily(chosen, seed=1)
    assert weights.sum() == pytest.approx(1) and weights[:2].sum() > 0.75
    np.testing.assert_array_equal(weights, select_greedily(chosen, seed=1))
    assert (weights != select_greedily(chosen, seed=2)).any()
    assert mean_loss(chosen, weights) < mean_loss(chosen, np.full(4, 0.25))


def test_each_fold_is_judged_with_weights_of_the_others() -> None:
    """The labels of a fold are turned round: weights of the others do not move its own."""
    members, labels = draw(100, (2.0, 0.0))
    folds = np.arange(100) % 5
    before = put_together(members, labels, folds, way="weights", seed=0)
    turned = np.where(folds == 2, (labels + 1) % 4, labels)
    after = put_together(members, turned, folds, way="weights", seed=0)
    np.testing.assert_array_equal(before.fold_weights[2], after.fold_weights[2])
    np.testing.assert_array_equal(before.probabilities[folds == 2], after.probabilities[folds == 2])
    assert (before.fold_weights[0] != after.fold_weights[0]).any() and (before.weights != after.weights).any()
    for fold in range(5):
        held = folds == fold
        np.testing.assert_allclose(
            before.probabilities[held], vote(members[:, held], before.fold_weights[fold]), atol=1e-6)


def test_the_figure_of_an_ensemble_is_not_flattered() -> None:
    """Many members of pure chance: a selection on all images finds a gain that there is not, folds do not."""
    honest, flattered = [], []
    for seed in range(8):
        members, labels = draw(60, (0.0,) * 20, seed=seed)
        found = put_together(members, labels, np.arange(60) % 5, way="greedy", seed=0)
        chosen = np.arange(60), labels
        honest.append(-np.log(found.probabilities[chosen]).mean())
        flattered.append(-np.log(vote(members, found.weights)[chosen]).mean())
    assert np.mean(flattered) < np.log(4) - 0.02 < np.log(4) + 0.02 < np.mean(honest)


def test_errors_correlate_as_they_are_shared() -> None:
    apart, labels = draw(2000, (1.0, 1.0), seed=1)
    alike, also = draw(2000, (1.0, 1.0), seed=1, shared=0.9)
    low, high = correlate_errors(apart, labels), correlate_errors(alike, also)
    assert abs(low[0, 1]) < 0.1 and high[0, 1] > 0.4
    np.testing.assert_allclose(np.diag(low), 1)
    wrong = (apart.argmax(axis=2) != labels).astype(float)
    assert low[0, 1] == pytest.approx(np.corrcoef(wrong)[0, 1])
    perfect = np.eye(4, dtype=np.float32)[labels]
    assert np.isnan(correlate_errors(np.stack([apart[0], perfect]), labels)[0, 1])


def test_independent_members_gain_and_copies_do_not() -> None:
    members, labels = draw(1000, (1.0, 1.0, 1.0, 1.0))
    gain = measure_gain(vote(members, np.full(4, 0.25)), members, labels)
    assert gain.difference > 0.05 and gain.is_sure
    assert gain.accuracy - gain.best_accuracy == pytest.approx(gain.difference)
    copies = np.stack([members[0]] * 3)
    gain = measure_gain(vote(copies, np.full(3, 1 / 3)), copies, labels)
    assert gain.difference == 0 and not gain.is_sure and gain.interval[0] < 0 < gain.interval[1] and gain.best == 0


def test_of_members_that_are_right_as_often_the_surer_one_is_the_best() -> None:
    labels = np.array([0, 1, 0, 1])
    shy, sure = np.full((4, 2), 0.4, np.float32), np.full((4, 2), 0.1, np.float32)
    shy[np.arange(4), labels], sure[np.arange(4), labels] = 0.6, 0.9
    assert measure_gain(shy, np.stack([shy, sure]), labels).best == 1


def test_the_paired_interval_covers() -> None:
    """2,000 draws of 100 images with a true difference of 0.05: the 95 % interval holds it in 93 to 98 %."""
    rng = np.random.default_rng(5)
    n_held = 0
    for _ in range(2000):
        kind = rng.choice(4, 100, p=[0.65, 0.15, 0.10, 0.10])
        difference, (low, high) = paired_difference(kind <= 1, (kind == 0) | (kind == 2))
        assert low <= difference <= high or abs(difference) > 0.2
        n_held += low <= 0.05 <= high
    assert 0.93 < n_held / 2000 < 0.98


def test_weights_that_are_not_surely_better_give_way_to_equal_ones() -> None:
    """Of members that are equally good a fit finds chance only, of members that are not it finds the better one."""
    alike, labels = draw(200, (1.5, 1.5, 1.5), seed=4, shared=0.6)
    chosen = given_to_labels(alike, labels)
    assert (fit_weights(chosen) != 1 / 3).any()
    np.testing.assert_allclose(weigh(chosen, way="weights", seed=0), 1 / 3)
    unlike, labels = draw(200, (2.0, 0.2, 0.2), seed=4)
    assert weigh(given_to_labels(unlike, labels), way="weights", seed=0)[0] > 0.9
    assert not is_surely_better(chosen[:1], np.array([1.0, 0, 0]), np.full(3, 1 / 3)), "one image says nothing"


def test_updated_weights_are_the_leading_eigenvector_and_prefer_who_is_right_where_others_fail() -> None:
    members, labels = draw(400, (2.0, 2.0, 1.0))
    chosen = given_to_labels(members, labels)
    weights = update_weights(chosen)
    step = chosen.T @ (1 - chosen) @ (np.ones((3, 3)) - np.eye(3))
    values, vectors = np.linalg.eig(step)
    leading = np.abs(vectors[:, values.real.argmax()].real)
    np.testing.assert_allclose(weights, leading / leading.sum(), atol=1e-5)
    assert weights[2] < weights[:2].min() and weights.min() > 0
    hard = np.array([[0.9, 0.9, 0.2]] * 3 + [[0.2, 0.2, 0.9]])  # the last member is right on the hard image alone
    easy = np.array([[0.9, 0.9, 0.2]] * 3 + [[0.2, 0.2, 0.2]])
    assert update_weights(hard)[2] > update_weights(easy)[2]


def test_updated_weights_give_way_to_equal_ones_unless_surely_better() -> None:
    members, labels = draw(40, (1.5, 1.5, 1.4))
    np.testing.assert_allclose(weigh(given_to_labels(members, labels), way="updated", seed=0), 1 / 3)
