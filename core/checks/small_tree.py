"""A small decision tree (CART; Breiman, Friedman, Olshen & Stone 1984): best splits by Gini impurity.

Trees of depth three on a few columns need no library, and importing scikit-learn for them took two seconds
of a training that takes two.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

NO_FEATURE = -1
LEAST_GAIN = 1e-9
"""A split that brings less than this share of the weight is none."""


@dataclass(frozen=True, slots=True)
class _Node:
    """A leaf (`feature` is `NO_FEATURE`) or a split: rows up to `threshold` go to the left."""

    number: int
    label: int
    feature: int = NO_FEATURE
    threshold: float = 0.0
    left: _Node | None = None
    right: _Node | None = None


class SmallTree:
    """A fitted tree.

    Args:
        matrix: (n_rows, n_features) float32 without NaN, n_rows ≥ 1.
        labels: (n_rows,) int64, 0 or more.
        weights: (n_rows,) float32, above 0.
        depth: Splits from the root to a leaf at most.
        smallest: Rows of a leaf at least.
    """

    def __init__(self, matrix: Floats, labels: Ints, *, weights: Floats, depth: int, smallest: int) -> None:
        self._smallest, self._n_nodes = smallest, 0
        shares = np.zeros((len(labels), int(labels.max()) + 1))
        shares[np.arange(len(labels)), labels] = weights
        self._least_gain = LEAST_GAIN * float(weights.sum())
        self._root = self._grow(matrix, shares, depth)

    @property
    def features(self) -> tuple[int, ...]:
        """Columns that are split, ascending."""
        return tuple(sorted(_features(self._root)))

    def predict(self, matrix: Floats) -> Ints:
        """The class of each row, (n_rows,) int64."""
        return self._walk(matrix)[1]

    def apply(self, matrix: Floats) -> Ints:
        """Number of the leaf of each row, (n_rows,) int64."""
        return self._walk(matrix)[0]

    def _grow(self, matrix: Floats, shares: NDArray[np.float64], depth: int) -> _Node:
        self._n_nodes += 1
        number, label = self._n_nodes, int(shares.sum(axis=0).argmax())
        split = self._best_split(matrix, shares) if depth > 0 else None
        if split is None:
            return _Node(number, label)
        feature, threshold = split
        is_left = matrix[:, feature] <= threshold
        left = self._grow(matrix[is_left], shares[is_left], depth - 1)
        right = self._grow(matrix[~is_left], shares[~is_left], depth - 1)
        return _Node(number, label, feature, threshold, left, right)

    def _best_split(self, matrix: Floats, shares: NDArray[np.float64]) -> tuple[int, float] | None:
        total = shares.sum(axis=0)
        best, best_gain = None, float((total**2).sum() / total.sum()) + self._least_gain
        for feature in range(matrix.shape[1]):
            values = matrix[:, feature]
            order = np.argsort(values, kind="stable")
            places = self._places(values[order])
            if not len(places):
                continue
            left = np.cumsum(shares[order], axis=0)[places]
            # the impurity is least where this sum of squares over weights is largest
            right = total - left
            gain = (left**2).sum(axis=1) / left.sum(axis=1) + (right**2).sum(axis=1) / right.sum(axis=1)
            at = int(gain.argmax())
            if gain[at] > best_gain:
                best_gain = float(gain[at])
                below, above = values[order[places[at]]], values[order[places[at] + 1]]
                best = feature, _between(float(below), float(above))
        return best

    def _places(self, ordered: Floats) -> Ints:
        """After which rows a split leaves enough on either side and parts no equal values."""
        differs = np.flatnonzero(ordered[1:] > ordered[:-1])
        return differs[(differs >= self._smallest - 1) & (differs < len(ordered) - self._smallest)]

    def _walk(self, matrix: Floats) -> tuple[Ints, Ints]:
        leaves, labels = np.empty(len(matrix), np.int64), np.empty(len(matrix), np.int64)
        waiting = [(self._root, np.arange(len(matrix)))]
        while waiting:
            node, rows = waiting.pop()
            if node.left is None or node.right is None:
                leaves[rows], labels[rows] = node.number, node.label
                continue
            is_left = matrix[rows, node.feature] <= node.threshold
            waiting += [(node.left, rows[is_left]), (node.right, rows[~is_left])]
        return leaves, labels


def _between(below: float, above: float) -> float:
    middle = (below + above) / 2
    return middle if below <= middle < above else below


def _features(node: _Node) -> set[int]:
    if node.left is None or node.right is None:
        return set()
    return {node.feature} | _features(node.left) | _features(node.right)
