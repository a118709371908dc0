"""Kinds of files by their first bytes: images that are read, images that are not, and what people mistake for one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

HEAD_BYTES = 512
"""How much of a file's start `kind_of` wants to see."""


@dataclass(frozen=True, slots=True)
class FileKind:
    """What a file is.

    Attributes:
        name: Proper name of a format of images ("JPEG", "Photoshop (PSD)"); empty for what holds no image.
        formats: Pillow's names of the formats that read it; empty where nothing here does.
        code: Of the error where it cannot be read; it has the parameter `kind`, the name.
    """

    name: str
    formats: tuple[str, ...] = ()
    code: str = "images.unsupported"

    @property
    def is_image(self) -> bool:
        """Whether it holds an image at all."""
        return bool(self.name)


def kind_of(head: bytes) -> FileKind | None:
    """What a file is, by its first `HEAD_BYTES` bytes; None if that is unknown."""
    for is_it, kind in _KINDS:
        if is_it(head):
            return kind
    return None


def _image(name: str, *formats: str, code: str = "images.unsupported") -> FileKind:
    return FileKind(name, formats, code)


def _raw(name: str) -> FileKind:
    return FileKind(name, code="images.camera_raw")


def _other(code: str) -> FileKind:
    return FileKind("", code=code)


def _starts(*magics: bytes, at: int = 0) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(magics, at)


def _brand(*brands: bytes) -> Callable[[bytes], bool]:
    """An ISO base media file (HEIF, AVIF, MP4 …) whose main brand is one of these."""
    return lambda head: head[4:8] == b"ftyp" and head[8:12] in brands


def _text(*beginnings: bytes, within: bytes = b"") -> Callable[[bytes], bool]:
    """A text with one of these beginnings, whatever its case, that holds `within` soon after."""
    def is_it(head: bytes) -> bool:
        text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
        return text.startswith(beginnings) and within in text
    return is_it


def _is_text(head: bytes) -> bool:
    try:
        text = head[:HEAD_BYTES - 4].decode()  # a character may be cut at the end of the head
    except UnicodeDecodeError as error:
        if error.start < len(head) - 8:
            return False
        text = head[:error.start].decode()
    return bool(text) and all(character.isprintable() or character in "\t\r\n\f" for character in text)


def _is_zero(head: bytes) -> bool:
    return bool(head) and not head.strip(b"\0")


def _is_targa(head: bytes) -> bool:
    """A TGA has no signature; its first 18 bytes hold few values, and its size."""
    if len(head) < 18 or head[1] > 1 or head[2] not in (1, 2, 3, 9, 10, 11) or head[17] & 0xC0:
        return False
    has_colours = head[2] in (1, 9)
    return has_colours == bool(head[1]) == any(head[3:8]) and head[16] in (8, 15, 16, 24, 32) and all(
        any(head[at:at + 2]) for at in (12, 14))


RAW_TIFF = _raw("TIFF")
"""CR2, NEF, ARW, DNG and the like begin as TIFF; only their tags tell (see `core.images.tiff_tags`)."""

