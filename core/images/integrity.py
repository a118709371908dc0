"""Finds damage that decoders pass over: wrong PNG checksums, and ends of zeros in formats that compress.

A download or copy that broke off often leaves a file of the full length whose rest was never written. Decoders of
PNG, WebP, AVIF and HEIF make pixels of those zeros, and neither a person nor a model would hear of it.
"""

from __future__ import annotations

import os
import zlib
from typing import BinaryIO

from core.errors import ImageUnreadable

_BOXES = frozenset(b"ftyp meta mdat free skip moov idat uuid jp2h jp2c".split()) | {b"jP  "}
"""What a HEIF, AVIF or JPEG 2000 consists of at its top level."""

FEWEST_ZEROS, FEWEST_ZEROS_OF_WEBP, SHARE_OF_ZEROS = 256, 1024, 8
"""A white WebP may end in 5 % of zeros; from an eighth of the file on, the end was never written."""

_PNG_SIGNATURE_BYTES, _CHUNK_BYTES = 8, 1 << 20


def require_whole(file: BinaryIO) -> None:
    """Refuse an image that a decoder would take although it is damaged; leaves the file where it is.

    Raises:
        ImageUnreadable: A checksum is wrong, or the end was never written.
    """
    place = file.tell()
    try:
        file.seek(0)
        head = file.read(16)
        if head.startswith(b"\x89PNG\r\n\x1a\n"):
            _require_checksums(file)
        elif head[4:12] in (b"ftypavif", b"ftypheic", b"ftypheix", b"ftypmif1") or head[8:16] == b"WEBPVP8 ":
            _require_end(file, head)
    finally:
        file.seek(place)


def declared_end(file: BinaryIO) -> int | None:
    """Where a RIFF (WebP) or a chain of boxes (HEIF, AVIF, JPEG 2000) ends by what it says; None if it does not."""
    n_bytes = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(8)
    if head[:4] == b"RIFF":
        return int.from_bytes(head[4:8], "little") + 8
    place = 0
    while 0 <= place <= n_bytes - 8:
        file.seek(place)
        box, name = int.from_bytes(file.read(4), "big"), file.read(4)
        if box < 8 or name not in _BOXES:  # 0: to the end of the file; 1: a length of 64 bits, for videos
            return place if place and not box and not name.strip(b"\0") else None
        place += box
    return place


def _require_checksums(file: BinaryIO) -> None:
    """Of a PNG's chunks that pixels are made of; a chunk that is cut off is left to the decoder."""
    file.seek(_PNG_SIGNATURE_BYTES)
    while len(head := file.read(8)) == 8 and head[4:] != b"IEND":
        length, is_needed = int.from_bytes(head[:4], "big"), not head[4] & 0x20
        if not is_needed:
            file.seek(length + 4, os.SEEK_CUR)
            continue
        found, n_left, last = zlib.crc32(head[4:]), length, b""
        while n_left and (data := file.read(min(n_left, _CHUNK_BYTES))):
            found, n_left, last = zlib.crc32(data, found), n_left - len(data), data
        wanted = file.read(4)
        if len(wanted) == 4 and found != int.from_bytes(wanted, "big"):
            raise _never_written("PNG") if wanted == bytes(4) and not last[-16:].strip(b"\0") else ImageUnreadable(
                "images.checksum_wrong", kind="PNG")


def _require_end(file: BinaryIO, head: bytes) -> None:
    """The end of what the file says is its content is not a long run of zeros."""
    end = min(declared_end(file) or file.seek(0, os.SEEK_END), file.seek(0, os.SEEK_END))
    n_zeros = max(FEWEST_ZEROS_OF_WEBP if head[:4] == b"RIFF" else FEWEST_ZEROS, end // SHARE_OF_ZEROS)
    file.seek(max(end - n_zeros, 0))
    if end > n_zeros and not file.read(n_zeros).strip(b"\0"):
        raise _never_written({b"WEBP": "WebP", b"avif": "AVIF"}.get(head[8:12], "HEIC"))


def _never_written(kind: str) -> ImageUnreadable:
    return ImageUnreadable("images.end_never_written", kind=kind)
