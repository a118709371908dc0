"""The jobs `preview-recipe` and `augment-variants`: an image as a training would prepare and change it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.images.decode import inspect_stream
from core.images.files import open_regular
from core.images.reading import read_image, read_rgb
from core.images.recipe import Recipe
from core.jobs import JobContext
from core.training.settings import AugmentSettings
from core.types import ImageRef

BEFORE_SIDE_PX = 256
"""Longest side of the image that is shown as it was."""


@dataclass(frozen=True, slots=True)
class PreviewRecipeInput:
    """One image and how it would be prepared."""

    image: ImageRef
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class PreviewRecipeResult:
    """An image before and after.

    Attributes:
        before: (height, width, 3) uint8, neither side above `BEFORE_SIDE_PX`.
        after: (height_px, width_px, channels) uint8, as the network sees it.
        width_px, height_px: Of the image itself, upright.
    """

    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class AugmentVariantsInput(PreviewRecipeInput):
    """One image and how it would be changed at random.

    Attributes:
        n_variants: At least 1.
    """

    augment: AugmentSettings
    seed: int
    n_variants: int


def preview_recipe(inputs: PreviewRecipeInput, context: JobContext) -> PreviewRecipeResult:
    """Prepare one image as a training would.

    Raises:
        ImageUnreadable: It changed, is missing or cannot be decoded.
        InputError: The recipe holds a value outside its range.
    """
    context.check()
    image = inputs.image
    with open_regular(image.path) as file:
        after = read_image(file, image.content_hash, recipe=inputs.recipe)
        facts = inspect_stream(file)
        before = read_rgb(file, None, side_px=BEFORE_SIDE_PX)
    before.thumbnail((BEFORE_SIDE_PX, BEFORE_SIDE_PX))
    return PreviewRecipeResult(np.array(before), after, facts.width, facts.height)


def preview_augment(inputs: AugmentVariantsInput, context: JobContext) -> NDArray[np.uint8]:
    """Prepare one image and change it at random as a training would.

    Returns:
        (n_variants, height_px, width_px, channels) uint8.

    Raises:
        ImageUnreadable: It changed, is missing or cannot be decoded.
        InputError: A setting outside its range.
    """
    from core.engine.augment import augment_variants

    context.check()
    prepared = read_image(inputs.image.path, inputs.image.content_hash, recipe=inputs.recipe)
    return augment_variants(prepared, inputs.augment, inputs.seed, inputs.n_variants)
