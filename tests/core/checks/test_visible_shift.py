"""What can be seen to differ between two sets of images, and that equal sets differ in nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from core.checks.cues import CueTable, measure_cues
from core.checks.visible_shift import LOOKS, name_differences
from core.jobs import JobContext
from core.text import text
from core.types import ImageRef

CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.3),
    "blurred": lambda image: image.filter(ImageFilter.GaussianBlur(4)),
    "smaller": lambda image: image.resize((40, 40)),
    "paler": lambda image: ImageEnhance.Color(image).enhance(0.2),
    "tinted": lambda image: Image.merge("RGB", [band.point(lambda v, f=f: min(int(v * f), 255)) for band, f in
                                                zip(image.split(), (1.4, 1.0, 0.5), strict=True)]),
}


def measure(folder: Path, seed: int, change: Callable[[Image.Image], Image.Image] = lambda image: image) -> CueTable:
    """Twenty drawn images, changed."""
    folder.mkdir()
    refs, rng = [], np.random.default_rng(seed)
    for at in range(20):
        coarse = rng.integers(60, 200, (12, 12, 3)).astype(np.uint8)
        path = folder / f"{at}.png"
        change(Image.fromarray(coarse).resize((120, 120), Image.Resampling.NEAREST)).save(path)
        refs.append(ImageRef(at, path, hashlib.sha256(path.read_bytes()).digest()))
    return measure_cues(refs, JobContext())


@pytest.mark.parametrize("look", CHANGES)
def test_a_change_is_named(tmp_path: Path, look: str) -> None:
    said = name_differences(measure(tmp_path / "a", 0), measure(tmp_path / "b", 1, CHANGES[look]))
    assert look in said and set(said) <= set(LOOKS)


def test_equal_sets_differ_in_nothing(tmp_path: Path) -> None:
    here = measure(tmp_path / "a", 0)
    assert name_differences(here, measure(tmp_path / "b", 1)) == ()
    assert name_differences(here, measure_cues([], JobContext())) == ()


def test_every_look_has_words() -> None:
    assert len({text(f"review.looks.{look}") for look in LOOKS}) == len(LOOKS)