_KINDS: tuple[tuple[Callable[[bytes], bool], FileKind], ...] = (
    (_brand(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"), _image("HEIC", "HEIF")),
    (_brand(b"mif1", b"msf1"), _image("HEIF", "HEIF", "AVIF")),
    (_brand(b"avif", b"avis"), _image("AVIF", "AVIF")),
    (_brand(b"crx "), _raw("CR3")),
    (_starts(b"CR\x02\0", at=8), _raw("CR2")),
    (_starts(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), _image("TIFF", "TIFF")),
    (_starts(b"\xff\xd8"), _image("JPEG", "JPEG", "MPO")),
    (_starts(b"\x89PNG\r\n\x1a\n"), _image("PNG", "PNG")),
    (_starts(b"GIF87a", b"GIF89a"), _image("GIF", "GIF")),
    (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", _image("WebP", "WEBP")),
    (_starts(b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  "), _image("JPEG 2000", "JPEG2000")),
    (_starts(b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n"), _image("JPEG XL")),
    (_starts(b"8BPS\0"), _image("Photoshop (PSD)")),
    (_starts(b"gimp xcf"), _image("GIMP (XCF)")),
    (_starts(b"v/1\x01"), _image("OpenEXR")),
    (_starts(b"#?RADIANCE", b"#?RGBE"), _image("Radiance (HDR)")),
    (_starts(b"DICM", at=128), _image("DICOM", code="images.unsupported_dicom")),
    (_starts(b"SIMPLE  ="), _image("FITS")),
    (_starts(b"n+1\0", b"ni1\0", at=344), _image("NIfTI")),
    (_starts(b"qoif"), _image("QOI")),
    (_starts(b"DDS |"), _image("DDS")),
    (_starts(b"icns"), _image("Apple icon (ICNS)")),
    (_starts(b"II\x1a\0\0\0HEAPCCDR"), _raw("CRW")),
    (_starts(b"IIRO", b"IIRS", b"MMOR"), _raw("ORF")),
    (_starts(b"IIU\0"), _raw("RW2")),
    (_starts(b"FUJIFILMCCD-RAW"), _raw("RAF")),
    (_starts(b"FOVb"), _raw("X3F")),
    (_starts(b"\0MRM"), _raw("MRW")),
    (_text(b"<svg", b"<?xml", b"<!--", b"<!doctype svg", within=b"<svg"), _image("SVG")),
    (_starts(b"%!PS", b"\xc5\xd0\xd3\xc6"), _image("PostScript (EPS)")),
    (_starts(b"%PDF"), _other("images.is_pdf")),
    (_starts(b"BM"), _image("BMP", "BMP", "DIB")),
    (_text(b"version https://git-lfs"), _other("images.is_lfs_placeholder")),
    (_starts(b"\0\x05\x16\x07", b"\0\x05\x16\0"), _other("images.is_macos_notes")),
    (_starts(b"book\0\0\0\0mark"), _other("images.is_macos_alias")),
    (_starts(b"L\0\0\0\x01\x14\x02\0"), _other("images.is_windows_shortcut")),
    (lambda head: head.startswith(b"bplist00") and b"NSURL" in head, _other("images.is_icloud_placeholder")),
    (_starts(b"bplist00"), _other("images.is_property_list")),
    (_text(b"<?xml", b"<!doctype plist", within=b"plist"), _other("images.is_apple_edits")),
    (_text(b"<!doctype html", b"<html", b"<head", b"<script", b"<body"), _other("images.is_web_page")),
    (_text(b"<?xml", b"<!doctype", b"<!--", within=b"<html"), _other("images.is_web_page")),
    (_text(b"<?xml"), _other("images.is_xml")),
    (_text(b'{"', b"{\n", b"{\r\n", b'[{"'), _other("images.is_json")),
    (_starts(b"ftyp", b"moov", b"mdat", b"wide", b"pnot", at=4), _other("images.is_video")),
    (_starts(b"\x1aE\xdf\xa3", b"\0\0\x01\xba", b"\0\0\x01\xb3"), _other("images.is_video")),
    (lambda head: head[:4] == b"RIFF" and head[8:11] == b"AVI", _other("images.is_video")),
    (_starts(b"PK\x03\x04", b"7z\xbc\xaf'\x1c", b"Rar!", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0"),
     _other("images.is_archive")),
    (_starts(b"\x93NUMPY", b"\x89HDF"), _other("images.is_array")),
    (_starts(b"\x89PNG", b"\xef\xbf\xbd\xef\xbf\xbd", b"\xc3\xbf\xc3\x98"), _other("images.copied_as_text")),
    (_is_zero, _other("images.nothing_but_zeros")),
    (lambda head: head[:1] == b"P" and head[1:2].isdigit() and head[2:3].isspace(), _image("PPM", "PPM")),
    (_is_text, _other("images.is_text")),
    (lambda head: head[:4] in (b"\0\0\x01\0", b"\0\0\x02\0") and head[4:6] != b"\0\0", _image("ICO", "ICO")),
    (_is_targa, _image("Targa (TGA)")),
    (_starts(b"\x01\xda"), _image("SGI", "SGI")),
    (lambda head: head[:1] == b"\n" and head[1:2] <= b"\5" and head[2:3] == b"\1", _image("PCX", "PCX")),
)
