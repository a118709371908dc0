"""Every picture either decodes to RGB or gives a reason in plain words."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from core.errors import ImageUnreadable
from core.images.decode import count_frames, decode_rgb, inspect_stream
from tests.core.images.inspecting import inspect_image
from core.images.files import open_regular
from core.images.reading import read_image
from tests.conftest import draw_picture
from tests.core.images.deep_files import write_tiff


def write_bomb(path: Path, side: int = 30_000) -> None:
    """A PNG of a few hundred bytes that claims to be `side`×`side`."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b""))


def reason(path: Path) -> str:
    return error_of(path).message.code


def error_of(path: Path) -> ImageUnreadable:
    with pytest.raises(ImageUnreadable) as caught:
        read_image(path, None)
    with pytest.raises(ImageUnreadable) as checked:
        inspect_image(path)
    assert caught.value.hint and checked.value.sentence == caught.value.sentence
    return caught.value


def test_pixels_are_rgb_by_height_and_width(image_folder: Path) -> None:
    pixels = read_image(image_folder / "red" / "red_0.png", None)
    assert pixels.shape == (72, 96, 3) and pixels.dtype == np.uint8
    assert (pixels == np.asarray(draw_picture(0, "red"))).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_pixels_and_facts_alike(tmp_path: Path, orientation: int) -> None:
    picture = Image.new("RGB", (96, 64), "white")
    picture.paste("black", (0, 0, 48, 32))
    exif = Image.Exif()
    exif[0x0112] = orientation
    for suffix in ("jpg", "png", "tif", "webp"):
        path = tmp_path / f"{orientation}.{suffix}"
        picture.save(path, exif=exif)
        facts, pixels = inspect_image(path), read_image(path, None)
        assert pixels.shape[:2] == (facts.height, facts.width) == ((96, 64) if orientation > 4 else (64, 96))
        dark_corner = {1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0), 5: (0, 0), 6: (0, -1), 7: (-1, -1), 8: (-1, 0)}
        row, column = dark_corner[orientation]
        assert pixels[row, column].max() < 60 and pixels[-1 - row, -1 - column].min() > 200


def test_reads_the_nine_turned_photographs_alike(shared_data: Path) -> None:
    for path in sorted((shared_data / "exif").iterdir()):
        facts = inspect_image(path)
        assert (facts.width, facts.height) == (1800, 1200)


def test_draft_never_falls_below_the_side_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    draw_picture(1, "red", (1000, 600)).save(path)
    assert read_image(path, None).shape == (600, 1000, 3)
    assert read_image(path, None, side_px=150).shape == (150, 250, 3)
    assert read_image(path, None, side_px=151).shape == (300, 500, 3)
    assert read_image(path, None, side_px=4000).shape == (600, 1000, 3)


def test_transparency_becomes_white(tmp_path: Path) -> None:
    half = Image.new("RGBA", (4, 4), (255, 0, 0, 255))
    half.putpixel((0, 0), (0, 0, 0, 0))
    for name in ("a.png", "a.webp", "a.gif"):
        half.save(tmp_path / name, lossless=True)
        pixels = read_image(tmp_path / name, None)
        assert pixels[0, 0].tolist() == [255, 255, 255] and pixels[2, 2].tolist() == [255, 0, 0], name
    keyed = Image.new("RGB", (4, 4), (9, 9, 9))
    keyed.save(tmp_path / "keyed.png", transparency=(9, 9, 9))
    assert read_image(tmp_path / "keyed.png", None).min() == 255


@pytest.mark.parametrize(("values", "expected"), [
    (np.full((3, 4), 32768, np.uint16), 128),
    (np.full((3, 4), 65535, np.uint16), 255),
    (np.full((3, 4), 0.5, np.float32), 128),
    (np.full((3, 4), 200.0, np.float32), 200),
    (np.full((3, 4), 200, np.int32), 200),
    (np.full((3, 4), 65535, np.int32), 255),
    (np.full((3, 4), np.nan, np.float32), 0),
])
def test_deep_pixels_keep_their_brightness(tmp_path: Path, values: np.ndarray, expected: int) -> None:
    Image.fromarray(values).save(tmp_path / "deep.tif")
    pixels = read_image(tmp_path / "deep.tif", None)
    assert pixels.shape == (3, 4, 3) and (pixels == expected).all()


def test_values_without_an_agreed_range_are_stretched(tmp_path: Path) -> None:
    Image.fromarray(np.array([[-100.0, 0.0, 100.0]], np.float32)).save(tmp_path / "wide.tif")
    assert read_image(tmp_path / "wide.tif", None)[0, :, 0].tolist() == [0, 128, 255]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "RGBA"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    Image.new("RGB", (8, 6), "white").convert(mode).save(tmp_path / "any.tif")
    assert (read_image(tmp_path / "any.tif", None) >= 250).all()
    assert inspect_image(tmp_path / "any.tif").mode == mode


def test_an_animation_shows_its_first_frame(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (4, 4), color) for color in ("red", "lime", "blue")]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    assert read_image(tmp_path / "moving.gif", None)[0, 0].tolist() == [255, 0, 0]
    assert inspect_image(tmp_path / "moving.gif").n_frames == 3


