"""Duplicates and leakage: planted copies are found, different images on white are not paired."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.images.files import hash_file
from core.jobs import JobCancelled, JobContext
from core.checks.cues import CueTable, measure_cues
from core.checks.check import CatalogState
from core.checks.cue_measures import measure_pixels
from core.checks.duplicate_pairs import DuplicatePair, DuplicatePairs, Match, find_pairs
from core.checks.duplicates import DuplicateGroup, Duplicates, DuplicatesCheck, find_groups
from core.checks.fold_leakage import rows_with_duplicates
from core.checks.job import number_groups
from core.checks.leakage import find_leaks
from core.checks.same_image import WHOLE_AT_LEAST, is_same
from core.embeddings.similar_pairs import group_ids, groups_of, similar_pairs
from core.text import text
from core.types import ImageRef
from tests.conftest import RecordingContext

CLASSES = ("pistol", "smartphone")


def draw_scene(seed: int) -> Image.Image:
    """Many coloured shapes on soft ground, as rich as a photograph."""
    rng = np.random.default_rng(seed)
    ground = rng.integers(40, 220, (6, 8, 3)).astype(np.uint8)
    image = Image.fromarray(ground).resize((320, 240), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        x, y, w, h = (int(v) for v in rng.integers(0, [300, 220, 120, 90]))
        colour = tuple(int(c) for c in rng.integers(0, 256, 3))
        (draw.ellipse if rng.random() < 0.5 else draw.rectangle)((x, y, x + w + 8, y + h + 8), fill=colour)
    return image


def draw_phone(seed: int) -> Image.Image:
    """A dark upright box on white with something different on its screen: a product photograph."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (200, 320), (254, 254, 254))
    draw = ImageDraw.Draw(image)
    left, top = int(rng.integers(36, 60)), int(rng.integers(18, 40))
    draw.rounded_rectangle((left, top, 200 - left, 320 - top), 12, fill=(25, 25, 28))
    screen = rng.integers(0, 256, (5, 4, 3)).astype(np.uint8)
    size = (200 - 2 * left - 16, 320 - 2 * top - 44)
    image.paste(Image.fromarray(screen).resize(size, Image.Resampling.BICUBIC), (left + 8, top + 22))
    return image


def save_all(folder: Path, pictures: dict[str, Image.Image], **options: object) -> list[Path]:
    paths = []
    for name, picture in pictures.items():
        picture.save(folder / name, **options)
        paths.append(folder / name)
    return paths


