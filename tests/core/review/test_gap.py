"""The gap between training and held-out accuracy, from the epochs that were kept."""

from __future__ import annotations

from typing import Any

import pytest

from core.review.gap import Gap, describe_gap, read_gap


def epoch(number: int, train: float, held_out: float, *, is_best: bool = True, fold: int = 0) -> dict[str, Any]:
    return {"epoch": number, "accuracy": train, "val_accuracy": held_out, "is_best": is_best, "fold": fold}


def test_the_last_best_epoch_counts_and_folds_are_averaged() -> None:
    assert read_gap([epoch(1, 0.5, 0.5), epoch(2, 0.9, 0.7), epoch(3, 1.0, 0.6, is_best=False)]) == Gap(0.9, 0.7)
    found = read_gap([epoch(1, 0.8, 0.6, fold=1), epoch(1, 1.0, 0.8, fold=2)])
    assert found is not None and (found.train, found.held_out) == pytest.approx((0.9, 0.7))
    assert read_gap([]) is None and read_gap([{"epoch": 1, "is_best": True, "accuracy": 0.5}]) is None


@pytest.mark.parametrize(("train", "held_out", "n", "kind"), [
    (0.99, 0.84, 500, "by_heart"), (0.99, 0.84, 20, "none"), (0.99, 0.97, 5000, "none"), (0.8, 0.95, 500, "below"),
])
def test_a_gap_is_named_where_chance_does_not_explain_it(train: float, held_out: float, n: int, kind: str) -> None:
    said = describe_gap({"history": [epoch(1, train, held_out)], "n_validation": n})
    assert said is not None and said.code == f"review.gap.{kind}"
    assert said.params == {"train": train, "held_out": held_out}


def test_a_run_without_epochs_says_nothing() -> None:
    assert describe_gap({"n_validation": 5}) is None
