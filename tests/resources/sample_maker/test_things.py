"""Every drawing, background and camera works on its own and leaves something to see."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from resources.sample_maker.camera import Camera, draw_camera, take
from resources.sample_maker.hands import Hand
from resources.sample_maker.leaves import LEAVES, LOOK_ALIKES
from resources.sample_maker.relief import Cutout, Light, Relief, View
from resources.sample_maker.scenes import BACKGROUNDS, draw_light, place, uneven_light

SIZE = (160, 120)
LIGHT = Light((-0.6, -0.8, 1.0), 0.4, 0.6, (1.0, 1.0, 1.0), 0.03)
CAMERA = Camera(1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 90)
THINGS = sorted({draw for table in (LEAVES, LOOK_ALIKES) for draws in table.values() for draw in draws},
                key=lambda draw: draw.__name__)
Draw = Callable[[Relief, np.random.Generator], None]


def draw_thing(draw: Draw, seed: int) -> Cutout:
    relief = Relief(SIZE, View((80.0, 60.0), 1.0, yaw=12.0))
    draw(relief, np.random.default_rng(seed))
    return relief.render(LIGHT, np.random.default_rng(seed))


def brightness(file: bytes) -> float:
    with Image.open(io.BytesIO(file)) as picture:
        return float(np.asarray(picture, dtype=np.float32).mean())


@pytest.mark.parametrize("draw", THINGS, ids=lambda draw: draw.__name__)
def test_a_thing_is_seen_and_varies(draw: Draw) -> None:
    first, second = draw_thing(draw, 0), draw_thing(draw, 1)
    assert 0.05 < first.alpha.mean() < 0.6
    assert np.isfinite(first.colour).all() and first.colour.min() >= 0
    assert first.colour[first.alpha > 0.9].std() > 0.02
    assert not np.array_equal(first.colour, second.colour)


def test_a_hand_adds_to_the_picture() -> None:
    relief = Relief(SIZE, View((80.0, 30.0), 0.8))
    hand = Hand(np.random.default_rng(0))
    hand.draw_behind(relief)
    behind = relief.render(LIGHT, np.random.default_rng(0))
    hand.draw_front(relief)
    front = relief.render(LIGHT, np.random.default_rng(0))
    assert behind.alpha.mean() > 0.03
    assert np.abs(front.colour - behind.colour).mean() > 0.001


@pytest.mark.parametrize("name", sorted(BACKGROUNDS))
def test_a_background_fills_the_picture_and_varies(name: str) -> None:
    first, second = (BACKGROUNDS[name](np.random.default_rng(seed), SIZE) for seed in (0, 1))
    assert first.shape == (120, 160, 3) and first.dtype == np.float32
    assert np.isfinite(first).all() and 0.02 < first.mean() < 1.1
    assert not np.array_equal(first, second)


def test_a_thing_covers_the_background_and_darkens_it_beside() -> None:
    background = np.full((120, 160, 3), 0.8, dtype=np.float32)
    alpha = np.zeros((120, 160), dtype=np.float32)
    alpha[40:80, 60:100] = 1
    thing = Cutout(np.full((120, 160, 3), 0.1, dtype=np.float32), alpha)
    scene = place(background, thing, LIGHT, shadow=0.8)
    assert scene[60, 80] == pytest.approx(0.1) and scene[2, 2] == pytest.approx(0.8, abs=0.02)
    assert scene[82, 90].mean() < 0.6, "the shadow falls away from the light"
    assert place(background, thing, LIGHT, shadow=0)[82, 90] == pytest.approx(0.8)


def test_light_is_drawn_from_above_and_in_range() -> None:
    for seed in range(20):
        light = draw_light(np.random.default_rng(seed))
        assert 0.9 < light.ambient + light.strength < 1.2 and np.linalg.norm(light.unit) == pytest.approx(1)
    factors = uneven_light(np.random.default_rng(0), SIZE, strength=1.0)
    assert factors.shape == (120, 160) and factors.min() > 0.1


def test_exposure_blur_noise_and_quality_do_what_they_say() -> None:
    rng = np.random.default_rng(0)
    scene = BACKGROUNDS["stone"](rng, SIZE)
    plain = take(scene, CAMERA, np.random.default_rng(0))
    assert brightness(take(scene, replace(CAMERA, exposure=0.3), rng)) < 0.5 * brightness(plain)
    for smaller in (replace(CAMERA, blur_px=3.0), replace(CAMERA, shake_px=10.0), replace(CAMERA, quality=30)):
        assert len(take(scene, smaller, np.random.default_rng(0))) < 0.8 * len(plain)
    assert len(take(scene, replace(CAMERA, noise=0.08), rng)) > 1.2 * len(plain)


def test_a_bad_camera_has_one_trouble_and_a_good_one_none() -> None:
    def n_troubles(camera: Camera) -> int:
        return sum((camera.exposure < 0.5, camera.exposure > 1.5, camera.blur_px > 1.5, camera.shake_px > 5))

    for seed in range(30):
        assert n_troubles(draw_camera(np.random.default_rng(seed), is_bad=True)) == 1
        assert n_troubles(draw_camera(np.random.default_rng(seed), is_bad=False)) == 0
