"""Every mode of pixels in every format that stores it: what the import accepts can be learnt from."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageUnreadable
from core.images.decode import to_rgb
from tests.core.images.inspecting import inspect_image
from core.images.reading import read_image
from tests.core.images.deep_files import write_tiff

MODES = ("1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "LA", "PA", "RGBX", "RGBa", "La",
         "I;16", "I;16B", "I;16L", "I;16N")
SUFFIXES = ("png", "tif", "webp", "gif", "bmp", "jpg", "jp2", "ppm", "pcx", "sgi", "ico")


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_becomes_rgb_of_the_same_size(mode: str) -> None:
    assert to_rgb(Image.new(mode, (8, 6))).mode == "RGB" and to_rgb(Image.new(mode, (8, 6))).size == (8, 6)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_the_check_accepts_can_be_read(tmp_path: Path, suffix: str) -> None:
    path, n_stored = tmp_path / f"a.{suffix}", 0
    for mode in MODES:
        try:
            Image.new(mode, (40, 30)).save(path)
        except (OSError, ValueError, KeyError):
            continue  # this format does not store this mode
        facts = inspect_image(path)
        assert read_image(path, None).shape == (facts.height, facts.width, 3), mode
        n_stored += 1
    assert n_stored >= 2


@pytest.mark.parametrize("alpha", [0, 1, 2])
@pytest.mark.parametrize("order", ["<", ">"])
def test_grey_with_alpha_in_a_tiff_is_read(tmp_path: Path, alpha: int, order: str) -> None:
    """ExtraSamples 0 is unspecified, 1 is alpha multiplied into the grey, 2 is alpha beside it."""
    values = np.full((6, 8, 2), 100, np.uint8)
    values[..., 1] = 255
    values[0] = 0
    write_tiff(tmp_path / "grey.tif", values, order=order, tags={338: (alpha,)})
    facts, pixels = inspect_image(tmp_path / "grey.tif"), read_image(tmp_path / "grey.tif", None)
    assert facts.mode == ("L", "La", "LA")[alpha]
    assert (pixels[1:] == 100).all() and (pixels[0] == (255 if alpha else 0)).all()


@pytest.mark.filterwarnings("ignore:::PIL")
def test_check_and_reading_agree_on_every_file_of_the_torture_folder(shared_data: Path) -> None:
    n_good = 0
    for path in sorted((shared_data / "torture").iterdir()):
        said = []
        for read in (inspect_image, partial(read_image, content_hash=None)):
            try:
                read(path)
                said.append("")
            except ImageUnreadable as error:
                said.append(str(error))
        assert said[0] == said[1], path.name
        n_good += not said[0]
    assert n_good >= 188