def copies(picture: Image.Image) -> dict[str, tuple[Image.Image, int]]:
    """The same picture in other versions, with the JPEG quality to save them in."""
    width, height = picture.size
    inner = (round(0.05 * width), round(0.05 * height), round(0.95 * width), round(0.95 * height))
    return {
        "coarse": (picture, 40), "half": (picture.resize((width // 2, height // 2)), 90),
        "cut": (picture.crop(inner), 90), "mirror": (picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT), 90),
    }


def look(paths: list[Path]) -> tuple[tuple[bytes, ...], CueTable]:
    images = tuple(ImageRef(i, p, hash_file(p)) for i, p in enumerate(paths))
    return tuple(i.content_hash for i in images), measure_cues(images, JobContext())


def find(paths: list[Path], embeddings: np.ndarray | None = None) -> DuplicatePairs:
    hashes, cues = look(paths)
    return find_pairs(hashes, cues, embeddings, JobContext())


def grouped(paths: list[Path], labels: list[int] | None = None) -> tuple[DuplicateGroup, ...]:
    hashes, cues = look(paths)
    given = np.array(labels if labels is not None else [0] * len(paths))
    return find_groups(find(paths).close, hashes, cues, given, CLASSES)


@pytest.fixture
def planted(tmp_path: Path) -> tuple[list[Path], dict[str, list[tuple[int, int]]]]:
    """Fifteen scenes, and four copies of each; the copies' rows by kind."""
    paths = save_all(tmp_path, {f"{i}.jpg": draw_scene(i) for i in range(15)}, quality=92)
    pairs: dict[str, list[tuple[int, int]]] = {}
    for i in range(15):
        for kind, (copy, quality) in copies(draw_scene(i)).items():
            paths += save_all(tmp_path, {f"{i}_{kind}.jpg": copy}, quality=quality)
            pairs.setdefault(kind, []).append((i, len(paths) - 1))
    return paths, pairs


def test_planted_copies_are_found_and_nothing_else(
    planted: tuple[list[Path], dict[str, list[tuple[int, int]]]]
) -> None:
    paths, pairs = planted
    found = find(paths)
    linked = {(p.left, p.right): p for p in found.all}
    for kind, rows in pairs.items():
        assert sum(pair in linked for pair in rows) >= 0.95 * len(rows), kind
    assert all(linked[pair].is_mirrored for pair in pairs["mirror"])
    assert all(0.02 < linked[pair].cut < 0.08 for pair in pairs["cut"])
    scene = [i for i in range(15)] + [i for i in range(15) for _ in range(4)]
    assert all(scene[p.left] == scene[p.right] for p in found.all), "no pair of different scenes"
    groups = grouped(paths)
    assert len(groups) == 15 and sum(len(g.image_ids) - 1 for g in groups) == 60


def test_the_largest_and_least_compressed_is_kept_and_differences_are_said(
    planted: tuple[list[Path], dict[str, list[tuple[int, int]]]]
) -> None:
    paths, _ = planted
    group = next(g for g in grouped(paths) if 3 in g.image_ids)
    said = {paths[r].stem: ", ".join(map(str, d)) for r, d in zip(group.image_ids, group.differences, strict=True)}
    assert paths[group.image_ids[0]].stem == "3" and said["3"] == ""
    assert text("checks.difference.more_compressed", quality=40) in said["3_coarse"]
    assert text("checks.difference.smaller", width=160, height=120) in said["3_half"]
    assert text("checks.difference.mirrored") in said["3_mirror"]
    assert text("checks.difference.cropped", share=0.05) in said["3_cut"]


def test_different_products_on_white_are_not_paired(tmp_path: Path) -> None:
    n = 60
    found = find(save_all(tmp_path, {f"{i}.jpg": draw_phone(i) for i in range(n)}, quality=90))
    assert len(found.all) <= n * (n - 1) / 2 / 1000


def test_plain_pictures_are_only_the_same_when_the_files_are(tmp_path: Path) -> None:
    white = {f"{i}.png": Image.new("RGB", (80 + i, 80), "white") for i in range(3)}
    paths = save_all(tmp_path, white)
    (tmp_path / "again.png").write_bytes(paths[0].read_bytes())
    found = find([*paths, tmp_path / "again.png"])
    assert [(p.left, p.right, p.match) for p in found.all] == [(0, 3, Match.SAME_FILE)]


def test_the_same_thing_in_another_colour_is_another_picture(tmp_path: Path) -> None:
    red = draw_scene(1)
    channels = red.split()
    other = Image.merge("RGB", (channels[2], channels[1], channels[0]))
    assert find(save_all(tmp_path, {"a.png": red, "b.png": other})).all == ()


def test_other_colours_at_the_same_light_are_another_picture(tmp_path: Path) -> None:
    light, blue, red = draw_scene(1).convert("YCbCr").split()
    swapped = Image.merge("YCbCr", (light, red, blue)).convert("RGB")
    assert find(save_all(tmp_path, {"a.png": draw_scene(1), "b.png": swapped})).all == ()


def fine_comparison(left: Image.Image, right: Image.Image) -> tuple[bool, float]:
    sketches = [measure_pixels(np.asarray(picture))[1:] for picture in (left, right)]
    grey, chroma = (np.stack(parts) for parts in zip(*sketches, strict=True))
    same, likeness = is_same(grey, chroma, left=np.array([0]), right=np.array([1]), cut=0.0, is_mirrored=False)
    return bool(same[0]), float(likeness[0])


def test_a_part_that_differs_makes_another_picture() -> None:
    scene, corner = draw_scene(1), (0, 0, 107, 80)
    other = scene.copy()
    other.paste(Image.blend(scene.crop(corner), draw_scene(21).crop(corner), 0.7), corner[:2])
    assert fine_comparison(scene, scene)[0]
    same, likeness = fine_comparison(scene, other)
    assert not same and likeness >= WHOLE_AT_LEAST, "as a whole it is the same, one corner is not"


def test_a_faded_mixture_of_two_pictures_is_neither() -> None:
    light, blue, red = draw_scene(4).convert("YCbCr").split()
    faded = Image.blend(light, draw_scene(2).convert("L"), 0.36)
    same, likeness = fine_comparison(draw_scene(4), Image.merge("YCbCr", (faded, blue, red)).convert("RGB"))
    assert not same and 0.8 < likeness < WHOLE_AT_LEAST


def test_the_larger_is_kept_even_if_more_compressed(tmp_path: Path) -> None:
    large, = save_all(tmp_path, {"large.jpg": draw_scene(1)}, quality=50)
    small, = save_all(tmp_path, {"a_small.jpg": draw_scene(1).resize((200, 150))}, quality=95)
    group, = grouped([small, large])
    assert group.image_ids == (1, 0)


def test_same_picture_under_two_labels_comes_first(tmp_path: Path) -> None:
    paths = save_all(tmp_path, {"a.png": draw_scene(1), "b.png": draw_scene(2)})
    paths += save_all(tmp_path, {"a.jpg": draw_scene(1), "b.jpg": draw_scene(2)}, quality=80)
    groups = grouped(paths, labels=[0, 0, 0, 1])
    assert [g.has_two_labels for g in groups] == [True, False]
    assert set(groups[0].image_ids) == {1, 3} and groups[0].labels == CLASSES
    assert "pistol and smartphone" in str(groups[0].sentence)


def test_near_duplicates_are_pairs_of_their_own(tmp_path: Path) -> None:
    paths = save_all(tmp_path, {f"{i}.png": draw_scene(i) for i in range(4)})
    embeddings = np.eye(4, dtype=np.float32)
    embeddings[3] = embeddings[0] + 0.1
    found = find(paths, embeddings=embeddings)
    assert found.close == () and [(p.left, p.right) for p in found.near] == [(0, 3)]


def test_an_unreadable_picture_is_no_twin_of_another(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"not a picture")
    (tmp_path / "b.jpg").write_bytes(b"not one either")
    found = find([tmp_path / "a.jpg", tmp_path / "b.jpg"], embeddings=np.zeros((2, 4), np.float32))
    assert found.all == ()


def test_finding_can_be_cancelled(tmp_path: Path) -> None:
    hashes, cues = look(save_all(tmp_path, {f"{i}.png": draw_scene(i) for i in range(3)}))
    with pytest.raises(JobCancelled):
        find_pairs(hashes, cues, None, RecordingContext(cancel_after=1))


def test_leaks_are_ordered_and_cross_the_line(tmp_path: Path) -> None:
    paths = save_all(tmp_path, {f"{i}.png": draw_scene(i) for i in range(4)})
    (tmp_path / "copy.png").write_bytes(paths[0].read_bytes())
    paths += [tmp_path / "copy.png", *save_all(tmp_path, {"again.jpg": draw_scene(1)}, quality=60)]
    found = find(paths)
    is_test = np.array([False, False, False, False, True, True])
    leaks = find_leaks(found.all, is_test)
    assert [(row, pair.left, pair.match) for row, pair in leaks] == [
        (4, 0, Match.SAME_FILE), (5, 1, Match.SAME_IMAGE)]
    assert find_leaks(found.all, np.zeros(6, bool)) == ()


def test_the_closest_duplicate_is_named() -> None:
    pairs = [DuplicatePair(i, 3, Match.NEAR, likeness) for i, likeness in enumerate((0.96, 0.99, 0.97))]
    assert find_leaks(pairs, np.array([False, False, False, True])) == ((3, pairs[1]),)


def test_a_copy_of_a_copy_leaks_too(tmp_path: Path) -> None:
    """Links go to the first of identical files; a twin of that one is a twin of its copies."""
    paths = save_all(tmp_path, {"a.png": draw_scene(0)})
    (tmp_path / "b.png").write_bytes(paths[0].read_bytes())
    paths += [tmp_path / "b.png", *save_all(tmp_path, {"c.jpg": draw_scene(0)}, quality=60)]
    leaks = find_leaks(find(paths).all, np.array([True, False, True]))
    assert {(row, pair.left if row == pair.right else pair.right) for row, pair in leaks} == {(0, 1), (2, 1)}


def test_both_duplicates_of_different_folds_are_left_out() -> None:
    hashes = (b"a", b"a", b"c", b"d")
    cues = measure_cues((), JobContext())
    empty = CueTable(
        np.full((4, cues.numbers.shape[1]), np.nan, np.float32), np.full((4, 3), "", "U40"),
        np.zeros((4, 48, 48), np.uint8), np.zeros((4, 2, 8, 8), np.uint8), np.ones(4, bool), {},
    )
    pairs = find_pairs(hashes, empty, None, JobContext()).all
    assert rows_with_duplicates(np.array([0, 1, 0, 1]), pairs).tolist() == [True, True, False, False]
    assert not rows_with_duplicates(np.array([0, 0, 1, 1]), pairs).any()
    ids = number_groups(4, pairs)
    assert ids[0] == ids[1] and len(set(ids)) == 3


def test_groups_follow_chains_largest_first() -> None:
    ids = group_ids(6, np.array([0, 1, 4]), np.array([1, 2, 5]))
    assert [list(g) for g in groups_of(ids)] == [[0, 1, 2], [4, 5]]


def test_pairs_do_not_depend_on_blocks(monkeypatch: pytest.MonkeyPatch, recording_context: RecordingContext) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(50, 3)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    whole = similar_pairs(vectors, vectors, at_least=0.9, context=JobContext(), is_same_set=True)
    monkeypatch.setattr("core.embeddings.similar_pairs.BLOCK", 7)
    monkeypatch.setattr("core.embeddings.similar_pairs.TILE", 5)
    blocks = similar_pairs(vectors, vectors, at_least=0.9, context=recording_context, is_same_set=True)
    expected = {(i, j) for i in range(50) for j in range(i + 1, 50) if vectors[i] @ vectors[j] >= 0.9}
    assert list(zip(whole.left, whole.right, strict=True)) == sorted(expected)
    assert list(zip(blocks.left, blocks.right, strict=True)) == sorted(expected)
    assert recording_context.last.done == recording_context.last.total == 50


def test_the_same_pictures_are_found_part_by_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = {f"{i}.png": draw_scene(i) for i in range(6)} | {"small.png": draw_scene(5).resize((120, 90))}
    paths = save_all(tmp_path, pictures)
    monkeypatch.setattr("core.checks.same_image.PART", 3)
    assert [p.match for p in find(paths).all] == [Match.SAME_IMAGE]


@pytest.mark.parametrize("spread", [0.02, 0.3])
def test_the_bound_loses_no_pair(spread: float, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    centres = np.abs(rng.normal(size=(60, 400)))
    vectors = np.repeat(centres, 5, axis=0) + rng.normal(scale=spread, size=(300, 400))
    units = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    expected = np.argwhere(np.triu(units @ units.T >= 0.9, 1))
    assert len(expected) >= 400
    monkeypatch.setattr("core.embeddings.similar_pairs.CROWDED", 1.0)
    monkeypatch.setattr("core.embeddings.similar_pairs.FEW_PAIRS", 0)
    monkeypatch.setattr("core.embeddings.similar_pairs.TILE", 90)
    found = similar_pairs(units, units, at_least=0.9, context=JobContext(), is_same_set=True)
    assert np.array_equal(np.column_stack([found.left, found.right]), expected)
    other = similar_pairs(units[:40], units, at_least=0.9, context=JobContext())
    assert np.array_equal(np.column_stack([other.left, other.right]), np.argwhere(units[:40] @ units.T >= 0.9))


def test_too_many_pairs_are_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("core.embeddings.similar_pairs.MAX_PAIRS", 3)
    monkeypatch.setattr("core.embeddings.similar_pairs.BLOCK", 2)
    found = find(save_all(tmp_path, {f"{i}.png": draw_scene(i) for i in range(6)}), embeddings=np.ones((6, 8)))
    assert not found.is_complete
    group = DuplicateGroup((1, 2), Match.SAME_FILE, (), ((), ()))
    for is_complete in (True, False):
        finding, = DuplicatesCheck().findings(Duplicates((group,), (), is_complete), CatalogState())
        assert ("checks.pairs_left_out" in [d.code for d in finding.details]) is not is_complete
