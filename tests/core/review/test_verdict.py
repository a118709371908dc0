"""What a figure means, in words that never say more than is known."""

from __future__ import annotations

import pytest

from core.review.metrics import wilson_interval
from core.review.verdict import describe_accuracy, describe_doubt, describe_measure, percent, say_changed_since
from core.text import text


@pytest.mark.parametrize(
    ("share", "shown"),
    [(1, "100.0"), (0.9999, "99.9"), (0.5, "50.0"), (0.0001, "0.1"), (0, "0.0"), (0.98345, "98.3")],
)
def test_percentages_are_not_rounded_to_certainty(share: float, shown: str) -> None:
    assert percent(share) == shown


def test_the_figure_and_its_meaning() -> None:
    assert describe_accuracy(136, 144, wilson_interval(136, 144)) == (
        "Accuracy 94.4 % (95 % CI 89.4–97.2) – of 100 new images like these, about 94 are classified correctly."
    )


@pytest.mark.parametrize(("n_right", "n", "about"), [(740, 741, 99), (1, 741, 1), (0, 741, 0), (999_999, 10**6, 99)])
def test_nearly_all_is_not_all(n_right: int, n: int, about: int) -> None:
    said = describe_accuracy(n_right, n, wilson_interval(n_right, n))
    assert f"about {about} are" in said and "100.0 %" not in said.partition("(")[0]


def test_without_a_mistake_it_promises_the_lower_bound() -> None:
    assert describe_accuracy(741, 741, wilson_interval(741, 741)) == (
        "Accuracy 100 % (95 % CI 99.5–100.0) – all 741 held-out images are classified correctly; "
        "expect an accuracy of at least 99.5 % on new ones."
    )


def test_nothing_measured() -> None:
    assert describe_accuracy(0, 0, (0, 1)) == describe_accuracy(0, 0, None) == text("review.no_accuracy")


def test_few_labels_are_called_a_doubt() -> None:
    assert describe_doubt((0.71, 0.98)) == text("review.too_few_labels", low=0.71, high=0.98)
    assert "between 71.0 % and 98.0 %" in describe_doubt((0.71, 0.98)) and describe_doubt((0.984, 0.997)) == ""


def test_how_a_figure_was_measured_is_said() -> None:
    assert describe_measure("cross-validation", 20) == text("review.measured_by_cross_validation", n=20)
    assert describe_measure("held back", 148).startswith("Measured on 148 held-out images")
    assert describe_measure("untrained", 741) == text("review.measured_untrained", n=741)
    assert describe_measure("no labels", 0) == ""
    assert describe_measure("a coin", 2) == "Measured by a coin on 2 images."
    all_right = describe_accuracy(741, 741, wilson_interval(741, 741), kind="untrained")
    assert "all 741 labelled images" in all_right


def test_images_that_changed_are_said_in_good_english() -> None:
    assert say_changed_since(0) == ""
    assert say_changed_since(1) == "1 image changed since this run; its prediction no longer counts."
    assert say_changed_since(2) == "2 images changed since this run; their predictions no longer count."
