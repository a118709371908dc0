"""Which picture formats are read, and what tells a picture file from any other.

Pillow is held to this list: some of its other formats run foreign programs (EPS) or
recognise nearly anything (TGA).
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from pathlib import PurePath

from PIL import Image

_WANTED = ("JPEG", "PNG", "GIF", "BMP", "DIB", "TIFF", "WEBP", "MPO", "AVIF", "JPEG2000", "PPM", "ICO", "PCX", "SGI")

_PLUGINS = ("Jpeg", "Png", "Gif", "Bmp", "Tiff", "WebP", "Mpo", "Avif", "Jpeg2K", "Ppm", "Ico", "Pcx", "Sgi")
for _plugin in _PLUGINS:  # by name, for `Image.init` loads three times as many at every start
    with suppress(ImportError):
        import_module(f"PIL.{_plugin}ImagePlugin")
FORMATS: tuple[str, ...] = tuple(name for name in _WANTED if name in Image.OPEN)
"""Pillow's names of the formats that are read; AVIF, WebP and JPEG 2000 where Pillow was built with them."""

EXTENSIONS = frozenset(
    ".jpg .jpeg .jpe .jfif .png .apng .gif .bmp .dib .tif .tiff .webp .avif .avifs .jp2 .j2k .jpx .ppm .pgm .pbm "
    ".pnm .ico .pcx .sgi .heic .heif .psd .tga .svg .raw .cr2 .cr3 .nef .arw .dng .orf .rw2 .raf".split()
)
"""Endings that promise a picture, whether or not it is of a kind that can be read."""

MAGIC_BYTES = 32
"""How much of a file's start `has_picture_magic` wants to see."""

_MAGICS = (
    b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*",
    b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP  ",
)


def has_picture_extension(name: str) -> bool:
    """Whether a file's name promises a picture."""
    return PurePath(name).suffix.lower() in EXTENSIONS


def has_picture_magic(head: bytes) -> bool:
    """Whether a file's first `MAGIC_BYTES` bytes are those of a picture, by signatures that no text begins with."""
    is_riff = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    is_heif = head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis", b"heic", b"heix", b"mif1")
    return head.startswith(_MAGICS) or is_riff or is_heif
