"""Draws an embedding map as a PNG: points in colours and signs, and a legend with counts."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from core.text.numbers import format_whole

MADE_BY = "Software", "Catalejo, embedding map"
"""Written into the file: another PNG in its place may be somebody's photograph."""

PNG_START = b"\x89PNG\r\n\x1a\n"

SIDE_PX, LEGEND_PX, MARGIN_PX, LINE_PX, FONT_PX = 1600, 460, 40, 34, 20
NOTHING_COLOR, INK, GROUND = "#9A9EA2", "#1E2022", "#FFFFFF"
FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial.ttf", "Helvetica.ttc")
"""Tried in turn; Pillow's own font has no letters beyond the Latin ones."""

LARGEST_PX, SMALLEST_PX = 9.0, 2.0
"""Half sides of a point: of few points, and of many."""

POINT_TO_ROOM = 0.26
"""Half a side of a point beside the side of the square that it has for itself on average."""

_STAR = [(r * np.sin(k * np.pi / 5), -r * np.cos(k * np.pi / 5)) for k, r in enumerate([1.25, 0.55] * 5)]
_TURN = np.linspace(0, 2 * np.pi, 25)[:-1]
_ROUND = [(np.sin(a), -np.cos(a)) for a in _TURN]
_POLYGON = [[(1.1 * np.sin(2 * np.pi * k / n), -1.1 * np.cos(2 * np.pi * k / n)) for k in range(n)] for n in (5, 6)]

SHAPES: tuple[tuple[tuple[float, float], ...], ...] = tuple(tuple(map(tuple, shape)) for shape in (
    [(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)],
    [(0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)],
    _ROUND,
    [(0, -1.1), (1.1, 0.9), (-1.1, 0.9)],
    [(0, 1.1), (1.1, -0.9), (-1.1, -0.9)],
    _STAR,
    [(-0.35, -1.1), (0.35, -1.1), (0.35, -0.35), (1.1, -0.35), (1.1, 0.35), (0.35, 0.35), (0.35, 1.1),
     (-0.35, 1.1), (-0.35, 0.35), (-1.1, 0.35), (-1.1, -0.35), (-0.35, -0.35)],
    _POLYGON[0],
    [point for point in _ROUND if point[0] <= 1e-9] + [(0.0, 1.0)],
    _POLYGON[1],
))
"""Outlines of the ten signs of classes (■◆●▲▼★✚⬟◐⬢) around 0, to be scaled by half a side."""

Legend = Sequence[tuple[str, int, str, int]]
"""Title, number of images, colour or "", and place of the sign or −1 of each group."""


def draw_map(xy: NDArray[np.float32], of_image: NDArray[np.int64], groups: Legend) -> bytes:
    """A map as the bytes of a PNG file.

    Args:
        xy: (n_images, 2) float32, finite.
        of_image: Group of each image, (n_images,) int64.
        groups: In the order of their numbers.
    """
    image = Image.new("RGB", (SIDE_PX + LEGEND_PX, SIDE_PX), GROUND)
    draw = ImageDraw.Draw(image)
    half, points = half_side(len(xy), SIDE_PX**2, LARGEST_PX, SMALLEST_PX), _on_paper(xy)
    for at in np.random.default_rng(0).permutation(len(xy)):  # so that no group covers another
        _, _, color, sign = groups[of_image[at]]
        _draw_sign(draw, points[at], half, color, sign)
    _draw_legend(draw, groups)
    file = io.BytesIO()
    note = PngInfo()
    note.add_text(*MADE_BY)
    image.save(file, "PNG", pnginfo=note)
    return file.getvalue()


def half_side(n: int, n_pixels: float, largest: float, smallest: float) -> float:
    """Half a side of a point in pixels: the more room each of n points has, the larger, within bounds."""
    return float(np.clip(POINT_TO_ROOM * np.sqrt(n_pixels / max(n, 1)), smallest, largest))


def read_size(path: Path) -> tuple[int, int] | None:
    """Width and height of a map whose pixels can all be read; None for any other file, also for other images."""
    try:
        with Image.open(path, formats=["PNG"]) as image:
            image.load()
            return image.size if image.info.get(MADE_BY[0]) == MADE_BY[1] else None
    except (OSError, ValueError, SyntaxError):
        return None


def _on_paper(xy: NDArray[np.float32]) -> NDArray[np.float64]:
    """Points in pixels, in the middle and as large as the square allows, one scale for both axes."""
    if not len(xy):
        return np.zeros((0, 2))
    low, high = xy.min(axis=0).astype(np.float64), xy.max(axis=0).astype(np.float64)
    scale = (SIDE_PX - 2 * MARGIN_PX) / max(float((high - low).max()), 1e-9)
    points: NDArray[np.float64] = (xy - (low + high) / 2) * (scale, -scale) + SIDE_PX / 2
    return points


def _draw_sign(
    draw: ImageDraw.ImageDraw, middle: NDArray[np.float64], half: float, color: str, sign: int,
) -> None:
    x, y = middle
    outline = [(x + half * dx, y + half * dy) for dx, dy in SHAPES[sign % len(SHAPES) if sign >= 0 else 2]]
    draw.polygon(outline, fill=color or NOTHING_COLOR, outline=GROUND if half >= 4 else None)


def _draw_legend(draw: ImageDraw.ImageDraw, groups: Legend) -> None:
    font, left, most = _font(), SIDE_PX + MARGIN_PX, (SIDE_PX - 2 * MARGIN_PX) // LINE_PX - 1
    for at, (title, n, color, sign) in enumerate(groups[:most]):
        y = MARGIN_PX + at * LINE_PX
        _draw_sign(draw, np.array([left, y + FONT_PX / 2]), LARGEST_PX, color, sign)
        words, room = f"{title}  {format_whole(n)}", LEGEND_PX - 2 * MARGIN_PX
        while draw.textlength(words, font) > room and len(title) > 1:
            title = title[:-1]
            words = f"{title}…  {format_whole(n)}"
        draw.text((left + 24, y), words, fill=INK, font=font)
    if len(groups) > most:
        draw.text((left + 24, MARGIN_PX + most * LINE_PX), f"… + {len(groups) - most}", fill=INK, font=font)


def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for name in FONTS:
        try:
            return ImageFont.truetype(name, FONT_PX)
        except OSError:
            continue
    return ImageFont.load_default(FONT_PX)
