"""Precision-recall curves against scikit-learn's, and the figures of a class with their intervals."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, precision_recall_curve

from core.review.class_report import report_classes
from core.review.metrics import confusion_matrix
from core.review.precision_recall import draw_precision_recall


@pytest.mark.parametrize("n_steps", [5, 1000])
def test_the_curve_is_that_of_scikit_learn(n_steps: int) -> None:
    rng = np.random.default_rng(1)
    is_of_class = rng.random(300) < 0.3
    scores = np.round(np.clip(0.3 * is_of_class + rng.random(300), 0, 1) * n_steps) / n_steps  # with equal ones
    found = draw_precision_recall(scores, is_of_class)
    precision, recall, thresholds = precision_recall_curve(is_of_class, scores)
    assert np.allclose(found.thresholds, thresholds[::-1])
    assert np.allclose(found.precision, precision[:-1][::-1]) and np.allclose(found.recall, recall[:-1][::-1])
    assert found.average_precision == pytest.approx(average_precision_score(is_of_class, scores))
    at = float(found.thresholds[len(found.thresholds) // 2])
    named = scores >= at
    assert found.at(at) == pytest.approx((is_of_class[named].mean(), is_of_class[named].sum() / is_of_class.sum()))


def test_a_class_without_images_has_no_curve() -> None:
    found = draw_precision_recall(np.array([0.2, 0.8]), np.array([False, False]))
    assert found.average_precision is None and not len(found.thresholds) and found.at(0.5) == (None, 0.0)
    alone = draw_precision_recall(np.array([0.2, 0.8]), np.array([True, True]))
    assert alone.average_precision == 1 and alone.at(0.9) == (None, 0.0)


def test_figures_of_a_class_and_their_intervals() -> None:
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 3, 200)
    predicted = np.where(rng.random(200) < 0.7, labels, rng.integers(0, 3, 200))
    counts = confusion_matrix(labels, predicted, 4)
    rows = report_classes(counts, ("a", "b", "c", "d"))
    expected = f1_score(labels, predicted, average=None, labels=[0, 1, 2])
    assert [row.f1.value for row in rows[:3] if row.f1] == pytest.approx(expected.tolist())
    for row in rows[:3]:
        for share in (row.recall, row.precision, row.f1):
            assert share is not None and 0 <= share.low < share.value < share.high <= 1
    assert rows[3].recall is rows[3].precision is rows[3].f1 is None
    alike = report_classes(counts, ("a", "b", "c", "d"), design_effect=4)
    assert alike[0].f1 and rows[0].f1 and alike[0].f1.low < rows[0].f1.low, "groups of like images tell less"


def test_the_interval_of_f1_holds_the_truth() -> None:
    """Drawn from known probabilities, 95 of 100 intervals hold the F1 of endless images."""
    rng = np.random.default_rng(3)
    joint = np.array([[0.28, 0.07, 0.05], [0.05, 0.2, 0.05], [0.04, 0.06, 0.2]])
    right, f1 = np.diag(joint), None
    f1 = 2 * right / (joint.sum(0) + joint.sum(1))
    held = [
        row.f1 is not None and row.f1.low <= truth <= row.f1.high
        for _ in range(400)
        for row, truth in zip(
            report_classes(rng.multinomial(150, joint.ravel()).reshape(3, 3), "abc"), f1, strict=True)
    ]
    assert 0.92 <= np.mean(held) <= 0.98
