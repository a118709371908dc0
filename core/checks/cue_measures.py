"""Cues of one image: size, format, compression and camera of its file; light, colour and border of its pixels.

Pixels are measured on the image shrunk to fit `SIDE_PX`, so that figures of large and small images compare;
smaller images are not enlarged.
"""

from __future__ import annotations

import os
import re
from functools import cache
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from core.images.decode import FRAMED_FORMATS
from core.images.exif import camera_of, read_exif
from core.images.formats import readable_formats
from core.images.reasons import DECODE_ERRORS

Bytes = NDArray[np.uint8]

SIDE_PX = 256
BORDER_SHARE = 0.04
"""Width of the border, as a share of each side."""

SAME_COLOUR = 14
"""Two colours whose channels differ by no more than this look the same."""

BRIGHTEST_SHARE = 0.999
SKETCH_PX = 48
CHROMA_PX = 8

STANDARD_LUMINANCE = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29,
    51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120,
    101, 72, 92, 95, 98, 112, 100, 103, 99,
)
"""Annex K of the JPEG standard (ITU-T T.81); encoders scale it by their "quality"."""


def read_file_cues(file: BinaryIO) -> tuple[dict[str, float], tuple[str, str, str]]:
    """What the header and the size of an image say that is known to decode.

    Returns:
        Numbers by name: `width, height` (pixels as a person sees the image), their ratio `aspect` and product
        `pixels`, `bytes, bytes_per_pixel`, `jpeg_quality` (about 1 … 100, NaN for other formats), `has_exif` (the
        camera or a program left notes), `year` (when it was taken, NaN where unknown), `n_frames` (more than 1 for
        pages and animations), `has_alpha` (parts can be transparent). Then format and mode as Pillow names them,
        and make and model of the camera, empty where unknown.

    Raises:
        Exception: One of `DECODE_ERRORS` where the file is no image after all.
    """
    file.seek(0)
    with Image.open(file, formats=readable_formats(file)) as image:
        exif = read_exif(image)
        width, height = image.size
        if exif.get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8):
            width, height = height, width
        kind = image.format or ""
        n_frames = _n_frames(image) if kind in FRAMED_FORMATS else 1
        n_bytes, n_pixels = file.seek(0, os.SEEK_END), width * height
        tables = getattr(image, "quantization", None)
        return {
            "width": width, "height": height, "aspect": width / height, "pixels": n_pixels, "bytes": n_bytes,
            "bytes_per_pixel": n_bytes / n_pixels,
            "jpeg_quality": estimate_jpeg_quality(tables) if tables else float("nan"), "has_exif": bool(exif),
            "year": _year(exif), "n_frames": n_frames, "has_alpha": image.has_transparency_data,
        }, (kind, image.mode, camera_of(exif))


def estimate_jpeg_quality(tables: dict[int, list[int]]) -> float:
    """The IJG quality whose luminance table is as coarse as this one; 1 … 100.

    Only the sum is compared, so that the order of the entries and an encoder's own tables do not matter.
    """
    total = sum(tables[min(tables)])
    return float(np.abs(np.log(_standard_sums() / max(total, 1))).argmin() + 1)


@cache
def _standard_sums() -> NDArray[np.float64]:
    """Sum of the standard table at each quality from 1 to 100, (100,)."""
    qualities = np.arange(1, 101)
    scales = np.where(qualities < 50, 5000 / qualities, 200 - 2 * qualities)
    sums: NDArray[np.float64] = np.clip((np.outer(scales, STANDARD_LUMINANCE) + 50) // 100, 1, 255).sum(axis=1)
    return sums


def _year(exif: dict[int, object]) -> float:
    for tag in (ExifTags.Base.DateTimeOriginal, ExifTags.Base.DateTime):
        found = re.match(r"(19|20)\d\d", str(exif.get(tag, "")))
        if found:
            return float(found.group())
    return float("nan")


def _n_frames(image: Image.Image) -> int:
    try:
        return int(getattr(image, "n_frames", 1))
    except DECODE_ERRORS:
        return 1


def measure_pixels(pixels: Bytes) -> tuple[dict[str, float], Bytes, Bytes]:
    """Measure one image, and sketch it at its coarsest, for finding the same image again.

    Args:
        pixels: (height, width, 3) uint8 RGB, any size.

    Returns:
        Numbers by name, 0 … 255 where nothing else is said: `brightness` (mean grey value), `contrast` (standard
        deviation of the grey values), `sharpness` (spread of the second differences relative to `contrast`; below
        0.1 is a blur), `saturation` (mean difference of the largest and the smallest channel), `border_red,
        border_green, border_blue` (median colour of the outermost strip), `border_uniformity` and `background`
        (shares of the border and of the whole image that have about that colour, 0 … 1), `brightest` (what no
        channel of 999 in 1,000 pixels exceeds). Then the sketch: (48, 48) uint8 grey values of the whole image
        squeezed to a square, and (2, 8, 8) uint8 blue and red differences around 128.
    """
    image = Image.fromarray(pixels)
    small = _fit(image)
    rgb = np.asarray(small)
    grey = np.asarray(small.convert("L"), np.float32)
    contrast = float(grey.std())
    numbers = {
        "brightness": float(grey.mean()), "contrast": contrast, "sharpness": _sharpness(grey, contrast),
        "saturation": float(_spread_of_channels(rgb).mean()), **_border(rgb),
        "brightest": float(np.quantile(rgb.max(axis=2), BRIGHTEST_SHARE)),
    }
    square = image.resize((SKETCH_PX, SKETCH_PX), Image.Resampling.BILINEAR, reducing_gap=2.0).convert("YCbCr")
    coarse = np.asarray(square.resize((CHROMA_PX, CHROMA_PX), Image.Resampling.BOX))
    return numbers, np.asarray(square)[:, :, 0].copy(), coarse[:, :, 1:].transpose(2, 0, 1).copy()


def _fit(image: Image.Image) -> Image.Image:
    factor = SIDE_PX / max(image.size)
    if factor >= 1:
        return image
    width, height = (max(1, round(side * factor)) for side in image.size)
    return image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)


def _border(rgb: Bytes) -> dict[str, float]:
    rows, columns = (max(1, round(BORDER_SHARE * side)) for side in rgb.shape[:2])
    strips = (rgb[:rows], rgb[-rows:], rgb[:, :columns], rgb[:, -columns:])
    border = np.concatenate([strip.reshape(-1, 3) for strip in strips])
    middle = np.median(border, axis=0)
    colour = dict(zip(("border_red", "border_green", "border_blue"), map(float, middle), strict=True))
    return colour | {"border_uniformity": _share_like(border, middle),
                     "background": _share_like(rgb.reshape(-1, 3), middle)}


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
