"""Why a file cannot be decoded: what is unsupported says unsupported, what is damaged says damaged; and as stored."""

from __future__ import annotations

import io
import json
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
from core.text import Message

DECODE_ERRORS = (
    OSError, ValueError, SyntaxError, TypeError, LookupError, ArithmeticError, MemoryError, EOFError, AttributeError,
    RuntimeError, AssertionError, struct.error, zlib.error,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)
"""Everything that broken files have been seen to raise inside Pillow."""

_CUT_OFF = ("truncat", "not enough", "eof", "end of file")
_UNSUPPORTED = re.compile(
    r"unknown pixel mode|samples per pixel|cannot handle|unsupported (?:bmp|compression)|not supported"
    r"|decoder \w+ not available", re.IGNORECASE,
)
_LARGEST_SANE_DEPTH = 64
MOST_ADVISED_PIXELS = 2_000_000_000
"""For an image of more pixels nobody is advised to raise the limit: it would take 10 GB, and may be an attack."""


def explain(error: BaseException, file: BinaryIO) -> ImageUnreadable:
    """What a decoder's exception says about a file."""
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return _explain_bomb(file)
    if isinstance(error, MemoryError):
        return ImageUnreadable("images.too_little_memory")
    if isinstance(error, OSError) and error.errno:
        return ImageUnreadable("images.disk_error", reason=error.strerror)
    kind = kind_of(_head(file))
    if kind is None:
        return ImageUnreadable("images.unknown_kind")
    if not set(kind.formats) & set(readable_formats(file)):
        return explain_kind(kind)
    return _explain_damage(error, file, kind)


def explain_kind(kind: FileKind) -> ImageUnreadable:
    """A file of a kind that is not read here."""
    if "HEIF" in kind.formats:
        return ImageUnreadable("images.reader_missing", kind=kind.name, package=HEIF_PACKAGE)
    if kind.formats:
        return ImageUnreadable("images.not_in_this_installation", kind=kind.name)
    return ImageUnreadable(kind.code, kind=kind.name)


def explain_size(width: int, height: int) -> ImageUnreadable:
    """An image of more pixels than the limit."""
    code = "images.too_large" if width * height <= MOST_ADVISED_PIXELS else "images.far_too_large"
    return ImageUnreadable(
        code, width=width, height=height, limit=max_pixels() / 1e6, variable=PIXELS_VARIABLE, needed=width * height)


def reason_of(error: ImageUnreadable) -> Message:
    """What an error says, the hint included."""
    if error.hint_message is None:
        return error.message
    return Message("images.reason_and_hint", reason=error.message, hint=error.hint_message)


def write_reason(message: Message) -> str:
    """A reason as the catalog keeps it."""
    return json.dumps(message.to_json(), ensure_ascii=False)


def read_reason(stored: str) -> Message:
    """The inverse of `write_reason`; plain words, as earlier versions kept them, say just that."""
    try:
        value = json.loads(stored)
        return Message.from_json(value if isinstance(value, dict) else stored)
    except (ValueError, RecursionError):
        return Message(stored)


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
        return ImageUnreadable("images.unsupported_variant", kind=kind.name)
    says_short = isinstance(error, EOFError) or any(word in message.lower() for word in _CUT_OFF)
    # libheif speaks of an unexpected end wherever a length is wrong
    if _is_shorter_than_it_says(file) or says_short and "HEIF" not in kind.formats:
        return ImageUnreadable("images.cut_off", kind=kind.name)
    if "HEIF" in kind.formats:
        return ImageUnreadable("images.damaged", kind=kind.name, hint=Message("images.export_anew"))
    if isinstance(error, UnidentifiedImageError):
        return ImageUnreadable("images.header_damaged", kind=kind.name)
    return ImageUnreadable("images.damaged", kind=kind.name)


def _explain_tiff(message: str, file: BinaryIO) -> ImageUnreadable | None:
    """A TIFF that is sound but of a kind that Pillow does not decode; None where it is damaged."""
    tags = tiff_tags.read_tags(file)
    if tiff_tags.is_camera_raw(tags):
        return explain_kind(RAW_TIFF)
    channels = tiff_tags.describe_kind(tags)
    if channels is not None and _is_unsupported(message):
        return ImageUnreadable("images.tiff_channels", channels=channels)
    if message == str(tags.get(tiff_tags.COMPRESSION)):  # the key that Pillow did not find
        return ImageUnreadable("images.tiff_compression", number=message)
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
    return ImageUnreadable("images.too_large_bomb", limit=max_pixels() / 1e6, variable=PIXELS_VARIABLE)


def _head(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(HEAD_BYTES)
