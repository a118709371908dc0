"""Why a file cannot be decoded, in plain words: unsupported says unsupported, damaged says damaged."""

from __future__ import annotations

import io
import os
import re
import struct
import zlib
from contextlib import suppress
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from core.errors import ImageUnreadable
from core.images import tiff_tags
from core.images.formats import FORMATS, HEIF_PACKAGE, readable_formats
from core.images.integrity import declared_end
from core.images.kinds import HEAD_BYTES, RAW_TIFF, FileKind, kind_of
from core.images.limits import PIXELS_VARIABLE, max_pixels

DECODE_ERRORS = (
    OSError, ValueError, SyntaxError, TypeError, LookupError, ArithmeticError, MemoryError, EOFError, AttributeError,
    RuntimeError, AssertionError, struct.error, zlib.error,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)
"""Everything that broken files have been seen to raise inside Pillow."""

_COPY_AGAIN = "Copy it again from where it came."
_SAVE_ANEW = "Open it in another program and save it anew, or remove it."
_SAVE_AS_PNG = "Open it in another program and save it as JPEG or PNG, or remove it."
_CUT_OFF = ("truncat", "not enough", "eof", "end of file")
_UNSUPPORTED = re.compile(
    r"unknown pixel mode|samples per pixel|cannot handle|unsupported (?:bmp|compression)|not supported"
    r"|decoder \w+ not available", re.IGNORECASE,
)
_LARGEST_SANE_DEPTH = 64
MOST_ADVISED_PIXELS = 2_000_000_000
"""For an image of more pixels nobody is advised to raise the limit: it would take 10 GB, and may be an attack."""


def explain(error: BaseException, file: BinaryIO) -> ImageUnreadable:
    """What a decoder's exception says about a file, in plain words."""
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return _explain_bomb(file)
    if isinstance(error, MemoryError):
        return ImageUnreadable("There is not enough memory to decode the image.", "Save it at a smaller size.")
    if isinstance(error, OSError) and error.errno:
        return ImageUnreadable(f"The file cannot be read from the disk ({error.strerror}).", "Check the disk.")
    head = _head(file)
    kind = kind_of(head)
    if kind is None:
        return ImageUnreadable("This is not an image, or one of a kind that Catalejo does not know.",
                               "Save it as JPEG or PNG, or remove it.")
    if not set(kind.formats) & set(readable_formats(file)):
        return explain_kind(kind)
    return _explain_damage(error, file, kind)


def explain_kind(kind: FileKind) -> ImageUnreadable:
    """A file of a kind that is not read here."""
    if kind.sentence:
        return ImageUnreadable(kind.sentence, kind.hint)
    if not kind.is_image:
        return ImageUnreadable(f"This is {_a(kind.name)}, not an image.", kind.hint)
    if not kind.formats:
        return ImageUnreadable(f"This is {_a(kind.name)}, which Catalejo cannot read.", kind.hint)
    hint = kind.hint
    if "HEIF" in kind.formats:
        hint = f"Install the Python package {HEIF_PACKAGE}, or export the image as JPEG."
    short = kind.name.removesuffix(" image")
    return ImageUnreadable(f"This is {_a(kind.name)}, and this installation cannot read {short}.", hint)


def explain_size(width: int, height: int) -> ImageUnreadable:
    """An image of more pixels than the limit."""
    limit = f"{max_pixels() / 1e6:.0f} million"
    sentence = f"The image is too large: {width} × {height} pixels, and the limit is {limit}."
    if width * height > MOST_ADVISED_PIXELS:
        return ImageUnreadable(sentence, "Save it at a smaller size, or remove it.")
    hint = f"Save it at a smaller size, or set the environment variable {PIXELS_VARIABLE} to {width * height}."
    return ImageUnreadable(sentence, hint)


