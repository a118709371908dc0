"""What lies behind and around a thing: tables, cloth, grass, shop white – and the light on it all.

Backgrounds are (height, width, 3) float32, 0 … 1, as they look in even light.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from resources.sample_maker.relief import Cutout, Layer, Light, bright_colour

Size = tuple[int, int]
"""(width, height) in pixels."""

Background = Callable[[np.random.Generator, Size], Layer]


def enlarge(values: Layer, size: Size) -> Layer:
    """A small (height, width) map blown up softly to `size`."""
    picture = Image.fromarray(np.asarray(values, dtype=np.float32))
    return np.asarray(picture.resize(size, Image.Resampling.BICUBIC), dtype=np.float32)


def clouds(rng: np.random.Generator, size: Size, *, cells: tuple[int, int] = (4, 4), n_octaves: int = 3) -> Layer:
    """Soft noise of several sizes, mean about 0, deviation about 1; `cells` across and down at the coarsest."""
    total = np.zeros((size[1], size[0]), dtype=np.float32)
    for octave in range(n_octaves):
        n_x, n_y = min(cells[0] << octave, size[0]), min(cells[1] << octave, size[1])
        total += enlarge(rng.standard_normal((n_y, n_x)).astype(np.float32), size) / np.float32(1 << octave)
    return total


def _grain(rng: np.random.Generator, size: Size) -> Layer:
    """Fine noise of every pixel, deviation 1."""
    return rng.standard_normal((size[1], size[0]), dtype=np.float32)


def _tinted(tone: Layer, colour: tuple[float, float, float]) -> Layer:
    return tone[:, :, None] * np.asarray(colour, dtype=np.float32)


def wood(rng: np.random.Generator, size: Size) -> Layer:
    """A table top: grain along one direction, often planks."""
    is_upright = rng.random() < 0.35
    width, height = size[::-1] if is_upright else size
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    bend = clouds(rng, (width, height), cells=(2, 3), n_octaves=2)
    rings = np.sin((down * rng.uniform(8, 30) + 0.25 * bend) * 2 * np.pi)
    fibre = clouds(rng, (width, height), cells=(4, height // 3), n_octaves=1)
    tone = 1 + 0.09 * rings + 0.07 * fibre + 0.03 * _grain(rng, (width, height))
    if rng.random() < 0.6:
        tone = _planks(rng, tone)
    colours = ((0.60, 0.42, 0.26), (0.42, 0.27, 0.16), (0.74, 0.60, 0.44), (0.30, 0.19, 0.12), (0.66, 0.62, 0.56))
    surface = _tinted(tone, colours[int(rng.integers(len(colours)))])
    return np.ascontiguousarray(surface.transpose(1, 0, 2)) if is_upright else surface


def _planks(rng: np.random.Generator, tone: Layer) -> Layer:
    n_planks = int(rng.integers(2, 6))
    height = tone.shape[0]
    plank = (np.arange(height) * n_planks // height)[:, None]
    tone = tone * rng.uniform(0.82, 1.15, n_planks).astype(np.float32)[plank]
    edges = np.flatnonzero(np.diff(plank[:, 0]))
    for offset, depth in ((0, 0.45), (1, 0.6)):
        tone[np.minimum(edges + offset, height - 1)] *= depth
    return tone


def cloth(rng: np.random.Generator, size: Size) -> Layer:
    """A blanket or sofa with folds and a weave; sometimes a pattern."""
    folds = clouds(rng, size, cells=(3, 2), n_octaves=2)
    x, y = np.meshgrid(np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32))
    pitch = rng.uniform(2.2, 5)
    weave = np.sin(2 * np.pi * x / pitch + folds) * np.sin(2 * np.pi * y / pitch + folds)
    tone = 1 + 0.16 * np.gradient(folds, axis=1) * 20 + 0.08 * folds + 0.07 * weave + 0.03 * _grain(rng, size)
    colour = np.asarray(bright_colour(rng, saturation=rng.uniform(0.05, 0.75), value=rng.uniform(0.2, 0.85))) / 255
    surface = _tinted(tone, tuple(colour.tolist()))
    if rng.random() < 0.35:
        stripe = (np.floor((x + y * rng.uniform(-0.5, 0.5) + 9 * folds) / rng.uniform(18, 50)) % 2)[:, :, None]
        surface *= 1 - 0.35 * stripe
    return surface


def wall(rng: np.random.Generator, size: Size) -> Layer:
    """Plain paint or paper with a slow gradient."""
    tone = 1 + 0.05 * clouds(rng, size, cells=(2, 2)) + 0.012 * _grain(rng, size)
    colour = np.asarray(bright_colour(rng, saturation=rng.uniform(0, 0.4), value=rng.uniform(0.35, 0.95))) / 255
    return _tinted(tone, tuple(colour.tolist()))


def grass(rng: np.random.Generator, size: Size) -> Layer:
    """Lawn, dry leaves or gravel: short strokes in all directions."""
    base = ((84, 120, 46), (150, 130, 82), (140, 134, 124), (120, 92, 62))[int(rng.integers(4))]
    small = (size[0] // 2, size[1] // 2)
    picture = Image.new("RGB", small, tuple(int(c * 0.5) for c in base))
    pen = ImageDraw.Draw(picture)
    n_blades = small[0] * small[1] // 14
    x, y = rng.uniform(0, small[0], n_blades), rng.uniform(0, small[1], n_blades)
    spread = rng.uniform(1, 3)
    ends = np.stack([x, y, x + rng.normal(0, spread, n_blades), y + rng.normal(0, 2.6, n_blades)], 1).tolist()
    tones = np.clip(np.asarray(base) * rng.uniform(0.5, 1.35, (n_blades, 1)), 0, 255).astype(int).tolist()
    for end, (red, green, blue) in zip(ends, tones, strict=True):
        pen.line(end, fill=(red, green, blue), width=1)
    whole = picture.resize(size, Image.Resampling.BICUBIC)
    patches = 1 + 0.1 * clouds(rng, size, cells=(4, 4))
    return np.asarray(whole, dtype=np.float32) / np.float32(255) * patches[:, :, None]


def stone(rng: np.random.Generator, size: Size) -> Layer:
    """Concrete, asphalt or a speckled worktop."""
    tone = 1 + 0.08 * clouds(rng, size, cells=(6, 6), n_octaves=4) + 0.07 * _grain(rng, size)
    level = rng.uniform(0.25, 0.75)
    surface = _tinted(tone, (level, level * rng.uniform(0.95, 1.0), level * rng.uniform(0.88, 1.02)))
    if rng.random() < 0.4:
        step = int(rng.integers(60, 140))
        surface[int(rng.integers(step))::step] *= 0.6
        surface[:, int(rng.integers(step))::step] *= 0.6
    return surface


def shop(rng: np.random.Generator, size: Size) -> Layer:
    """The white of a shop's page, hardly shaded."""
    level = rng.uniform(0.95, 1.04)
    tone = np.float32(level) - np.float32(0.012) * np.abs(clouds(rng, size))
    return _tinted(tone, (1.0, 1.0, 1.0))


