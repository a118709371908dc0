"""Decision trees on cues, and the simplest rule that one says: “Images at most 160 pixels wide are pistol”.

The trees are small (CART; Breiman, Friedman, Olshen & Stone 1984): best splits by Gini impurity. Of depth three on a
few columns they need no library, and importing scikit-learn for them took two seconds of a training that takes two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.text import Message

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

NO_FEATURE = -1
LEAST_GAIN = 1e-9
"""A split that brings less than this share of the weight is none."""

YES_NO = frozenset({"has_exif", "has_alpha"})
SHARES = frozenset({"border_uniformity", "background"})
NEARLY_AS_GOOD = 0.05
"""A condition alone is enough if it is right for at most this much less of the images."""

UNKNOWN_BELOW = -1e8
"""A value that is not known is replaced by one far below all others, so that a tree can split it off."""

UNKNOWN = np.float32(-1e9)


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
                below, above = (float(values[order[places[at] + step]]) for step in (0, 1))
                middle = (below + above) / 2
                best = feature, middle if below <= middle < above else below
        return best

    def _places(self, ordered: Floats) -> Ints:
        """After which rows a split leaves enough on either side and parts no equal values."""
        differs = np.flatnonzero(ordered[1:] > ordered[:-1])
        return differs[(differs >= self._smallest - 1) & (differs < len(ordered) - self._smallest)]

    def apply(self, matrix: Floats) -> tuple[Ints, Ints]:
        """Number of the leaf and class of each row, (n_rows,) int64 each."""
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


def _features(node: _Node) -> set[int]:
    if node.left is None or node.right is None:
        return set()
    return {node.feature} | _features(node.left) | _features(node.right)


@dataclass(frozen=True, slots=True)
class Column:
    """One column that a tree may split.

    Attributes:
        cue: Name of the cue.
        values: (n_images,) float32 without NaN; see `UNKNOWN`.
        word: For a cue of words: the word that 1 stands for; otherwise empty.
    """

    cue: str
    values: Floats
    word: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one leaf of the tree says.

    Attributes:
        conditions: What the images have in common, such as “at most 160 pixels wide”.
        label: Name of the class that most of these images carry.
        n_images, n_right: Images that it holds for, and how many of them carry that class.
    """

    conditions: tuple[Message, ...]
    label: str
    n_images: int
    n_right: int

    @property
    def sentence(self) -> Message:
        conditions = self.conditions or (Message("checks.cue.none"),)
        return Message("checks.rule", conditions=conditions, label=self.label, share=self.n_right / self.n_images,
                       total=self.n_images)


def best_rule(
    tree: SmallTree, columns: Sequence[Column], *, labels: Ints, weights: Floats, classes: Sequence[str]
) -> tuple[Rule, Ints]:
    """The leaf that tells most images beyond what its class's share would.

    Args:
        columns: What it was fitted on, in order.
        labels: (n_images,) int64.
        weights: (n_images,) float32, as in fitting.
        classes: Names.

    Returns:
        The rule, and the rows that it holds for.
    """
    matrix = np.column_stack([c.values for c in columns])
    leaves, _ = tree.apply(matrix)
    usual = np.bincount(labels, weights=weights) / weights.sum()
    best, best_gain = leaves == leaves[0], -np.inf
    for leaf in np.unique(leaves):
        inside = leaves == leaf
        counts = np.bincount(labels[inside], weights=weights[inside], minlength=len(usual))
        gain = float((counts - usual * counts.sum()).max())
        if gain > best_gain:
            best, best_gain = inside, gain
    within = np.bincount(labels[best], weights=weights[best], minlength=len(usual))
    label = int((within - usual * within.sum()).argmax())
    used = [columns[f] for f in tree.features]
    said = _simplest(used, best, labels == label)
    if len(said) == 1:
        best = _matches(said[0], best)
    conditions = tuple(found for column in said if (found := _condition(column, best)) is not None)
    return Rule(conditions, classes[label], int(best.sum()), int((labels[best] == label).sum())), np.flatnonzero(best)


def _simplest(
    columns: Sequence[Column], inside: NDArray[np.bool_], is_right: NDArray[np.bool_]
) -> list[Column]:
    """The columns needed to say which images are inside: the best one where one is nearly as good as all."""
    telling = [c for c in columns if _condition(c, inside) is not None]
    if len(telling) < 2:
        return telling
    shares = [float(is_right[_matches(c, inside)].mean()) for c in telling]
    best = int(np.argmax(shares))
    return [telling[best]] if shares[best] >= is_right[inside].mean() - NEARLY_AS_GOOD else telling


def _matches(column: Column, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Images within the range of those inside, (n_images,) bool."""
    values = column.values
    matches: NDArray[np.bool_] = (values >= values[inside].min()) & (values <= values[inside].max())
    return matches


def _condition(column: Column, inside: NDArray[np.bool_]) -> Message | None:
    """How the images inside differ from those outside in this column; None where they do not."""
    values = column.values[inside]
    low, high = float(values.min()), float(values.max())
    opens_below, opens_above = low <= float(column.values.min()), high >= float(column.values.max())
    if opens_below and opens_above:
        return None
    if column.word or column.cue in YES_NO:
        code = f"checks.cue.{column.cue}" if low > 0.5 else f"checks.cue.no_{column.cue}"
        return Message(code, word=column.word)
    if high < UNKNOWN_BELOW:
        return Message("checks.cue.unknown", cue=Message(f"checks.cue_name.{column.cue}"))
    return Message(f"checks.cue.{column.cue}", range=_range(
        column.cue, low, high, opens_below=opens_below, opens_above=opens_above))


def _range(cue: str, low: float, high: float, *, opens_below: bool, opens_above: bool) -> Message:
    if opens_below or low < UNKNOWN_BELOW:
        return Message("checks.range.at_most", high=_figure(cue, high))
    if opens_above:
        return Message("checks.range.at_least", low=_figure(cue, low))
    least, most = _figure(cue, low), _figure(cue, high)
    return least if least == most else Message("checks.range.between", low=least, high=most)


def _figure(cue: str, value: float) -> Message:
    if cue in SHARES:
        return Message("checks.number.share", value=value)
    if cue == "year":
        return Message("checks.number.plain", value=round(value))
    is_whole = abs(value) >= 20 or value == int(value)
    return Message("checks.number.whole", value=round(value)) if is_whole else Message(
        "checks.number.decimal", value=value)
