"""Augmentation: nothing for none, bit-equal for a seed, each change as its name says."""

import numpy as np
import pytest

from core.engine.augment import augment_variants, build_augmenter
from core.errors import InputError
from core.training.settings import AUGMENT_PRESETS, AugmentSettings, augment_preset


@pytest.fixture
def picture() -> np.ndarray:
    """(21, 31, 3): dark, with a bright block in the upper left quarter."""
    pixels = np.full((21, 31, 3), 40, np.uint8)
    pixels[3:8, 4:10] = 220
    return pixels


def is_bright(variants: np.ndarray) -> np.ndarray:
    return variants[..., 0] > 130


@pytest.mark.parametrize("name", AUGMENT_PRESETS)
def test_bit_equal_for_a_seed(picture: np.ndarray, name: str) -> None:
    first, again, other = (augment_variants(picture, augment_preset(name), seed, 6) for seed in (3, 3, 4))
    assert first.shape == (6, 21, 31, 3) and first.dtype == np.uint8
    assert (first == again).all()
    assert (first != other).any() == (name != "none")


@pytest.mark.parametrize("name", AUGMENT_PRESETS)
def test_works_on_one_pixel_and_on_grey(name: str) -> None:
    assert augment_variants(np.full((1, 1, 3), 9, np.uint8), augment_preset(name), 0, 2).shape == (2, 1, 1, 3)
    assert augment_variants(np.full((5, 3, 1), 9, np.uint8), augment_preset(name), 0, 2).shape == (2, 5, 3, 1)


def test_nothing_changes_outside_training(picture: np.ndarray) -> None:
    augmenter = build_augmenter(AUGMENT_PRESETS["strong"], 0)
    assert (np.asarray(augmenter(picture[None].astype("float32"), training=False))[0] == picture).all()
    assert (augment_variants(picture, AUGMENT_PRESETS["none"], 0, 2) == picture).all()


@pytest.mark.parametrize(("settings", "mirrored"), [
    (AugmentSettings(horizontal_flip=True), np.s_[:, ::-1]), (AugmentSettings(vertical_flip=True), np.s_[::-1]),
])
def test_a_flip_is_the_picture_or_its_exact_mirror(
    picture: np.ndarray, settings: AugmentSettings, mirrored: tuple[slice, ...],
) -> None:
    variants = augment_variants(picture, settings, 0, 20)
    is_same = (variants == picture).all(axis=(1, 2, 3))
    assert ((variants == picture[mirrored]).all(axis=(1, 2, 3)) == ~is_same).all()
    assert 3 < is_same.sum() < 17


def test_shifts_move_along_their_axis_only(picture: np.ndarray) -> None:
    cases = ((AugmentSettings(width_shift=0.1), 1, 0), (AugmentSettings(height_shift=0.1), 0, 1))
    for settings, moving, still in cases:
        spots = [np.argwhere(v).mean(axis=0) for v in is_bright(augment_variants(picture, settings, 0, 12))]
        assert np.ptp([spot[still] for spot in spots]) < 0.01
        assert 0.5 < np.ptp([spot[moving] for spot in spots]) <= 2 * 0.1 * picture.shape[moving] + 1


def test_a_rotation_keeps_the_size_and_the_distance_from_the_centre(picture: np.ndarray) -> None:
    square = np.full((41, 41, 3), 40, np.uint8)
    square[8:14, 8:14] = 220
    bright = is_bright(augment_variants(square, AugmentSettings(rotation_degrees=90), 1, 12))
    offsets = np.array([np.argwhere(b).mean(axis=0) for b in bright]) - 20
    assert np.allclose(np.hypot(*offsets.T), np.hypot(9.5, 9.5), atol=0.7)
    assert np.ptp(offsets[:, 0]) > 5
    assert np.allclose(bright.sum(axis=(1, 2)), 36, atol=6)


def test_a_zoom_changes_the_size_both_ways(picture: np.ndarray) -> None:
    sizes = is_bright(augment_variants(picture, AugmentSettings(zoom=0.4), 0, 20)).sum(axis=(1, 2))
    assert sizes.min() < 30 < sizes.max()


def test_a_shear_slants(picture: np.ndarray) -> None:
    sheared = is_bright(augment_variants(picture, AugmentSettings(shear=0.5), 0, 8))
    assert not all((b.any(axis=0)[None] & b.any(axis=1)[:, None] == b).all() for b in sheared)


@pytest.mark.parametrize(("fill_mode", "corner"), [("constant", 0), ("nearest", 40)])
def test_free_corners_are_filled(picture: np.ndarray, fill_mode: str, corner: int) -> None:
    settings = AugmentSettings(rotation_degrees=45, fill_mode=fill_mode)
    assert augment_variants(picture, settings, 0, 8)[:, 0, 0].min() == corner


def test_light_stays_in_range_and_differs_between_pictures(picture: np.ndarray) -> None:
    means = augment_variants(picture, AugmentSettings(brightness=0.5), 0, 20).mean(axis=(1, 2, 3))
    assert means.min() < picture.mean() - 20 and means.max() > picture.mean() + 20
    spreads = augment_variants(picture, AugmentSettings(contrast=0.8), 0, 20).std(axis=(1, 2, 3))
    assert spreads.min() < picture.std() * 0.8 and spreads.max() > picture.std() * 1.2


def test_erasing_puts_one_grey_box_on_some(picture: np.ndarray) -> None:
    boxes = (augment_variants(picture, AugmentSettings(erasing=0.5), 0, 40) == 127).all(axis=3)
    sizes = boxes.sum(axis=(1, 2))
    assert 8 < (sizes > 0).sum() < 32
    for box in boxes[sizes > 0]:
        assert (box.any(axis=0)[None] & box.any(axis=1)[:, None] == box).all()


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(InputError, match="rotation_degrees"):
        build_augmenter(AugmentSettings(rotation_degrees=400), 0)
    with pytest.raises(InputError, match="no augmentation"):
        augment_preset("wild")
