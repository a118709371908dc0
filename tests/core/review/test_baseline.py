"""What stands beside an accuracy, by values worked out by hand."""

from __future__ import annotations

import pytest

from core.review.baseline import (
    describe_baseline, describe_briefly, describe_warning, judge_confusion, listed, standing_as_json,
    standing_of_figures,
)
from core.review.metrics import wilson_interval
from core.text import text

MAJORITY_ONLY = judge_confusion([[60, 0], [3, 0]], ("disc", "square"))


def test_sixty_discs_and_no_square_found() -> None:
    assert MAJORITY_ONLY.accuracy == pytest.approx(60 / 63) == MAJORITY_ONLY.baseline_accuracy
    assert MAJORITY_ONLY.balanced_accuracy == 0.5 and MAJORITY_ONLY.majority_class == "disc"
    assert MAJORITY_ONLY.is_no_better and MAJORITY_ONLY.is_grave
    assert describe_warning(MAJORITY_ONLY) == (
        "No better than the baseline: always predicting “disc” gives an accuracy of 95.2 %. "
        "Never predicted: “square” (3 images).")
    assert describe_baseline(MAJORITY_ONLY) == "Balanced accuracy 50.0 %."
    assert describe_briefly(MAJORITY_ONLY) == (
        "balanced accuracy 50.0 %, not clearly better than the baseline 95.2 %, never predicts “square”")


@pytest.mark.parametrize(("groups", "effect"), [
    ({"design_effect": 4.0}, 4.0), ({"design_effect": 0.2}, 1.0), ({"design_effect": "much"}, 1.0), ([], 1.0),
])
def test_the_interval_of_figures_knows_of_groups(groups: object, effect: float) -> None:
    standing = standing_of_figures({"confusion": [[30, 10], [10, 30]], "classes": ["a", "b"], "groups": groups})
    assert standing.interval == wilson_interval(60, 80, design_effect=effect)


def test_as_json() -> None:
    assert standing_as_json(MAJORITY_ONLY) == {
        "baseline_accuracy": 60 / 63, "majority_class": "disc", "balanced_accuracy": 0.5,
        "weak_classes": [{"name": "square", "recall": 0.0, "n": 3, "never_predicted": True}],
    }


def test_a_class_of_which_less_than_half_is_found() -> None:
    """Recalls 9/10, 8/10 and 4/10; 30 images, 21 right: 0.7 (0.52–0.83), well above a third."""
    standing = judge_confusion([[9, 1, 0], [2, 8, 0], [6, 0, 4]], ("a", "b", "c"))
    assert standing.balanced_accuracy == pytest.approx(0.7) and standing.baseline_accuracy == pytest.approx(1 / 3)
    assert not standing.is_no_better and standing.is_grave
    assert describe_warning(standing) == "Recall below 50 %: “c” (40.0 % of 10 images)."
    assert describe_baseline(standing) == (
        "Baseline (always predicting “a”) 33.3 %; balanced accuracy 70.0 %.")


def test_half_is_not_below_one_half() -> None:
    assert judge_confusion([[10, 0], [5, 5]], ("a", "b")).weak_classes == ()


def test_nothing_to_warn_of() -> None:
    standing = judge_confusion([[388, 3], [2, 348]], ("pistol", "smartphone"))
    assert describe_warning(standing) == "" and not standing.is_grave
    assert describe_briefly(standing) == "baseline 52.8 %"


def test_better_by_chance_perhaps() -> None:
    """Of 63, 63 right: the interval reaches down to 94.3 %, below the 95.2 % of always saying disc."""
    standing = judge_confusion([[60, 0], [0, 3]], ("disc", "square"))
    assert describe_warning(standing) == (
        "Not clearly better than the baseline: always predicting “disc” gives an accuracy of 95.2 %.")


def test_a_class_without_a_judged_image_has_no_recall_and_is_named() -> None:
    standing = judge_confusion([[10, 0, 0], [0, 10, 0], [0, 0, 0]], ("a", "b", "c"))
    assert standing.balanced_accuracy == 1.0 and standing.weak_classes == ()


def test_images_of_one_class_alone_say_nothing_of_others() -> None:
    standing = judge_confusion([[9, 1], [0, 0]], ("a", "b"))
    assert not standing.is_no_better
    assert describe_baseline(standing) == text("review.one_class", name="a")


def test_nothing_judged() -> None:
    standing = judge_confusion([[0, 0], [0, 0]], ("a", "b"))
    assert standing.accuracy is standing.interval is standing.balanced_accuracy is None
    assert describe_warning(standing) == describe_baseline(standing) == describe_briefly(standing) == ""


def test_long_lists_are_counted() -> None:
    assert listed(["a"]) == "a" and listed(["a", "b", "c"]) == "a, b and c" and listed([]) == ""
    assert listed(list("abcde"), limit=3) == "a, b, c and 2 more"
