"""What the window asks the engine before a training: variants of a picture, a map for the classes."""

from pathlib import Path

import numpy as np
import pytest

from core.imagenet.class_map import suggest_class_map
from core.errors import InputError
from core.images.decode import read_pixels
from core.images.recipe import Recipe, apply_recipe
from core.jobs import JobCancelled
from core.runs.class_map import SuggestMapInput, fit_to_classes, give_link, holder_of, take_link
from core.tasks import run_here
from core.training.settings import AugmentSettings, augment_preset
from core.training.preview import AugmentVariantsInput
from tests.conftest import RecordingContext, draw_picture

RECIPE = Recipe(width_px=24, height_px=16)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    draw_picture(1, "red").save(path)
    return path


def test_variants_of_the_prepared_picture_are_the_same_for_a_seed(picture: Path) -> None:
    inputs = AugmentVariantsInput(picture, RECIPE, augment_preset("report"), 3, 5)
    first, again = run_here("augment-variants", inputs), run_here("augment-variants", inputs)
    assert first.variants.shape == (5, 16, 24, 3) and first.variants.dtype == np.uint8
    assert np.array_equal(first.variants, again.variants)
    assert not np.array_equal(first.variants[0], first.variants[1])
    plain = run_here("augment-variants", AugmentVariantsInput(picture, RECIPE, AugmentSettings(), 0, 1))
    assert np.array_equal(plain.variants[0], apply_recipe(read_pixels(picture, side_px=24), RECIPE))


def test_variants_of_an_impossible_setting_are_refused(picture: Path) -> None:
    with pytest.raises(InputError, match="zoom"):
        run_here("augment-variants", AugmentVariantsInput(picture, RECIPE, AugmentSettings(zoom=2), 0, 1))


def test_the_suggestion_is_that_of_a_training() -> None:
    classes = ("pistol", "smartphone")
    found = run_here("suggest-class-map", SuggestMapInput(classes, 0.6))
    whole = suggest_class_map(classes)
    assert found.own_map == {"pistol": tuple(k.index for k in whole.links[0]),
                             "smartphone": tuple(k.index for k in whole.links[1])}
    assert len(found.known) == 1000 and [one.index for one in found.known] == list(range(1000))
    assert found.known[found.own_map["pistol"][0]].name == whole.links[0][0].name
    assert found.reasons[found.own_map["pistol"][0]]
    with pytest.raises(JobCancelled):
        run_here("suggest-class-map", SuggestMapInput(classes, 0.6), RecordingContext(cancel_after=0))


def test_an_imagenet_class_stands_for_one_class_at_most() -> None:
    own_map = {"a": (1, 2), "b": (3,)}
    assert give_link(own_map, "b", 2) == {"a": (1,), "b": (3, 2)}
    assert take_link(own_map, 3) == {"a": (1, 2), "b": ()}
    assert (holder_of(own_map, 2), holder_of(own_map, 9)) == ("a", "")
    assert fit_to_classes(own_map, ("a", "c"), {"a": (9,), "c": (2, 7)}) == {"a": (1, 2), "c": (7,)}
