"""What is said of a file that cannot be read is true of it: unsupported, damaged, cut off, or no image at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, features

from core.errors import ImageUnreadable
from core.images import formats
from tests.core.images.inspecting import inspect_image
from core.images.kinds import kind_of
from core.images.reading import read_image
from core.images.reasons import read_reason, write_reason
from core.text import Message
from tests.conftest import draw_picture
from tests.core.images.deep_files import write_tiff
from tests.core.images.foreign_files import FOREIGN, TURNED_HEIC, box, tiff_tags


def error_of(path: Path) -> ImageUnreadable:
    with pytest.raises(ImageUnreadable) as read:
        read_image(path, None)
    with pytest.raises(ImageUnreadable) as checked:
        inspect_image(path)
    assert str(checked.value) == str(read.value) and read.value.hint
    return read.value


@pytest.mark.parametrize("name", FOREIGN)
def test_each_kind_of_foreign_file_is_named(tmp_path: Path, name: str) -> None:
    content, message = FOREIGN[name]
    (tmp_path / name).write_bytes(content)
    assert error_of(tmp_path / name).message == message


def test_a_camera_preview_is_never_taken_for_the_image(tmp_path: Path) -> None:
    """Pillow alone would read 16 × 12 pixels of it."""
    (tmp_path / "nikon.nef").write_bytes(FOREIGN["nikon.NEF"][0])
    with Image.open(tmp_path / "nikon.nef") as image:
        image.load()
        assert image.size == (16, 12)
    assert error_of(tmp_path / "nikon.nef").message == Message("images.camera_raw", kind="TIFF")


def test_an_ordinary_pyramid_is_no_camera_file(tmp_path: Path) -> None:
    """A full image whose smaller copies hang below it, as slide scanners write them."""
    write_tiff(tmp_path / "slide.tif", np.zeros((4, 4, 3), np.uint8), tags={254: (0,), 330: (8,)})
    assert read_image(tmp_path / "slide.tif", None).shape == (4, 4, 3)


def test_the_name_does_not_decide(tmp_path: Path) -> None:
    draw_picture(1, "red").save(tmp_path / "really.png", "PNG")
    (tmp_path / "really.png").rename(tmp_path / "wrong.jpg")
    draw_picture(1, "red").save(tmp_path / "wrong.heic", "JPEG")
    assert inspect_image(tmp_path / "wrong.jpg").format == "PNG"
    assert inspect_image(tmp_path / "wrong.heic").format == "JPEG"


@pytest.mark.parametrize(("suffix", "kind"), [
    ("jpg", "JPEG"), ("png", "PNG"), ("gif", "GIF"), ("bmp", "BMP"), ("tif", "TIFF"), ("webp", "WebP"),
    ("avif", "AVIF"), ("jp2", "JPEG 2000"), ("ppm", "PPM"),
])
def test_a_file_that_ends_early_is_cut_off(tmp_path: Path, suffix: str, kind: str) -> None:
    if suffix == "avif" and not features.check("avif"):
        pytest.skip("Pillow was built without AVIF")
    path = tmp_path / f"half.{suffix}"
    draw_picture(1, "red", (200, 160)).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:len(whole) * 2 // 3])
    assert error_of(path).message == Message("images.cut_off", kind=kind)


@pytest.mark.parametrize(("suffix", "kind"), [("png", "PNG"), ("webp", "WebP"), ("tif", "TIFF")])
def test_a_file_with_spoilt_bytes_is_damaged(tmp_path: Path, suffix: str, kind: str) -> None:
    path = tmp_path / f"spoilt.{suffix}"
    draw_picture(1, "red", (200, 160)).save(path, **({"compression": "tiff_lzw"} if suffix == "tif" else {}))
    whole = path.read_bytes()
    path.write_bytes(whole[:200] + b"\xff" * (len(whole) - 400) + whole[-200:])
    assert error_of(path).message in (
        Message("images.damaged", kind=kind), Message("images.checksum_wrong", kind=kind))


@pytest.mark.parametrize(("suffix", "kind"), [("png", "PNG"), ("webp", "WebP"), ("avif", "AVIF")])
def test_an_end_of_zeros_is_no_image(tmp_path: Path, suffix: str, kind: str) -> None:
    if suffix == "avif" and not features.check("avif"):
        pytest.skip("Pillow was built without AVIF")
    path = tmp_path / f"zeros.{suffix}"
    Image.effect_noise((300, 200), 80).convert("RGB").save(path)
    whole = path.read_bytes()
    inspect_image(path)
    path.write_bytes(whole[:len(whole) // 2] + bytes(len(whole) - len(whole) // 2))
    assert error_of(path).message == Message("images.end_never_written", kind=kind)


@pytest.mark.parametrize("suffix", ["png", "webp", "avif", "jp2"])
def test_white_images_and_zeros_behind_the_end_are_sound(tmp_path: Path, suffix: str) -> None:
    if suffix == "avif" and not features.check("avif"):
        pytest.skip("Pillow was built without AVIF")
    path = tmp_path / f"white.{suffix}"
    Image.new("RGB", (1500, 1000), "white").save(path)
    assert inspect_image(path).width == 1500
    path.write_bytes(path.read_bytes() + bytes(8000))
    assert inspect_image(path).width == 1500


def test_a_wrong_checksum_of_a_png_is_damage(tmp_path: Path) -> None:
    Image.new("RGB", (60, 40), "red").save(tmp_path / "a.png", compress_level=0)
    content = bytearray((tmp_path / "a.png").read_bytes())
    content[500] ^= 255  # a stored pixel: the decoder alone does not mind
    (tmp_path / "a.png").write_bytes(content)
    assert error_of(tmp_path / "a.png").message == Message("images.checksum_wrong", kind="PNG")


def test_a_targa_is_not_taken_for_an_icon(tmp_path: Path) -> None:
    for name, image in (("a.tga", draw_picture(1, "red")), ("b.tga", draw_picture(1, "red").convert("P")),
                        ("c.tga", draw_picture(1, "red").convert("L"))):
        image.save(tmp_path / name, "TGA")
        assert error_of(tmp_path / name).message == Message("images.unsupported", kind="Targa (TGA)")


def test_a_tiff_without_its_last_tags_is_cut_off(tmp_path: Path) -> None:
    draw_picture(1, "red", (200, 160)).save(tmp_path / "a.tif", compression="tiff_lzw")  # tags at the end
    whole = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "a.tif").write_bytes(whole[:len(whole) // 2])
    assert error_of(tmp_path / "a.tif").message == Message("images.cut_off", kind="TIFF")


def test_a_kind_of_tiff_that_is_not_decoded_is_not_called_damaged(tmp_path: Path) -> None:
    write_tiff(tmp_path / "float.tif", np.zeros((3, 4, 3), np.float32))
    write_tiff(tmp_path / "bands.tif", np.zeros((3, 4, 7), np.uint16))
    lerc = tiff_tags((256, 4, 9), (257, 4, 9), (258, 3, 8), (259, 3, 34887), (262, 3, 1))
    (tmp_path / "lerc.tif").write_bytes(lerc)
    error = error_of(tmp_path / "float.tif")
    assert error.message == Message("images.tiff_channels", channels=Message("images.channels", n=3, bits=("32",)))
    assert "3 channels of 32 bits" in error.sentence
    assert "7 channels of 16 bits" in error_of(tmp_path / "bands.tif").sentence
    assert error_of(tmp_path / "lerc.tif").message == Message("images.tiff_compression", number="34887")


def test_heic_is_named_where_its_reader_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "_has_heif", lambda: False)
    (tmp_path / "a.heic").write_bytes(TURNED_HEIC)
    (tmp_path / "b.heic").write_bytes(TURNED_HEIC[:40] + bytes(range(256)) * 8)
    for name in ("a.heic", "b.heic"):
        error = error_of(tmp_path / name)
        assert error.message == Message("images.reader_missing", kind="HEIC", package="pi-heif")


def test_heic_is_turned_once(tmp_path: Path) -> None:
    pytest.importorskip("pi_heif")
    (tmp_path / "turned.HEIC").write_bytes(TURNED_HEIC)
    facts, pixels = inspect_image(tmp_path / "turned.HEIC"), read_image(tmp_path / "turned.HEIC", None)
    assert (facts.format, facts.width, facts.height, facts.n_frames) == ("HEIF", 64, 96, 1)
    assert pixels.shape == (96, 64, 3)
    assert pixels[0, -1].max() < 60 and pixels[0, 0].min() > 200 and pixels[-1].min() > 200


@pytest.mark.parametrize("n_bytes", [20, 45, 300, 600])
def test_heic_that_ends_early_is_cut_off(tmp_path: Path, n_bytes: int) -> None:
    pytest.importorskip("pi_heif")
    (tmp_path / "short.heic").write_bytes(TURNED_HEIC[:n_bytes])
    assert error_of(tmp_path / "short.heic").message == Message("images.cut_off", kind="HEIC")


def test_damaged_heic_is_called_damaged(tmp_path: Path) -> None:
    pytest.importorskip("pi_heif")
    start = box(b"ftyp", b"heic\0\0\0\0mif1heic")
    for name, content in (("none", box(b"free", bytes(300))), ("meta", box(b"meta", bytes(range(256)))),
                          ("length", bytes((0, 0, 1, 86)) + b"meta" + bytes(range(256)) * 8)):
        (tmp_path / f"{name}.heic").write_bytes(start + content)
        error = error_of(tmp_path / f"{name}.heic")
        assert error.message == Message("images.damaged", kind="HEIC")
        assert error.hint_message == Message("images.export_anew")


def test_no_kind_is_claimed_for_short_or_unknown_beginnings() -> None:
    assert kind_of(b"") is None and kind_of(bytes(range(128, 200))) is None
    assert kind_of(b"BM") is not None and kind_of(b"\xff\xd8") is not None


def test_a_reason_survives_the_catalog_and_old_words_say_just_that() -> None:
    cut_off, gone = Message("images.cut_off", kind="PNG"), Message("images.gone")
    reason = Message("images.reason_and_hint", reason=cut_off, hint=gone)
    assert read_reason(write_reason(reason)) == reason
    for words in ("The file is gone.", "[1, 2]", "7", '{"code": 7}', "{", "[" * 100_000):
        assert read_reason(words) == Message(words)
