"""The counter-test to a shortcut: take the cue away and see whether the model still says the same.

Each transform gives a picture that lacks one cue and shows the same subject. What changes many
predictions was being used; what changes none was there, but was not needed.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy import ndimage

from core.review.metrics import wilson_interval

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

SAME_SIDE_PX = 96
SAME_QUALITY = 30
CROPPED_SHARE = 0.08
SAME_COLOUR = 24
MIDDLE_GREY = 127
MEAN_LIGHT, SPREAD_LIGHT = 127.0, 50.0


@dataclass(frozen=True, slots=True)
class CounterResult:
    """How many predictions a transform changed.

    Attributes:
        n_images, n_changed: Counts.
        share: Changed, 0 … 1.
        interval: 95 %.
        sentence: For the user.
    """

    n_images: int
    n_changed: int
    share: float
    interval: tuple[float, float]
    sentence: str


def same_size(pixels: Bytes) -> Bytes:
    """Every picture squeezed to the same small square: size, shape and fine detail are gone."""
    small = Image.fromarray(pixels).resize((SAME_SIDE_PX, SAME_SIDE_PX), Image.Resampling.BOX)
    return np.asarray(small)


def same_quality(pixels: Bytes) -> Bytes:
    """Shrunk to the same longest side and saved once more at the same coarse JPEG quality."""
    image = Image.fromarray(pixels)
    factor = min(1.0, 2 * SAME_SIDE_PX / max(image.size))
    width, height = (max(1, round(side * factor)) for side in image.size)
    stored = io.BytesIO()
    image.resize((width, height), Image.Resampling.BOX).save(stored, "JPEG", quality=SAME_QUALITY)
    with Image.open(stored) as again:
        return np.asarray(again.convert("RGB"))


def border_cropped(pixels: Bytes) -> Bytes:
    """Without the outermost 8 % a side."""
    rows, columns = (int(CROPPED_SHARE * side) for side in pixels.shape[:2])
    return pixels[rows:pixels.shape[0] - rows, columns:pixels.shape[1] - columns].copy()


def background_filled(pixels: Bytes) -> Bytes:
    """What hangs together with the border and has its colour becomes middle grey."""
    mask = _background(pixels)
    filled = pixels.copy()
    filled[mask] = MIDDLE_GREY
    return filled


def background_blurred(pixels: Bytes) -> Bytes:
    """Everything outside an ellipse in the middle loses its detail."""
    image = Image.fromarray(pixels)
    blurred = np.asarray(image.filter(ImageFilter.GaussianBlur(max(image.size) / 16)))
    down, across = (np.linspace(-1, 1, side)[:, None] for side in pixels.shape[:2])
    outside = (down**2 + across.T**2) > 0.75**2
    return np.where(outside[:, :, None], blurred, pixels)


def greyscale(pixels: Bytes) -> Bytes:
    """Without colour."""
    return np.asarray(Image.fromarray(pixels).convert("L").convert("RGB"))


def same_light(pixels: Bytes) -> Bytes:
    """Every picture at the same brightness and contrast."""
    values = pixels.astype(np.float32)
    grey = values.mean(axis=2)
    scale = SPREAD_LIGHT / max(float(grey.std()), 1.0)
    lit: Bytes = np.clip((values - grey.mean()) * scale + MEAN_LIGHT, 0, 255).astype(np.uint8)
    return lit


COUNTER_TRANSFORMS: Mapping[str, Callable[[Bytes], Bytes]] = {
    "same_size": same_size, "same_quality": same_quality, "border_cropped": border_cropped,
    "background_filled": background_filled, "background_blurred": background_blurred, "greyscale": greyscale,
    "same_light": same_light,
}
"""Pictures without a cue, by name; each takes and gives (height, width, 3) uint8 RGB."""

COUNTER_FOR_CUE: Mapping[str, str] = {
    "width": "same_size", "height": "same_size", "aspect": "same_size", "pixels": "same_size",
    "sharpness": "same_size", "all_metadata": "same_size", "bytes": "same_quality", "bytes_per_pixel": "same_quality",
    "jpeg_quality": "same_quality", "format": "same_quality", "has_alpha": "background_filled",
    "border_red": "border_cropped", "border_green": "border_cropped", "border_blue": "border_cropped",
    "border_uniformity": "background_filled", "background": "background_filled", "saturation": "greyscale",
    "brightness": "same_light", "contrast": "same_light",
}
"""Which transform takes which cue away; a cue that is not here is not in the pixels."""


def counter_result(before_probabilities: Floats, after_probabilities: Floats) -> CounterResult:
    """Count the predictions that changed.

    Args:
        before_probabilities, after_probabilities: (n_images, n_classes), rows belong together.
    """
    changed = before_probabilities.argmax(axis=1) != after_probabilities.argmax(axis=1)
    n_images, n_changed = len(changed), int(changed.sum())
    share = n_changed / n_images if n_images else 0.0
    interval = wilson_interval(n_changed, n_images)
    return CounterResult(n_images, n_changed, share, interval, _sentence(n_images, n_changed, interval))


def _sentence(n_images: int, n_changed: int, interval: tuple[float, float]) -> str:
    if n_images == 0:
        return "There was no picture to test."
    if n_changed == 0:
        return f"Without it, the model says the same for all {n_images:,} pictures: it does not need it."
    low, high = interval
    return (
        f"Without it, the model changes its mind for {n_changed:,} of {n_images:,} pictures "
        f"({n_changed / n_images:.1%}, between {low:.1%} and {high:.1%})."
    )


def _background(pixels: Bytes) -> NDArray[np.bool_]:
    """Pixels of the border's colour that hang together with the border, (height, width) bool."""
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]).astype(np.int16)
    colour = np.median(edge, axis=0)
    is_like = (np.abs(pixels.astype(np.int16) - colour) <= SAME_COLOUR).all(axis=2)
    parts, _ = ndimage.label(is_like)
    touching = np.unique(np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]]))
    background: NDArray[np.bool_] = np.isin(parts, touching[touching > 0])
    return background
