"""What can be measured on a picture without knowing its subject: light, colour, border, sharpness.

Everything is measured on the picture shrunk to fit `SIDE_PX`, so that figures of large and
small pictures compare; smaller pictures are not enlarged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Bytes = NDArray[np.uint8]

SIDE_PX = 256
BORDER_SHARE = 0.04
"""Width of the border, as a share of each side."""

SAME_COLOUR = 14
"""Two colours whose channels differ by no more than this look the same."""

BRIGHTEST_SHARE = 0.999
SKETCH_PX = 48
CHROMA_PX = 8


@dataclass(frozen=True, slots=True)
class PixelCues:
    """Measurements of one picture; 0 … 255 where nothing else is said.

    Attributes:
        brightness: Mean grey value.
        contrast: Standard deviation of the grey values.
        sharpness: Spread of the second differences relative to `contrast`; below 0.1 is a blur.
        saturation: Mean difference of the largest and the smallest channel.
        border_red, border_green, border_blue: Median colour of the outermost strip.
        border_uniformity: Share of the border that has about its median colour, 0 … 1.
        background: Share of the whole picture that has about that colour, 0 … 1.
        brightest: What no channel of 999 in 1,000 pixels exceeds.
    """

    brightness: float
    contrast: float
    sharpness: float
    saturation: float
    border_red: float
    border_green: float
    border_blue: float
    border_uniformity: float
    background: float
    brightest: float


@dataclass(frozen=True, slots=True)
class Sketch:
    """A picture at its coarsest, for finding the same picture again.

    Attributes:
        grey: (48, 48) uint8, the whole picture squeezed to a square.
        chroma: (2, 8, 8) uint8, blue and red differences around 128.
    """

    grey: Bytes
    chroma: Bytes


def measure_pixels(pixels: Bytes) -> tuple[PixelCues, Sketch]:
    """Measure one picture.

    Args:
        pixels: (height, width, 3) uint8 RGB, any size.
    """
    image = Image.fromarray(pixels)
    small = _fit(image)
    rgb = np.asarray(small)
    grey = np.asarray(small.convert("L"), np.float32)
    border, uniformity, background = _border(rgb)
    contrast = float(grey.std())
    saturation = float(_spread_of_channels(rgb).mean())
    cues = PixelCues(
        float(grey.mean()), contrast, _sharpness(grey, contrast), saturation, *border, uniformity, background,
        float(np.quantile(rgb.max(axis=2), BRIGHTEST_SHARE)),
    )
    return cues, _sketch(image)


def _fit(image: Image.Image) -> Image.Image:
    factor = SIDE_PX / max(image.size)
    if factor >= 1:
        return image
    width, height = (max(1, round(side * factor)) for side in image.size)
    return image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)


def _sketch(image: Image.Image) -> Sketch:
    small = image.resize((SKETCH_PX, SKETCH_PX), Image.Resampling.BILINEAR, reducing_gap=2.0).convert("YCbCr")
    coarse = np.asarray(small.resize((CHROMA_PX, CHROMA_PX), Image.Resampling.BOX))
    return Sketch(np.asarray(small)[:, :, 0].copy(), coarse[:, :, 1:].transpose(2, 0, 1).copy())


def _border(rgb: Bytes) -> tuple[tuple[float, float, float], float, float]:
    rows, columns = (max(1, round(BORDER_SHARE * side)) for side in rgb.shape[:2])
    strips = (rgb[:rows], rgb[-rows:], rgb[:, :columns], rgb[:, -columns:])
    border = np.concatenate([strip.reshape(-1, 3) for strip in strips])
    middle = np.median(border, axis=0)
    red, green, blue = (float(channel) for channel in middle)
    return (red, green, blue), _share_like(border, middle), _share_like(rgb.reshape(-1, 3), middle)


def _spread_of_channels(rgb: Bytes) -> Bytes:
    # channel by channel: NumPy's max over an axis of three is ten times slower
    red, green, blue = (rgb[..., channel] for channel in range(3))
    high, low = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    spread: Bytes = high - low
    return spread


def _share_like(colours: Bytes, colour: NDArray[np.float64]) -> float:
    low = np.clip(colour - SAME_COLOUR, 0, 255).astype(np.uint8)
    high = np.clip(colour + SAME_COLOUR, 0, 255).astype(np.uint8)
    is_like = np.ones(len(colours), bool)
    for channel in range(3):
        is_like &= (colours[:, channel] >= low[channel]) & (colours[:, channel] <= high[channel])
    return float(is_like.mean())


def _sharpness(grey: NDArray[np.float32], contrast: float) -> float:
    if min(grey.shape) < 3 or contrast < 1.0:
        return 0.0
    middle = 4 * grey[1:-1, 1:-1]
    second = middle - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    return float(second.std()) / contrast
