"""The job `augment-variants`: what a training would see of one picture, epoch after epoch."""

from __future__ import annotations

from core.engine.augment import augment_variants
from core.images.decode import read_pixels
from core.images.recipe import apply_recipe
from core.jobs import JobContext
from core.training.preview import AugmentVariantsInput, AugmentVariantsResult


def preview_augment(inputs: AugmentVariantsInput, context: JobContext) -> AugmentVariantsResult:
    """Prepare one picture and change it at random as a training would.

    Raises:
        ImageUnreadable: It cannot be decoded.
        InputError: A setting outside its range.
        JobCancelled: The caller asked the job to end.
    """
    context.check()
    recipe = inputs.recipe
    prepared = apply_recipe(read_pixels(inputs.path, side_px=max(recipe.width_px, recipe.height_px)), recipe)
    variants = augment_variants(prepared, inputs.augment, inputs.seed, inputs.n_variants)
    return AugmentVariantsResult(inputs.path, variants)
