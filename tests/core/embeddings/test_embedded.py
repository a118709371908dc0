"""What a head may learn from: final features, the means over the stages, views, tiles."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.embeddings.embedded import Embedded, embed
from core.jobs import JobContext
from core.types import ImageRef
from tests.conftest import draw_picture

LITE0 = "efficientnet-lite0"


@pytest.fixture
def images(tmp_path: Path) -> tuple[ImageRef, ...]:
    """Two images with something else at the border than in the centre, and a broken one between them."""
    found = []
    for number, colour in enumerate(("red", "", "blue")):
        path = tmp_path / f"{number}.png"
        if colour:
            draw_picture(number, colour).save(path)
        else:
            path.write_bytes(b"no image")
        found.append(ImageRef(number, path, hashlib.sha256(path.read_bytes()).digest()))
    return tuple(found)


def read(found: Embedded, images: tuple[ImageRef, ...]) -> np.ndarray:
    assert found.rows[1] < 0 and [skipped.path for skipped in found.skipped] == [images[1].path]
    return found.store.read(found.rows[[0, 2]])


def test_final_features_are_the_first_of_what_is_stored(images: tuple[ImageRef, ...], tmp_path: Path) -> None:
    final = read(embed(images, LITE0, tmp_path / "e", JobContext()), images)
    stages = read(embed(images, LITE0, tmp_path / "e", JobContext(), features="stages"), images)
    assert final.shape == (2, 1280) and stages.shape == (2, 2064)
    np.testing.assert_array_equal(stages[:, :1280], final)
    assert len(list((tmp_path / "e").iterdir())) == 1


def test_two_views_are_the_mean_of_the_whole_and_its_centre(images: tuple[ImageRef, ...], tmp_path: Path) -> None:
    whole = read(embed(images, LITE0, tmp_path / "e", JobContext(), features="stages"), images)
    found = embed(images, LITE0, tmp_path / "e", JobContext(), features="two views")
    both = read(found, images)
    assert found.store.n_features == 2064 and found.key.endswith("-centre")
    centre = 2 * both - whole
    assert np.abs(centre - whole).max() > 0.1, "the centre is another view"
    cropped = []
    for image in (images[0], images[2]):
        with Image.open(image.path) as opened:
            width, height = opened.size
            left, top = (width - round(width * 0.75)) // 2, (height - round(height * 0.75)) // 2
            path = tmp_path / f"cropped{image.id}.png"
            opened.crop((left, top, left + round(width * 0.75), top + round(height * 0.75))).save(path)
        cropped.append(ImageRef(10 + image.id, path, hashlib.sha256(path.read_bytes()).digest()))
    by_hand = embed(tuple(cropped), LITE0, tmp_path / "by hand", JobContext(), features="stages")
    np.testing.assert_allclose(centre, by_hand.store.read(by_hand.rows), atol=0.02)


def test_six_views_are_the_whole_its_centre_and_its_corners(images: tuple[ImageRef, ...], tmp_path: Path) -> None:
    found = embed(images, LITE0, tmp_path / "e", JobContext(), features="six views")
    read(found, images)
    stores = sorted(path.name.partition("-stages")[2] for path in (tmp_path / "e").iterdir())
    assert stores == ["", "-bottom-left", "-bottom-right", "-centre", "-top-left", "-top-right"]


def test_tiles_are_the_whole_and_the_largest_of_nine_parts(tmp_path: Path) -> None:
    def embed_saved(pictures: list[Image.Image], features: str, place: str) -> np.ndarray:
        refs = []
        for number, picture in enumerate(pictures):
            path = tmp_path / f"{place}{number}.png"
            picture.save(path)
            refs.append(ImageRef(number, path, hashlib.sha256(path.read_bytes()).digest()))
        found = embed(tuple(refs), LITE0, tmp_path / place, JobContext(), features=features)
        return found.store.read(found.rows)

    picture = draw_picture(0, "red", (500, 400))
    picture.paste(draw_picture(5, "blue", (60, 60)), (430, 330))
    parts = [picture.crop((left, top, left + 200, top + 160)) for top in (0, 120, 240) for left in (0, 150, 300)]
    row = embed_saved([picture], "tiles", "tiled")[0]
    whole, *tiles = embed_saved([picture, *parts], "stages", "by hand")
    assert row.shape == (2 * 2064,)
    np.testing.assert_array_equal(row[:2064], whole)
    np.testing.assert_allclose(row[2064:], np.max(tiles, axis=0), atol=0.02)
