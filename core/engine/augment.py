"""Random changes to images during training, as Keras layers that are bit-equal for a seed.

Keras 3.15 has a layer each for rotation, shift, shear and zoom; every one interpolates the
whole image anew. `RandomAffine` multiplies the matrices first and interpolates once: four
times as fast, and not blurred four times.
"""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from core.engine.devices import prepare_tensorflow
from core.settings import check_settings
from core.training.settings import AugmentSettings

ERASED_GREY = 127.0


def build_augmenter(settings: AugmentSettings, seed: int) -> keras.Layer:
    """The layer that changes a batch at random.

    It is called with (n, height, width, channels) float32 of 0 … 255, returns the same shape
    and range, and does nothing unless `training=True`. Its n-th call gives the same for the same seed.

    Raises:
        InputError: A setting outside its range.
    """
    check_settings(settings)
    prepare_tensorflow()
    layers: list[keras.Layer] = []
    if _moves(settings):
        layers.append(RandomAffine(settings, seed=seed))
    if settings.brightness or settings.contrast:
        layers.append(RandomLight(settings.brightness, settings.contrast, seed=seed + 1))
    if settings.erasing:
        layers.append(RandomBox(settings.erasing, seed=seed + 2))
    return keras.layers.Pipeline(layers or [keras.layers.Identity()], name="augmenter")


def augment_variants(pixels: NDArray[np.uint8], settings: AugmentSettings, seed: int, n: int) -> NDArray[np.uint8]:
    """What training would see of one image, for a live preview.

    Args:
        pixels: (height, width, channels) uint8.
        n: How many, at least 1.

    Returns:
        (n, height, width, channels) uint8.
    """
    batch = ops.convert_to_tensor(np.repeat(pixels[None].astype(np.float32), n, axis=0))
    changed = ops.convert_to_numpy(build_augmenter(settings, seed)(batch, training=True))
    variants: NDArray[np.uint8] = np.rint(changed).clip(0, 255).astype(np.uint8)
    return variants


def _moves(settings: AugmentSettings) -> bool:
    shares = (settings.rotation_degrees, settings.width_shift, settings.height_shift, settings.shear, settings.zoom)
    return any(shares) or settings.horizontal_flip or settings.vertical_flip


class _RandomLayer(keras.Layer):
    """A layer with random numbers of its own that acts in training only."""

    def __init__(self, *, seed: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._seeds = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool = False) -> Any:
        return self.change(images) if training else images

    def change(self, images: Any) -> Any:
        """The batch, changed at random."""
        raise NotImplementedError

    def uniform(self, n: Any, reach: float) -> Any:
        """(n,) numbers between −reach and reach."""
        return keras.random.uniform((n,), -reach, reach, seed=self._seeds)


class RandomAffine(_RandomLayer):
    """Rotation, shear, zoom, flips and shift about the centre, in one interpolation.

    Args:
        settings: Reaches of each; its light and erasing are not looked at.
    """

    def __init__(self, settings: AugmentSettings, *, seed: int, **kwargs: Any) -> None:
        super().__init__(seed=seed, **kwargs)
        self._settings = settings

    def change(self, images: Any) -> Any:
        n, height, width = ops.shape(images)[:3]
        return ops.image.affine_transform(
            images, self._matrices(n, height, width), interpolation="bilinear",
            fill_mode=self._settings.fill_mode, fill_value=0.0,
        )

    def _matrices(self, n: Any, height: Any, width: Any) -> Any:
        """(n, 8): each row maps a point of the changed image to one of the given (the TensorFlow convention)."""
        s = self._settings
        angle = self.uniform(n, math.radians(s.rotation_degrees))
        shear_x, shear_y = self.uniform(n, s.shear), self.uniform(n, s.shear)
        scale_x = (1 + self.uniform(n, s.zoom)) * self._signs(n, s.horizontal_flip)
        scale_y = (1 + self.uniform(n, s.zoom)) * self._signs(n, s.vertical_flip)
        cos, sin = ops.cos(angle), ops.sin(angle)
        a, b = (cos - sin * shear_y) * scale_x, (cos * shear_x - sin) * scale_y
        c, d = (sin + cos * shear_y) * scale_x, (sin * shear_x + cos) * scale_y
        centre_x, centre_y = (ops.cast(width, "float32") - 1) / 2, (ops.cast(height, "float32") - 1) / 2
        shift_x = self.uniform(n, s.width_shift) * ops.cast(width, "float32")
        shift_y = self.uniform(n, s.height_shift) * ops.cast(height, "float32")
        x0 = centre_x - a * centre_x - b * centre_y + shift_x
        y0 = centre_y - c * centre_x - d * centre_y + shift_y
        return ops.stack([a, b, x0, c, d, y0, ops.zeros_like(a), ops.zeros_like(a)], axis=1)

    def _signs(self, n: Any, flips: bool) -> Any:
        return ops.sign(self.uniform(n, 1.0) + 1e-9) if flips else 1.0


class RandomLight(_RandomLayer):
    """Brightness added and contrast multiplied about each image's mean; the result stays in 0 … 255.

    Args:
        brightness: Reach as a share of 255.
        contrast: Reach of the factor about 1.
    """

    def __init__(self, brightness: float, contrast: float, *, seed: int, **kwargs: Any) -> None:
        super().__init__(seed=seed, **kwargs)
        self._brightness, self._contrast = brightness, contrast

    def change(self, images: Any) -> Any:
        n = ops.shape(images)[0]
        added = ops.reshape(self.uniform(n, 255 * self._brightness), (-1, 1, 1, 1))
        factor = ops.reshape(1 + self.uniform(n, self._contrast), (-1, 1, 1, 1))
        mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
        return ops.clip((images - mean) * factor + mean + added, 0, 255)


class RandomBox(_RandomLayer):
    """A grey box over a random part (Z. Zhong et al., "Random Erasing Data Augmentation", 2017).

    Args:
        chance: Share of images that get a box, 0 … 1.
    """

    def __init__(self, chance: float, *, seed: int, **kwargs: Any) -> None:
        super().__init__(seed=seed, **kwargs)
        self._chance = chance

    def change(self, images: Any) -> Any:
        n, height, width = ops.shape(images)[:3]
        rows, columns = self._inside(n, height), self._inside(n, width)
        is_chosen = ops.abs(self.uniform(n, 1.0)) < self._chance
        box = rows[:, :, None, None] & columns[:, None, :, None] & is_chosen[:, None, None, None]
        return ops.where(box, ERASED_GREY, images)

    def _inside(self, n: Any, side: Any) -> Any:
        """(n, side) bool: a run of a tenth to half of the side, somewhere in it."""
        length = 0.3 + self.uniform(n, 0.2)
        start = (0.5 + self.uniform(n, 0.5)) * (1 - length)
        at = (ops.arange(side, dtype="float32") + 0.5) / ops.cast(side, "float32")
        return (at[None] >= start[:, None]) & (at[None] < (start + length)[:, None])
