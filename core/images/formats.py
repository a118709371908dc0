"""Which image formats are read, and what tells an image file from any other.

Pillow is held to this list: some of its other formats run foreign programs (EPS) or
recognise nearly anything (TGA).
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import PurePath
from typing import BinaryIO

from PIL import Image

from core.images.kinds import HEAD_BYTES, kind_of

_WANTED = ("JPEG", "PNG", "GIF", "BMP", "DIB", "TIFF", "WEBP", "MPO", "AVIF", "JPEG2000", "PPM", "ICO", "PCX", "SGI")

_PLUGINS = ("Jpeg", "Png", "Gif", "Bmp", "Tiff", "WebP", "Mpo", "Avif", "Jpeg2K", "Ppm", "Ico", "Pcx", "Sgi")
for _plugin in _PLUGINS:  # by name, for `Image.init` loads three times as many at every start
    with suppress(ImportError):
        import_module(f"PIL.{_plugin}ImagePlugin")
FORMATS: tuple[str, ...] = tuple(name for name in _WANTED if name in Image.OPEN)
"""Pillow's names of the formats that are always read; AVIF, WebP and JPEG 2000 where Pillow was built with them."""

HEIF_PACKAGE = "pi-heif"
"""Reads HEIC and HEIF; it decodes only, unlike pillow-heif, whose wheels bring an encoder under the GPL."""

EXTENSIONS = frozenset(
    ".jpg .jpeg .jpe .jfif .png .apng .gif .bmp .dib .tif .tiff .webp .avif .avifs .jp2 .j2k .j2c .jpx .jpf .jxl "
    ".ppm .pgm .pbm .pnm .ico .pcx .sgi .heic .heif .heics .heifs .hif .psd .xcf .tga .svg .exr .hdr .dcm .fits .qoi "
    ".raw .cr2 .cr3 .crw .nef .nrw .arw .srf .sr2 .dng .orf .rw2 .raf .pef .srw .x3f .3fr .iiq .erf .mrw .rwl "
    ".icloud".split()
)
"""Endings that promise an image, whether or not it is of a kind that can be read."""

MAGIC_BYTES = HEAD_BYTES
"""How much of a file's start `has_picture_magic` wants to see."""

_TEXT_LIKE = frozenset({"SVG image", "PPM image", "BMP image", "ICO image", "SGI image", "PCX image",
                        "Targa (TGA) image"})
"""Kinds whose first bytes a text or another file may have by chance."""


def has_picture_extension(name: str) -> bool:
    """Whether a file's name promises an image."""
    return PurePath(name).suffix.lower() in EXTENSIONS


def has_picture_magic(head: bytes) -> bool:
    """Whether a file's first `MAGIC_BYTES` bytes are those of an image, by signatures that no text begins with."""
    kind = kind_of(head)
    return kind is not None and kind.is_image and kind.name not in _TEXT_LIKE


def readable_formats(file: BinaryIO) -> tuple[str, ...]:
    """`FORMATS`, and HEIF where the file is one and its reader is installed; leaves the file at its start."""
    file.seek(0)
    kind = kind_of(file.read(32))
    file.seek(0)
    return (*FORMATS, "HEIF") if kind is not None and "HEIF" in kind.formats and _has_heif() else FORMATS


@cache
def _has_heif() -> bool:
    """Register the reader of HEIF; loaded at the first such file, for it costs each start some time and memory."""
    try:
        import pi_heif
    except ImportError:
        return False
    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    return True
