"""From a small decision tree to one rule in words: "Pictures at most 160 pixels wide are pistol"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.checks.small_tree import SmallTree

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

PHRASES = {
    "width": "{} pixels wide", "height": "{} pixels high", "aspect": "{} times as wide as high",
    "pixels": "of {} pixels", "bytes": "with files of {} bytes", "bytes_per_pixel": "with {} bytes for each pixel",
    "jpeg_quality": "saved at a quality of {}", "year": "taken in {}", "brightness": "with a brightness of {} of 255",
    "contrast": "with a contrast of {}", "sharpness": "with a sharpness of {}",
    "saturation": "with a colourfulness of {} of 255", "border_red": "with a border whose red is {} of 255",
    "border_green": "with a border whose green is {} of 255", "border_blue": "with a border whose blue is {} of 255",
    "border_uniformity": "with {} of the border in one colour",
    "background": "with {} of the picture in the colour of its border",
    "name_number": "with a number of {} in the name",
    "name_length": "with names of {} characters", "name_leading_digits": "whose names start with {} digits",
}
"""How a range of each cue is said; the braces take "at most 160", "at least 161" or "160 to 200"."""

YES_NO = {
    "has_exif": ("with notes of a camera in the file", "without notes of a camera in the file"),
    "has_alpha": ("with transparent parts", "without transparent parts"),
}

WORD_PHRASES = {
    "format": ("stored as {}", "not stored as {}"), "mode": ("stored in mode {}", "not stored in mode {}"),
    "camera": ("taken with {}", "not taken with {}"),
    "name_prefix": ("whose names start with “{}”", "whose names do not start with “{}”"),
}

SHARES = frozenset({"border_uniformity", "background"})
NEARLY_AS_GOOD = 0.05
"""A condition alone is enough if it is right for at most this much less of the pictures."""

UNKNOWN_BELOW = -1e8
"""A value that is not known is replaced by one far below all others, so that a tree can split it off."""

UNKNOWN = np.float32(-1e9)


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
        condition: "at most 160 pixels wide".
        label: Index of the class that most of these pictures carry.
        rows: Of the pictures that it holds for.
        n_right: How many of them carry that class.
    """

    condition: str
    label: int
    rows: tuple[int, ...]
    n_right: int

    def sentence(self, classes: Sequence[str]) -> str:
        """The rule for the user."""
        n_images = len(self.rows)
        share = self.n_right / n_images
        return f"Pictures {self.condition} are {classes[self.label]}: {share:.0%} of {n_images:,}."


def best_rule(tree: SmallTree, columns: Sequence[Column], *, labels: Ints, weights: Floats) -> Rule:
    """The leaf that tells most images beyond what its class's share would.

    Args:
        tree: The tree.
        columns: What it was fitted on, in order.
        labels: (n_images,) int64.
        weights: (n_images,) float32, as in fitting.
    """
    matrix = np.column_stack([c.values for c in columns])
    leaves = tree.apply(matrix)
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
    rows = tuple(int(r) for r in np.flatnonzero(best))
    condition = " and ".join(_condition(column, best) for column in said)
    return Rule(condition or "of this set", label, rows, int((labels[best] == label).sum()))


def _simplest(
    columns: Sequence[Column], inside: NDArray[np.bool_], is_right: NDArray[np.bool_]
) -> list[Column]:
    """The columns needed to say which pictures are inside: the best one where one is nearly as good as all."""
    telling = [c for c in columns if _condition(c, inside)]
    if len(telling) < 2:
        return telling
    shares = [float(is_right[_matches(c, inside)].mean()) for c in telling]
    best = int(np.argmax(shares))
    return [telling[best]] if shares[best] >= is_right[inside].mean() - NEARLY_AS_GOOD else telling


def _matches(column: Column, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pictures within the range of those inside, (n_images,) bool."""
    values = column.values
    matches: NDArray[np.bool_] = (values >= values[inside].min()) & (values <= values[inside].max())
    return matches


def _condition(column: Column, inside: NDArray[np.bool_]) -> str:
    """How the pictures inside differ from those outside in this column; empty where they do not."""
    values = column.values[inside]
    low, high = float(values.min()), float(values.max())
    opens_below, opens_above = low <= float(column.values.min()), high >= float(column.values.max())
    if opens_below and opens_above:
        return ""
    if column.word or column.cue in YES_NO:
        return _yes_no(column, has_it=low > 0.5)
    phrase = PHRASES.get(column.cue, f"with {column.cue.replace('_', ' ')} of {{}}")
    if high < UNKNOWN_BELOW:
        return phrase.format("unknown").replace("of unknown", "that is not known")
    return phrase.format(_range(column.cue, low, high, opens_below=opens_below, opens_above=opens_above))


def _range(cue: str, low: float, high: float, *, opens_below: bool, opens_above: bool) -> str:
    if opens_below or low < UNKNOWN_BELOW:
        return f"at most {_figure(cue, high)}"
    if opens_above:
        return f"at least {_figure(cue, low)}"
    return _figure(cue, low) if low == high else f"{_figure(cue, low)} to {_figure(cue, high)}"


def _yes_no(column: Column, *, has_it: bool) -> str:
    if column.word:
        yes, no = WORD_PHRASES.get(column.cue, ("with {}", "without {}"))
        return (yes if has_it else no).format(column.word)
    return YES_NO[column.cue][0 if has_it else 1]


def _figure(cue: str, value: float) -> str:
    if cue in SHARES:
        return f"{value:.0%}"
    if cue == "year":
        return f"{value:.0f}"
    return f"{value:,.0f}" if abs(value) >= 20 or value == int(value) else f"{value:.2f}"
