"""A picture before and after its preparation."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import ImageUnreadable
from core.images.decode import read_pixels
from core.images.recipe import Recipe, apply_recipe
from core.jobs import JobCancelled, JobContext
from core.tasks import run_here
from core.training.preview import BEFORE_SIDE_PX, PreviewRecipeInput
from tests.conftest import RecordingContext, draw_picture


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "large.jpg"
    draw_picture(1, "red", (900, 600)).save(path)
    return path


def test_after_is_what_a_training_sees(picture: Path) -> None:
    recipe = Recipe(width_px=40, height_px=30, fit="pad", colour="grey", noise_filter="median")
    found = run_here("preview-recipe", PreviewRecipeInput(picture, recipe))
    assert np.array_equal(found.after, apply_recipe(read_pixels(picture, side_px=40), recipe))
    assert found.after.shape == (30, 40, 1) and max(found.before.shape[:2]) == BEFORE_SIDE_PX
    assert (found.width_px, found.height_px) == (900, 600) and found.before.shape[2] == 3


def test_a_picture_that_cannot_be_read_is_explained(image_folder: Path) -> None:
    with pytest.raises(ImageUnreadable, match="cut off"):
        run_here("preview-recipe", PreviewRecipeInput(image_folder / "blue" / "broken.jpg", Recipe()))


def test_ends_when_cancelled(picture: Path) -> None:
    with pytest.raises(JobCancelled):
        run_here("preview-recipe", PreviewRecipeInput(picture, Recipe()), RecordingContext(cancel_after=0))
    run_here("preview-recipe", PreviewRecipeInput(picture, Recipe()), JobContext())
