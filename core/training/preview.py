"""Previews before a training: how images will look to a network, and the job `augment-variants`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.images.decode import read_pixels
from core.images.recipe import Recipe, apply_recipe
from core.jobs import JobContext
from core.training.settings import AugmentSettings

BEFORE_SIDE_PX = 256
"""Longest side of the picture that is shown as it was."""


@dataclass(frozen=True, slots=True)
class PreviewRecipeInput:
    """One picture and how it would be prepared.

    Attributes:
        path: The picture; must exist.
        recipe: What is done to it.
    """

    path: Path
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class PreviewRecipeResult:
    """A picture before and after.

    Attributes:
        path: The picture.
        before: (height, width, 3) uint8, neither side above `BEFORE_SIDE_PX`.
        after: (height_px, width_px, channels) uint8, as the network sees it.
        width_px, height_px: Of the picture itself, upright.
    """

    path: Path
    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class AugmentVariantsInput:
    """One picture and how it would be changed at random.

    Attributes:
        path: The picture; must exist.
        recipe: How it is prepared first.
        augment: The random changes.
        seed: The same seed gives the same variants.
        n_variants: At least 1.
    """

    path: Path
    recipe: Recipe
    augment: AugmentSettings
    seed: int
    n_variants: int


@dataclass(frozen=True, slots=True)
class AugmentVariantsResult:
    """Variants of a picture.

    Attributes:
        path: The picture.
        variants: (n_variants, height_px, width_px, channels) uint8.
    """

    path: Path
    variants: NDArray[np.uint8]


def preview_augment(inputs: AugmentVariantsInput, context: JobContext) -> AugmentVariantsResult:
    """Prepare one picture and change it at random as a training would.

    Raises:
        ImageUnreadable: It cannot be decoded.
        InputError: A setting outside its range.
        JobCancelled: The caller asked the job to end.
    """
    from core.engine.augment import augment_variants

    context.check()
    recipe = inputs.recipe
    prepared = apply_recipe(read_pixels(inputs.path, side_px=max(recipe.width_px, recipe.height_px)), recipe)
    variants = augment_variants(prepared, inputs.augment, inputs.seed, inputs.n_variants)
    return AugmentVariantsResult(inputs.path, variants)