def test_the_reason_says_what_is_wrong(tmp_path: Path, image_folder: Path) -> None:
    write_bomb(tmp_path / "bomb.png")
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("Python is not a picture")
    (tmp_path / "header.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)
    whole = (image_folder / "red" / "red_0.png").read_bytes()
    (tmp_path / "bits.png").write_bytes(whole[:200] + b"\xff" * 400 + whole[600:])
    assert reason(image_folder / "blue" / "broken.jpg") == "images.cut_off"
    assert "30000 × 30000" in error_of(tmp_path / "bomb.png").sentence
    assert reason(tmp_path / "empty.jpg") == "images.empty"
    assert reason(tmp_path / "text.jpg") == "images.is_text"
    assert reason(tmp_path / "header.png") == "images.header_damaged"
    assert reason(tmp_path / "bits.png") in ("images.damaged", "images.checksum_wrong")
    assert reason(tmp_path / "nothing.jpg") == "images.gone"
    assert reason(tmp_path) == "images.not_a_regular_file"


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_picture_just_below_pillows_error_is_refused_by_size(tmp_path: Path) -> None:
    write_bomb(tmp_path / "large.png", 13_400)
    assert "13400 × 13400" in error_of(tmp_path / "large.png").sentence


def test_a_missing_permission_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.jpg"
    draw_picture(1, "red").save(path)

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("core.images.files.os.open", refuse)  # root may read everything, so the system is played
    assert reason(path) == "images.no_permission"


@pytest.mark.parametrize("error", [
    OSError("broken"), ValueError("x"), SyntaxError("x"), TypeError("x"), KeyError(7), IndexError("x"),
    OverflowError("x"), ZeroDivisionError("x"), MemoryError(), EOFError("x"), AttributeError("x"), RuntimeError("x"),
    NotImplementedError("x"), struct.error("x"), zlib.error("x"), Image.DecompressionBombError("x"),
    UnicodeDecodeError("ascii", b"x", 0, 1, "x"), RecursionError("x"), AssertionError("x"),
], ids=lambda error: type(error).__name__)
def test_whatever_pillow_raises_becomes_a_reason(
    image_folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", fail)
    assert error_of(image_folder / "red" / "red_0.png").sentence.endswith(".")


@pytest.mark.timeout(20)
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_fifo_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert reason(tmp_path / "pipe.jpg") == "images.not_a_regular_file"


@pytest.mark.filterwarnings("ignore:::PIL")
def test_a_broken_exif_block_is_no_reason_to_refuse(tmp_path: Path) -> None:
    path = tmp_path / "exif.jpg"
    draw_picture(1, "red").save(path, exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 40)
    assert read_image(path, None).shape == (72, 96, 3) and inspect_image(path).width == 96


@pytest.mark.filterwarnings("ignore:::PIL")
def test_every_cut_and_flip_gives_pixels_or_a_reason(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    path = tmp_path / "hurt"
    for suffix in ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"):
        draw_picture(3, "blue", (40, 30)).save(path, suffix)
        whole = np.frombuffer(path.read_bytes(), np.uint8)
        for _ in range(60):
            hurt = whole.copy()
            hurt[rng.integers(0, len(hurt), 4)] = rng.integers(0, 256, 4)
            path.write_bytes(hurt[: rng.integers(1, len(hurt) + 1)].tobytes())
            try:
                assert read_image(path, None).ndim == 3
            except ImageUnreadable as error:
                assert error.sentence.endswith(".")


@pytest.mark.filterwarnings("ignore:::PIL")
def test_every_file_of_the_torture_folder_decodes_or_gives_a_reason(shared_data: Path) -> None:
    n_good = 0
    for path in sorted((shared_data / "torture").iterdir()):
        try:
            assert read_image(path, None, side_px=64).ndim == 3
            n_good += 1
        except ImageUnreadable as error:
            assert error.sentence.endswith(".") and error.hint
    assert n_good >= 188


def test_threads_see_the_same_pixels(image_folder: Path) -> None:
    paths = [p for p in sorted(image_folder.rglob("*.png")) for _ in range(4)]
    with ThreadPoolExecutor(4, thread_name_prefix="catalejo-test") as pool:
        together = list(pool.map(lambda path: int(read_image(path, None).sum()), paths))
    assert together == [int(read_image(path, None).sum()) for path in paths]


def test_damaged_tiffs_write_nothing_to_the_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "lzw.tif"
    Image.effect_noise((64, 64), 90).save(path, compression="tiff_lzw")
    data = bytearray(path.read_bytes())
    data[1000:1100] = b"\xa5" * 100
    path.write_bytes(data)
    with suppress(ImageUnreadable):
        read_image(path, None)
    assert capfd.readouterr() == ("", "")


def test_the_file_stays_open_for_the_next_question(image_folder: Path) -> None:
    with open_regular(image_folder / "blue" / "alpha.png") as file:
        decode_rgb(file)
        assert inspect_stream(file).width == 96


def test_frames_are_counted_where_they_are_pages_or_an_animation(tmp_path: Path) -> None:
    pages = [draw_picture(i, "red") for i in range(3)]
    for suffix in ("tif", "gif", "webp", "png", "mpo"):
        pages[0].save(tmp_path / f"a.{suffix}", save_all=True, append_images=pages[1:])
    said = {suffix: count_frames(tmp_path / f"a.{suffix}") for suffix in ("tif", "gif", "webp", "png", "mpo", "none")}
    assert said == {"tif": 3, "gif": 3, "webp": 3, "png": 3, "mpo": 1, "none": 1}


def test_pillows_own_log_stays_silent_where_nobody_set_up_logging(tmp_path: Path) -> None:
    """A TIFF of 300 channels makes Pillow log an error, which Python would print."""
    write_tiff(tmp_path / "many.tif", np.zeros((1, 1, 300), np.uint8))
    command = ("import sys; from pathlib import Path; from tests.core.images.inspecting import inspect_image\n"
               "try: inspect_image(Path(sys.argv[1]))\nexcept Exception as error: print(error)")
    done = subprocess.run([sys.executable, "-c", command, tmp_path / "many.tif"], capture_output=True, text=True)
    assert "300 channels" in done.stdout or "a variant that Catalejo cannot read" in done.stdout
    assert done.stderr == ""
