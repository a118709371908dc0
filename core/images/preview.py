"""The job `preview-recipe`: one picture as it is, and as it would be prepared."""

from __future__ import annotations

import numpy as np
from PIL import Image

from core.images.decode import inspect_image, read_pixels
from core.images.recipe import apply_recipe
from core.jobs import JobContext
from core.training.preview import BEFORE_SIDE_PX, PreviewRecipeInput, PreviewRecipeResult


def preview_recipe(inputs: PreviewRecipeInput, context: JobContext) -> PreviewRecipeResult:
    """Prepare one picture as a training would.

    Raises:
        ImageUnreadable: It cannot be decoded.
        InputError: The recipe holds a value outside its range.
        JobCancelled: The caller asked the job to end.
    """
    context.check()
    recipe = inputs.recipe
    facts = inspect_image(inputs.path)
    after = apply_recipe(read_pixels(inputs.path, side_px=max(recipe.width_px, recipe.height_px)), recipe)
    shown = Image.fromarray(read_pixels(inputs.path, side_px=BEFORE_SIDE_PX))
    shown.thumbnail((BEFORE_SIDE_PX, BEFORE_SIDE_PX))
    return PreviewRecipeResult(inputs.path, np.array(shown), after, facts.width, facts.height)
