"""Which image formats Pillow reads for us, and what tells an image file from any other.

Pillow is held to this list: some of its other formats run foreign programs (EPS) or
recognise nearly anything (TGA).
"""

from __future__ import annotations

import ctypes
import logging
from contextlib import suppress
from functools import cache
from importlib import import_module
from itertools import chain
from pathlib import Path, PurePath
from typing import BinaryIO

import PIL
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
"""How much of a file's start `has_image_magic` wants to see."""

_TEXT_LIKE = frozenset({"SVG", "PPM", "BMP", "ICO", "SGI", "PCX", "Targa (TGA)"})
"""Kinds whose first bytes a text or another file may have by chance."""


def has_image_extension(name: str) -> bool:
    """Whether a file's name promises an image."""
    return PurePath(name).suffix.lower() in EXTENSIONS


def has_image_magic(head: bytes) -> bool:
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


def silence_pillow() -> None:
    """Keep Pillow and the libtiff that it brings from writing remarks about damaged files to the terminal.

    libtiff prints straight to the process's stderr, past Python's, and Pillow logs errors, which Python prints where
    nobody set up logging; whatever is wrong with a file reaches the user as the reason why it cannot be read.
    """
    logging.getLogger("PIL").setLevel(logging.CRITICAL)
    home = Path(PIL.__file__).parent
    for library in chain((home.parent / "pillow.libs").glob("libtiff*"), (home / ".dylibs").glob("libtiff*")):
        try:
            tiff = ctypes.CDLL(str(library))  # loaded by Pillow already: this is the same copy
            for set_handler in (tiff.TIFFSetWarningHandler, tiff.TIFFSetErrorHandler):
                set_handler.argtypes, set_handler.restype = [ctypes.c_void_p], ctypes.c_void_p
                set_handler(None)
        except (OSError, AttributeError):
            continue
