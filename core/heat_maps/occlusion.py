"""Occlusion: how much less a class is believed where a part of the image is covered, whatever the model is.

After Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks": a square of the image's own mean
colour moves over it. It needs nothing of the model but its answers, so it checks the maps that do, and stands in for
them where a model has none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.heat_maps.grid import GRID
from core.heat_maps.sight import OCCLUSION, Columns, Seen, Sight
from core.jobs import JobContext
from core.text import Message

N_PLACES = 7
"""Places of the square along each side: as many as the last map of most networks has cells."""

COVERED = 0.28
"""Side of the square, as a share of the image's: two places and no gap between squares."""

LARGEST_SIDE_PX = 512
"""More detail than any network here would see."""

AT_ONCE = 7
LEAST = 1e-6
STAGE = Message("jobs.covering_parts")


def occlude(sight: Sight, image: Image.Image, columns: Columns, context: JobContext) -> Seen:
    """Heat maps by occlusion.

    Args:
        sight: The model.
        image: Of mode RGB.
        columns: The classes asked for.
        context: Progress counts looks; cancels between some of them.

    Returns:
        The drop of a class's score, its logit less the mean logit, averaged over the squares that cover a cell, those
        around it the more; as in other maps cells are shares, so the sum of a map is the mean drop.
    """
    shown = _reduced(image)
    squares = _squares()
    whole = sight.judge([shown])[0]
    drops = np.zeros((len(squares), len(columns)))
    pixels = np.asarray(shown)
    colour = pixels.reshape(-1, 3).mean(axis=0).round().astype(np.uint8)
    for start in range(0, len(squares), AT_ONCE):
        context.progress(start, len(squares), stage=STAGE, unit="views")
        some = squares[start:start + AT_ONCE]
        found = sight.judge([_covered(pixels, square, colour) for square in some])
        drops[start:start + len(some)] = (_scores(whole[None]) - _scores(found))[:, list(columns)]
    context.progress(len(squares), len(squares), stage=STAGE, unit="views")
    return Seen(whole, _average(squares, drops), OCCLUSION)


def _reduced(image: Image.Image) -> Image.Image:
    scale = LARGEST_SIDE_PX / max(image.size)
    if scale >= 1:
        return image
    return image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))),
                        Image.Resampling.BILINEAR)


def _squares() -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of each square, 0 … 1; the first and last reach the image's edges."""
    starts = np.linspace(0, 1 - COVERED, N_PLACES)
    return [(left, top, left + COVERED, top + COVERED) for top in starts for left in starts]


def _covered(pixels: NDArray[np.uint8], square: Sequence[float], colour: NDArray[np.uint8]) -> Image.Image:
    height, width = pixels.shape[:2]
    left, top, right, bottom = square
    changed = pixels.copy()
    # of an image of one pixel a square covers all
    changed[int(top * height):max(int(top * height) + 1, round(bottom * height)),
            int(left * width):max(int(left * width) + 1, round(right * width))] = colour
    return Image.fromarray(changed)


def _scores(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    logs = np.log(np.maximum(probabilities.astype(np.float64), LEAST))
    found: NDArray[np.float64] = logs - logs.mean(axis=1, keepdims=True)
    return found


def _average(squares: Sequence[Sequence[float]], drops: NDArray[np.float64]) -> NDArray[np.float32]:
    """The mean drop over the squares around each cell, (n_asked, GRID, GRID) float32, as shares."""
    total, weights = np.zeros((drops.shape[1], GRID, GRID)), np.zeros((GRID, GRID))
    middles = (np.arange(GRID) + 0.5) / GRID
    for (left, top, right, bottom), drop in zip(squares, drops, strict=True):
        down, across = (np.maximum(0, 1 - np.abs(middles - (low + high) / 2) / (high - low) * 2)
                        for low, high in ((top, bottom), (left, right)))
        weight = np.outer(down + 1e-6, across + 1e-6)  # every cell has a square
        total += drop[:, None, None] * weight
        weights += weight
    return (total / weights / GRID**2).astype(np.float32)
