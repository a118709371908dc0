"""Paints a heat map over a photograph: a colour map of even steps, on the photograph in dimmed grey.

Only evidence for the class is shown. The colours are those of *inferno* (N. Smith and S. van der Walt, matplotlib,
CC0), whose lightness rises evenly and which people with any colour blindness can order. The photograph below is grey
and no lighter than the middle of that scale, so that lighter always means more, over white walls too.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.heat_maps.grid import GRID

Floats = NDArray[np.float32]

ANCHORS = (
    (0, 0, 4), (31, 12, 72), (85, 15, 109), (136, 34, 106), (186, 54, 85), (227, 89, 51), (249, 140, 10),
    (249, 201, 50), (252, 255, 164),
)
"""Inferno at even steps, RGB."""

DIMMED = 0.55
"""What is left of the photograph's lightness below a whole heat map."""

FULL = 0.8
"""How much of the photograph the strongest evidence covers, 0 … 1."""

FAINT = 0.06
"""Weaker evidence than this share of the strongest is not painted."""

RISING = 0.45
"""From there on it covers more and more of the photograph, over this share of the scale."""

LEAST_SCALE = 1.0
"""Evidence is shown on a scale that ends at the strongest, but not below this score of a whole image alike: what is
weak must look weak."""

OVERLAY_PX = 256


def scale_of(maps: Sequence[Floats]) -> float:
    """Where the common scale of some heat maps ends: the strongest evidence of all, as the score of a whole image."""
    strongest = max((float(one.max()) for one in maps), default=0.0)
    return max(strongest * GRID**2, LEAST_SCALE)


def shade(cells: Floats, scale: float, size: tuple[int, int] = (OVERLAY_PX, OVERLAY_PX)) -> NDArray[np.uint8]:
    """A heat map as colours with their opacity, smoothly enlarged.

    Args:
        cells: (GRID, GRID) float32.
        scale: Where the scale ends; see `scale_of`.
        size: Width and height in pixels.

    Returns:
        (height, width, 4) uint8, red, green, blue and opacity (not premultiplied).
    """
    local = np.clip(cells * np.float32(GRID**2 / scale), 0, 1)
    smooth = np.asarray(Image.fromarray(local).resize(size, Image.Resampling.BICUBIC))
    colours: NDArray[np.uint8] = _table()[np.clip(np.rint(smooth * 255), 0, 255).astype(np.uint8)]
    return colours


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint8]:
    """Colour and opacity of 256 steps of evidence, (256, 4) uint8."""
    steps = np.linspace(0, 1, 256)
    anchors = np.linspace(0, 1, len(ANCHORS))
    colours = [np.interp(steps, anchors, [anchor[channel] for anchor in ANCHORS]) for channel in range(3)]
    rising = np.clip((steps - FAINT) / RISING, 0, 1)
    opacity = 255 * FULL * rising * rising * (3 - 2 * rising)
    table: NDArray[np.uint8] = np.rint(np.stack([*colours, opacity], axis=1)).astype(np.uint8)
    return table


def paint_over(image: Image.Image, cells: Floats, scale: float, *, opacity: float = 1.0) -> Image.Image:
    """A photograph with a heat map over it, of the same size.

    Args:
        image: Of mode RGB.
        opacity: 0 … 1; 0 leaves the photograph.
    """
    grey = image.convert("L").point(lambda value: value * DIMMED).convert("RGB")
    below = Image.blend(image, grey, opacity)
    colours = Image.fromarray(shade(cells, scale)).resize(image.size, Image.Resampling.BILINEAR)
    covering = colours.getchannel("A").point(lambda value: value * opacity)
    below.paste(colours.convert("RGB"), mask=covering)
    return below


def colour_bar(width: int, height: int) -> NDArray[np.uint8]:
    """The scale from no evidence to the strongest over mid-grey, (height, width, 3) uint8."""
    steps = _table()[np.linspace(0, 255, width).round().astype(int)].astype(np.float32)
    ground, share = 128 * DIMMED, steps[:, 3:] / 255
    line = np.rint(steps[:, :3] * share + ground * (1 - share)).astype(np.uint8)
    return np.repeat(line[None], height, axis=0)


def encode_png(image: Image.Image) -> bytes:
    """The image as a PNG file."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