def clutter(rng: np.random.Generator, size: Size) -> Layer:
    """A table full of books, cups, papers and cables, more or less out of focus."""
    base = (wood, cloth, wall, stone)[int(rng.integers(4))](rng, size)
    picture = Image.fromarray((np.clip(base, 0, 1) * 255).astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(6, 16))):
        _drop_thing(rng, pen, size)
    picture = picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.8, 4))))
    return np.asarray(picture, dtype=np.float32) / np.float32(255)


def _drop_thing(rng: np.random.Generator, pen: ImageDraw.ImageDraw, size: Size) -> None:
    x, y = rng.uniform(-0.1, 1.1) * size[0], rng.uniform(-0.1, 1.1) * size[1]
    span = rng.uniform(0.08, 0.28) * max(size)
    colour = bright_colour(rng, saturation=rng.uniform(0, 0.7), value=rng.uniform(0.15, 0.95))
    darker = tuple(int(c * 0.6) for c in colour)
    kind = rng.integers(4)
    if kind == 0:
        angle, ratio = rng.uniform(0, np.pi), rng.uniform(0.4, 0.8)
        corners = np.array([(-1, -ratio), (1, -ratio), (1, ratio), (-1, ratio)]) * span / 2
        turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
        points = corners @ turn + (x, y)
        pen.polygon([tuple(p) for p in (points + 4).tolist()], fill=(40, 36, 34))
        pen.polygon([tuple(p) for p in points.tolist()], fill=colour, outline=darker)
    elif kind == 1:
        radius = span / 3
        pen.ellipse((x - radius + 4, y - radius + 5, x + radius + 4, y + radius + 5), fill=(44, 40, 38))
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        pen.ellipse((x - radius * 0.8, y - radius * 0.8, x + radius * 0.8, y + radius * 0.8), fill=darker)
    elif kind == 2:
        end = rng.normal(0, span, 2)
        pen.line((x, y, x + end[0], y + end[1]), fill=colour, width=int(rng.integers(3, 9)))
    else:
        steps = np.cumsum(rng.normal(0, span * 0.25, (9, 2)), axis=0) + (x, y)
        pen.line([tuple(p) for p in steps.tolist()], fill=darker, width=int(rng.integers(2, 5)), joint="curve")


