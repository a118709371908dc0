"""Odd pictures and odd files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

from core.images.files import hash_file
from core.jobs import JobCancelled, JobContext
from core.checks.cues import measure_cues
from core.checks.outliers import Oddity, Outlier, find_far, find_odd_files, neighbour_distances, robust_z
from core.text import text
from core.types import ImageRef
from tests.conftest import RecordingContext, draw_picture


def odd(paths: list[Path]) -> dict[str, set[Oddity]]:
    images = tuple(ImageRef(i, p, hash_file(p)) for i, p in enumerate(paths))
    found: dict[str, set[Oddity]] = {p.name: set() for p in paths}
    for item in listed(paths, images):
        found[paths[item.image_id].name].add(item.oddity)
    return found


def listed(paths: list[Path], images: tuple[ImageRef, ...]) -> tuple[Outlier, ...]:
    return find_odd_files(measure_cues(images, JobContext()), [p.name for p in paths])


@pytest.fixture
def ordinary(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"plain_{i}.png" for i in range(30)]
    for i, path in enumerate(paths):
        draw_picture(i, ("red", "green", "blue")[i % 3], (200, 160)).save(path)
    return paths


def test_ordinary_pictures_are_not_odd(ordinary: list[Path]) -> None:
    assert not any(odd(ordinary).values())


def test_each_oddity_is_named(ordinary: list[Path], tmp_path: Path) -> None:
    noisy = draw_picture(50, "red", (200, 160))
    box = Image.new("RGB", (200, 160), (9, 3, 3))
    box.paste((200, 120, 90), (80, 60, 120, 100))
    dark = Image.new("RGB", (200, 160), (9, 3, 3))
    dark.paste((200, 120, 90), (90, 70, 110, 90))
    pictures = {
        "blank.png": Image.new("RGB", (200, 160), "white"),
        "dark.png": dark, "bright.png": ImageOps.invert(dark), "soft.png": box.filter(ImageFilter.GaussianBlur(12)),
        "long.png": noisy.resize((600, 60)), "tiny.png": noisy.resize((20, 16)), "grey.png": noisy.convert("L"),
        "clear.png": noisy.convert("RGBA"),
        "faint.png": Image.effect_noise((200, 160), 7).convert("RGB"),
        "unused.png": noisy.point(lambda value: value // 16),
    }
    for name, picture in pictures.items():
        picture.save(tmp_path / name)
    noisy.save(tmp_path / "moving.gif", save_all=True, append_images=[draw_picture(51, "blue", (200, 160))])
    noisy.save(tmp_path / "wrong.jpg", "PNG")
    found = odd([*ordinary, *(tmp_path / name for name in (*pictures, "moving.gif", "wrong.jpg"))])
    expected = {
        "blank.png": Oddity.BLANK, "dark.png": Oddity.DARK, "bright.png": Oddity.BRIGHT, "soft.png": Oddity.BLURRED,
        "long.png": Oddity.EXTREME_SHAPE, "tiny.png": Oddity.TINY, "grey.png": Oddity.GREY,
        "clear.png": Oddity.TRANSPARENT, "moving.gif": Oddity.ANIMATED, "wrong.jpg": Oddity.WRONG_ENDING,
        "faint.png": Oddity.NEARLY_BLANK, "unused.png": Oddity.UNUSED_RANGE,
    }
    assert {name: oddity for name, oddity in expected.items() if oddity not in found[name]} == {}
    assert not any(found[p.name] for p in ordinary)
    assert not found["unused.png"] & {Oddity.BLANK, Oddity.NEARLY_BLANK, Oddity.DARK}
    assert found["blank.png"] == {Oddity.BLANK, Oddity.GREY}, "nothing more is said of an empty picture"


def test_many_grey_pictures_are_not_odd(tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.png" for i in range(10)]
    for i, path in enumerate(paths):
        picture = draw_picture(i, "red", (200, 160))
        (picture.convert("L") if i % 2 else picture).save(path)
    assert not any(odd(paths).values())


def test_sentences_name_figures(tmp_path: Path) -> None:
    draw_picture(0, "red", (20, 16)).save(tmp_path / "a.jpg", "PNG")
    paths = [tmp_path / "a.jpg"]
    said = {o.oddity: o.sentence for o in listed(paths, (ImageRef(0, paths[0], hash_file(paths[0])),))}
    assert "20 × 16" in str(said[Oddity.TINY]) and "PNG" in str(said[Oddity.WRONG_ENDING])


def test_every_oddity_has_its_words() -> None:
    codes = [f"checks.{kind}.{oddity.name.lower()}" for kind in ("outlier", "oddity") for oddity in Oddity]
    assert [code for code in codes if text(code) == code] == []


def test_a_stranger_is_far_and_comes_first() -> None:
    rng = np.random.default_rng(0)
    embeddings = np.abs(rng.normal(1, 0.3, (200, 32))).astype(np.float32)
    embeddings[17] = 0
    embeddings[17, :4] = 5
    found = find_far(embeddings, JobContext())
    assert found[0].image_id == 17 and found[0].oddity is Oddity.FAR
    assert len(found) <= 4
    assert find_far(embeddings[:19], JobContext()) == (), "too few to tell"


def test_distances_do_not_depend_on_blocks(
    monkeypatch: pytest.MonkeyPatch, recording_context: RecordingContext
) -> None:
    embeddings = np.abs(np.random.default_rng(1).normal(size=(40, 8))).astype(np.float32)
    whole = neighbour_distances(embeddings, context=JobContext())
    monkeypatch.setattr("core.checks.outliers.BLOCK", 7)
    assert neighbour_distances(embeddings, context=recording_context) == pytest.approx(whole, abs=1e-5)
    assert recording_context.last.done == recording_context.last.total == 40
    units = np.sqrt(embeddings) / np.linalg.norm(np.sqrt(embeddings), axis=1, keepdims=True)
    nearest = np.sort(1 - units[3] @ units.T)[1:11]
    assert whole[3] == pytest.approx(nearest.mean(), abs=1e-5), "ten others, not itself"
    with pytest.raises(JobCancelled):
        find_far(embeddings, RecordingContext(cancel_after=1))


def test_among_many_pictures_neighbours_come_from_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings = (3 + np.random.default_rng(2).normal(size=(300, 12))).astype(np.float32)
    embeddings[17, :6] *= -1
    monkeypatch.setattr("core.checks.outliers.MOST_COMPARED", 60)
    assert find_far(embeddings, JobContext())[0].image_id == 17
    distances = neighbour_distances(embeddings, context=JobContext())
    assert (distances > 1e-6).all(), "no picture is its own neighbour"


def test_robust_z_is_not_moved_by_what_it_measures() -> None:
    assert robust_z(np.array([1.0, 2, 3, 2, 1, 2, 1000]))[-1] > 100
    assert robust_z(np.array([5.0]), reference=np.array([1.0, 2, 3]))[0] == pytest.approx(3 / 1.4826)
