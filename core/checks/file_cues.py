"""What a picture's file says besides its pixels: size, format, compression, camera, name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import PurePath
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from core.images.decode import FRAMED_FORMATS
from core.images.reasons import DECODE_ERRORS
from core.images.formats import readable_formats

CAMERA_LENGTH = 40

STANDARD_LUMINANCE = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29,
    51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120,
    101, 72, 92, 95, 98, 112, 100, 103, 99,
)
"""Annex K of the JPEG standard (ITU-T T.81); encoders scale it by their "quality"."""


@dataclass(frozen=True, slots=True)
class FileCues:
    """What the header of one picture says.

    Attributes:
        format: Pillow's name of the format.
        mode: Pillow's mode of the stored pixels.
        width, height: Pixels as a person sees the picture.
        jpeg_quality: About 1 … 100, NaN for other formats.
        has_exif: Whether the camera or a program left notes in the file.
        camera: Make and model, empty where unknown.
        year: In which it was taken, NaN where unknown.
        n_frames: More than 1 for pages and animations.
        has_alpha: Whether parts can be transparent.
    """

    format: str
    mode: str
    width: int
    height: int
    jpeg_quality: float
    has_exif: bool
    camera: str
    year: float
    n_frames: int
    has_alpha: bool


@dataclass(frozen=True, slots=True)
class NameCues:
    """What the name of a file says.

    Attributes:
        prefix: The letters before the first digit, lower case, at most 24.
        number: The first number in it, NaN where there is none.
        length: Characters without the ending.
        leading_digits: How many digits it starts with.
    """

    prefix: str
    number: float
    length: int
    leading_digits: int


def read_file_cues(file: BinaryIO) -> FileCues:
    """Read the header of a picture that is known to decode.

    Raises:
        Exception: One of `DECODE_ERRORS` where the file is no picture after all.
    """
    file.seek(0)
    with Image.open(file, formats=readable_formats(file)) as image:
        exif = _exif(image)
        width, height = image.size
        if exif.get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8):
            width, height = height, width
        kind = image.format or ""
        return FileCues(
            kind, image.mode, width, height, _jpeg_quality(image), bool(exif), _camera(exif), _year(exif),
            _n_frames(image) if kind in FRAMED_FORMATS else 1, image.has_transparency_data,
        )


def read_name_cues(name: str) -> NameCues:
    """Take a file name (with or without folders) apart."""
    stem = PurePath(name).stem
    number = re.search(r"\d+", stem)
    prefix = re.match(r"\D*", stem)
    leading = re.match(r"\d*", stem)
    return NameCues(
        prefix.group().lower()[:24] if prefix else "", float(number.group()[:15]) if number else float("nan"),
        len(stem), len(leading.group()) if leading else 0,
    )


def estimate_jpeg_quality(tables: dict[int, list[int]]) -> float:
    """The IJG quality whose luminance table is as coarse as this one; 1 … 100.

    Only the sum is compared, so that the order of the entries and an encoder's own tables do not matter.
    """
    total = sum(tables[min(tables)])
    return float(np.abs(np.log(_standard_sums() / max(total, 1))).argmin() + 1)


@cache
def _standard_sums() -> NDArray[np.float64]:
    """Sum of the standard table at each quality from 1 to 100, (100,)."""
    qualities = np.arange(1, 101)
    scales = np.where(qualities < 50, 5000 / qualities, 200 - 2 * qualities)
    sums: NDArray[np.float64] = np.clip((np.outer(scales, STANDARD_LUMINANCE) + 50) // 100, 1, 255).sum(axis=1)
    return sums


def _jpeg_quality(image: Image.Image) -> float:
    tables = getattr(image, "quantization", None)
    return estimate_jpeg_quality(tables) if tables else float("nan")


def _exif(image: Image.Image) -> dict[int, object]:
    """The notes of the camera, flat; a broken block counts as none."""
    try:
        exif = image.getexif()
        return dict(exif) | dict(exif.get_ifd(ExifTags.IFD.Exif)) if exif else {}
    except DECODE_ERRORS:
        return {}


def _camera(exif: dict[int, object]) -> str:
    parts = (str(exif.get(tag, "")).strip("\0 ") for tag in (ExifTags.Base.Make, ExifTags.Base.Model))
    return " ".join(part for part in parts if part)[:CAMERA_LENGTH]


def _year(exif: dict[int, object]) -> float:
    for tag in (ExifTags.Base.DateTimeOriginal, ExifTags.Base.DateTime):
        found = re.match(r"(19|20)\d\d", str(exif.get(tag, "")))
        if found:
            return float(found.group())
    return float("nan")


def _n_frames(image: Image.Image) -> int:
    try:
        return int(getattr(image, "n_frames", 1))
    except DECODE_ERRORS:
        return 1
