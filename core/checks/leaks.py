"""Pictures that are on both sides: among those trained on and among those that judge the result.

A twin across the line makes the figures too good, for the model has seen the answer. The lines
are train/test and, for out-of-fold predictions, one fold against the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.checks.duplicates import TwinKind, TwinPair
from core.review.metrics import wilson_interval
from core.checks.similar_pairs import group_ids

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Leak:
    """One picture that judges, with its closest twin among those trained on.

    Attributes:
        judged, trained: Rows.
        kind: How they are alike.
        likeness: 0 … 1.
        sentence: For the user.
    """

    judged: int
    trained: int
    kind: TwinKind
    likeness: float
    sentence: str


@dataclass(frozen=True, slots=True)
class WithoutTwins:
    """How often the model is right, with and without the pictures that have a twin in another fold.

    Attributes:
        n_images, n_right: All.
        n_twins: Pictures with a twin in another fold.
        n_right_without: Right among the others.
        accuracy, accuracy_without: 0 … 1; NaN where nothing is left.
        interval_without: 95 %, of `accuracy_without`.
        sentence: For the user.
    """

    n_images: int
    n_right: int
    n_twins: int
    n_right_without: int
    accuracy: float
    accuracy_without: float
    interval_without: tuple[float, float]
    sentence: str


def find_leaks(pairs: Sequence[TwinPair], is_judged: Bools) -> tuple[Leak, ...]:
    """Twins across train and test, worst first: the same file, the same picture, then nearest first.

    Args:
        pairs: From `find_duplicates` over all images.
        is_judged: (n_images,) bool, true for test images.
    """
    best: dict[int, TwinPair] = {}
    for pair in _spread_same_files(pairs):
        if is_judged[pair.left] == is_judged[pair.right]:
            continue
        judged = pair.left if is_judged[pair.left] else pair.right
        if judged not in best or _badness(pair) < _badness(best[judged]):
            best[judged] = pair
    ordered = sorted(best.items(), key=lambda item: (_badness(item[1]), item[0]))
    return tuple(_leak(judged, pair) for judged, pair in ordered)


def accuracy_without_twins(is_right: Bools, folds: Ints, pairs: Sequence[TwinPair]) -> WithoutTwins:
    """Judge the out-of-fold predictions once more without pictures that have a twin in another fold.

    Args:
        is_right: (n_images,) bool, the out-of-fold prediction equals the label.
        folds: (n_images,) int64.
        pairs: Over the same rows.
    """
    has_twin = np.zeros(len(folds), bool)
    for pair in _spread_same_files(pairs):
        if folds[pair.left] != folds[pair.right]:
            has_twin[[pair.left, pair.right]] = True
    n_images, n_right, n_twins = len(folds), int(is_right.sum()), int(has_twin.sum())
    n_left, n_right_without = n_images - n_twins, int(is_right[~has_twin].sum())
    with_all = n_right / n_images if n_images else float("nan")
    without = n_right_without / n_left if n_left else float("nan")
    return WithoutTwins(
        n_images, n_right, n_twins, n_right_without, with_all, without, wilson_interval(n_right_without, n_left),
        _without_sentence(n_twins, n_left, with_all, without),
    )


def groups_for_folds(n_images: int, pairs: Sequence[TwinPair]) -> Ints:
    """Number the groups that should stay in one fold, (n_images,) int64; most groups have one image.

    Near twins count too: what matters is that no picture is judged by a model that saw its twin.
    """
    left, right = np.array([p.left for p in pairs], np.int64), np.array([p.right for p in pairs], np.int64)
    return group_ids(n_images, left, right)


def _spread_same_files(pairs: Sequence[TwinPair]) -> list[TwinPair]:
    """Links of a file also hold for its copies, which are linked with the first of them only."""
    copies: dict[int, list[int]] = {}
    for pair in pairs:
        if pair.kind is TwinKind.SAME_FILE:
            copies.setdefault(pair.left, [pair.left]).append(pair.right)
    spread: list[TwinPair] = []
    for pair in pairs:
        lefts, rights = copies.get(pair.left, [pair.left]), copies.get(pair.right, [pair.right])
        if pair.kind is TwinKind.SAME_FILE:
            rights = [pair.right]
        spread += [
            TwinPair(min(a, b), max(a, b), pair.kind, pair.likeness, pair.cut, pair.is_mirrored)
            for a in lefts for b in rights if a != b
        ]
    return spread


def _badness(pair: TwinPair) -> tuple[int, float]:
    return list(TwinKind).index(pair.kind), -pair.likeness


def _leak(judged: int, pair: TwinPair) -> Leak:
    trained = pair.right if judged == pair.left else pair.left
    sentence = {
        TwinKind.SAME_FILE: "This test picture is also among the training pictures, as the very same file.",
        TwinKind.SAME_PICTURE: "This test picture is also among the training pictures, in another version.",
        TwinKind.NEAR_TWIN: "This test picture looks nearly the same as a training picture.",
    }[pair.kind]
    return Leak(judged, trained, pair.kind, pair.likeness, sentence)


def _without_sentence(n_twins: int, n_left: int, with_all: float, without: float) -> str:
    if n_twins == 0:
        return "No picture was judged by a model that had seen its twin."
    if n_left == 0:
        return "Every picture has a twin that the model was trained on; the figures cannot be trusted."
    return (
        f"{n_twins:,} pictures were judged by a model that had seen a twin. "
        f"Without them it is right for {without:.1%} instead of {with_all:.1%}."
    )
