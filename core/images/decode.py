"""The one decoder: from a file to uint8 RGB pixels, or to a reason why not.

Broken files make Pillow raise far more than OSError, and Qt shows a truncated JPEG as a
half-grey picture without an error; so every picture in the program comes from here.
Pixel counts are checked by hand from the header because switching Pillow's bomb warning
per call (`warnings.catch_warnings`) is not safe with several threads.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from core.errors import ImageUnreadable
from core.images.files import open_regular
from core.images.fingerprint import open_content
from core.images.formats import FORMATS, MAGIC_BYTES, has_picture_magic
from core.images.modes import to_rgb
from core.images.quiet_tiff import silence_libtiff

MAX_PIXELS = 178_956_970
"""A picture of more pixels than this is refused before decoding (Pillow's own limit for certain bombs)."""

_SMALLER = f"Save it with fewer than {MAX_PIXELS // 1_000_000} million pixels."

CHECK_SIDE_PX = 8
"""Side asked for when a picture is only checked: JPEG then decodes at an eighth of its size."""

DECODE_ERRORS = (
    OSError, ValueError, SyntaxError, TypeError, LookupError, ArithmeticError, MemoryError, EOFError, AttributeError,
    RuntimeError, AssertionError, struct.error, zlib.error,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)
"""Everything that broken files have been seen to raise inside Pillow."""

# once for the whole process: the limit is ours, and what Pillow mumbles about odd EXIF blocks is nobody's concern
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
silence_libtiff()


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What the header of a picture says, after EXIF turning.

    Attributes:
        format: Pillow's name of the format ("JPEG", "PNG" …).
        width, height: Pixels as a person sees the picture.
        mode: Pillow's mode of the stored pixels ("RGB", "L", "P", "CMYK" …).
        n_frames: 1 for a still picture.
        has_alpha: Whether parts can be transparent.
    """

    format: str
    width: int
    height: int
    mode: str
    n_frames: int
    has_alpha: bool


def read_pixels(path: Path, *, side_px: int | None = None, content_hash: bytes | None = None) -> np.ndarray:
    """Decode a picture: turned as its EXIF says, first frame, transparency on white.

    Transparent parts become white because cut-outs are made to be seen on a white page; see `to_rgb`.

    Args:
        path: A picture file; must exist.
        side_px: Where given, a JPEG may be decoded at a half, quarter or eighth of its size, never so
            small that its shorter side falls below this; other formats come in full.
        content_hash: What the file should hold; None or empty where any content will do.

    Returns:
        Pixels, (height, width, 3) uint8 RGB.

    Raises:
        ImageUnreadable: For whatever is wrong with the file, with the reason in plain words.
    """
    with open_content(path, content_hash) as file:
        return decode_pixels(file, side_px=side_px)


def decode_pixels(file: BinaryIO, *, side_px: int | None = None) -> np.ndarray:
    """Like `read_pixels`, from an open file."""
    return np.array(decode_picture(file, side_px=side_px))


def decode_picture(file: BinaryIO, *, side_px: int | None = None) -> Image.Image:
    """Like `decode_pixels`, as a picture of Pillow in mode RGB, which spares two copies before resizing."""
    try:
        with _open(file) as image:
            _draft(image, side_px)
            image.load()
            return to_rgb(_turned(image))
    except DECODE_ERRORS as error:
        raise _explain(error, file) from error


def inspect_image(path: Path) -> ImageFacts:
    """Read the facts of a picture and make sure once that it decodes to its end.

    Args:
        path: A picture file; must exist.

    Raises:
        ImageUnreadable: For whatever is wrong with the file, with the reason in plain words.
    """
    with open_regular(path) as file:
        return inspect_stream(file)


def inspect_stream(file: BinaryIO) -> ImageFacts:
    """Like `inspect_image`, from an open file."""
    try:
        with _open(file) as image:
            width, height = image.size
            kind, mode, has_alpha = image.format or "", image.mode, image.has_transparency_data
            _draft(image, CHECK_SIDE_PX)
            image.load()
            if _orientation(image) in (5, 6, 7, 8):
                width, height = height, width
            return ImageFacts(kind, width, height, mode, _count_frames(image), has_alpha)
    except DECODE_ERRORS as error:
        raise _explain(error, file) from error


def _open(file: BinaryIO) -> Image.Image:
    file.seek(0)
    image = Image.open(file, formats=FORMATS)
    _require_sane_size(*image.size)
    return image


def _require_sane_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ImageUnreadable(
            f"The picture is too large: {width} × {height} pixels.",
            _SMALLER,
        )


def _draft(image: Image.Image, side_px: int | None) -> None:
    if side_px is not None:
        image.draft(None, (side_px, side_px))


def _turned(image: Image.Image) -> Image.Image:
    """The picture as a person sees it; a broken EXIF block is no reason to refuse sound pixels."""
    with suppress(*DECODE_ERRORS):
        ImageOps.exif_transpose(image, in_place=True)
    return image


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except DECODE_ERRORS:
        return 1


def _count_frames(image: Image.Image) -> int:
    """Frames of an animation; asked last, for counting moves through the file and later frames may be broken."""
    try:
        return int(getattr(image, "n_frames", 1))
    except DECODE_ERRORS:
        return 1


def _explain(error: BaseException, file: BinaryIO) -> ImageUnreadable:
    """Put a decoder's exception into plain words."""
    hint = "Open it in another program and save it anew, or remove it."
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return _explain_bomb(file)
    if isinstance(error, MemoryError):
        return ImageUnreadable("There is not enough memory to decode the picture.", "Save it at a smaller size.")
    if isinstance(error, UnidentifiedImageError):
        return _explain_unidentified(file)
    if isinstance(error, OSError) and error.errno:
        return ImageUnreadable(f"The file cannot be read from the disk ({error.strerror}).", "Check the disk.")
    if isinstance(error, EOFError) or any(word in str(error).lower() for word in ("truncat", "not enough", "eof")):
        return ImageUnreadable("The file is cut off before the picture ends.", "Copy it again from where it came.")
    return ImageUnreadable("The picture is damaged and cannot be decoded.", hint)


def _explain_unidentified(file: BinaryIO) -> ImageUnreadable:
    file.seek(0)
    if has_picture_magic(file.read(MAGIC_BYTES)):
        return ImageUnreadable("The picture's header is damaged.", "Copy it again from where it came.")
    sentence = "This is not a picture, or one of a kind that Catalejo does not know."
    return ImageUnreadable(sentence, "Save it as JPEG or PNG, or remove it.")


def _explain_bomb(file: BinaryIO) -> ImageUnreadable:
    """Pillow refuses a bomb without saying its size, so the opener of its format is asked directly."""
    for name in FORMATS:
        opener, accept = Image.OPEN[name]
        file.seek(0)
        if accept is None or accept(file.read(16)) is not True:
            continue
        file.seek(0)
        try:
            with opener(file, "") as image:
                _require_sane_size(*image.size)
        except ImageUnreadable as too_large:
            return too_large
        except DECODE_ERRORS:
            continue
    return ImageUnreadable("The picture is too large.", _SMALLER)
