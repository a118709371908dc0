"""Class weights and the rule that decides whether they help, by values worked out by hand."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from core.training.class_weights import are_unequal, balanced_log_loss, class_weights, do_weights_help


def said(*p_second: float) -> np.ndarray:
    """Two columns; the second as given."""
    second = np.array(p_second)
    return np.stack([1 - second, second], axis=1)


def test_every_class_counts_alike() -> None:
    weights = class_weights(np.array([0, 0, 0, 1, 2, 2]), 4)
    np.testing.assert_allclose(weights[:3], [6 / 9, 6 / 3, 6 / 6])
    assert weights[[0, 0, 0, 1, 2, 2]].mean() == pytest.approx(1)


@pytest.mark.parametrize(("counts", "expected"), [
    ((391, 350), False), ((1052, 733), False), ((2, 1), True), ((60, 3), True), ((5,), False),
])
def test_classes_are_unequal_from_twice_on(counts: tuple[int, ...], expected: bool) -> None:
    assert are_unequal(np.repeat(np.arange(len(counts)), counts)) is expected


def test_the_balanced_loss_is_the_mean_over_classes() -> None:
    labels = np.array([0, 0, 0, 1])
    assert balanced_log_loss(labels, said(0.5, 0.5, 0.5, 0.25)) == pytest.approx((log(2) + log(4)) / 2)


def test_a_rare_class_that_is_found_at_no_cost_helps() -> None:
    labels = np.array([0] * 8 + [1] * 2)
    plain, weighted = said(*[0.1] * 8, 0.4, 0.4), said(*[0.2] * 8, 0.6, 0.6)
    assert do_weights_help(labels, plain, weighted)
    assert not do_weights_help(labels, weighted, plain)


def test_more_is_lost_than_won() -> None:
    """One of two rare images won (+0.25 balanced, +0.1 accuracy), six of eight others lost (−0.375, −0.6)."""
    labels = np.array([0] * 8 + [1] * 2)
    assert not do_weights_help(labels, said(*[0.1] * 8, 0.4, 0.4), said(*[0.6] * 6, 0.1, 0.1, 0.6, 0.4))


def test_where_no_prediction_changes_nothing_is_weighted() -> None:
    labels = np.array([0] * 8 + [1] * 2)
    assert not do_weights_help(labels, said(*[0.1] * 8, 0.1, 0.1), said(*[0.2] * 8, 0.3, 0.3))
    assert not do_weights_help(np.empty(0, np.int64), np.empty((0, 2)), np.empty((0, 2)))
