"""Whether test images come from another distribution, on drawn features whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from core.checks.check import CatalogState
from core.checks.shift import Shift, ShiftCheck, compare_sets
from core.jobs import JobContext


def draw(n: int, moved: float, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """n images a side, the test images moved along one feature."""
    vectors = np.random.default_rng(seed).normal(size=(2 * n, 30)).astype(np.float32)
    vectors[n:, 0] += moved
    return vectors, np.arange(2 * n) >= n


def compare(vectors: np.ndarray, is_test: np.ndarray, groups: np.ndarray | None = None) -> tuple[Shift, np.ndarray]:
    found = compare_sets(vectors, is_test, np.arange(len(vectors)) if groups is None else groups, JobContext())
    assert found is not None
    return found


def test_the_same_distribution_is_near_chance_and_worth_no_word() -> None:
    found = [compare(*draw(150, 0.0, seed=seed))[0] for seed in range(5)]
    assert all(abs(one.auc - 0.5) < 0.12 and not one.is_worth_saying for one in found)
    assert sum(one.p_value <= 0.05 for one in found) <= 1


def test_another_distribution_is_told_and_the_images_that_give_it_away_come_first() -> None:
    vectors, is_test = draw(150, 2.0)
    found, rows = compare(vectors, is_test)
    assert found.auc > 0.85 and found.accuracy > 0.75 and found.p_value == pytest.approx(0.01)
    assert is_test[rows].all() and len(rows) > 30
    assert vectors[rows[:20], 0].mean() > vectors[rows[-20:], 0].mean()


def test_duplicates_across_the_folds_do_not_make_a_difference() -> None:
    vectors, is_test = draw(40, 0.0)
    many, sides, groups = np.repeat(vectors, 10, axis=0), np.repeat(is_test, 10), np.repeat(np.arange(80), 10)
    assert compare(many, sides)[0].is_worth_saying, "ten copies of each give everything away"
    assert not compare(many, sides, groups)[0].is_worth_saying


def test_few_images_are_not_compared() -> None:
    vectors, is_test = draw(19, 2.0)
    assert compare_sets(vectors, is_test, np.arange(38), JobContext()) is None


def test_the_finding_names_the_images() -> None:
    evidence = Shift((5, 7), 100, 90, 0.93, 0.86, 0.01)
    (finding,) = ShiftCheck().findings(evidence, CatalogState())
    assert finding.image_ids == (5, 7) and "0.93" in str(finding.sentence) and "86" in str(finding.sentence)
    facts = ShiftCheck().facts(evidence, CatalogState(paths={5: "a.jpg"}))
    assert facts["shift"]["images"] == ["a.jpg"] and facts["shift"]["auc"] == 0.93
    assert not list(ShiftCheck().findings(Shift((), 100, 90, 0.6, 0.55, 0.01), CatalogState()))
