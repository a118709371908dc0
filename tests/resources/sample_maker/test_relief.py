"""Shapes, the relief and its light."""

from __future__ import annotations

import numpy as np
import pytest

from resources.sample_maker.relief import Light, Relief, View, shade, smooth, vary
from resources.sample_maker.shapes import Points, capsule, curve, disc, outline, stroke

SIZE = (80, 60)
MIDDLE = View((40.0, 30.0), 1.0)


def box(x0: float, y0: float, x1: float, y1: float) -> Points:
    return outline((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def light_from(x: float, y: float) -> Light:
    return Light((x, y, 1.0), 0.4, 0.6, (1.0, 1.0, 1.0), 0.02)


def test_a_face_covers_what_its_outline_covers() -> None:
    relief = Relief(SIZE, MIDDLE)
    relief.face(box(-10, -5, 10, 5), 0.0, (200, 100, 50))
    thing = relief.render(light_from(0, 0), np.random.default_rng(0))
    assert thing.colour.shape == (60, 80, 3) and thing.alpha.shape == (60, 80)
    assert thing.alpha[30, 40] == 1 and thing.alpha[10, 40] == 0 and thing.alpha[30, 10] == 0
    assert 190 < thing.alpha.sum() < 245
    red, green, blue = thing.colour[30, 40]
    assert red > green > blue


def test_nothing_drawn_is_nothing_covered() -> None:
    thing = Relief(SIZE, MIDDLE).render(light_from(0, 0), np.random.default_rng(0))
    assert thing.alpha.sum() == 0


def test_the_side_towards_the_light_is_brighter() -> None:
    relief = Relief(SIZE, MIDDLE)
    relief.tube((0, -20), (0, 20), 12, 12, (128, 128, 128), gloss=0.0)
    left = relief.render(light_from(-1, 0), np.random.default_rng(0)).colour
    right = relief.render(light_from(1, 0), np.random.default_rng(0)).colour
    assert left[30, 33].mean() > left[30, 47].mean() + 0.05
    assert right[30, 47].mean() > right[30, 33].mean() + 0.05


def test_a_mirrored_view_exchanges_left_and_right() -> None:
    point = outline((10, 3))
    plain, mirrored = MIDDLE.project(point, 0.0), View((40.0, 30.0), 1.0, is_mirrored=True).project(point, 0.0)
    assert plain.tolist() == [[100.0, 66.0]] and mirrored.tolist() == [[60.0, 66.0]]


def test_a_nearer_point_is_larger() -> None:
    near, far = (View((0.0, 0.0), 1.0, distance=200).project(outline((10, 0)), z)[0, 0] for z in (20.0, -20.0))
    assert near > 20 > far


def test_a_tipped_plate_shows_its_wall() -> None:
    views = [View((40.0, 30.0), 1.0, yaw=yaw) for yaw in (0.0, 35.0)]
    covered = []
    for view in views:
        relief = Relief(SIZE, view)
        relief.slab(box(-10, -10, 10, 10), -8, 8, (90, 90, 90))
        covered.append(relief.render(light_from(0, 0), np.random.default_rng(0)).alpha.sum())
    assert covered[1] > covered[0]


def test_smooth_keeps_a_plain_and_softens_a_step() -> None:
    plain = np.full((9, 12), 3.0, dtype=np.float32)
    assert np.allclose(smooth(plain, 2), 3.0, atol=1e-4)
    step = np.repeat([[0.0] * 6 + [1.0] * 6], 5, axis=0).astype(np.float32)
    assert 0 < smooth(step, 1)[2, 5] < smooth(step, 1)[2, 6] < 1


def test_colours_stay_colours() -> None:
    assert shade((200, 10, 0), 2.0) == (255, 20, 0)
    assert all(0 <= c <= 255 for c in vary((0, 128, 255), np.random.default_rng(1), spread=40))


def test_outlines_have_the_size_that_they_were_given() -> None:
    assert np.ptp(disc(5, 5, 3, radius_y=2), axis=0) == pytest.approx([6, 4], abs=0.05)
    assert np.ptp(capsule((0, 0), (10, 0), 2, 2), axis=0) == pytest.approx([14, 4], abs=0.05)
    assert np.ptp(stroke([(0, 0), (10, 0)], 2), axis=0) == pytest.approx([10, 2])
    assert curve((0, 0), (1, 0), (1, 1), is_closed=False)[[0, -1]].tolist() == [[0, 0], [1, 1]]
