"""From light to a file, as a cheap camera does it: blur, exposure, noise, JPEG."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from resources.sample_maker.relief import Layer

FORMATS: tuple[tuple[int, int], ...] = (
    (360, 270), (270, 360), (300, 225), (240, 180), (225, 300), (338, 225),
    (225, 338), (270, 270), (360, 202), (180, 240), (202, 360), (300, 300),
    (384, 256), (256, 342), (195, 195), (315, 252),
)
"""Sizes (width, height). Both classes take them in equal shares: size must not tell the class."""


@dataclass(frozen=True, slots=True)
class Camera:
    """How an image is taken.

    Attributes:
        exposure: Factor on the light; 1 is right, 0.3 very dark, 1.7 burnt out.
        blur_px: Radius of defocus, 0 … 4.
        shake_px: Length of motion blur, 0 … 12; `shake_angle` in radians.
        noise: Deviation of the noise of a mid grey, 0 … 0.12.
        saturation: 0 grey … 1.3.
        quality: JPEG quality, 25 … 95.
    """

    exposure: float
    blur_px: float
    shake_px: float
    shake_angle: float
    noise: float
    saturation: float
    quality: int


def draw_camera(rng: np.random.Generator, *, is_bad: bool) -> Camera:
    """A camera in a steady hand, or (`is_bad`) one of the pictures that one would delete."""
    trouble = int(rng.integers(4)) if is_bad else -1
    exposure = {0: rng.uniform(0.22, 0.42), 1: rng.uniform(1.7, 2.3)}.get(trouble, rng.uniform(0.85, 1.3))
    return Camera(
        exposure=float(exposure),
        blur_px=float(rng.uniform(1.8, 3.6) if trouble == 2 else rng.uniform(0, 0.9)),
        shake_px=float(rng.uniform(6, 13) if trouble == 3 else rng.choice([0, 0, 0, 3])),
        shake_angle=float(rng.uniform(0, np.pi)),
        noise=float(rng.uniform(0.02, 0.05) if trouble == 0 else rng.uniform(0.004, 0.03)),
        saturation=float(rng.uniform(0.65, 1.15) if rng.random() > 0.05 else 0.0),
        quality=int(rng.integers(32, 86)),
    )


def take(scene: Layer, camera: Camera, rng: np.random.Generator) -> bytes:
    """The JPEG file of a (height, width, 3) float32 scene, about 0 … 1."""
    light = _develop(_shake(scene * np.float32(camera.exposure), camera), camera)
    picture = Image.fromarray(_add_noise(light, camera.noise, rng))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=camera.quality)
    return file.getvalue()


def _shake(light: Layer, camera: Camera) -> Layer:
    """The mean of the scene moved along a line."""
    n_steps = int(camera.shake_px)
    if n_steps < 2:
        return light
    offsets = np.linspace(-camera.shake_px / 2, camera.shake_px / 2, n_steps)
    dx, dy = np.round(offsets * np.cos(camera.shake_angle)), np.round(offsets * np.sin(camera.shake_angle))
    moved = [np.roll(light, (int(y), int(x)), axis=(0, 1)) for x, y in zip(dx, dy, strict=True)]
    return np.asarray(np.mean(moved, axis=0), dtype=np.float32)


def _develop(light: Layer, camera: Camera) -> Layer:
    """Soft shoulder for highlights, saturation, defocus."""
    toned = np.clip(light, 0, 0.8) + np.float32(0.2) * np.tanh(np.maximum(light - 0.8, 0) * np.float32(5))
    grey = toned.mean(axis=2, keepdims=True)
    toned = grey + (toned - grey) * np.float32(camera.saturation)
    if camera.blur_px <= 0.3:
        return np.asarray(toned, dtype=np.float32)
    picture = Image.fromarray((np.clip(toned, 0, 1) * 255 + 0.5).astype(np.uint8))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(camera.blur_px)), dtype=np.float32) / np.float32(255)


def _add_noise(picture: Layer, noise: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    height, width, _ = picture.shape
    bright = rng.standard_normal((height, width, 1), dtype=np.float32)
    blotches = rng.standard_normal((height // 2 + 1, width // 2 + 1, 3), dtype=np.float32)
    coloured = blotches.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    grain = np.float32(noise) * (np.float32(0.7) * bright + np.float32(0.5) * coloured)
    return np.asarray(np.clip((picture + grain) * 255 + 0.5, 0, 255), dtype=np.uint8)
