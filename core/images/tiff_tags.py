"""What the tags of a TIFF say beyond what Pillow makes of them: camera RAW, depth, and kinds that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

from PIL import TiffImagePlugin

from core.text import Message

SUBFILE_TYPE, BITS, COMPRESSION, PHOTOMETRIC, DESCRIPTION, CHANNELS, PLANES = 254, 258, 259, 262, 270, 277, 284
LARGEST_VALUES, SUB_IFDS, SIGNED_LARGEST_VALUES, DNG_VERSION = 281, 330, 341, 50706
WHITE_IS_ZERO, SEPARATE = 0, 2


def is_camera_raw(tags: Mapping[int, Any]) -> bool:
    """Whether the first image of a TIFF is only the preview of a camera's RAW data (DNG, NEF, ARW …).

    Pillow would take the preview, often of 160 × 120 pixels, for the image.
    """
    is_preview = bool(_number(tags.get(SUBFILE_TYPE, 0)) & 1)
    return DNG_VERSION in tags or (is_preview and SUB_IFDS in tags)


def read_tags(file: BinaryIO) -> Mapping[int, Any]:
    """The tags of the first image of a TIFF that Pillow refuses to open.

    Raises:
        Exception: One of `DECODE_ERRORS` where they are damaged.
    """
    file.seek(0)
    directory = TiffImagePlugin.ImageFileDirectory_v2(file.read(8))
    file.seek(directory.next)
    directory.load(file)
    return dict(directory)


def describe_kind(tags: Mapping[int, Any]) -> Message | None:
    """“3 channels of 32 bits”; None where the tags make no sense, or the depth is not what is unusual."""
    bits = tags.get(BITS, (1,))
    bits = bits if isinstance(bits, tuple) else (bits,)
    channels = _number(tags.get(CHANNELS, len(bits)))
    if not all(isinstance(b, int) and 1 <= b <= 64 for b in bits) or not 1 <= channels <= 1000:
        return None
    if max(bits) <= 8 and set(bits) <= {1, 2, 4, 8}:
        return None
    return Message("images.channels", n=channels, bits=tuple(str(b) for b in sorted(set(bits))))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
