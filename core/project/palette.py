"""Colours of classes: the eight that colour-blind people tell apart best, then generated ones.

Okabe & Ito, "Color Universal Design", 2008; black is replaced by grey, for it would vanish on a
dark window.
"""

from __future__ import annotations

import colorsys
from collections.abc import Collection

OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#999999")
_GOLDEN_RATIO = 0.618033988749895
_LIGHTNESS = (0.5, 0.35, 0.65)


def next_color(used: Collection[str]) -> str:
    """The first colour, as "#RRGGBB", that is not among `used`."""
    taken = {color.upper() for color in used}
    for color in OKABE_ITO:
        if color not in taken:
            return color
    i = 0
    while (color := _generated(i)) in taken:
        i += 1
    return color


def _generated(i: int) -> str:
    """Hues a golden angle apart, in three lightnesses."""
    hue = (0.08 + i * _GOLDEN_RATIO) % 1.0
    red, green, blue = colorsys.hls_to_rgb(hue, _LIGHTNESS[i % len(_LIGHTNESS)], 0.65)
    return f"#{round(red * 255):02X}{round(green * 255):02X}{round(blue * 255):02X}"
