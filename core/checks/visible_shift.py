"""What can be seen to differ between two sets of images: light, sharpness, colour, size, compression.

Each measured cue (`core.checks.cues`) is compared by the area under its ROC curve, the chance that an image of the
one set has more of it than one of the other (Mann and Whitney), and by how much the medians differ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.checks.cues import CueTable

Floats = NDArray[np.floating]

CLEAR_AREA = 0.75
"""A cue is named if images differ in it in so many of 100 pairs; 0.5 is chance."""

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Cue:
    """A measurement, what its decrease and its increase are called, and from which change of the median it is seen.

    Attributes:
        is_ratio: The change is a factor, else a difference.
    """

    name: str
    less: str
    more: str
    change: float
    is_ratio: bool = False


CUES = (
    _Cue("brightness", "darker", "lighter", 20),
    _Cue("contrast", "flatter", "contrasty", 1.25, True),
    _Cue("sharpness", "blurred", "sharper", 1.4, True),
    _Cue("saturation", "paler", "colourful", 1.4, True),
    _Cue("pixels", "smaller", "larger", 1.8, True),
    _Cue("jpeg_quality", "compressed", "finer", 15),
)
LOOKS = tuple(code for cue in CUES for code in (cue.less, cue.more)) + ("tinted",)
"""All that `name_differences` may say."""

TINT = 5.0
"""From so many grey levels between the mean colours on, after the spread within, the colours are others."""


def name_differences(here: CueTable, there: CueTable) -> tuple[str, ...]:
    """How the images of `there` look beside those of `here`, as codes of `LOOKS`, clearest first; mostly none."""
    found = []
    for cue in CUES:
        before, after = (t.number(cue.name)[np.isfinite(t.number(cue.name))] for t in (here, there))
        if min(len(before), len(after)) < 10:
            continue
        area, change = _area(before, after), _change(cue, before, after)
        if max(area, 1 - area) >= CLEAR_AREA and change >= cue.change:
            found.append((abs(area - 0.5), cue.more if area > 0.5 else cue.less))
    if is_tinted := _tint(here, there):
        found.append((is_tinted - 0.5, "tinted"))
    return tuple(name for _, name in sorted(found, key=lambda one: -one[0])[:MOST_NAMED])


def _area(before: Floats, after: Floats) -> float:
    """Chance that a value of `after` is above one of `before`, ties for half."""
    above = (after[:, None] > before[None]).mean() + 0.5 * (after[:, None] == before[None]).mean()
    return float(above)


def _change(cue: _Cue, before: Floats, after: Floats) -> float:
    low, high = sorted((float(np.median(before)), float(np.median(after))))
    return high / max(low, 1e-6) if cue.is_ratio else high - low


def _tint(here: CueTable, there: CueTable) -> float:
    """Area by which the two sets differ along the line between their mean colours; 0 where that is not clear."""
    sides = [t.chroma[t.is_read].mean(axis=(2, 3)) for t in (here, there)]
    if min(map(len, sides)) < 10:
        return 0.0
    line = np.median(sides[1], axis=0) - np.median(sides[0], axis=0)
    if float(np.linalg.norm(line)) < TINT:
        return 0.0
    area = _area(sides[0] @ line, sides[1] @ line)
    return area if area >= CLEAR_AREA else 0.0
