"""The gap between training and held-out accuracy of a training by epochs: how much was learnt by heart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from core.text import Message

WIDE = 0.05
"""From this gap on the network knows its training images better than others, if chance does not explain it."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Accuracies of the epochs that were kept, 0 … 1, means over folds where there are several.

    Attributes:
        train: On the training images, as augmented.
        held_out: On images that were held out.
    """

    train: float
    held_out: float


def read_gap(history: Sequence[Mapping[str, Any]]) -> Gap | None:
    """The gap of a history of epochs; None where the figures do not tell.

    Args:
        history: As among the figures of a run: `EpochFigures` as JSON values.
    """
    kept: dict[int, tuple[float, float]] = {}
    for epoch in history:
        accuracy, held_out, fold = epoch.get("accuracy"), epoch.get("val_accuracy"), epoch.get("fold", 0)
        if epoch.get("is_best") and accuracy is not None and held_out is not None:
            kept[fold] = (accuracy, held_out)
    if not kept:
        return None
    train, held = (sum(values) / len(kept) for values in zip(*kept.values(), strict=True))
    return Gap(train, held)


def describe_gap(figures: Mapping[str, Any]) -> Message | None:
    """One sentence: learnt by heart, no clear gap, or still more right on held-out images; None for no epochs.

    Args:
        figures: Of a run: `history`, and `n_validation` where it is known.
    """
    gap = read_gap(figures.get("history") or ())
    if gap is None:
        return None
    n = max(int(figures.get("n_validation") or 1), 1)
    chance = 2 * sqrt(max(gap.held_out * (1 - gap.held_out), 1 / n) / n)
    over = gap.train - gap.held_out
    kind = "by_heart" if over > max(WIDE, chance) else "below" if -over > max(WIDE, chance) else "none"
    return Message(f"review.gap.{kind}", train=gap.train, held_out=gap.held_out)