def _explain_damage(error: BaseException, file: BinaryIO, kind: FileKind) -> ImageUnreadable:
    """A file that begins like an image of a readable kind."""
    message = str(error)
    if isinstance(error, UnidentifiedImageError):
        message = _ask_opener(file, kind)
    if kind.formats == ("TIFF",):
        with suppress(*DECODE_ERRORS):
            found = _explain_tiff(message, file)
            if found is not None:
                return found
    if _is_unsupported(message):
        return ImageUnreadable(f"This is {_a(kind.name)} of a kind that Catalejo cannot read.", _SAVE_AS_PNG)
    says_short = isinstance(error, EOFError) or any(word in message.lower() for word in _CUT_OFF)
    # libheif speaks of an unexpected end wherever a length is wrong
    if _is_shorter_than_it_says(file) or says_short and "HEIF" not in kind.formats:
        return ImageUnreadable(f"This {kind.name} is cut off before its end.", _COPY_AGAIN)
    if "HEIF" in kind.formats:
        sentence = f"This {kind.name} is damaged and cannot be decoded."
        return ImageUnreadable(sentence, "Export it anew, as JPEG if possible.")
    if isinstance(error, UnidentifiedImageError):
        return ImageUnreadable(f"The header of this {kind.name} is damaged.", _COPY_AGAIN)
    return ImageUnreadable(f"This {kind.name} is damaged and cannot be decoded.", _SAVE_ANEW)


def _explain_tiff(message: str, file: BinaryIO) -> ImageUnreadable | None:
    """A TIFF that is sound but of a kind that Pillow does not decode; None where it is damaged."""
    tags = tiff_tags.read_tags(file)
    if tiff_tags.is_camera_raw(tags):
        return explain_kind(RAW_TIFF)
    what = tiff_tags.describe_kind(tags)
    if what and _is_unsupported(message):
        return ImageUnreadable(f"This is a TIFF image with {what}, which Catalejo cannot read.", _SAVE_AS_PNG)
    if message == str(tags.get(tiff_tags.COMPRESSION)):  # the key that Pillow did not find
        sentence = f"This is a TIFF image of a compression (number {message}) that Catalejo cannot read."
        return ImageUnreadable(sentence, _SAVE_AS_PNG)
    return None


def _is_unsupported(message: str) -> bool:
    """Whether a decoder's message says that it does not know the kind; absurd numbers mean damage."""
    numbers = map(int, re.findall(r"\((\d+)\)", message))
    return bool(_UNSUPPORTED.search(message)) and all(number <= _LARGEST_SANE_DEPTH for number in numbers)


def _ask_opener(file: BinaryIO, kind: FileKind) -> str:
    """What the opener of a format says; Pillow keeps that to itself when none of them opens a file."""
    file.seek(0)
    content = io.BytesIO(file.read())
    for name in kind.formats:
        if name in Image.OPEN:
            content.seek(0)
            try:
                Image.OPEN[name][0](content, "").close()
            except DECODE_ERRORS as error:
                return str(error)
    return ""


def _is_shorter_than_it_says(file: BinaryIO) -> bool:
    """Whether a file says that it is longer: a WebP, HEIF, AVIF or JPEG 2000, or a TIFF whose tags lie behind it."""
    n_bytes = file.seek(0, os.SEEK_END)
    head = _head(file)
    if head[:4] in (b"II*\0", b"MM\0*"):
        return int.from_bytes(head[4:8], "little" if head[:1] == b"I" else "big") >= n_bytes
    end = declared_end(file)
    return end is not None and end > n_bytes


def _explain_bomb(file: BinaryIO) -> ImageUnreadable:
    """Pillow refuses a bomb without saying its size, so the opener of its format is asked directly."""
    for name in FORMATS:
        opener, accept = Image.OPEN[name]
        with suppress(*DECODE_ERRORS):
            if accept is None or accept(_head(file)[:16]) is not True:
                continue
            file.seek(0)
            with opener(file, "") as image:
                return explain_size(*image.size)
    return ImageUnreadable(
        f"The image is too large; the limit is {max_pixels() / 1e6:.0f} million pixels.",
        f"Save it at a smaller size, or raise the environment variable {PIXELS_VARIABLE}.",
    )


def _head(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(HEAD_BYTES)


def _a(noun: str) -> str:
    return f"{'an' if noun.startswith(('A', 'I', 'O', 'SVG', 'SGI', 'alias')) else 'a'} {noun}"
