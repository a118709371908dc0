"""The cue table: what is measured, that a job behaves as one, and that the cache saves reading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter

from core.errors import ImageUnreadable, StorageError
from core.images.files import hash_file
from core.jobs import JobCancelled, JobContext
from core.checks.cue_measures import estimate_jpeg_quality, measure_pixels
from core.checks.cues import NUMBERS, CueTable, measure_cues, measure_one
from core.checks.name_cues import name_columns
from core.types import ImageRef
from tests.conftest import RecordingContext, draw_picture


def refs(paths: list[Path]) -> tuple[ImageRef, ...]:
    return tuple(ImageRef(i, p, hash_file(p)) for i, p in enumerate(paths))


@pytest.fixture
def pictures(image_folder: Path) -> tuple[ImageRef, ...]:
    return refs(sorted(p for p in image_folder.rglob("*") if p.suffix in {".png", ".jpg"}))


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were measured and not taken from a cache."""
    paths: list[Path] = []

    def measure(path: Path, **options: Any) -> object:
        found = measure_one(path, **options)
        paths.append(path)
        return found

    monkeypatch.setattr("core.checks.cues.measure_one", measure)
    return paths


def row_of(table: CueTable, images: tuple[ImageRef, ...], name: str) -> dict[str, float]:
    row = next(i for i, image in enumerate(images) if image.path.name == name)
    return dict(zip(NUMBERS, table.numbers[row].tolist(), strict=True))


def test_a_table_row_says_what_the_file_is(pictures: tuple[ImageRef, ...]) -> None:
    table = measure_cues(pictures, JobContext())
    plain, turned = row_of(table, pictures, "red_0.png"), row_of(table, pictures, "turned.jpg")
    assert (plain["width"], plain["height"]) == (96, 72)
    assert (turned["width"], turned["height"]) == (72, 96), "as a person sees it"
    assert turned["has_exif"] == 1 and plain["has_exif"] == 0
    assert abs(turned["jpeg_quality"] - 90) <= 1 and np.isnan(plain["jpeg_quality"])
    assert row_of(table, pictures, "alpha.png")["has_alpha"] == 1
    assert row_of(table, pictures, "grey.png")["saturation"] == 0
    assert plain["bytes"] == next(i.path for i in pictures if i.path.name == "red_0.png").stat().st_size
    assert set(table.word("format")) == {"PNG", "JPEG", ""}


def test_job_ends_complete_and_a_broken_picture_is_listed(
    pictures: tuple[ImageRef, ...], recording_context: RecordingContext
) -> None:
    table = measure_cues(pictures, recording_context)
    assert recording_context.last.done == recording_context.last.total == len(pictures)
    broken = [i.path.name for i in pictures].index("broken.jpg")
    assert list(table.unread) == [pictures[broken].content_hash]
    assert np.isnan(table.numbers[broken]).all() and not table.is_read[broken]
    assert table.is_read.sum() == len(pictures) - 1


def test_job_cancels_within_a_batch_and_keeps_what_it_has(
    pictures: tuple[ImageRef, ...], tmp_path: Path, measured: list[Path]
) -> None:
    cache = tmp_path / "cues.npz"
    context = RecordingContext(cancel_after=6)
    with pytest.raises(JobCancelled):
        measure_cues(pictures, context, cache=cache)
    assert context.n_checks == 7
    measured.clear()
    measure_cues(pictures, JobContext(), cache=cache)
    assert 0 < len(measured) < len(pictures) - 1


def test_the_cache_saves_reading_and_changes_nothing(
    pictures: tuple[ImageRef, ...], tmp_path: Path, measured: list[Path]
) -> None:
    cache = tmp_path / "deep" / "cues.npz"
    first = measure_cues(pictures, JobContext(), cache=cache)
    second = measure_cues(pictures[::-1], JobContext(), cache=cache)
    assert len(measured) == len(pictures) - 1, "all of them once"
    assert np.array_equal(first.numbers, second.numbers[::-1], equal_nan=True)
    assert np.array_equal(first.words, second.words[::-1]) and np.array_equal(first.grey, second.grey[::-1])
    assert [p.name for p in cache.parent.iterdir()] == ["cues.npz"]


