"""The embedding map on stores that are written here: points by content, equal ones equal, odd ones no crash."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.backbones.registry import DEFAULT, find_backbone
from core.embeddings import map as mapping
from core.embeddings.kept_map import PCA, TSNE, map_path, read_map
from core.embeddings.map import MapInput, MapLayout, MapResult, map_images
from core.embeddings.nearest import nearest_neighbours, place_among
from core.embeddings.principal_axes import principal_coordinates
from core.embeddings.store import EmbeddingStore, EmbeddingWriter
from core.engine import neighbour_embedding
from core.errors import WeightsError
from core.jobs import JobCancelled, JobContext
from core.types import ImageRef
from tests.conftest import RecordingContext

BACKBONE = find_backbone(DEFAULT)
REAL_KEY = mapping._key_of


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbour_embedding, "N_EARLY", 30)
    monkeypatch.setattr(neighbour_embedding, "N_LATE", 30)
    monkeypatch.setattr(neighbour_embedding, "N_ITERATIONS", 60)
    monkeypatch.setattr(mapping, "PUBLISH_EVERY_S", 0.0)
    monkeypatch.setattr(mapping, "_key_of", lambda backbone, context: "key")


def groups(n: int, n_groups: int = 3, *, seed: int = 0) -> np.ndarray:
    """(n, n_stored) float32: image i belongs to group i % n_groups."""
    rng = np.random.default_rng(seed)
    middles = np.random.default_rng(9).normal(size=(n_groups, BACKBONE.n_stored))
    return (middles[np.arange(n) % n_groups] + 0.2 * rng.normal(size=(n, BACKBONE.n_stored))).astype(np.float32)


def content(number: int) -> bytes:
    return (number + 1).to_bytes(32, "big")


def project_of(folder: Path, vectors: np.ndarray) -> MapInput:
    """Images with these embeddings, kept below a folder."""
    with EmbeddingWriter(folder / "embeddings" / "key", BACKBONE.n_stored) as writer:
        writer.append([content(i) for i in range(len(vectors))], vectors)
    return MapInput(refs(len(vectors)), DEFAULT, folder / "embeddings", folder / "maps", embeds=False)


def refs(n: int) -> tuple[ImageRef, ...]:
    return tuple(ImageRef(10 + i, Path(f"{i}.png"), content(i)) for i in range(n))


def codes(result: MapResult) -> list[str]:
    return [note.code for note in result.notes]


def separation(result: MapResult, n_groups: int = 3) -> float:
    """Share of images whose nearest point is of their own group."""
    xy = result.layout.xy
    nearest, _ = nearest_neighbours(xy, xy, 1, is_same=True)
    return float(np.mean(nearest[:, 0] % n_groups == np.arange(len(xy)) % n_groups))


def test_principal_coordinates_are_those_of_the_svd() -> None:
    vectors = groups(80)[:, :200] * np.linspace(3, 0.1, 200, dtype=np.float32)
    found = principal_coordinates(vectors, 2)
    left, strengths, _ = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(np.abs(found), np.abs(left[:, :2] * strengths[:2]), atol=1e-3)


def test_neighbours_are_the_nearest_and_never_the_point_itself() -> None:
    points = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    places, distances = nearest_neighbours(points, points, 5, is_same=True)
    apart = np.linalg.norm(points[:, None] - points, axis=2)
    np.fill_diagonal(apart, np.inf)
    np.testing.assert_array_equal(places, np.argsort(apart, axis=1)[:, :5])
    np.testing.assert_allclose(distances, np.sort(apart, axis=1)[:, :5], rtol=1e-4)


def test_new_points_lie_among_their_neighbours_and_equal_ones_on_them() -> None:
    known = np.concatenate([np.zeros((20, 2)), np.full((20, 2), 9.0)]).astype(np.float32)
    known += np.random.default_rng(0).normal(scale=0.01, size=known.shape).astype(np.float32)
    layout = np.where(np.arange(40)[:, None] < 20, -5.0, 5.0) * np.ones((40, 2), np.float32)
    placed = place_among(np.array([[0.1, 0], [8.9, 9], known[3]], np.float32), known, layout.astype(np.float32))
    np.testing.assert_array_equal(placed, [[-5, -5], [5, 5], [-5, -5]])


def test_a_map_shows_groups_is_published_while_it_settles_and_is_equal_when_made_again(tmp_path: Path) -> None:
    inputs, context = project_of(tmp_path, groups(60)), RecordingContext()
    result = map_images(inputs, context)
    assert (result.method, result.n_points, result.n_placed, result.skipped) == (TSNE, 60, 0, ())
    assert separation(result) == 1.0
    layouts = [event for event in context.events if isinstance(event, MapLayout)]
    assert len(layouts) > 10 and not np.allclose(layouts[0].xy, layouts[-1].xy)
    again = map_images(replace(inputs, is_anew=True), JobContext())
    np.testing.assert_array_equal(again.layout.xy, result.layout.xy)


def test_a_kept_map_is_taken_as_it_is_and_new_images_are_placed_in_it(tmp_path: Path) -> None:
    vectors = groups(63)
    inputs = project_of(tmp_path, vectors)
    first = map_images(replace(inputs, images=refs(60)), JobContext())
    kept = map_images(replace(inputs, images=refs(60)), RecordingContext())
    assert kept.is_kept and not codes(kept)
    np.testing.assert_array_equal(kept.layout.xy, first.layout.xy)
    grown = map_images(inputs, JobContext())
    np.testing.assert_array_equal(grown.layout.xy[:60], first.layout.xy)
    assert (grown.placed_ids.tolist(), codes(grown)) == ([70, 71, 72], ["embeddings.map.placed"])
    assert separation(grown) == 1.0
    fewer = map_images(replace(inputs, images=inputs.images[5:]), JobContext())
    assert (fewer.is_kept, fewer.n_gone, fewer.n_points) == (True, 5, 58)


def test_a_map_of_other_embeddings_or_mostly_new_images_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    inputs = project_of(tmp_path, groups(60))
    map_images(replace(inputs, images=refs(20)), JobContext())
    assert map_images(inputs, JobContext()).n_placed == 0
    (tmp_path / "embeddings" / "key").rename(tmp_path / "embeddings" / "other")
    monkeypatch.setattr(mapping, "_key_of", lambda backbone, context: "other")
    assert not map_images(inputs, JobContext()).is_kept


def test_a_damaged_map_is_made_anew(tmp_path: Path) -> None:
    inputs = project_of(tmp_path, groups(20))
    map_images(inputs, JobContext())
    path = map_path(inputs.folder or tmp_path, DEFAULT, TSNE)
    for damage in (b"", b"PK no archive", path.read_bytes()[:-200]):
        path.write_bytes(damage)
        assert read_map(path) is None
    assert not map_images(inputs, JobContext()).is_kept and read_map(path) is not None


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_few_images_have_principal_components(tmp_path: Path, n: int) -> None:
    result = map_images(project_of(tmp_path, groups(n)), JobContext())
    assert (result.method, result.n_points, codes(result)) == (PCA, n, ["embeddings.map.too_few"])
    assert np.isfinite(result.layout.xy).all()


@pytest.mark.parametrize("n_images", [12, 40])
def test_equal_embeddings_of_different_images_are_points_all_the_same(tmp_path: Path, n_images: int) -> None:
    result = map_images(project_of(tmp_path, np.repeat(groups(1), n_images, axis=0)), JobContext())
    assert result.n_points == n_images and np.isfinite(result.layout.xy).all()


def test_copies_of_a_file_share_a_point(tmp_path: Path) -> None:
    inputs = project_of(tmp_path, groups(20))
    copy = ImageRef(99, Path("copy.png"), content(3))
    result = map_images(replace(inputs, images=(*inputs.images, copy)), JobContext())
    np.testing.assert_array_equal(result.layout.xy[-1], result.layout.xy[3])


def test_as_many_groups_as_images(tmp_path: Path) -> None:
    result = map_images(project_of(tmp_path, groups(300, 300)), JobContext())
    assert result.n_points == 300 and np.isfinite(result.layout.xy).all()


def test_images_without_a_usable_embedding_are_named_and_left_out(tmp_path: Path) -> None:
    vectors = groups(30)
    vectors[4] = 0
    inputs = project_of(tmp_path, vectors)
    path = tmp_path / "embeddings" / "key" / "vectors.f16"
    content_now = bytearray(path.read_bytes())
    content_now[2 * BACKBONE.n_stored * 7:2 * BACKBONE.n_stored * 7 + 2] = b"\x00\x7e"  # what is no number
    path.write_bytes(content_now)
    result = map_images(replace(inputs, images=refs(31)), JobContext())
    reasons = {one.path.name: one.reason.code for one in result.skipped}
    assert reasons == {"4.png": "embeddings.map.empty_embedding", "7.png": "embeddings.map.not_embedded",
                       "30.png": "embeddings.map.not_embedded"}
    assert np.isnan(result.layout.xy[[4, 7, 30]]).all() and result.n_points == 28


def test_without_the_library_there_are_principal_components(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbour_embedding, "is_here", lambda: False)
    result = map_images(project_of(tmp_path, groups(30)), JobContext())
    assert (result.method, codes(result)) == (PCA, ["embeddings.map.no_library"])


def test_of_very_many_some_make_the_map_and_the_others_are_placed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mapping, "MOST_FITTED", 40)
    result = map_images(project_of(tmp_path, groups(60)), JobContext())
    assert (result.n_placed, codes(result)) == (20, ["embeddings.map.sampled"])
    assert separation(result) == 1.0


def test_it_ends_between_two_iterations_and_leaves_the_kept_map_alone(tmp_path: Path) -> None:
    inputs = project_of(tmp_path, groups(60))
    whole = RecordingContext()
    map_images(replace(inputs, images=refs(20)), whole)
    path = map_path(inputs.folder or tmp_path, DEFAULT, TSNE)
    before = path.read_bytes()
    context = RecordingContext(cancel_after=whole.n_checks - 20)
    with pytest.raises(JobCancelled):
        map_images(inputs, context)
    assert 0 < context.last.done < neighbour_embedding.N_ITERATIONS
    assert path.read_bytes() == before


def test_a_map_that_cannot_be_kept_is_shown_all_the_same(tmp_path: Path) -> None:
    inputs = project_of(tmp_path, groups(20))
    (tmp_path / "maps").write_text("in the way")
    result = map_images(inputs, JobContext())
    assert (result.n_points, codes(result)) == (20, ["embeddings.map.not_kept"])


def test_a_backbone_that_is_not_here_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mapping, "_key_of", REAL_KEY)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "nothing"))
    with pytest.raises(WeightsError):
        map_images(replace(project_of(tmp_path, groups(20)), backbone="mobilenet"), JobContext())


def test_nothing_is_written_to_a_store_that_has_all(tmp_path: Path) -> None:
    inputs = replace(project_of(tmp_path, groups(20)), embeds=True)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "embeddings").rglob("*")}
    assert map_images(inputs, JobContext()).n_points == 20
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "embeddings").rglob("*")} == before
    assert EmbeddingStore(tmp_path / "embeddings" / "key", BACKBONE.n_stored).n_rows == 20
