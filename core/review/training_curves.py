"""Accuracy and loss by epoch out of the history of a run, the mean over its folds where there are several."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

PERCENT = 100.0


def curve_of(history: Sequence[Mapping[str, Any]], name: str, *, is_held_out: bool) -> list[tuple[float, float]]:
    """Points by epoch, accuracies in percent; the mean over the folds that came so far where there are several.

    An epoch whose figure is no number is left out.

    Args:
        history: One entry for each epoch, as a run keeps it.
        name: “accuracy” or “loss”.
        is_held_out: On the images that were held back, instead of those that it learnt from.
    """
    key, scale = f"val_{name}" if is_held_out else name, PERCENT if name == "accuracy" else 1.0
    values: dict[float, list[float]] = {}
    for figures in history:
        if figures.get(key) is not None and math.isfinite(figures[key]):
            values.setdefault(float(figures["epoch"]), []).append(scale * float(figures[key]))
    return [(epoch, sum(found) / len(found)) for epoch, found in sorted(values.items())]
