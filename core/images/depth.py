"""Scales deep pixels (more than 8 bits a channel) to 8 bits, by the bits that a file really uses.

Cameras, scanners and converters store 10, 12 or 14 bits in 16-bit files, or 8; taken for full 16 bits
they would be nearly black. What a file declares comes first; otherwise the smallest usual number of bits that
holds its largest value. It must be decided for each file by itself, because whatever is computed from an image is
kept by its content.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.images import tiff_tags

_Scale = Callable[[NDArray], NDArray[np.uint8]]

DEEP_MODES = frozenset({"I", "F", "I;16", "I;16L", "I;16B", "I;16N"})
USUAL_BITS = (8, 10, 12, 14, 16)
PIXELS_AT_ONCE = 1 << 22
"""Deep pixels are converted in strips of so many, because the numbers on the way take eight bytes each."""

OVERSHOOT, BRIGHTEST_HIGHLIGHT, FRACTIONAL_OVERSHOOT = 1.5, 16.0, 1.1
"""Floats up to the first are 0 … 1 that a filter let swing over; up to the second, 0 … 1 with highlights (HDR);
beyond, a filter may have let them swing over a whole number of bits by the third."""

_SIZ_MARKER = b"\xff\x4f\xff\x51"
_STORED_BITS = re.compile(r"(?:bits[ _-]?stored|significant[ _-]?bits)\W{0,4}(\d{1,2})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Declared:
    """What a file says of its deep pixels.

    Attributes:
        bits: How many bits are used, or None where nothing is said.
        is_padded: Whether the values were moved to the top of 16 bits if there is room (PNG's sBIT means that,
            although many programs leave them at the bottom).
        is_inverted: Whether 0 is white.
    """

    bits: int | None = None
    is_padded: bool = False
    is_inverted: bool = False


def read_declared(image: Image.Image, file: BinaryIO) -> Declared:
    """What an opened image, not loaded yet, declares of its depth; leaves the file where it is."""
    place = file.tell()
    try:
        return _read_declared(image, file)
    finally:
        file.seek(place)


def _read_declared(image: Image.Image, file: BinaryIO) -> Declared:
    text = " ".join(f"{key}={value}" for key, value in image.info.items() if isinstance(value, str))
    if image.format == "TIFF":
        return _declared_by_tiff(getattr(image, "tag_v2", {}))
    if image.format == "PNG":
        bits = _significant_bits(file)
        return Declared(bits, is_padded=True) if bits else Declared(_stored_bits(text))
    if image.format == "PPM":  # Pillow scales by the largest value that the header names
        return Declared(None if any(tile.codec_name == "raw" for tile in tiles_of(image)) else 16)
    if image.format == "JPEG2000":
        return Declared(_scaled_by_openjpeg(file))
    return Declared()


def tiles_of(image: Image.Image) -> list[Any]:
    """What Pillow is going to decode, and how: (codec_name, extents, offset, args); empty once it is loaded."""
    return list(getattr(image, "tile", ()))


def scale_deep(image: Image.Image, declared: Declared) -> Image.Image:
    """A loaded image of one of `DEEP_MODES` as mode L."""
    choose = _sixteen_bit_scale if image.mode.startswith("I;16") else _wide_scale
    scale = choose(image, declared)
    grey = Image.new("L", image.size)
    for top, values in _strips(image):
        grey.paste(Image.fromarray(scale(values)), (0, top))
    return grey.point(lambda value: 255 - value) if declared.is_inverted else grey


def bits_in_use(largest: int, declared: Declared = Declared()) -> int:
    """How many bits hold values up to `largest` (0 … 65535), as declared or as usual."""
    if declared.bits is not None and 8 <= declared.bits <= 16 and largest < 1 << declared.bits:
        return declared.bits
    return next(bits for bits in USUAL_BITS if largest < 1 << bits)


def is_moved_up(values: NDArray[np.uint16], bits: int) -> bool:
    """Whether values of `bits` bits stand at the top of 16, with zeros or a copy of their top bits below."""
    spare = 16 - bits
    low = values & np.uint16((1 << spare) - 1)
    return bool((low == 0).all() or (low == values >> np.uint16(16 - spare)).all())


def _table(bits: int) -> _Scale:
    """From uint16 to uint8 by a look-up table."""
    table = np.minimum(np.arange(1 << 16) >> (bits - 8), 255).astype(np.uint8)
    return lambda values: np.asarray(table[values])


def _ramp(low: float, width: float) -> _Scale:
    """From any numbers to uint8: `low` becomes 0, `low + width` becomes 255; what is no number becomes `low`."""
    def scale(values: NDArray) -> NDArray[np.uint8]:
        numbers = np.nan_to_num(values.astype(np.float64), nan=low, posinf=np.inf, neginf=-np.inf)
        steps = np.floor((numbers - low) * 255.0 / (width or 1.0) + 0.5)
        return np.asarray(np.clip(steps, 0, 255).astype(np.uint8))
    return scale


def _sixteen_bit_scale(image: Image.Image, declared: Declared) -> _Scale:
    largest, moved_up = 0, declared.is_padded and declared.bits is not None and declared.bits < 16
    for _, values in _strips(image):
        largest = max(largest, int(values.max()))
        moved_up = moved_up and is_moved_up(values.astype(np.uint16), declared.bits or 16)
    return _table(16 if moved_up else bits_in_use(largest, declared))


def _wide_scale(image: Image.Image, declared: Declared) -> _Scale:
    """For 32-bit integers, signed 16 bits and floats, which have no agreed range."""
    low, high, is_whole = np.inf, -np.inf, True
    for _, values in _strips(image):
        known = values[np.isfinite(values) & ~_is_void(values)]
        if known.size:
            low, high = min(low, float(known.min())), max(high, float(known.max()))
            is_whole = is_whole and bool((known == np.floor(known)).all())
    if low > high:
        return _ramp(0.0, 1.0)
    if low < 0 or high > 65535:
        return _ramp(low, high - low)
    return _ramp(0.0, _limit(high, is_whole and (image.mode == "I" or high > 1), declared))


def _limit(high: float, is_whole: bool, declared: Declared) -> float:
    """What is white in numbers 0 … `high`, at most 65535."""
    if not is_whole and high <= BRIGHTEST_HIGHLIGHT:
        return 1.0 if high <= OVERSHOOT else high
    if declared.bits == 16 and high > 255:
        return 65535.0
    largest = high if is_whole else high / FRACTIONAL_OVERSHOOT
    return float((1 << bits_in_use(int(largest), declared)) - 1)


def _is_void(values: NDArray) -> NDArray[np.bool_]:
    """Where numbers stand for “nothing was measured”: the lowest of signed integers, or hugely negative floats."""
    is_void: NDArray[np.bool_] = values < -1e30 if values.dtype.kind == "f" else (
        (values == -32768) | (values == np.iinfo(np.int32).min))
    return is_void


def _strips(image: Image.Image) -> Iterator[tuple[int, NDArray]]:
    """The image from top to bottom as (first row, (rows, width) values)."""
    rows = max(1, PIXELS_AT_ONCE // max(image.width, 1))
    for top in range(0, image.height, rows):
        yield top, np.asarray(image.crop((0, top, image.width, min(top + rows, image.height))))


def _declared_by_tiff(tags: object) -> Declared:
    if not hasattr(tags, "get"):
        return Declared()
    is_inverted = tags.get(tiff_tags.PHOTOMETRIC) == tiff_tags.WHITE_IS_ZERO
    depth = _first(tags.get(tiff_tags.BITS))
    largest = max((_first(tags.get(tag)) or 0 for tag in (
        tiff_tags.LARGEST_VALUES, tiff_tags.SIGNED_LARGEST_VALUES)), default=0)
    bits = depth if depth and 8 < depth < 16 else _stored_bits(str(tags.get(tiff_tags.DESCRIPTION, "")))
    if bits is None and 255 <= largest < 65535:
        bits = int(largest).bit_length()
    return Declared(bits, is_inverted=is_inverted)


def _first(value: object) -> int | None:
    number = value[0] if isinstance(value, tuple) and value else value
    return int(number) if isinstance(number, int | float) and np.isfinite(number) else None


def _stored_bits(text: str) -> int | None:
    """DICOM's BitsStored, where a converter wrote it into a comment."""
    match = _STORED_BITS.search(text)
    return int(match.group(1)) if match else None


def _significant_bits(file: BinaryIO) -> int | None:
    """The largest entry of a PNG's sBIT chunk, which stands before the pixels; None without one."""
    file.seek(8)
    for _ in range(64):
        head = file.read(8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind == b"sBIT":
            return max(file.read(min(length, 3)), default=0) or None
        if len(head) < 8 or kind in (b"IDAT", b"IEND"):
            return None
        file.seek(length + 4, 1)
    return None


def _scaled_by_openjpeg(file: BinaryIO) -> int | None:
    """16 where a JPEG 2000 declares fewer bits: Pillow has brought them to the top of 16 by then."""
    file.seek(0)
    head = file.read(1 << 16)
    marker = head.find(_SIZ_MARKER)
    depth = (head[marker + 42] & 0x7F) + 1 if 0 <= marker < len(head) - 42 else 16
    return 16 if depth < 16 else None
