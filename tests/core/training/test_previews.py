"""What the window asks the engine before a training: variants of a picture, a map for the classes."""

from pathlib import Path

import numpy as np
import pytest

from core.imagenet.class_map import suggest_class_map
from core.errors import ImageUnreadable, InputError
from core.images.files import hash_file
from core.images.reading import read_image
from core.images.recipe import Recipe
from core.jobs import JobCancelled
from core.imagenet.class_map import SuggestMapInput, fit_to_classes, give_link, holder_of, take_link
from core.tasks import run_here
from core.training.settings import AugmentSettings, augment_preset
from core.training.preview import BEFORE_SIDE_PX, AugmentVariantsInput, PreviewRecipeInput
from core.types import ImageRef
from tests.conftest import RecordingContext, draw_picture
from tests.core.images.inspecting import apply_recipe

RECIPE = Recipe(width_px=24, height_px=16)


def ref(path: Path) -> ImageRef:
    return ImageRef(1, path, hash_file(path))


@pytest.fixture
def image(tmp_path: Path) -> ImageRef:
    path = tmp_path / "a.png"
    draw_picture(1, "red").save(path)
    return ref(path)


@pytest.fixture
def large(tmp_path: Path) -> ImageRef:
    path = tmp_path / "large.jpg"
    draw_picture(1, "red", (900, 600)).save(path)
    return ref(path)


def test_after_is_what_a_training_sees(large: ImageRef) -> None:
    recipe = Recipe(width_px=40, height_px=30, fit="pad", colour="grey", noise_filter="median")
    found = run_here("preview-recipe", PreviewRecipeInput(large, recipe))
    assert np.array_equal(found.after, apply_recipe(read_image(large.path, None, side_px=40), recipe))
    assert found.after.shape == (30, 40, 1) and max(found.before.shape[:2]) == BEFORE_SIDE_PX
    assert (found.width_px, found.height_px) == (900, 600) and found.before.shape[2] == 3


def test_an_image_that_cannot_be_read_is_explained(image_folder: Path) -> None:
    with pytest.raises(ImageUnreadable) as caught:
        run_here("preview-recipe", PreviewRecipeInput(ref(image_folder / "blue" / "broken.jpg"), Recipe()))
    assert caught.value.message.code == "images.cut_off"


def test_a_file_that_changed_is_not_shown_for_what_it_was(image: ImageRef) -> None:
    draw_picture(2, "blue").save(image.path)
    for task, inputs in (("preview-recipe", PreviewRecipeInput(image, RECIPE)),
                         ("augment-variants", AugmentVariantsInput(image, RECIPE, AugmentSettings(), 0, 1))):
        with pytest.raises(ImageUnreadable) as caught:
            run_here(task, inputs)
        assert caught.value.message.code == "images.changed"


def test_a_preview_ends_when_cancelled(large: ImageRef) -> None:
    with pytest.raises(JobCancelled):
        run_here("preview-recipe", PreviewRecipeInput(large, Recipe()), RecordingContext(cancel_after=0))


def test_variants_of_the_prepared_picture_are_the_same_for_a_seed(image: ImageRef) -> None:
    inputs = AugmentVariantsInput(image, RECIPE, augment_preset("report"), 3, 5)
    first, again = run_here("augment-variants", inputs), run_here("augment-variants", inputs)
    assert first.shape == (5, 16, 24, 3) and first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert not np.array_equal(first[0], first[1])
    plain = run_here("augment-variants", AugmentVariantsInput(image, RECIPE, AugmentSettings(), 0, 1))
    assert np.array_equal(plain[0], apply_recipe(read_image(image.path, None, side_px=24), RECIPE))


def test_variants_of_an_impossible_setting_are_refused(image: ImageRef) -> None:
    with pytest.raises(InputError, match="zoom"):
        run_here("augment-variants", AugmentVariantsInput(image, RECIPE, AugmentSettings(zoom=2), 0, 1))


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
