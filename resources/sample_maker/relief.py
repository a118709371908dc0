"""Solid things drawn as a relief: outlines with height, colour and gloss, seen by a camera and lit.

Polygons are drawn from the lowest to the highest on maps of twice the final size, which are
halved for smooth edges; the slope of the height map then gives the shading. That is cheap and
looks much more like a photograph than flat colours do.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from resources.sample_maker.shapes import Points, capsule

Layer = NDArray[np.float32]
Colour = tuple[int, int, int]

OVERSAMPLING = 2
FLOOR_Z = -60.0


@dataclass(frozen=True, slots=True)
class View:
    """Where a thing lies in the picture and how it is turned.

    Attributes:
        centre: Pixel (x, y) of the thing's origin.
        scale: Pixels a unit, > 0.
        roll, yaw, pitch: Degrees; roll turns in the picture plane, the others tip the thing.
        distance: Units between camera and thing, > 100; smaller means stronger perspective.
        is_mirrored: Left and right exchanged.
    """

    centre: tuple[float, float]
    scale: float
    roll: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0
    distance: float = 400.0
    is_mirrored: bool = False

    def project(self, points: Points, z: float) -> Points:
        """Object units at height `z` → oversampled pixels; (n, 2) → (n, 2)."""
        x = -points[:, 0] if self.is_mirrored else points[:, 0]
        roll, yaw, pitch = np.radians([self.roll, self.yaw, self.pitch])
        x, y = x * np.cos(roll) - points[:, 1] * np.sin(roll), x * np.sin(roll) + points[:, 1] * np.cos(roll)
        x, depth = x * np.cos(yaw) + z * np.sin(yaw), -x * np.sin(yaw) + z * np.cos(yaw)
        y, depth = y * np.cos(pitch) + depth * np.sin(pitch), -y * np.sin(pitch) + depth * np.cos(pitch)
        zoom = self.scale * OVERSAMPLING * self.distance / (self.distance - depth)
        return np.stack([self.centre[0] * OVERSAMPLING + x * zoom, self.centre[1] * OVERSAMPLING + y * zoom], 1)


@dataclass(frozen=True, slots=True)
class Light:
    """What lights a picture.

    Attributes:
        direction: Towards the light (x right, y down, z to the viewer), any length.
        ambient: 0 … 1, light without direction.
        strength: Directed light, about 0.4 … 1.2.
        tint: Colour of the light, factors around 1.
        softness: Width of shadows as a fraction of the picture, 0.005 … 0.1.
    """

    direction: tuple[float, float, float]
    ambient: float
    strength: float
    tint: tuple[float, float, float]
    softness: float

    @property
    def unit(self) -> Layer:
        vector = np.asarray(self.direction, dtype=np.float32)
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Cutout:
    """A lit thing: colour (height, width, 3) float32 0 … 1 and alpha (height, width) float32 0 … 1."""

    colour: Layer
    alpha: Layer


class Relief:
    """The maps on which things are drawn.

    Args:
        size: Final (width, height) in pixels.
        view: How the thing lies; may be exchanged between parts to place several things.
    """

    def __init__(self, size: tuple[int, int], view: View) -> None:
        big = (size[0] * OVERSAMPLING, size[1] * OVERSAMPLING)
        self.view = view
        self._maps = (Image.new("RGB", big), Image.new("RGB", big), Image.new("F", big, FLOOR_Z))
        self._pens = tuple(ImageDraw.Draw(m) for m in self._maps)

    def face(self, points: Points, z: float, colour: Colour, *, gloss: float = 0.2) -> None:
        """A flat polygon at height `z`; `gloss` 0 … 1."""
        corners = [tuple(p) for p in self.view.project(points, z).tolist()]
        self._pens[0].polygon(corners, fill=colour)
        self._pens[1].polygon(corners, fill=(int(gloss * 255), 0, 255))
        self._pens[2].polygon(corners, fill=z)

    def slab(
        self, points: Points, z0: float, z1: float, colour: Colour, *, gloss: float = 0.2, side: Colour | None = None,
    ) -> None:
        """A solid plate from height z0 to z1 with walls in the colour `side`."""
        n_slices = 2 + int(abs(self.view.yaw) + abs(self.view.pitch) > 8) * int(2 + (z1 - z0) / 1.2)
        wall = side or shade(colour, 0.72)
        for z in np.linspace(z0, z1, n_slices)[:-1]:
            self.face(points, float(z), wall, gloss=gloss * 0.6)
        self.face(points, z1, colour, gloss=gloss)

    def tube(
        self, start: tuple[float, float], end: tuple[float, float], r0: float, r1: float, colour: Colour, *,
        z: float = 0.0, gloss: float = 0.2, n_rings: int = 8,
    ) -> None:
        """A round bar with round ends from `start` (radius r0) to `end` (radius r1), its axis at height `z`."""
        for angle in np.linspace(0, np.pi / 2, n_rings, endpoint=False):
            shrink = float(np.cos(angle))
            height = z + min(r0, r1) * float(np.sin(angle))
            self.face(capsule(start, end, r0 * shrink, r1 * shrink), height, colour, gloss=gloss)

    def render(self, light: Light, rng: np.random.Generator) -> Cutout:
        """The thing as the light shows it, at the final size."""
        frame = self._frame()
        colour, material, height = (
            np.asarray(m.crop(frame).reduce(OVERSAMPLING), dtype=np.float32) for m in self._maps
        )
        alpha = material[:, :, 2] / np.float32(255)
        cover = np.maximum(material[:, :, 2:], np.float32(1))
        albedo: Layer = np.asarray(colour / cover, dtype=np.float32)
        gloss: Layer = np.asarray(material[:, :, :1] / cover, dtype=np.float32)
        lit = _shade_maps(albedo, gloss, self._normals(height, alpha, rng), light)
        return self._in_full_size(frame, lit, alpha)

    def _frame(self) -> tuple[int, int, int, int]:
        """The drawn part of the maps in oversampled pixels, on whole final pixels."""
        left, top, right, bottom = self._maps[1].getbbox() or (0, 0, OVERSAMPLING, OVERSAMPLING)
        width, height = self._maps[1].size
        step = 4 * OVERSAMPLING
        return (max(0, left // step * step), max(0, top // step * step),
                min(width, -(-right // step) * step), min(height, -(-bottom // step) * step))

    def _in_full_size(self, frame: tuple[int, int, int, int], colour: Layer, alpha: Layer) -> Cutout:
        left, top, _, _ = (edge // OVERSAMPLING for edge in frame)
        width, height = (side // OVERSAMPLING for side in self._maps[1].size)
        part = (slice(top, top + alpha.shape[0]), slice(left, left + alpha.shape[1]))
        whole = Cutout(np.zeros((height, width, 3), dtype=np.float32), np.zeros((height, width), dtype=np.float32))
        whole.colour[part], whole.alpha[part] = colour, alpha
        return whole

    def _normals(self, height: Layer, alpha: Layer, rng: np.random.Generator) -> tuple[Layer, Layer, Layer]:
        """Unit normals of the blurred height map, tipped as the thing is tipped."""
        ground = np.where(alpha > 0.98, height, np.maximum(height, -8.0))
        rounded = 0.55 * smooth(ground, 1) + 0.45 * smooth(ground, 3)
        rounded += rng.normal(0, 0.03 / self.view.scale, height.shape).astype(np.float32)
        slope_y, slope_x = np.gradient(rounded * np.float32(self.view.scale))
        tip_x, tip_y = np.sin(np.radians(self.view.yaw)), np.sin(np.radians(self.view.pitch))
        x, y = np.clip(tip_x - slope_x, -3, 3), np.clip(tip_y - slope_y, -3, 3)
        length = np.sqrt(x * x + y * y + 1)
        return x / length, y / length, 1 / length


def _shade_maps(albedo: Layer, gloss: Layer, normals: tuple[Layer, Layer, Layer], light: Light) -> Layer:
    """Lambert's law, a highlight, and for glossy things the reflection of a bright ceiling and dark floor."""
    x, y, z = normals
    lx, ly, lz = light.unit.tolist()
    diffuse = np.maximum(x * lx + y * ly + z * lz, 0)[:, :, None]
    half = (np.asarray((lx, ly, lz + 1)) / np.linalg.norm((lx, ly, lz + 1))).tolist()
    facing = np.maximum(x * half[0] + y * half[1] + z * half[2], 0)[:, :, None]
    highlight = np.square(np.square(np.square(facing * facing * facing)))
    ceiling = np.clip(0.25 - 0.9 * y + 0.25 * np.sin(7 * x + 5 * y), 0, 1)[:, :, None]
    tint = np.asarray(light.tint, dtype=np.float32)
    body = albedo * (light.ambient + light.strength * diffuse) * tint
    return np.asarray(body + gloss * (0.45 * highlight * light.strength + 0.28 * ceiling) * tint, dtype=np.float32)


