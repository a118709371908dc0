"""Figures against values worked out by hand or published."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from core.review.metrics import (
    class_figures, confusion_matrix, design_effect, log_loss, losses, most_confused, wilson_interval,
)

LABELS = np.array([0, 0, 0, 1, 1, 2])
PREDICTED = np.array([0, 0, 1, 1, 1, 1])


@pytest.mark.parametrize(
    ("n_right", "n_total", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (736, 741, 0.9843, 0.9971),
    ],
)
def test_wilson_interval_as_published(n_right: int, n_total: int, low: float, high: float) -> None:
    assert wilson_interval(n_right, n_total) == pytest.approx((low, high), abs=5e-5)


def test_groups_that_are_right_or_wrong_together_count_as_one_image_each() -> None:
    groups = np.repeat(np.arange(20), 5)
    together = np.repeat(np.arange(20) % 4 > 0, 5)
    assert design_effect(together, groups) == pytest.approx(5)
    assert wilson_interval(75, 100, design_effect=5.0) == pytest.approx(wilson_interval(15, 20))
    scattered = np.tile([True, True, True, False, True], 20)
    assert design_effect(scattered, groups) == 1, "each group has its share of mistakes"
    assert design_effect(np.ones(100, bool), groups) == 5, "without a mistake nothing tells them apart"
    assert design_effect(together, np.arange(100)) == pytest.approx(1, abs=0.02)


def test_wilson_interval_at_the_ends() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)
    low, high = wilson_interval(5, 5)
    assert high == 1.0 and 0.5 < low < 0.6
    assert wilson_interval(50, 100, level=0.99)[0] < wilson_interval(50, 100)[0]


def test_confusion_has_labels_in_rows() -> None:
    confusion = confusion_matrix(LABELS, PREDICTED, 4)
    assert confusion.tolist() == [[2, 1, 0, 0], [0, 2, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]


def test_precision_and_recall_of_each_class() -> None:
    figures = class_figures(confusion_matrix(LABELS, PREDICTED, 4), ("a", "b", "c", "d"))
    assert [(f.n_images, f.n_predicted) for f in figures] == [(3, 2), (2, 4), (1, 0), (0, 0)]
    assert [f.precision for f in figures] == [1.0, 0.5, None, None]
    assert [f.recall for f in figures] == [pytest.approx(2 / 3), 1.0, 0.0, None]
    assert [f.f1 for f in figures] == [pytest.approx(0.8), pytest.approx(2 / 3), None, None]


def test_most_confused_pairs_come_first() -> None:
    confusion = np.array([[5, 2, 0], [4, 6, 0], [0, 1, 0]])
    pairs = most_confused(confusion, 2)
    assert [(p.label, p.prediction, p.n_images, p.share) for p in pairs] == [(1, 0, 4, 0.4), (0, 1, 2, 2 / 7)]
    assert len(most_confused(confusion, 9)) == 3
    assert confusion[0, 0] == 5


def test_losses_are_finite_even_when_surely_wrong() -> None:
    probabilities = np.array([[1.0, 0.0], [0.25, 0.75]], np.float32)
    found = losses(probabilities, np.array([1, 1]))
    assert found[0] == pytest.approx(27.63, abs=0.01) and found[1] == pytest.approx(-log(0.75))
    assert log_loss(probabilities[:0], np.array([], int)) == 0.0
