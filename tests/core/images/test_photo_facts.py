"""Notes of the camera as a person reads them; odd ones are left out, and no file is too odd."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from core.images.photo_facts import PhotoFacts, read_photo_facts

Tag = ExifTags.Base


Notes = dict[int, object]


def write(path: Path, main: Notes, inner: Notes, gps: Notes | None = None) -> Path:
    image = Image.new("RGB", (8, 6), "red")
    exif = Image.Exif()
    exif.update(main)
    exif.get_ifd(ExifTags.IFD.Exif).update(inner)
    if gps:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(gps)
    image.save(path, exif=exif)
    return path


def test_everything_that_a_camera_notes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jpg", {Tag.Make: "Acme", Tag.Model: "X 100"}, {
        Tag.DateTimeOriginal: "2024:05:06 07:08:09", Tag.ExposureTime: IFDRational(1, 250),
        Tag.FNumber: IFDRational(28, 10), Tag.ISOSpeedRatings: 400, Tag.FocalLength: IFDRational(35, 1),
        Tag.LensModel: "Prime 35\u0007 mm",
    }, {1: "N", 2: (1.0, 2.0, 3.0)})
    facts = read_photo_facts(path)
    taken = datetime(2024, 5, 6, 7, 8, 9)
    assert facts == PhotoFacts(taken, "Acme X 100", "Prime 35 mm", 0.004, 2.8, 400, 35.0, True)


def test_what_cannot_be_is_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jpg", {}, {
        Tag.DateTimeOriginal: "0000:00:00 00:00:00", Tag.ExposureTime: IFDRational(0, 0),
        Tag.FNumber: IFDRational(0, 1), Tag.FocalLength: IFDRational(-5, 1),
    })
    assert read_photo_facts(path) == PhotoFacts()


@pytest.mark.parametrize("content", [b"", b"no image", b"\xff\xd8\xff\xe1\xff\xff Exif"])
def test_without_notes_there_are_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.jpg").write_bytes(content)
    assert read_photo_facts(tmp_path / "a.jpg") == read_photo_facts(tmp_path / "gone.jpg") == PhotoFacts()
    Image.new("RGB", (8, 6)).save(tmp_path / "b.png")
    assert read_photo_facts(tmp_path / "b.png") == PhotoFacts()
