"""The small tree splits where it should, and no finer than it may."""

from __future__ import annotations

import numpy as np
import pytest

from core.checks.shortcut_rules import SmallTree


def fit(matrix: np.ndarray, labels: np.ndarray, *, depth: int = 3, smallest: int = 1) -> SmallTree:
    weights = np.ones(len(labels), np.float32)
    return SmallTree(matrix.astype(np.float32), labels, weights=weights, depth=depth, smallest=smallest)


def test_one_threshold_is_found_among_noise() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(200, 4))
    labels = (matrix[:, 2] > 0.3).astype(np.int64)
    tree = fit(matrix, labels)
    assert tree.features == (2,)
    assert (tree.apply(matrix.astype(np.float32))[1] == labels).all()
    assert len(set(tree.apply(matrix.astype(np.float32))[0])) == 2


def test_two_columns_are_combined() -> None:
    matrix = np.array([[x, y] for x in range(10) for y in range(10)], float)
    labels = ((matrix[:, 0] > 4) & (matrix[:, 1] > 6)).astype(np.int64)
    tree = fit(matrix, labels)
    assert tree.features == (0, 1) and (tree.apply(matrix.astype(np.float32))[1] == labels).all()


@pytest.mark.parametrize(("depth", "smallest", "n_leaves"), [(0, 1, 1), (1, 1, 2), (3, 60, 1), (3, 1, 8)])
def test_depth_and_size_of_leaves_are_kept(depth: int, smallest: int, n_leaves: int) -> None:
    values = np.arange(100.0)
    labels = (values.astype(int) // 10) % 2
    leaves, _ = fit(values[:, None], labels, depth=depth, smallest=smallest).apply(values[:, None].astype(np.float32))
    assert len(set(leaves)) <= n_leaves and min(np.bincount(leaves)[np.unique(leaves)]) >= min(smallest, 100)
    assert len(set(leaves)) > 1 or n_leaves == 1


def test_equal_values_are_never_parted() -> None:
    matrix = np.zeros((20, 1))
    assert fit(matrix, np.arange(20) % 2).features == ()


def test_weights_decide() -> None:
    matrix, labels = np.zeros((4, 1), np.float32), np.array([0, 0, 0, 1])
    tree = SmallTree(matrix, labels, weights=np.array([1, 1, 1, 9], np.float32), depth=1, smallest=1)
    assert tree.apply(matrix)[1].tolist() == [1, 1, 1, 1]