def test_a_damaged_cache_is_measured_anew(
    pictures: tuple[ImageRef, ...], tmp_path: Path, measured: list[Path]
) -> None:
    cache = tmp_path / "cues.npz"
    measure_cues(pictures, JobContext(), cache=cache)
    cache.write_bytes(cache.read_bytes()[:500])
    measured.clear()
    measure_cues(pictures, JobContext(), cache=cache)
    assert len(measured) == len(pictures) - 1


def test_a_cache_that_cannot_be_written_is_an_error(pictures: tuple[ImageRef, ...], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError) as error:
        measure_cues(pictures[:1], JobContext(), cache=tmp_path / "file" / "cues.npz")
    assert error.value.message.code.startswith("files.")


def test_copies_are_read_once_and_broken_copies_all_listed(
    tmp_path: Path, image_folder: Path, measured: list[Path]
) -> None:
    paths = [tmp_path / name for name in ("a.png", "b.png", "c.jpg", "d.jpg")]
    for path in paths:
        source = "red/red_0.png" if path.suffix == ".png" else "blue/broken.jpg"
        path.write_bytes((image_folder / source).read_bytes())
    table = measure_cues(refs(paths), JobContext())
    assert len(measured) == 1 and list(table.is_read) == [True, True, False, False]
    assert list(table.unread) == [hash_file(paths[2])]


def test_nothing_to_measure() -> None:
    table = measure_cues((), JobContext())
    assert table.numbers.shape == (0, len(NUMBERS)) and table.grey.shape == (0, 48, 48)


def test_one_broken_picture_says_why(image_folder: Path) -> None:
    with pytest.raises(ImageUnreadable, match="truncated"):
        measure_one(image_folder / "blue" / "broken.jpg")


@pytest.mark.parametrize("quality", [10, 40, 75, 90, 100])
def test_jpeg_quality_is_read_from_the_tables(tmp_path: Path, quality: int) -> None:
    draw_picture(0, "red").save(tmp_path / "a.jpg", quality=quality)
    with Image.open(tmp_path / "a.jpg") as image:
        assert abs(estimate_jpeg_quality(image.quantization) - quality) <= 1


def test_camera_and_year_come_from_the_notes(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[271], exif[272], exif[306] = "Nikon", "D90\0", "2011:05:01 10:00:00"
    draw_picture(0, "red").save(tmp_path / "a.jpg", exif=exif)
    table = measure_cues(refs([tmp_path / "a.jpg"]), JobContext())
    assert table.word("camera")[0] == "Nikon D90" and table.number("year")[0] == 2011


def test_a_border_and_a_background_are_measured() -> None:
    pixels = np.full((100, 100, 3), (250, 10, 10), np.uint8)
    pixels[30:70, 30:70] = (0, 0, 250)
    cues, grey, chroma = measure_pixels(pixels)
    assert [cues[f"border_{name}"] for name in ("red", "green", "blue")] == [250, 10, 10]
    assert cues["border_uniformity"] == 1.0 and cues["background"] == pytest.approx(0.84, abs=0.01)
    assert grey.shape == (48, 48) and chroma.shape == (2, 8, 8)


def test_blur_lowers_sharpness_and_a_single_colour_has_none() -> None:
    sharp = Image.new("L", (200, 200), 20)
    sharp.paste(220, (50, 60, 140, 150))
    sharp = sharp.convert("RGB")
    blurred = sharp.filter(ImageFilter.GaussianBlur(6))
    sharpness = [measure_pixels(np.asarray(image))[0]["sharpness"] for image in (sharp, blurred)]
    assert sharpness[0] > 4 * sharpness[1]
    assert measure_pixels(np.zeros((9, 9, 3), np.uint8))[0]["sharpness"] == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (2000, 3)])
def test_extreme_shapes_can_be_measured(size: tuple[int, int]) -> None:
    cues = measure_pixels(np.full((*size, 3), 200, np.uint8))[0]
    assert cues["brightness"] == pytest.approx(200, abs=1)


def test_names_are_taken_apart() -> None:
    columns = name_columns(["phones/IMG_0042 (2).jpeg", "120px-a.jpg", "b.jpg"])
    first = tuple(columns[name][0] for name in ("name_prefix", "name_number", "name_length", "name_leading_digits"))
    assert first == ("img_", 42, 12, 0)
    assert list(columns["name_leading_digits"]) == [0, 3, 0] and np.isnan(columns["name_number"][2])
