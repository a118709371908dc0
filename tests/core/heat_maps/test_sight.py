"""Class activation maps: they add up to the score, lie on what the model has learnt, and change with its head."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.heat_maps.grid import BORDER_AREA, GRID, Box, border_share, share_inside, spread
from core.heat_maps.occlusion import occlude
from core.heat_maps.sight import CAM, LinearSight, ReorderedSight, WeightedSight, ZeroShotSight
from core.imagenet.class_map import ClassLink, ClassMap
from core.jobs import JobCancelled, JobContext
from core.runs.head import Head
from tests.conftest import RecordingContext
from tests.core.heat_maps.conftest import Learnt, draw_object, make_eye

ONE_CELL = 1 / 7
"""Of the last map of the network; what lies so near cannot be told from the place itself."""


def random_head(n_features: int, n_classes: int = 3) -> Head:
    rng = np.random.default_rng(4)
    return Head(rng.normal(0, 0.05, (n_features, n_classes)).astype(np.float32),
                rng.normal(0, 3, n_classes).astype(np.float32))


def scores(probabilities: np.ndarray) -> np.ndarray:
    logs = np.log(probabilities.astype(np.float64))
    return np.asarray(logs - logs.mean())


def widened(box: Box) -> Box:
    return Box(max(box.left - ONE_CELL, 0), max(box.top - ONE_CELL, 0), min(box.right + ONE_CELL, 1),
               min(box.bottom + ONE_CELL, 1))


def area(box: Box) -> float:
    return (box.right - box.left) * (box.bottom - box.top)


@pytest.mark.parametrize("n", [1, 7, 9, 14, 33, 112])
def test_spreading_loses_nothing_and_keeps_what_is_even(n: int) -> None:
    cells = np.random.default_rng(n).random((n, n + 1, 2), np.float32)
    assert spread(cells).sum(axis=(0, 1)) == pytest.approx(cells.sum(axis=(0, 1)), rel=1e-5)
    part = spread(cells, Box(0.3, 0.1, 1.0, 0.8))
    assert part.sum(axis=(0, 1)) == pytest.approx(cells.sum(axis=(0, 1)), rel=1e-5)
    assert not part[:, :int(0.3 * GRID)].any() and part[4:20, 12:].all()
    even = spread(np.ones((n, n), np.float32))
    assert np.allclose(even, even.mean(), rtol=0.15)


def test_what_is_seen_in_padding_is_lost_and_nothing_else() -> None:
    cells = np.ones((8, 8), np.float32)
    found = spread(cells, Box(0, -0.5, 1, 1.5))  # a wide image in a square
    assert found.sum() == pytest.approx(32, rel=0.02)


@pytest.mark.parametrize("features", ["final", "stages", "two views", "six views", "tiles"])
def test_the_maps_add_up_to_what_the_head_says(features: str) -> None:
    eye, image = make_eye(features), draw_object(3, 0)[0]
    head = random_head(eye.n_features * (2 if features == "tiles" else 1))
    sight = LinearSight([eye], head)
    seen = sight.see(image, [2, 0])
    assert seen is not None and seen.method == CAM
    said = sight.judge([image])[0]
    assert seen.probabilities == pytest.approx(said, abs=0.02)
    assert seen.heat.sum(axis=(1, 2)) == pytest.approx(scores(seen.probabilities)[[2, 0]], abs=0.01)


def test_backbones_side_by_side_and_members_that_vote_add_up_too() -> None:
    eye, image = make_eye("stages"), draw_object(3, 1)[0]
    joined = LinearSight([eye, eye], random_head(2 * eye.n_features))
    seen = joined.see(image, [1])
    assert seen is not None and seen.heat.sum() == pytest.approx(scores(seen.probabilities)[1], abs=0.01)
    other = LinearSight([eye], random_head(eye.n_features))
    both = WeightedSight([(joined, 0.25), (ReorderedSight(other, [2, 0, 1]), 0.75)]).see(image, [1])
    alone = other.see(image, [0])
    assert both is not None and alone is not None
    assert both.heat == pytest.approx(0.25 * seen.heat + 0.75 * alone.heat, abs=1e-6)
    assert both.probabilities == pytest.approx(0.25 * seen.probabilities + 0.75 * alone.probabilities[[2, 0, 1]])


def test_zero_shot_maps_are_those_of_the_imagenet_classes_that_stand_for_a_class() -> None:
    eye, image = make_eye("final"), draw_object(5, 0)[0]
    classifier = random_head(eye.n_features, 1000)
    class_map = ClassMap(("a", "b"), ((ClassLink(7),), (ClassLink(3), ClassLink(4))))
    seen = ZeroShotSight(eye, classifier, class_map).see(image, [0])
    plain = LinearSight([eye], classifier).see(image, [7, 3, 4])
    assert seen is not None and plain is not None
    assert seen.probabilities.sum() == pytest.approx(1)
    p = plain.probabilities[[3, 4]] / plain.probabilities[[3, 4]].sum()
    b = p[0] * plain.heat[1] + p[1] * plain.heat[2]
    assert seen.heat[0] == pytest.approx((plain.heat[0] - b) / 2, abs=1e-5)


def test_the_evidence_lies_on_the_object(of_objects: Learnt) -> None:
    for image, box, label in of_objects.new:
        seen = of_objects.sight.see(image, [label])
        assert seen is not None and seen.probabilities[label] > 0.5
        near = widened(box)
        assert share_inside(seen.heat[0], near) > 1.5 * area(near), (label, box)
        row, column = np.unravel_index(seen.heat[0].argmax(), (GRID, GRID))
        assert near.top <= (row + 0.5) / GRID <= near.bottom and near.left <= (column + 0.5) / GRID <= near.right


def test_the_evidence_lies_on_a_planted_cue(of_cues: Learnt) -> None:
    for image, box, label in of_cues.new:
        if label == 0:
            seen = of_cues.sight.see(image, [0])
            assert seen is not None
            near = widened(box)
            assert share_inside(seen.heat[0], near) > 1.5 * area(near)
            assert border_share(seen.heat[0]) > BORDER_AREA


def test_a_head_at_random_sees_something_else(of_objects: Learnt) -> None:
    """The sanity check of Adebayo et al. 2018: a map that does not change with the model explains nothing."""
    eye = make_eye()
    at_random = LinearSight([eye], random_head(eye.n_features, 2))
    for image, _, label in of_objects.new[:3]:
        ours, theirs = of_objects.sight.see(image, [label]), at_random.see(image, [label])
        assert ours is not None and theirs is not None
        assert abs(np.corrcoef(ours.heat.ravel(), theirs.heat.ravel())[0, 1]) < 0.6


def test_occlusion_finds_the_object_without_looking_into_the_model(of_objects: Learnt) -> None:
    image, box, label = of_objects.new[0]
    seen = occlude(of_objects.sight, image, [label], RecordingContext())
    assert seen.probabilities == pytest.approx(of_objects.sight.judge([image])[0], abs=1e-5)
    near = widened(box)
    row, column = np.unravel_index(seen.heat[0].argmax(), (GRID, GRID))
    assert near.top <= (row + 0.5) / GRID <= near.bottom and near.left <= (column + 0.5) / GRID <= near.right
    with pytest.raises(JobCancelled):
        occlude(of_objects.sight, image, [label], RecordingContext(cancel_after=1))


@pytest.mark.parametrize("size", [(1, 1), (12_000, 40), (3, 2000)])
def test_images_of_any_shape_have_a_map(of_objects: Learnt, size: tuple[int, int]) -> None:
    image = Image.new("RGB", size, (200, 30, 30))
    seen = of_objects.sight.see(image, [0, 1])
    assert seen is not None and np.isfinite(seen.heat).all()
    assert seen.heat.sum(axis=(1, 2)) == pytest.approx(scores(seen.probabilities), abs=0.01)


def test_occlusion_of_a_single_pixel_ends() -> None:
    eye = make_eye("final")
    seen = occlude(LinearSight([eye], random_head(eye.n_features)), Image.new("RGB", (1, 1)), [0], JobContext())
    assert np.isfinite(seen.heat).all()


def test_shares_of_nothing_are_those_of_an_even_map() -> None:
    assert border_share(np.full((GRID, GRID), -1, np.float32)) == BORDER_AREA
    assert border_share(np.ones((GRID, GRID), np.float32)) == pytest.approx(BORDER_AREA)
    assert share_inside(np.zeros((GRID, GRID), np.float32), Box()) == 0
    assert share_inside(np.ones((GRID, GRID), np.float32), Box(0.25, 0.25, 0.75, 0.75)) == pytest.approx(0.25)
