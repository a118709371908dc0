"""Reads an image: from its file and the content hash that it should have to pixels; the one door for all purposes.

A file may change at any time after its import, so whoever reads an image of the project says which content is meant:
a changed file is refused like a missing or a broken one, and is listed as skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import ImageUnreadable
from core.images.decode import LARGE_PIXELS, decode_rgb, strips_of
from core.images.files import open_regular, require_content
from core.images.recipe import Recipe, prepare_image
from core.types import ImageRef, Skipped


@dataclass(frozen=True, slots=True)
class View:
    """A part of an image.

    Attributes:
        share: Of its width and height; over 0 … 1.
        across, down: Where it lies: 0 at the left or top, 0.5 in the middle, 1 at the right or bottom.
    """

    share: float = 1.0
    across: float = 0.5
    down: float = 0.5


WHOLE = View()


def read_image(
    source: Path | BinaryIO, content_hash: bytes | None, *, recipe: Recipe | None = None, side_px: int | None = None,
    view: View = WHOLE,
) -> NDArray[np.uint8]:
    """Decode an image: turned as its EXIF says, first frame, transparency on white.

    Args:
        source: An image file; it need not exist. An open file where the caller reads more of it.
        content_hash: What the file should hold; None or empty where any content will do.
        recipe: How it is prepared for a network; None for the image as it is.
        side_px: Without a recipe: the image may come smaller, see `read_rgb`.
        view: With a recipe: the part of the image that is prepared.

    Returns:
        Pixels, (height, width, 3) uint8 RGB, or (height_px, width_px, n_channels) of the recipe.

    Raises:
        ImageUnreadable: Whatever is wrong with the file.
        InputError: The recipe holds a value outside its range, or the pixel limit that the user set is no number.
    """
    if recipe is not None:
        whole = read_rgb(source, content_hash, side_px=round(max(recipe.width_px, recipe.height_px) / view.share))
        return prepare_image(part_of(whole, view), recipe)
    image = read_rgb(source, content_hash, side_px=side_px)
    if image.width * image.height <= LARGE_PIXELS:
        return np.array(image)
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for box in strips_of(image):
        pixels[box[1]:box[3]] = np.asarray(image.crop(box))
    return pixels


def read_rgb(source: Path | BinaryIO, content_hash: bytes | None, *, side_px: int | None = None) -> Image.Image:
    """Like `read_image`, as an image of Pillow in mode RGB for whoever goes on with it there.

    Args:
        source, content_hash: See `read_image`.
        side_px: Where given, a JPEG may be decoded at a half, quarter or eighth of its size, and an image of
            more than `LARGE_PIXELS` may be reduced, never so small that its shorter side falls below this;
            other images come in full.

    Raises:
        ImageUnreadable, InputError: See `read_image`.
    """
    with _opened(source) as file:
        require_content(file, content_hash)
        return decode_rgb(file, side_px=side_px)


def part_of(image: Image.Image, view: View) -> Image.Image:
    """What a view shows of an image; the image itself where that is all of it."""
    if view == WHOLE:
        return image
    width, height = max(1, round(image.width * view.share)), max(1, round(image.height * view.share))
    left, top = int((image.width - width) * view.across), int((image.height - height) * view.down)
    return image.crop((left, top, left + width, top + height))


def read_or_skip(image: ImageRef, recipe: Recipe, *, view: View = WHOLE) -> NDArray[np.uint8] | Skipped:
    """An image of the project as a recipe prepares it, or why it is skipped: changed, missing or unreadable."""
    try:
        return read_image(image.path, image.content_hash, recipe=recipe, view=view)
    except ImageUnreadable as error:
        return Skipped(image.path, error.message)


@contextmanager
def _opened(source: Path | BinaryIO) -> Iterator[BinaryIO]:
    """The caller's own file stays open."""
    if isinstance(source, Path):
        with open_regular(source) as file:
            yield file
    else:
        yield source
