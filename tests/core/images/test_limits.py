"""Large images: the limit is the user's, the memory is shared, and what comes out is the same."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageUnreadable, InputError
from core.images import decode
from tests.core.images.inspecting import inspect_image
from core.images.limits import PIXELS_VARIABLE, MemoryBudget, decoding_budget, decoding_bytes
from core.images.reading import read_image
from tests.conftest import draw_picture


def test_the_pixel_limit_is_a_setting_and_the_sentence_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    draw_picture(1, "red", (120, 100)).save(tmp_path / "a.png")
    monkeypatch.setenv(PIXELS_VARIABLE, "11999")
    for read in (partial(read_image, content_hash=None), inspect_image):
        with pytest.raises(ImageUnreadable) as caught:
            read(tmp_path / "a.png")
        assert caught.value.message.code == "images.too_large" and "120 × 100" in caught.value.sentence
        assert f"{PIXELS_VARIABLE} to 12000" in caught.value.hint
    monkeypatch.setenv(PIXELS_VARIABLE, "12000")
    assert read_image(tmp_path / "a.png", None).shape == (100, 120, 3)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_the_limit_can_be_raised_above_that_of_pillow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("1", (14_000, 14_000)).save(tmp_path / "plan.png")
    with pytest.raises(ImageUnreadable, match="14000 × 14000"):
        inspect_image(tmp_path / "plan.png")
    monkeypatch.setenv(PIXELS_VARIABLE, "200000000")
    assert inspect_image(tmp_path / "plan.png").width == 14_000


@pytest.mark.parametrize("text", ["many", "0", "-5", "1e9"])
def test_a_limit_that_is_no_number_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    draw_picture(1, "red").save(tmp_path / "a.png")
    monkeypatch.setenv(PIXELS_VARIABLE, text)
    with pytest.raises(InputError, match=PIXELS_VARIABLE):
        read_image(tmp_path / "a.png", None)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "I;16", "CMYK", "1"])
def test_large_images_look_as_they_would_in_one_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str,
) -> None:
    rgb = draw_picture(3, "blue", (331, 217))
    deep = Image.fromarray(np.asarray(rgb.convert("L")).astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[0x0112] = 6
    (deep if mode == "I;16" else rgb.convert(mode)).save(tmp_path / "a.tif")
    whole, turned = read_image(tmp_path / "a.tif", None), tmp_path / "turned.png"
    rgb.save(turned, exif=exif)
    upright = read_image(turned, None)
    monkeypatch.setattr(decode, "LARGE_PIXELS", 1000)
    monkeypatch.setattr(decode, "STRIP_PIXELS", 331 * 10)
    assert (read_image(tmp_path / "a.tif", None) == whole).all()
    small = read_image(tmp_path / "a.tif", None, side_px=20)
    assert small.shape == (-(-217 // 5), -(-331 // 5), 3)
    assert np.abs(small.astype(int) - np.asarray(Image.fromarray(whole).reduce(5))).max() <= 1
    assert (read_image(turned, None) == upright).all() and read_image(turned, None, side_px=20).shape == (67, 44, 3)


def test_threads_share_the_memory_and_never_wait_for_ever() -> None:
    budget, lock, n_bytes, most = MemoryBudget(100), threading.Lock(), [0], [0]

    def work(wanted: int) -> None:
        with budget.reserve(wanted):
            with lock:
                n_bytes[0] += wanted
                most[0] = max(most[0], n_bytes[0])
            with lock:
                n_bytes[0] -= wanted

    with ThreadPoolExecutor(8, thread_name_prefix="catalejo-test") as pool:
        list(pool.map(work, [10, 60, 90, 5, 50, 1] * 200))
    assert most[0] <= 100


def test_one_image_that_needs_more_than_all_is_decoded_alone() -> None:
    budget = MemoryBudget(100)
    with ThreadPoolExecutor(1, thread_name_prefix="catalejo-test") as pool:
        with budget.reserve(1):
            large = pool.submit(lambda: budget.reserve(500).__enter__())
            assert not large.done()
        large.result(timeout=20)


def test_a_failure_gives_the_memory_back(image_folder: Path) -> None:
    for _ in range(3):
        with pytest.raises(ImageUnreadable):
            read_image(image_folder / "blue" / "broken.jpg", None)
    assert decoding_budget()._in_use == 0
    with Image.open(image_folder / "red" / "red_0.png") as image:
        assert decoding_bytes(image) >= 96 * 72 * 4
