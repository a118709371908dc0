"""Deep images show the same pixels whatever the bits that they use, in every format, grey and in colour."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageUnreadable
from tests.core.images.inspecting import inspect_image
from core.images.depth import Declared, bits_in_use
from core.images.reading import read_image
from core.text import text
from tests.core.images.deep_files import write_png16, write_tiff


def shades(n_bands: int = 3, *, brightest: int = 255) -> np.ndarray:
    """(24, 32, n_bands) uint8, 0 … `brightest`, the last row in full brightness."""
    rng = np.random.default_rng(n_bands)
    values = rng.integers(0, brightest + 1, (24, 32, n_bands), dtype=np.uint8)
    values[-1] = brightest
    return values


def deepen(values: np.ndarray, bits: int) -> np.ndarray:
    """Values of 8 bits spread over so many."""
    return (values.astype(np.uint32) * ((1 << bits) - 1) // 255).astype(np.uint16)


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("n_bands", [1, 3, 4])
def test_png_and_tiff_look_the_same_at_every_depth(tmp_path: Path, bits: int, n_bands: int) -> None:
    wanted = shades(n_bands)
    if n_bands == 4:
        wanted[..., 3] = 255
    deep = deepen(wanted, bits)
    if n_bands == 4:
        deep[..., 3] = 65535
    write_png16(tmp_path / "a.png", deep)
    paths = [tmp_path / "a.png"]
    for order in "<>":
        for planes in (False, True):
            for deflate in (False, True):
                if planes and deflate and n_bands > 1 and bits < 16:
                    continue  # see test_few_bits_in_compressed_planes_are_refused
                path = tmp_path / f"{'II' if order == '<' else 'MM'}-{planes}-{deflate}.tif"
                extra: dict[int, tuple[int, ...] | bytes] = {338: (2,)} if n_bands == 4 else {}
                write_tiff(path, deep, order=order, planes=planes, deflate=deflate, tags=extra)
                paths.append(path)
    for path in paths:
        pixels = read_image(path, None).astype(int)
        assert np.abs(pixels - wanted[..., :3]).max() <= 1, path.name


@pytest.mark.parametrize("bits", [8, 10, 12, 14])
@pytest.mark.parametrize("n_bands", [2, 4])
def test_alpha_may_use_few_bits_as_well(tmp_path: Path, bits: int, n_bands: int) -> None:
    wanted = shades(n_bands)
    wanted[..., -1] = 255
    deep = deepen(wanted, bits)
    write_png16(tmp_path / "a.png", deep)
    write_tiff(tmp_path / "a.tif", deep, tags={338: (2,)})
    for path in [tmp_path / "a.png", *([tmp_path / "a.tif"] if n_bands == 4 else [])]:
        pixels = read_image(path, None).astype(int)
        assert np.abs(pixels - wanted[..., :-1]).max() <= 1, path.name


def test_few_bits_in_compressed_planes_are_refused(tmp_path: Path) -> None:
    write_tiff(tmp_path / "planes.tif", deepen(shades(), 12), planes=True, deflate=True)
    for read in (partial(read_image, content_hash=None), inspect_image):
        with pytest.raises(ImageUnreadable, match=text("images.compressed_planes")):
            read(tmp_path / "planes.tif")


def test_grey_with_alpha_of_16_bits_is_scaled_too(tmp_path: Path) -> None:
    wanted = shades(1)
    alpha = np.full_like(wanted, 65535, np.uint16)
    alpha[0] = 0
    write_png16(tmp_path / "la.png", np.concatenate([deepen(wanted, 12), alpha], axis=2))
    pixels = read_image(tmp_path / "la.png", None).astype(int)
    assert (pixels[0] == 255).all() and np.abs(pixels[1:] - wanted[1:]).max() <= 1


@pytest.mark.parametrize(("largest", "declared", "bits"), [
    (255, None, 8), (256, None, 10), (1023, None, 10), (1024, None, 12), (4095, None, 12), (4096, None, 14),
    (16383, None, 14), (16384, None, 16), (65535, None, 16), (0, None, 8),
    (900, 12, 12), (200, 16, 16), (5000, 12, 14), (900, 3, 10), (900, 40, 10), (700, 11, 11),
])
def test_the_declared_bits_count_unless_the_values_deny_them(largest: int, declared: int | None, bits: int) -> None:
    assert bits_in_use(largest, Declared(declared)) == bits


def test_a_dark_image_keeps_its_light_where_the_file_declares_its_bits(tmp_path: Path) -> None:
    dark = shades(1, brightest=50)
    deep = deepen(dark, 12)
    write_png16(tmp_path / "sbit.png", deep, sbit=b"\x0c")
    write_png16(tmp_path / "text.png", deep, text=("BitsStored", "12"))
    write_tiff(tmp_path / "text.tif", deep, tags={270: b"Modality=CR; Bits Stored: 12\0"})
    write_tiff(tmp_path / "largest.tif", deep, tags={281: (4095,)})
    for path in sorted(tmp_path.iterdir()):
        assert np.abs(read_image(path, None).astype(int) - dark).max() <= 1, path.name


@pytest.mark.parametrize("n_bands", [1, 3])
def test_significant_bits_at_the_top_of_16_are_left_there(tmp_path: Path, n_bands: int) -> None:
    """As the PNG specification wants it: 12 bits are moved up, and sBIT tells how many were there."""
    dark = shades(n_bands, brightest=12)
    write_png16(tmp_path / "moved.png", deepen(dark, 12) << np.uint16(4), sbit=b"\x0c" * n_bands)
    assert np.abs(read_image(tmp_path / "moved.png", None).astype(int) - dark).max() <= 1


def test_white_is_zero_is_turned_round(tmp_path: Path) -> None:
    wanted = shades(1)
    write_tiff(tmp_path / "negative.tif", 65535 - deepen(wanted, 16), tags={262: (0,)})
    assert np.abs(read_image(tmp_path / "negative.tif", None).astype(int) - wanted).max() <= 1


@pytest.mark.parametrize(("dtype", "factor", "offset"), [
    (np.float32, 1 / 255, 0), (np.float32, 1.02 / 255, 0), (np.float32, 1, 0), (np.float32, 4095 / 255, 0),
    (np.float32, 8 / 255, 0), (np.float32, 2 / 255, -1), (np.float32, 65535 / 255, 0),
    (np.int16, 16, -1024), (np.int16, 16, 0),
    (np.int32, 1, 0), (np.int32, 257, 0), (np.int32, 3_000_000, 0), (np.int32, 3_000_000, -300_000_000),
])
def test_floats_and_signed_integers_look_the_same(
    tmp_path: Path, dtype: type, factor: float, offset: float,
) -> None:
    wanted = shades(1)
    wanted[0] = 0
    write_tiff(tmp_path / "wide.tif", (wanted.astype(float) * factor + offset).astype(dtype))
    tolerance = 6 if factor == 1.02 / 255 else 1
    assert np.abs(read_image(tmp_path / "wide.tif", None).astype(int) - wanted).max() <= tolerance


def test_what_was_not_measured_does_not_squeeze_the_rest(tmp_path: Path) -> None:
    wanted = shades(1)
    wanted[1] = 0
    values = wanted.astype(np.int16) * np.int16(8) - np.int16(1000)
    values[0] = -32768
    write_tiff(tmp_path / "scan.tif", values)
    floats = wanted.astype(np.float32) / 255
    floats[0] = -3.4e38
    write_tiff(tmp_path / "float.tif", floats)
    for name in ("scan.tif", "float.tif"):
        pixels = read_image(tmp_path / name, None).astype(int)
        assert (pixels[0] == 0).all() and np.abs(pixels[1:] - wanted[1:]).max() <= 1, name


def test_a_pgm_is_scaled_by_the_largest_value_that_its_header_names(tmp_path: Path) -> None:
    dark = shades(1, brightest=50)
    for largest in (1023, 4095):
        content = deepen(dark, largest.bit_length()).astype(">u2").tobytes()
        (tmp_path / "dark.pgm").write_bytes(b"P5\n32 24\n%d\n" % largest + content)
        assert np.abs(read_image(tmp_path / "dark.pgm", None).astype(int) - dark).max() <= 1
    (tmp_path / "full.pgm").write_bytes(b"P5\n32 24\n65535\n" + deepen(shades(1), 12).astype(">u2").tobytes())
    assert np.abs(read_image(tmp_path / "full.pgm", None).astype(int) - shades(1)).max() <= 1


def test_jpeg_2000_is_scaled_by_the_depth_that_it_declares(tmp_path: Path) -> None:
    dark = shades(1, brightest=50)
    Image.fromarray(deepen(dark, 16)[..., 0]).save(tmp_path / "a.jp2", irreversible=False)
    assert read_image(tmp_path / "a.jp2", None).max() >= 50  # 16 declared, so the largest value decides
    full = deepen(shades(1), 16)[..., 0]
    Image.fromarray(full).save(tmp_path / "b.jp2", irreversible=False)
    assert np.abs(read_image(tmp_path / "b.jp2", None).astype(int) - shades(1)).max() <= 1


def test_images_of_full_depth_keep_their_upper_bytes(tmp_path: Path) -> None:
    """So that projects of such images see the same pixels as ever."""
    deep = np.random.default_rng(0).integers(0, 65536, (9, 17, 3)).astype(np.uint16)
    write_png16(tmp_path / "full.png", deep)
    write_png16(tmp_path / "grey.png", deep[..., :1])
    assert (read_image(tmp_path / "full.png", None) == deep >> 8).all()
    assert (read_image(tmp_path / "grey.png", None) == deep[..., :1] >> 8).all()
    assert inspect_image(tmp_path / "grey.png").mode == "I;16"
