"""Thresholds and costs: what is answered, how often wrongly, and which class is said."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import InputError
from core.review.coverage import count_answered, draw_curve
from core.review.decide import NONE_OF_THESE, UNSURE, Rule, require_share, thresholds_of

CONFIDENCES = np.array([0.6, 0.99, 0.9, 0.8, 0.95])
RIGHT = np.array([False, True, True, False, True])
P = np.array([[0.9, 0.1], [0.55, 0.45], [0.2, 0.8]], np.float32)


@pytest.mark.parametrize(("sure", "n", "n_wrong"), [(0, 5, 2), (0.8, 4, 1), (0.81, 3, 0), (0.99, 1, 0), (1, 0, 0)])
def test_coverage_and_errors_at_a_threshold(sure: float, n: int, n_wrong: int) -> None:
    found = draw_curve(CONFIDENCES, RIGHT).at(sure)
    assert (found.n, found.n_wrong, found.n_all) == (n, n_wrong, 5)
    assert found.coverage == n / 5 and found.error == (n_wrong / n if n else None)
    assert found.interval[0] <= (found.error or 0) <= found.interval[1]
    assert count_answered(sure, CONFIDENCES >= sure - 1e-9, RIGHT) == found


def test_the_lowest_threshold_for_an_error_rate() -> None:
    curve = draw_curve(CONFIDENCES, RIGHT)
    assert curve.find_sure(0) == 0.9 and curve.find_sure(0.25) == 0.8 and curve.find_sure(1) == 0.6
    assert draw_curve(np.array([0.9, 0.9]), np.array([True, False])).find_sure(0.1) is None
    assert draw_curve(np.zeros(0), np.zeros(0, bool)).find_sure(0.1) is None


def test_images_that_are_alike_widen_the_interval() -> None:
    alone, alike = (draw_curve(CONFIDENCES, RIGHT, design_effect=d).at(0).interval for d in (1, 3))
    assert alike[0] < alone[0] and alone[1] < alike[1]


def test_below_the_threshold_there_is_no_answer() -> None:
    assert Rule().is_plain and Rule().decide(P).tolist() == [0, 0, 1]
    assert Rule(0.8).decide(P).tolist() == [0, UNSURE, 1], "exactly the threshold is an answer"
    of_classes = thresholds_of(0.0, {"b": 0.85}, ("a", "b"))
    assert Rule(of_classes=of_classes).decide(P).tolist() == [0, 0, UNSURE]
    assert Rule(0.8, has_none=True).decide(P, np.array([True, False, False])).tolist() == [NONE_OF_THESE, UNSURE, 1]


def test_the_class_of_least_expected_cost() -> None:
    missing_b_is_dear = np.array([[0.0, 1.0], [2.0, 0.0]])
    rule = Rule(costs=missing_b_is_dear)
    assert rule.decide(P).tolist() == [0, 1, 1] and not rule.is_plain
    assert Rule(0.5, costs=missing_b_is_dear).decide(P).tolist() == [0, UNSURE, 1]


@pytest.mark.parametrize("given", ["1.1", "-0.1", "many", "nan", ""])
def test_what_is_no_threshold(given: str) -> None:
    with pytest.raises(InputError, match="not a confidence threshold"):
        require_share(given)
    with pytest.raises(InputError, match="no class “c”"):
        thresholds_of(0.9, {"c": 0.5}, ("a", "b"))