def smooth(values: Layer, radius: int) -> Layer:
    """A (2·radius + 1)-square mean of a (height, width) map, edges repeated."""
    for axis in (0, 1):
        pad = [(0, 0), (0, 0)]
        pad[axis] = (radius + 1, radius)
        total = np.cumsum(np.pad(values, pad, mode="edge"), axis=axis, dtype=np.float32)
        n = values.shape[axis]
        upper = np.take(total, range(2 * radius + 1, 2 * radius + 1 + n), axis=axis)
        values = (upper - np.take(total, range(n), axis=axis)) / np.float32(2 * radius + 1)
    return values


def shade(colour: Colour, factor: float) -> Colour:
    """A lighter (> 1) or darker (< 1) tone of a colour."""
    red, green, blue = (min(255, max(0, round(c * factor))) for c in colour)
    return red, green, blue


def vary(colour: Colour, rng: np.random.Generator, *, spread: int = 12) -> Colour:
    """A colour near the given one, each channel within ± `spread`."""
    red, green, blue = np.clip(np.asarray(colour) + rng.integers(-spread, spread + 1, 3), 0, 255).tolist()
    return red, green, blue


def bright_colour(rng: np.random.Generator, *, saturation: float = 0.75, value: float = 0.9) -> Colour:
    """Any hue, with a saturation and value of 0 … 1."""
    red, green, blue = colorsys.hsv_to_rgb(float(rng.random()), saturation, value)
    return int(red * 255), int(green * 255), int(blue * 255)
