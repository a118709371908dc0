"""What a file says of how its photograph was taken (EXIF): when, with which camera, lens and exposure.

The program learns nothing from it; a person reads it. Numbers come from elsewhere, so what cannot be is left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image

from core.errors import AppError
from core.images.exif import CAMERA_LENGTH, camera_of, read_exif
from core.images.files import open_regular
from core.images.formats import readable_formats
from core.images.reasons import DECODE_ERRORS

Tag = ExifTags.Base


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """Notes of the camera; None or empty where it left none.

    Attributes:
        taken_at: By the clock of the camera, without time zone.
        camera, lens: At most `core.images.exif.CAMERA_LENGTH` letters each.
        exposure_s: Exposure time in seconds, above 0.
        f_number: Focal length over aperture, above 0.
        iso: Sensitivity, above 0.
        focal_mm: Focal length in millimetres, above 0.
        has_place: Whether the file says where it was taken (GPS).
    """

    taken_at: datetime | None = None
    camera: str = ""
    lens: str = ""
    exposure_s: float | None = None
    f_number: float | None = None
    iso: int | None = None
    focal_mm: float | None = None
    has_place: bool = False


def read_photo_facts(path: Path) -> PhotoFacts:
    """The notes in a file; none where there are none, and in a file that cannot be read.

    Args:
        path: An image; only its head is read.
    """
    try:
        with open_regular(path) as file, Image.open(file, formats=readable_formats(file)) as image:
            exif = read_exif(image)
            has_place = bool(image.getexif().get_ifd(ExifTags.IFD.GPSInfo)) if exif else False
    except (AppError, *DECODE_ERRORS):
        return PhotoFacts()
    iso = _positive(exif.get(Tag.ISOSpeedRatings))
    return PhotoFacts(
        _taken_at(exif), camera_of(exif), _words(exif.get(Tag.LensModel)), _positive(exif.get(Tag.ExposureTime)),
        _positive(exif.get(Tag.FNumber)), round(iso) if iso else None, _positive(exif.get(Tag.FocalLength)),
        has_place)


def _taken_at(exif: dict[int, object]) -> datetime | None:
    try:
        return datetime.strptime(_words(exif.get(Tag.DateTimeOriginal)), "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None


def _words(value: object) -> str:
    return "".join(c for c in str(value or "") if c.isprintable()).strip()[:CAMERA_LENGTH]


def _positive(value: Any) -> float | None:
    """A number that a camera may have noted; rationals may be divided by zero, and some cameras note lists."""
    try:
        number = float(value[0] if isinstance(value, tuple) else value)
    except (TypeError, ValueError, IndexError, ZeroDivisionError, OverflowError):
        return None
    return number if math.isfinite(number) and 0 < number < 1e6 else None
