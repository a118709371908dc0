"""What a figure means, in words that never say more than is known."""

from __future__ import annotations

import pytest

from core.review.metrics import wilson_interval
from core.review.verdict import describe_accuracy, describe_doubt, describe_measure, percent, say_changed_since


@pytest.mark.parametrize(
    ("share", "text"), [(1, "100.0"), (0.9999, "99.9"), (0.5, "50.0"), (0.0001, "0.1"), (0, "0.0"), (0.98345, "98.3")]
)
def test_percentages_are_not_rounded_to_certainty(share: float, text: str) -> None:
    assert percent(share) == text


def test_the_plain_sentence() -> None:
    assert describe_accuracy(736, 741, wilson_interval(736, 741)) == (
        "Right for 99.3 of 100 new pictures (98.4–99.7); 5 of 741 wrong"
    )


def test_without_a_mistake_it_promises_the_lower_bound() -> None:
    assert describe_accuracy(741, 741, wilson_interval(741, 741)) == (
        "Right for all 741 held-back pictures; expect at least 99.5 of 100 new ones"
    )


def test_nothing_measured() -> None:
    assert describe_accuracy(0, 0, (0, 1)).startswith("Not measured")


def test_few_labels_are_called_a_doubt() -> None:
    assert describe_doubt((0.71, 0.98)) == "Too few labels to tell: it may be anything between 71.0 % and 98.0 %."
    assert describe_doubt((0.984, 0.997)) == ""


def test_what_a_figure_comes_from_is_said() -> None:
    assert "had not learnt from it (20 pictures)" in describe_measure("cross-validation", 20)
    assert describe_measure("held back", 148).startswith("Judged on 148 pictures that were held back")
    assert describe_measure("untrained", 741) == "Judged on all 741 labelled pictures; none of them was learnt from."
    assert describe_measure("no labels", 0) == ""
    assert describe_measure("a coin", 2) == "Judged by a coin (2 pictures)."
    all_right = describe_accuracy(741, 741, wilson_interval(741, 741), kind="untrained")
    assert all_right.startswith("Right for all 741 labelled pictures") and describe_accuracy(0, 0, None)


def test_images_that_changed_are_said_in_good_english() -> None:
    assert say_changed_since(0) == ""
    assert say_changed_since(1) == "1 image has changed since this run; what it predicted for it no longer counts."
    assert say_changed_since(2).startswith("2 images have changed since this run; what it predicted for them")
