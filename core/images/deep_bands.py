"""Colour images of 16 bits a channel: Pillow keeps the upper byte of each value, which may hold nearly nothing.

Where the upper bytes leave at least two bits unused, the file is decoded once more for its lower bytes, by
telling Pillow's decoder the other byte order, and the bits in use are put together. Images that use their range
cost nothing more.
"""

from __future__ import annotations

import sys
from typing import Any, BinaryIO

import numpy as np
from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from core.errors import ImageUnreadable
from core.images.depth import Declared, bits_in_use, tiles_of
from core.images.tiff_tags import BITS, PLANES, SEPARATE

FULL = 64
"""An upper byte of this size or more means that more than 14 bits are in use."""

_OTHER_ORDER = {
    f"{bands};16{order}": f"{bands};16{other}" for bands in ("RGB", "RGBX", "RGBA", "R", "G", "B", "A")
    for order, other in (("B", "L"), ("L", "B"), ("N", "B" if sys.byteorder == "little" else "L"))
} | {"LA;16B": "RGBA"}
"""Pillow's raw modes, and those that take the other byte of each value; of LA, four single bytes."""


def deep_rawmode(image: Image.Image) -> str:
    """Pillow's raw mode of an opened colour image with 16 bits a channel, "" for any other."""
    tiles = tiles_of(image)
    if image.format not in ("PNG", "TIFF") or not tiles:
        return ""
    arguments = tiles[0].args
    rawmode = arguments[0] if isinstance(arguments, tuple) else arguments
    return rawmode if rawmode in _OTHER_ORDER else ""


def mend_planes(image: Image.Image) -> None:
    """Name the depth of a TIFF's uncompressed planes before loading; Pillow 13 takes deep ones for 8-bit ones."""
    if not isinstance(image, TiffImageFile) or image.tag_v2.get(PLANES) != SEPARATE:
        return
    is_little = image.tag_v2.prefix == b"II"
    if image.mode in ("I;16", "I;16B"):
        rawmodes = {"I": image.mode}
    elif image.mode == "F":
        rawmodes = {"F": "F;32F" if is_little else "F;32BF"}
    else:
        is_deep = set(image.tag_v2.get(BITS, ())) == {16}
        rawmodes = {band: f"{band};16{'L' if is_little else 'B'}" for band in "RGBA"} if is_deep else {}
    image.tile = [tile._replace(args=(rawmodes.get(tile.args[0], tile.args[0]), *tile.args[1:]))
                  if tile.codec_name == "raw" else tile for tile in tiles_of(image)]


def use_lower_bytes(image: Image.Image, rawmode: str, file: BinaryIO, declared: Declared) -> Image.Image:
    """The loaded image scaled by the bits that it uses; the very same where it uses nearly all 16.

    Alpha counts as a colour unless it uses nearly all 16 bits itself: programs write it either way.

    Args:
        image: Loaded, mode RGB or RGBA, the upper bytes.
        rawmode: From `deep_rawmode`, before loading.
        file: The image's file.
        declared: What the file says of its depth.

    Raises:
        ImageUnreadable: Pillow cannot get at the lower bytes.
    """
    upper = image.split()
    if max(map(_highest, upper[:3])) >= FULL:
        return image
    full_alpha = upper[3:] if any(_highest(band) >= FULL for band in upper[3:]) else ()
    pairs = list(zip(upper, _load_lower(file, rawmode), strict=True))[:len(upper) - len(full_alpha)]
    if declared.is_padded and not any((np.asarray(low) & _spare_bits(declared)).any() for _, low in pairs[:3]):
        return image
    bits = bits_in_use(max(_largest(high, low) for high, low in pairs), declared)
    return Image.merge(image.mode, [*(_join(high, low, bits) for high, low in pairs), *full_alpha])


def _spare_bits(declared: Declared) -> np.uint8:
    """Bits of the lower byte that are empty where values of the declared bits stand at the top of 16."""
    return np.uint8((1 << (16 - max(declared.bits or 16, 8))) - 1)


def _highest(band: Image.Image) -> int:
    return int(np.max(band.getextrema()))


def _load_lower(file: BinaryIO, rawmode: str) -> tuple[Image.Image, ...]:
    """The lower bytes of each band."""
    file.seek(0)
    with Image.open(file, formats=("PNG", "TIFF")) as image:
        assert isinstance(image, ImageFile)
        mend_planes(image)
        if isinstance(image, TiffImageFile) and image.use_load_libtiff and image.tag_v2.get(PLANES) == SEPARATE:
            raise ImageUnreadable("images.compressed_planes")
        image.tile = [tile._replace(args=_other_order(tile.args)) for tile in tiles_of(image)]
        image.load()
        bands = image.split()
    return (bands[1], bands[1], bands[1], bands[3]) if rawmode == "LA;16B" else bands


def _other_order(arguments: Any) -> Any:
    """A tile's arguments with the other byte order in their raw mode."""
    if isinstance(arguments, tuple):
        return (_OTHER_ORDER[arguments[0]], *arguments[1:])
    return _OTHER_ORDER[str(arguments)]


def _largest(upper: Image.Image, lower: Image.Image) -> int:
    """The largest 16-bit value of a band."""
    high = _highest(upper)
    return high << 8 | int(np.asarray(lower)[np.asarray(upper) == high].max())


def _join(upper: Image.Image, low: Image.Image, bits: int) -> Image.Image:
    shift = np.uint8(16 - bits)
    if not shift:
        return upper
    joined = np.asarray(low).copy() if bits == 8 else (
        np.asarray(upper) << shift | np.asarray(low) >> np.uint8(bits - 8))
    return Image.fromarray(joined)