def street(rng: np.random.Generator, size: Size) -> Layer:
    """A room or street far out of focus, for things held up in a hand."""
    base = bright_colour(rng, saturation=0.2, value=rng.uniform(0.3, 0.8))
    picture = Image.new("RGB", (size[0] // 4, size[1] // 4), base)
    pen = ImageDraw.Draw(picture)
    for _ in range(26):
        x, y = rng.uniform(0, size[0] // 4), rng.uniform(0, size[1] // 4)
        w, h = rng.uniform(3, 40, 2)
        colour = bright_colour(rng, saturation=rng.uniform(0, 0.6), value=rng.uniform(0.15, 1))
        (pen.rectangle if rng.random() < 0.6 else pen.ellipse)((x, y, x + w, y + h), fill=colour)
    picture = picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(2, 5))))
    return np.asarray(picture.resize(size, Image.Resampling.BICUBIC), dtype=np.float32) / np.float32(255)


BACKGROUNDS: dict[str, Background] = {
    "wood": wood, "cloth": cloth, "wall": wall, "grass": grass, "stone": stone, "shop": shop, "clutter": clutter,
    "street": street,
}
HAZY = frozenset({"shop", "street"})
"""Backgrounds on which a thing casts little or no shadow."""


def draw_light(rng: np.random.Generator) -> Light:
    """Lamp, window, sky or flash: direction, strength, warmth, softness."""
    angle = rng.uniform(-np.pi, 0) + rng.normal(0, 0.4)
    slant = rng.uniform(0.25, 1.3)
    warmth = float(np.clip(rng.normal(0, 0.1), -0.22, 0.26))
    ambient = float(rng.uniform(0.3, 0.65))
    return Light(
        direction=(float(np.cos(angle) * slant), float(np.sin(angle) * slant), 1.0),
        ambient=ambient,
        strength=float(rng.uniform(0.95, 1.15) - ambient),
        tint=(1 + warmth, 1 + warmth * 0.1, 1 - warmth),
        softness=float(rng.uniform(0.008, 0.07)),
    )


def place(background: Layer, thing: Cutout, light: Light, *, shadow: float) -> Layer:
    """The thing on its background, with the shadow it casts; `shadow` is its darkness, 0 … 1."""
    height, width = thing.alpha.shape
    shadowed = background * np.asarray(light.tint, dtype=np.float32)
    if shadow > 0:
        shadowed = shadowed * (1 - shadow * _cast_shadow(thing.alpha, light))[:, :, None]
    cover = thing.alpha[:, :, None]
    return np.asarray(shadowed * (1 - cover) + thing.colour * cover, dtype=np.float32)


def _cast_shadow(alpha: Layer, light: Light) -> Layer:
    """A blurred copy of the outline, moved away from the light, and a narrow dark seam below the thing."""
    height, width = alpha.shape
    small = (max(width // 3, 8), max(height // 3, 8))
    mask = Image.fromarray((alpha * 255).astype(np.uint8)).resize(small, Image.Resampling.BOX)
    reach = 0.045 * max(small)
    x, y, _ = light.unit.tolist()
    moved = mask.transform(small, Image.Transform.AFFINE, (1, 0, x * reach, 0, 1, y * reach))
    far = moved.filter(ImageFilter.GaussianBlur(light.softness * max(small)))
    near = mask.filter(ImageFilter.GaussianBlur(1.5))
    both = np.maximum(np.asarray(far, dtype=np.float32) * 0.8, np.asarray(near, dtype=np.float32) * 0.75) / 255
    return np.clip(enlarge(both, (width, height)), 0, 1)


def uneven_light(rng: np.random.Generator, size: Size, *, strength: float) -> Layer:
    """Factors around 1, (height, width): a slope of light, darker corners, sometimes a window's bars."""
    x, y = np.meshgrid(np.linspace(-1, 1, size[0], dtype=np.float32), np.linspace(-1, 1, size[1], dtype=np.float32))
    angle = rng.uniform(0, 2 * np.pi)
    slope = np.float32(np.cos(angle)) * x + np.float32(np.sin(angle)) * y
    light = 1 + strength * 0.35 * slope - strength * 0.16 * (x * x + y * y)
    if rng.random() < 0.16:
        bars = np.sin((slope + 0.1) * rng.uniform(3, 8)) > rng.uniform(-0.2, 0.6)
        soft = Image.fromarray((bars * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(max(size) * 0.012))
        light = light * (0.72 + 0.5 * np.asarray(soft, dtype=np.float32) / 255)
    return np.asarray(light, dtype=np.float32)
