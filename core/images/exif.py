"""Reads the notes of the camera (EXIF): all of them flat, and when and by which camera an image was taken."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import BinaryIO

from PIL import ExifTags, Image

from core.images.formats import readable_formats
from core.images.reasons import DECODE_ERRORS

CAMERA_LENGTH = 40
"""Longer names of cameras are cut."""


def read_exif(image: Image.Image) -> dict[int, object]:
    """The notes of the camera, flat; a broken block counts as none."""
    try:
        exif = image.getexif()
        return dict(exif) | dict(exif.get_ifd(ExifTags.IFD.Exif)) if exif else {}
    except DECODE_ERRORS:
        return {}


def camera_of(exif: dict[int, object]) -> str:
    """Make and model of the camera, at most `CAMERA_LENGTH` letters; empty where unknown."""
    makers = (str(exif.get(tag, "")).strip("\0 ") for tag in (ExifTags.Base.Make, ExifTags.Base.Model))
    return " ".join(filter(None, makers))[:CAMERA_LENGTH]


def capture_time(file: BinaryIO) -> tuple[float, str]:
    """When an image was taken, and by which camera.

    Args:
        file: An image, read from its start.

    Returns:
        `DateTimeOriginal` in seconds of the camera's own clock, which has no time zone; NaN where it is not
        noted or no date. The camera; empty where unknown.
    """
    try:
        file.seek(0)
        with Image.open(file, formats=readable_formats(file)) as image:
            exif = read_exif(image)
    except DECODE_ERRORS:
        return float("nan"), ""
    try:
        noted = str(exif.get(ExifTags.Base.DateTimeOriginal, "")).strip("\0 ")
        taken = datetime.strptime(noted, "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return float("nan"), camera_of(exif)
    return taken.timestamp(), camera_of(exif)
