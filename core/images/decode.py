"""The one decoder: from an open file to 8-bit RGB, or to a reason why not; `core.images.reading` is the door to it.

Broken files make Pillow raise far more than OSError, and Qt shows a truncated JPEG as a
half-grey image without an error; so every image in the program comes from here.
Pixel counts are checked by hand from the header because switching Pillow's bomb warning
per call (`warnings.catch_warnings`) is not safe with several threads.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import ExifTags, Image

from core.errors import AppError
from core.images import tiff_tags
from core.images.deep_bands import deep_rawmode, mend_planes, use_lower_bytes
from core.images.depth import DEEP_MODES, Declared, read_declared, scale_deep
from core.images.files import open_regular
from core.images.formats import readable_formats, silence_pillow
from core.images.integrity import require_whole
from core.images.kinds import RAW_TIFF
from core.images.limits import decoding_budget, decoding_bytes, give_memory_back, max_pixels
from core.images.reasons import DECODE_ERRORS, explain, explain_kind, explain_size

DECODER_VERSION = 2
"""Part of what is kept by content (embeddings, thumbnails, cues); to be raised when other pixels come out.

2: deep images are scaled by the bits that they use; very large ones are reduced before they are resized."""

CHECK_SIDE_PX = 8
"""Side asked for when an image is only checked: JPEG then decodes at an eighth of its size."""

FRAMED_FORMATS = frozenset({"TIFF", "GIF", "WEBP", "PNG", "AVIF"})
"""Formats of pages and animations, whose first frame is taken; what MPO and HEIF hold besides is no page."""

LARGE_PIXELS = 32_000_000
"""Images of more pixels are converted in strips, and reduced on the way where only a small one is wanted."""

STRIP_PIXELS = 1 << 22

WHITE = (255, 255, 255, 255)
_STRAIGHT = {"La": "LA", "RGBa": "RGBA"}
"""Modes with colours multiplied by alpha, which Pillow converts to their straight form only."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What brings an image of each EXIF orientation upright."""

