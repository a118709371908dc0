"""The beginnings of files that are no readable images, as people have them beside their images, and an HEIC."""

from __future__ import annotations

import base64
import struct

from core.text import Message

TURNED_HEIC = base64.b64decode("""
AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAaFtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAADRpbG9jAAAA
AERAAAIAAQAAAAABxQABAAAAAAAAAHgAAgAAAAACPQABAAAAAAAAACQAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVpbmZl
AgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA4GlwcnAAAADAaXBjbwAAAHhodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH/
/wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoDCBBZbqSSmubgIaDAgAAAMAyAAAAwAIQGIAAQAHRAHBcrAiQAAAABNj
b2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABgAAAAQAAAABBwaXhpAAAAAAMICAgAAAAJaXJvdAMAAAAYaXBtYQAAAAAAAAABAAEFgQIDBIUA
AAAaaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAAKRtZGF0AAAAdCgBrxOAd9vRY4P//5rjSVJOhf9IC6Ty4voGoYjmO0LtREWoisWqejdGL1+AX89L
UzQ7L6iNmEobeklDvx5q+F74q4QpIQQisfBvpv9y+2GiPC/bPFgOiHZGHxzPf0Qvi04jMiv+xRyQ4gV/B4berHJ+S3flAAAABkV4aWYAAE1NACoA
AAAIAAEBEgADAAAAAQAGAAAAAAAA
""")
"""96 × 64, white with a black quarter at the top left, to be turned by 90° clockwise: said by both irot and EXIF."""


def box(kind: bytes, content: bytes = b"") -> bytes:
    """One box of an ISO base media file."""
    return struct.pack(">I", 8 + len(content)) + kind + content


def tiff_tags(*tags: tuple[int, int, int]) -> bytes:
    """A little-endian TIFF of (tag, type, value) and no pixels."""
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in sorted(tags))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + b"\0\0\0\0" + bytes(3000)


PREVIEW = ((254, 4, 1), (256, 4, 16), (257, 4, 12), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 200), (277, 3, 1),
           (278, 4, 12), (279, 4, 192))
"""A grey preview of 16 × 12 pixels, as cameras put it first into a RAW file."""

TIFF_RAW = Message("images.camera_raw", kind="TIFF")


def raw(kind: str) -> Message:
    return Message("images.camera_raw", kind=kind)


def image(kind: str, code: str = "images.unsupported") -> Message:
    return Message(code, kind=kind)


def other(code: str) -> Message:
    return Message(f"images.{code}", kind="")


FOREIGN: dict[str, tuple[bytes, Message]] = {
    "canon.CR2": (b"II*\0\x10\0\0\0CR\x02\0" + bytes(900), raw("CR2")),
    "canon.CR3": (box(b"ftyp", b"crx \0\0\0\1crx isom") + bytes(900), raw("CR3")),
    "nikon.NEF": (tiff_tags(*PREVIEW, (330, 4, 3000)), TIFF_RAW),
    "sony.ARW": (tiff_tags(*PREVIEW, (330, 4, 3000)), TIFF_RAW),
    "phone.DNG": (tiff_tags(*PREVIEW[1:], (50706, 4, 0x401)), TIFF_RAW),
    "undecodable.DNG": (tiff_tags((256, 4, 9), (257, 4, 9), (258, 3, 13), (50706, 4, 0x401)), TIFF_RAW),
    "olympus.ORF": (b"IIRO\x08\0\0\0" + bytes(900), raw("ORF")),
    "panasonic.RW2": (b"IIU\0\x18\0\0\0" + bytes(900), raw("RW2")),
    "fuji.RAF": (b"FUJIFILMCCD-RAW 0201" + bytes(900), raw("RAF")),
    "layers.psd": (b"8BPS\0\1" + bytes(900), image("Photoshop (PSD)")),
    "layers.xcf": (b"gimp xcf v011\0" + bytes(900), image("GIMP (XCF)")),
    "drawing.svg": (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', image("SVG")),
    "new.jxl": (b"\xff\x0a\xfa\x7f" + bytes(900), image("JPEG XL")),
    "boxed.jxl": (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(900), image("JPEG XL")),
    "film.exr": (b"v/1\1\2\0\0\0" + bytes(900), image("OpenEXR")),
    "sky.hdr": (b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n", image("Radiance (HDR)")),
    "scan.dcm": (bytes(128) + b"DICM\2\0\0\0" + bytes(900), image("DICOM", "images.unsupported_dicom")),
    "star.fits": (b"SIMPLE  =                    T" + b" " * 900, image("FITS")),
    "page.jpg": (b"<!DOCTYPE html>\n<html><head><title>404</title></head></html>", other("is_web_page")),
    "page2.jpg": (b"\xef\xbb\xbf\n<HTML lang=en>" + b"x" * 900, other("is_web_page")),
    "denied.png": (b'<?xml version="1.0"?><Error><Code>Denied</Code></Error>', other("is_xml")),
    "error.jpeg": (b'{"message": "rate limit exceeded"}', other("is_json")),
    "notes.jpg": ("Größe 12 × 9\n".encode() * 200, other("is_text")),
    "paper.jpg": (b"%PDF-1.7\n%\xe2\xe3" + bytes(900), other("is_pdf")),
    "movie.jpg": (box(b"ftyp", b"isom\0\0\2\0isomiso2mp41") + bytes(900), other("is_video")),
    "live.heic": (box(b"ftyp", b"qt  \0\0\0\0qt  ") + bytes(900), other("is_video")),
    "old.jpg": (box(b"moov", bytes(900)), other("is_video")),
    "all.jpg": (b"PK\3\4\x14\0" + bytes(900), other("is_archive")),
    "array.png": (b"\x93NUMPY\1\0v\0{'descr'" + bytes(900), other("is_array")),
    "edits.jpg": (b'<?xml version="1.0"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN">',
                  other("is_apple_edits")),
    "alias.jpg": (b"book\0\0\0\0mark\0\0\0\0" + bytes(900), other("is_macos_alias")),
    "link.jpg": (b"L\0\0\0\1\x14\2\0" + bytes(900), other("is_windows_shortcut")),
    "fork.jpg": (b"\0\5\x16\7\0\2\0\0Mac OS X        " + bytes(900),
                 other("is_macos_notes")),
    "pointer.jpg": (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
                    other("is_lfs_placeholder")),
    "zeros.jpg": (bytes(5000), other("nothing_but_zeros")),
    "text_mode.png": (b"\x89PNG\n\x1a\n\0\0\0\rIHDR" + bytes(900),
                      other("copied_as_text")),
    "decoded.jpg": ("\ufffd\ufffd\ufffd\ufffd\0\x10JFIF".encode() + bytes(900),
                    other("copied_as_text")),
    "noise.jpg": (bytes(range(7, 256)) * 4, Message("images.unknown_kind")),
}
"""By file name: the content, and what is true of it."""
