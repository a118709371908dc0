"""Capture times out of EXIF, kept by content hash."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image

from core.jobs import JobContext
from core.training.capture_times import read_capture_times
from core.types import ImageRef
from tests.conftest import draw_picture


def photograph(path: Path, taken: str, seed: int = 0) -> ImageRef:
    """A picture with a time and a camera in its EXIF; "" leaves both out."""
    exif = Image.Exif()
    if taken:
        exif[ExifTags.Base.Model] = "Camera 1"
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken
    draw_picture(seed, "red").save(path, exif=exif)
    return ImageRef(seed, path, hashlib.sha256(path.read_bytes()).digest())


def test_times_are_read_once_and_belong_to_the_content(tmp_path: Path) -> None:
    cache = tmp_path / "health" / "times.npz"
    images = [photograph(tmp_path / f"{i}.jpg", f"2024:05:01 10:00:0{i}", i) for i in range(3)]
    images.append(photograph(tmp_path / "none.jpg", "", 7))
    images.append(photograph(tmp_path / "odd.jpg", "no date", 8))
    taken = read_capture_times(images, JobContext(), cache=cache)
    first = datetime(2024, 5, 1, 10, tzinfo=UTC).timestamp()
    assert taken.seconds[:3].tolist() == [first, first + 1, first + 2] and np.isnan(taken.seconds[3:]).all()
    assert taken.cameras.tolist() == ["Camera 1"] * 3 + ["", "Camera 1"]
    for image in images:
        image.path.unlink()
    again = read_capture_times(images, JobContext(), cache=cache)
    assert np.array_equal(again.seconds, taken.seconds, equal_nan=True) and (again.cameras == taken.cameras).all()


def test_another_file_in_its_place_gives_no_time_and_is_not_kept(tmp_path: Path) -> None:
    cache = tmp_path / "times.npz"
    image = photograph(tmp_path / "a.jpg", "2024:05:01 10:00:00")
    photograph(tmp_path / "a.jpg", "2020:01:01 10:00:00", 5)
    assert np.isnan(read_capture_times([image], JobContext(), cache=cache).seconds).all()
    assert not cache.exists()


def test_a_damaged_cache_counts_as_empty(tmp_path: Path) -> None:
    cache = tmp_path / "times.npz"
    cache.write_bytes(b"PK no archive")
    image = photograph(tmp_path / "a.jpg", "2024:05:01 10:00:00")
    assert not np.isnan(read_capture_times([image], JobContext(), cache=cache).seconds).any()