# once for the whole process: the limit is ours, and what Pillow mumbles about odd EXIF blocks is nobody's concern
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
silence_pillow()


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What the header of an image says, after EXIF turning.

    Attributes:
        format: Pillow's name of the format ("JPEG", "PNG" …).
        width, height: Pixels as a person sees the image.
        mode: Pillow's mode of the stored pixels ("RGB", "L", "P", "CMYK" …).
        n_frames: 1 for a still image.
    """

    format: str
    width: int
    height: int
    mode: str
    n_frames: int


def decode_rgb(file: BinaryIO, *, side_px: int | None = None) -> Image.Image:
    """Decode an open file as an image of Pillow in mode RGB; see `core.images.reading.read_rgb`.

    Raises:
        ImageUnreadable: Whatever is wrong with the file.
        InputError: The pixel limit that the user set is no number.
    """
    try:
        with _opened(file, side_px) as image, decoding_budget().reserve(decoding_bytes(image)):
            rgb = _upright(image, file, side_px)
            if rgb is not image:
                image.im = Image.new("1", (1, 1)).im  # the pixels go before another thread takes the memory
                give_memory_back(image.width * image.height)
            return rgb
    except DECODE_ERRORS as error:
        raise explain(error, file) from error


def inspect_stream(file: BinaryIO) -> ImageFacts:
    """Read the facts of an open image and make sure once that it decodes to its end.

    It does all that `decode_rgb` does, but converts a corner only.

    Raises:
        ImageUnreadable: For whatever is wrong with the file, with the reason.
        InputError: The pixel limit that the user set is no number.
    """
    try:
        with _opened(file, None) as image:
            size = image.size
            kind, mode = image.format or "", image.mode
            image.draft(None, (CHECK_SIDE_PX, CHECK_SIDE_PX))
            with decoding_budget().reserve(decoding_bytes(image)):
                loaded, orientation = _load(image, file)
                to_rgb(loaded.crop((0, 0, min(loaded.width, CHECK_SIDE_PX), min(loaded.height, CHECK_SIDE_PX))))
            width, height = image.size if kind == "HEIF" else size  # HEIF is turned while it is loaded
            if orientation in (5, 6, 7, 8):
                width, height = height, width
            return ImageFacts(kind, width, height, mode, _count_frames(image))
    except DECODE_ERRORS as error:
        raise explain(error, file) from error


def count_frames(path: Path) -> int:
    """How many pages or frames a file holds whose first one is taken; 1 where that cannot be told."""
    try:
        with open_regular(path) as file, _opened(file, None) as image:
            return _count_frames(image) if image.format in FRAMED_FORMATS else 1
    except (AppError, *DECODE_ERRORS):
        return 1


@contextmanager
def _opened(file: BinaryIO, side_px: int | None) -> Iterator[Image.Image]:
    """An image of a kind and size that is decoded, not loaded yet."""
    limit = max_pixels()
    Image.MAX_IMAGE_PIXELS = limit  # Pillow itself refuses at twice this
    with Image.open(file, formats=readable_formats(file)) as image:
        if image.width * image.height > limit:
            raise explain_size(*image.size)
        if image.format == "TIFF" and tiff_tags.is_camera_raw(getattr(image, "tag_v2", {})):
            raise explain_kind(RAW_TIFF)
        require_whole(file)
        if side_px is not None:
            image.draft(None, (side_px, side_px))
        yield image


def _upright(image: Image.Image, file: BinaryIO, side_px: int | None) -> Image.Image:
    loaded, orientation = _load(image, file)
    rgb = _reduced(loaded, side_px)
    return rgb.transpose(_TURNS[orientation]) if orientation in _TURNS else rgb


def _load(image: Image.Image, file: BinaryIO) -> tuple[Image.Image, int]:
    """The pixels with 8 bits a channel, and their EXIF orientation."""
    mend_planes(image)
    rawmode = deep_rawmode(image)
    is_deep = bool(rawmode) or image.mode in DEEP_MODES
    declared = read_declared(image, file) if is_deep else Declared()
    image.load()
    orientation = _orientation(image)
    if image.mode in DEEP_MODES:
        return scale_deep(image, declared), orientation
    return use_lower_bytes(image, rawmode, file, declared) if rawmode else image, orientation


def to_rgb(image: Image.Image) -> Image.Image:
    """Convert a loaded image of any mode to RGB.

    Transparency is composited on white: cut-out images are nearly always made to be seen
    on a white page, and dropping the alpha channel instead would bring out whatever colours
    an editor left behind the invisible parts, which no person ever saw when labelling.
    """
    if image.mode in DEEP_MODES:
        return scale_deep(image, Declared()).convert("RGB")
    if image.has_transparency_data:
        overlay = image.convert(_STRAIGHT.get(image.mode, image.mode)).convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", overlay.size, WHITE), overlay).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _reduced(image: Image.Image, side_px: int | None) -> Image.Image:
    """As RGB; a large image from which a small one is wanted shrinks by a whole number, strip by strip."""
    if image.width * image.height <= LARGE_PIXELS:
        return to_rgb(image)
    factor = 1 if side_px is None else max(1, min(image.size) // (2 * side_px))
    small = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)))
    for box in strips_of(image, factor):
        small.paste(to_rgb(image.crop(box)).reduce(factor), (0, box[1] // factor))
    return small


def strips_of(image: Image.Image, multiple: int = 1) -> Iterator[tuple[int, int, int, int]]:
    """Boxes from top to bottom, each a multiple of so many rows high but for the last."""
    rows = max(1, STRIP_PIXELS // image.width // multiple) * multiple
    for top in range(0, image.height, rows):
        yield 0, top, image.width, min(top + rows, image.height)


def _orientation(image: Image.Image) -> int:
    """As EXIF says; a broken EXIF block is no reason to refuse sound pixels."""
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
