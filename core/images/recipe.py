"""How an image is prepared for a network: size, fit, colour and noise filter, declared once.

A `Recipe` is stored with the run that was trained with it and applied the same way at
training, prediction and export. Filters work on the image at its final size, so that a
strength means the same for a large image and a small one, and costs the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from core.errors import RunError
from core.settings import check_settings, setting

FITS = ("stretch", "pad", "crop")
COLOURS = ("rgb", "grey")
NOISE_FILTERS = ("none", "smooth", "smooth-more", "median", "gaussian", "bilateral", "sharpen")
LARGEST_SIDE_PX = 1024


@dataclass(frozen=True, slots=True)
class Recipe:
    """How each image is prepared; the defaults are those of the scratch networks."""

    width_px: int = setting(64, low=1, high=LARGEST_SIDE_PX)
    height_px: int = setting(64, low=1, high=LARGEST_SIDE_PX)
    fit: str = setting("stretch", choices=FITS)
    colour: str = setting("rgb", choices=COLOURS)
    noise_filter: str = setting("none", choices=NOISE_FILTERS, is_advanced=True)
    filter_strength: int = setting(1, low=1, high=5, is_advanced=True)

    @property
    def n_channels(self) -> int:
        """3 for RGB, 1 for grey."""
        return 3 if self.colour == "rgb" else 1

    def digest(self) -> str:
        """16 hexadecimal digits that are the same for the same recipe on any computer."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        """As stored in run.json."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Recipe:
        """The inverse of `to_json`.

        Raises:
            RunError: A key is missing, unknown, or of another type, as from a newer program.
            InputError: A value outside its range.
        """
        types_by_name = {f.name: type(f.default) for f in fields(cls)}
        if set(stored) != set(types_by_name) or any(type(v) is not types_by_name[k] for k, v in stored.items()):
            raise RunError("images.recipe_unknown")
        recipe = cls(**stored)
        check_settings(recipe)
        return recipe


def prepare_image(image: Image.Image, recipe: Recipe) -> NDArray[np.uint8]:
    """Prepare one decoded image, of mode RGB.

    Returns:
        (height_px, width_px, n_channels) uint8, a fresh contiguous array.

    Raises:
        InputError: The recipe holds a value outside its range.
    """
    check_settings(recipe)
    fitted = _FITS[recipe.fit](image, (recipe.width_px, recipe.height_px))
    coloured = fitted.convert("L") if recipe.colour == "grey" else fitted
    filtered = _filtered(coloured, recipe.noise_filter, recipe.filter_strength)
    prepared = np.zeros((recipe.height_px, recipe.width_px, recipe.n_channels), np.uint8)
    left, top = (recipe.width_px - filtered.width) // 2, (recipe.height_px - filtered.height) // 2
    inner = np.asarray(filtered).reshape(filtered.height, filtered.width, recipe.n_channels)
    prepared[top:top + filtered.height, left:left + filtered.width] = inner
    return prepared


def _stretch(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image.resize(size, Image.Resampling.BILINEAR)


def _shrink(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The largest image of the same shape inside `size`; padding comes after the filter."""
    scale = min(size[0] / image.width, size[1] / image.height)
    return _stretch(image, (max(1, round(image.width * scale)), max(1, round(image.height * scale))))


def _crop(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    scale = min(image.width / size[0], image.height / size[1])
    width, height = size[0] * scale, size[1] * scale
    left, top = (image.width - width) / 2, (image.height - height) / 2
    return image.resize(size, Image.Resampling.BILINEAR, box=(left, top, left + width, top + height))


_FITS: Mapping[str, Callable[[Image.Image, tuple[int, int]], Image.Image]] = {
    "stretch": _stretch, "pad": _shrink, "crop": _crop,
}


def _filtered(image: Image.Image, name: str, strength: int) -> Image.Image:
    """The image after one of `NOISE_FILTERS`; `strength` is 1 … 5."""
    if name == "none":
        return image
    if name == "bilateral":
        smooth = bilateral(np.asarray(image), radius_px=strength, colour_sigma=15.0 * strength)
        return Image.fromarray(smooth)
    if name in ("smooth", "smooth-more"):
        kernel = ImageFilter.SMOOTH if name == "smooth" else ImageFilter.SMOOTH_MORE
        for _ in range(strength):
            image = image.filter(kernel)
        return image
    return image.filter(_SIZED_FILTERS[name](strength))


_SIZED_FILTERS: Mapping[str, Callable[[int], Any]] = {
    "median": lambda strength: ImageFilter.MedianFilter(2 * strength + 1),
    "gaussian": lambda strength: ImageFilter.GaussianBlur(0.5 * strength),
    "sharpen": lambda strength: ImageFilter.UnsharpMask(radius=1.5, percent=60 * strength, threshold=2),
}


def bilateral(pixels: NDArray[np.uint8], *, radius_px: int, colour_sigma: float) -> NDArray[np.uint8]:
    """Smooth flat areas and keep edges (C. Tomasi, R. Manduchi, "Bilateral filtering", 1998).

    Args:
        pixels: (height, width) or (height, width, 3) uint8.
        radius_px: Reach of the window, 1 … 5; its Gaussian's deviation is the same.
        colour_sigma: Grey levels by which neighbours may differ and still be averaged.

    Returns:
        The same shape, uint8.
    """
    image = pixels.astype(np.float32).reshape(*pixels.shape[:2], -1)
    height, width = image.shape[:2]
    padded = np.pad(image, ((radius_px, radius_px), (radius_px, radius_px), (0, 0)), mode="edge")
    total, weights = np.zeros_like(image), np.zeros((height, width, 1), np.float32)
    for dy in range(-radius_px, radius_px + 1):
        for dx in range(-radius_px, radius_px + 1):
            y, x = dy + radius_px, dx + radius_px
            neighbour = padded[y:y + height, x:x + width]
            contrast = ((neighbour - image) ** 2).mean(axis=2, keepdims=True) / colour_sigma**2
            weight = np.exp(-0.5 * (contrast + (dx * dx + dy * dy) / radius_px**2))
            total += weight * neighbour
            weights += weight
    smooth: NDArray[np.uint8] = np.rint(total / weights).astype(np.uint8).reshape(pixels.shape)
    return smooth
