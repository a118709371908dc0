"""Figures in the terminal say no more than is known, and the same as everywhere else."""

from __future__ import annotations

from typing import Any

import pytest

from core.review.metrics import wilson_interval
from core.cli.options import say_accuracy
from core.cli.run_commands import say_runs, say_trained
from core.text import text


def facts(n_right: int, n: int, **others: Any) -> dict[str, Any]:
    return {
        "run": "r1", "strategy": "transfer", "backbone": "b", "seed": 0, "n_train": n, "n_validation": n,
        "accuracy": n_right / n, "interval": list(wilson_interval(n_right, n)),
        "confusion": [[n_right // 2, 0], [n - n_right, n_right - n_right // 2]], "classes": ["pistol", "phone"],
        "accuracy_kind": "cross-validation",
        "seconds": 1.0, "notes": [], "findings": [], "skipped": [], **others,
    }


def test_without_a_mistake_no_certainty_is_claimed() -> None:
    assert say_accuracy(facts(741, 741)) == (
        "Accuracy 100 % (95 % CI 99.5–100.0) – all 741 held-out images are classified correctly; "
        "expect an accuracy of at least 99.5 % on new ones. "
        "Baseline (always predicting “phone”) 50.1 %; balanced accuracy 100.0 %.")
    assert text("cli.runs.all_right", low="99.5") in say_runs([facts(741, 741)])


def test_figures_are_not_rounded_to_certainty() -> None:
    assert say_accuracy(facts(9999, 10_000)).startswith("Accuracy 99.9 % (95 % CI 99.9–99.9")
    assert "99.9 % (99.9–99.9)" in say_runs([facts(9999, 10_000)])


def test_a_figure_that_hides_a_class_comes_after_the_warning() -> None:
    hidden = facts(60, 63) | {"confusion": [[60, 0], [3, 0]]}
    assert say_accuracy(hidden).splitlines() == [
        "No better than the baseline: always predicting “pistol” gives an accuracy of 95.2 %. "
        "Never predicted: “phone” (3 images).",
        "Accuracy 95.2 % (95 % CI 86.9–98.4) – of 100 new images like these, about 95 are classified correctly. "
        "Balanced accuracy 50.0 %.",
    ]
    assert say_trained(hidden).startswith("No better than the baseline")
    assert say_runs([hidden]).endswith(
        "95.2 % (86.9–98.4); "
        "balanced accuracy 50.0 %, not clearly better than the baseline 95.2 %, never predicts “phone”")


def test_a_test_accuracy_stands_below_and_in_the_list_of_runs() -> None:
    test = {"n": 18, "accuracy": 15 / 18, "interval": [0.608, 0.942], "n_not_predicted": 0, "sentences": ["Test …"]}
    assert say_accuracy(facts(7, 8, test=test)).splitlines()[-1] == "Test …"
    assert say_runs([facts(7, 8, test=test)]).endswith("; test accuracy 83.3 % (60.8–94.2) on 18 images")
    later = test | {"accuracy": None, "n": 0, "n_not_predicted": 18}
    assert say_runs([facts(7, 8, test=later)]).endswith("; test: 18 labelled images not predicted yet")


def test_concerns_of_the_labels_are_said_after_a_training() -> None:
    assert "Before you rely on it: “b” (3) has fewer" in say_trained(facts(7, 8, concerns=["“b” (3) has fewer …"]))


def test_few_labels_are_called_a_doubt() -> None:
    assert "Too few labels: the accuracy may lie" in say_accuracy(facts(9, 10))


@pytest.mark.parametrize("say", [say_trained, lambda row: say_runs([row])])
def test_reading_without_training_learnt_from_no_labels(say: Any) -> None:
    said = say(facts(7, 8, n_train=0, strategy="zero-shot", accuracy_kind="untrained"))
    assert text("cli.train.nothing_learnt") in said and "0 label" not in said


def test_where_nothing_can_judge_it_is_said() -> None:
    nothing = facts(1, 1) | {"accuracy": None, "interval": None, "n_validation": 0, "confusion": []}
    assert say_accuracy(nothing) == text("review.no_accuracy")
