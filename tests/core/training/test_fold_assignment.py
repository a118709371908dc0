"""Folds: balanced, seeded, duplicates together."""

from __future__ import annotations

import numpy as np
import pytest

from core.training.folds import assign_folds, hash_groups


def table(labels: np.ndarray, folds: np.ndarray, n_folds: int) -> np.ndarray:
    counts = np.zeros((labels.max() + 1, n_folds), int)
    np.add.at(counts, (labels, folds), 1)
    return counts


@pytest.mark.parametrize("n_folds", [2, 3, 5, 10])
@pytest.mark.parametrize("sizes", [(391, 350), (1, 1), (3, 100, 7, 7, 7), (10,), (2, 2, 2, 2, 2, 2, 2)])
def test_single_images_are_balanced_within_one(n_folds: int, sizes: tuple[int, ...]) -> None:
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(sizes)), sizes))
    folds = assign_folds(labels, np.arange(len(labels)), n_folds=n_folds, seed=1)
    counts = table(labels, folds, n_folds)
    assert folds.dtype == np.int64 and folds.min() >= 0 and folds.max() < n_folds
    assert np.ptp(counts, axis=1).max() <= 1 and np.ptp(counts.sum(axis=0)) <= 1


def test_groups_never_part_and_balance_stays_good() -> None:
    rng = np.random.default_rng(3)
    groups = rng.integers(0, 400, 1000)
    labels = groups % 4
    folds = assign_folds(labels, groups, n_folds=5, seed=0)
    assert all(len(set(folds[groups == g])) == 1 for g in np.unique(groups))
    counts = table(labels, folds, 5)
    assert np.ptp(counts, axis=1).max() <= 6


def test_groups_of_several_classes_stay_together() -> None:
    labels, groups = np.array([0, 1, 0, 1, 0, 1]), np.array([7, 7, 1, 2, 3, 4])
    folds = assign_folds(labels, groups, n_folds=2, seed=0)
    assert folds[0] == folds[1] and (table(labels, folds, 2).sum(axis=0) == 3).all()


def test_a_huge_group_leaves_the_rest_to_the_others() -> None:
    labels, groups = np.zeros(14, int), np.array([0] * 10 + [1, 2, 3, 4])
    folds = assign_folds(labels, groups, n_folds=3, seed=0)
    assert sorted(np.bincount(folds, minlength=3).tolist()) == [2, 2, 10]


def test_the_seed_decides() -> None:
    labels, groups = np.arange(100) % 2, np.arange(100) // 2
    first, same, other = (assign_folds(labels, groups, n_folds=5, seed=s) for s in (0, 0, 1))
    assert (first == same).all() and (first != other).any()


def test_odd_inputs() -> None:
    assert len(assign_folds(np.array([], int), np.array([], int), n_folds=2, seed=0)) == 0
    for n_folds, groups in ((1, np.arange(3)), (2, np.arange(4))):
        with pytest.raises(ValueError, match="expected"):
            assign_folds(np.zeros(3, int), groups, n_folds=n_folds, seed=0)
    assert hash_groups([b"a", b"b", b"a"]).tolist() == [0, 1, 0]
