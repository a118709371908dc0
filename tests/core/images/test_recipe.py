"""Preparing pictures: any size from 1×1, every fit, colour and filter, and a stable digest."""

import json

import numpy as np
import pytest

from core.errors import InputError, RunError
from core.images.recipe import COLOURS, FITS, NOISE_FILTERS, Recipe, bilateral
from tests.core.images.inspecting import apply_recipe


def noisy_edge(height: int = 40, width: int = 60) -> np.ndarray:
    """Dark left, bright right, with noise of about ±12."""
    pixels = np.full((height, width, 3), 60.0)
    pixels[:, width // 2:] = 190
    return (pixels + np.random.default_rng(0).normal(0, 12, pixels.shape)).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("noise_filter", NOISE_FILTERS)
@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("fit", FITS)
def test_every_choice_works_from_one_pixel_on(fit: str, colour: str, noise_filter: str) -> None:
    for shape in ((1, 1), (1, 50), (7, 2), (40, 60)):
        pixels = np.full((*shape, 3), 200, np.uint8)
        for size in ((1, 1), (54, 54), (3, 17)):
            recipe = Recipe(*size, fit=fit, colour=colour, noise_filter=noise_filter, filter_strength=5)
            prepared = apply_recipe(pixels, recipe)
            assert prepared.shape == (size[1], size[0], 3 if colour == "rgb" else 1)
            assert prepared.dtype == np.uint8
            assert prepared.max() == 200


def test_fits_differ_as_their_names_say() -> None:
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[:, :20], pixels[:, 60:], pixels[:, 20:60] = (255, 0, 0), (0, 0, 255), (0, 255, 0)
    stretched, padded, cropped = (apply_recipe(pixels, Recipe(40, 40, fit=fit)) for fit in FITS)
    assert tuple(stretched[20, 2]) == (255, 0, 0) and tuple(stretched[0, 20]) == (0, 255, 0)
    assert tuple(padded[20, 2]) == (255, 0, 0) and padded[:9].max() == 0 and padded[31:].max() == 0
    assert (cropped == (0, 255, 0)).all()


def test_filters_lessen_noise_and_sharpening_adds_contrast() -> None:
    pixels = noisy_edge()
    plain = apply_recipe(pixels, Recipe(60, 40))
    for noise_filter in NOISE_FILTERS[1:]:
        filtered = apply_recipe(pixels, Recipe(60, 40, noise_filter=noise_filter, filter_strength=2))
        is_smoother = filtered[:, :25].std() < plain[:, :25].std()
        assert is_smoother == (noise_filter != "sharpen"), noise_filter


def test_bilateral_keeps_the_edge_that_gaussian_blurs() -> None:
    recipe = Recipe(60, 40, noise_filter="gaussian", filter_strength=4)
    blurred = apply_recipe(noisy_edge(), recipe).astype(float)
    kept = bilateral(noisy_edge(), radius_px=4, colour_sigma=40).astype(float)
    assert kept[:, 30].mean() - kept[:, 29].mean() > 110 > blurred[:, 30].mean() - blurred[:, 29].mean()


def test_strength_matters_and_the_input_stays() -> None:
    pixels = noisy_edge()
    before = pixels.copy()
    for noise_filter in NOISE_FILTERS[1:]:
        weak, strong = (apply_recipe(pixels, Recipe(60, 40, noise_filter=noise_filter, filter_strength=s))
                        for s in (1, 5))
        assert (weak != strong).any(), noise_filter
    assert (pixels == before).all()


def test_digest_names_the_recipe() -> None:
    assert Recipe().digest() == Recipe().digest() != Recipe(width_px=54).digest()
    assert Recipe(54, 54).digest() == "8564739f9b4f2a87"


def test_survives_json() -> None:
    recipe = Recipe(54, 48, fit="pad", colour="grey", noise_filter="median", filter_strength=3)
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


@pytest.mark.parametrize("change", [{"fit": 3}, {"width_px": "64"}, {"later": 1}])
def test_an_unknown_recipe_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(RunError, match="unknown way"):
        Recipe.from_json({**Recipe().to_json(), **change})


def test_values_out_of_range_are_refused() -> None:
    with pytest.raises(InputError, match="width_px"):
        apply_recipe(noisy_edge(), Recipe(width_px=0))
    with pytest.raises(InputError, match="fit"):
        Recipe.from_json({**Recipe().to_json(), "fit": "squeeze"})
