"""Looks at an image file as an import does, and prepares pixels as a training does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from core.images.decode import ImageFacts, inspect_stream
from core.images.files import open_regular
from core.images.recipe import Recipe, prepare_image


def inspect_image(path: Path) -> ImageFacts:
    """The facts of a file that is opened and closed here."""
    with open_regular(path) as file:
        return inspect_stream(file)


def apply_recipe(pixels: np.ndarray, recipe: Recipe) -> np.ndarray:
    """(height, width, 3) uint8 RGB as a recipe prepares it."""
    return prepare_image(Image.fromarray(pixels), recipe)
