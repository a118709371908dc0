"""What telephones show: icons, a clock, messages, pictures, a dark mirror.

Every function fills the rectangle `frame` = (x0, y0, x1, y1), in object units, at height `z`.
"""

from __future__ import annotations

import colorsys
from collections.abc import Callable

import numpy as np

from resources.sample_maker.relief import Colour, Relief, shade
from resources.sample_maker.shapes import Points, box, disc, outline, stroke

Frame = tuple[float, float, float, float]
Screen = Callable[[Relief, np.random.Generator, Frame, float], None]

GLOW = 0.85
SEGMENTS = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcfgd")


def bright_colour(rng: np.random.Generator, *, saturation: float = 0.75, value: float = 0.9) -> Colour:
    """Any hue, with a saturation and value of 0 … 1."""
    red, green, blue = colorsys.hsv_to_rgb(float(rng.random()), saturation, value)
    return int(red * 255), int(green * 255), int(blue * 255)


def _lit(relief: Relief, points: Points, z: float, colour: Colour) -> None:
    relief.face(points, z, colour, gloss=0.25, glow=GLOW)


def _wallpaper(relief: Relief, rng: np.random.Generator, frame: Frame, z: float) -> None:
    """Bands from one colour to another, and a few hills or circles."""
    x0, y0, x1, y1 = frame
    first, second = (np.asarray(bright_colour(rng, saturation=float(rng.uniform(0.2, 0.9)),
                                              value=float(rng.uniform(0.25, 0.95)))) for _ in range(2))
    edges = np.linspace(y0, y1, 13)
    for i in range(12):
        red, green, blue = (first + (second - first) * i / 11).astype(int).tolist()
        _lit(relief, box(x0, edges[i], x1, edges[i + 1] + 0.2), z, (red, green, blue))
    if rng.random() < 0.6:
        height = rng.uniform(0.3, 0.7)
        _lit(relief, outline((x0, y1), (x0, y0 + (y1 - y0) * height), (x0 + (x1 - x0) * rng.uniform(0.2, 0.8),
                             y0 + (y1 - y0) * rng.uniform(0.2, 0.9)), (x1, y0 + (y1 - y0) * 0.8), (x1, y1)), z,
             bright_colour(rng, saturation=0.6, value=0.6))


def _status_bar(relief: Relief, frame: Frame, z: float, colour: Colour) -> None:
    x0, y0, x1, _ = frame
    _lit(relief, box(x0 + 2, y0 + 1.2, x0 + 8, y0 + 2.6), z, colour)
    _lit(relief, box(x1 - 6, y0 + 1.2, x1 - 2, y0 + 2.8), z, colour)


def show_icons(relief: Relief, rng: np.random.Generator, frame: Frame, z: float) -> None:
    """A home screen: wallpaper, rows of icons with a line of text below, a dock."""
    x0, y0, x1, y1 = frame
    _wallpaper(relief, rng, frame, z)
    _status_bar(relief, frame, z, (240, 240, 240))
    n_columns = max(3, round((x1 - x0) / 11.5))
    step, is_round = (x1 - x0) / n_columns, rng.random() < 0.4
    dock = y1 - step * 1.05
    n_rows = min(int(rng.integers(2, 6)), int((dock - y0 - 5) / (step * 1.25)))
    side = step * 0.66
    for y in [*(y0 + 5 + step * 1.25 * r for r in range(n_rows)), dock]:
        for column in range(n_columns):
            if rng.random() < 0.08:
                continue
            x = x0 + step * (column + 0.17)
            colour = bright_colour(rng, value=float(rng.uniform(0.6, 1))) if rng.random() < 0.8 else (240, 240, 240)
            _lit(relief, box(x, y, x + side, y + side, radius=side * (0.5 if is_round else 0.24)), z, colour)
            _lit(relief, disc(x + side / 2, y + side / 2, side * 0.22, n=10), z, shade(colour, 1.5))
            _lit(relief, box(x + 0.8, y + side + 1, x + side - 0.8, y + side + 1.8), z, (235, 235, 235))


def _digit(relief: Relief, digit: int, corner: tuple[float, float], size: tuple[float, float], z: float) -> None:
    (x, y), (w, h) = corner, size
    right, middle, below = x + w, y + h / 2, y + h
    ends = {"a": ((x, y), (right, y)), "b": ((right, y), (right, middle)), "c": ((right, middle), (right, below)),
            "d": ((x, below), (right, below)), "e": ((x, middle), (x, below)), "f": ((x, y), (x, middle)),
            "g": ((x, middle), (right, middle))}
    for name in SEGMENTS[digit]:
        _lit(relief, stroke(ends[name], w * 0.2), z, (248, 248, 248))


def show_clock(relief: Relief, rng: np.random.Generator, frame: Frame, z: float) -> None:
    """A lock screen: the time in large digits, a date, some notifications."""
    x0, y0, x1, y1 = frame
    _wallpaper(relief, rng, frame, z)
    width = (x1 - x0) * 0.1
    time_of_day = f"{rng.integers(24):02}{rng.integers(60):02}"
    for digit, offset in zip(time_of_day, (0.2, 0.36, 0.58, 0.74), strict=True):
        _digit(relief, int(digit), (x0 + (x1 - x0) * offset, y0 + 13), (width, width * 1.9), z)
    _lit(relief, box(x0 + 10, y0 + 26, x1 - 10, y0 + 27.5), z, (235, 235, 235))
    for i in range(int(rng.integers(0, 4))):
        top = y0 + 34 + i * 12
        if top + 14 > y1:
            break
        _lit(relief, box(x0 + 3, top, x1 - 3, top + 10, radius=2), z, (225, 226, 230))
        _text(relief, rng, (x0 + 6, top + 2, x1 - 6, top + 8), z, (90, 90, 95))
    _lit(relief, box(x0 + 13, y1 - 3, x1 - 13, y1 - 2), z, (240, 240, 240))


def _text(relief: Relief, rng: np.random.Generator, frame: Frame, z: float, colour: Colour) -> None:
    """Words as bars, line by line."""
    x0, y0, x1, y1 = frame
    for y in np.arange(y0, y1 - 0.8, 2.6):
        x = x0
        while x < x1 - 3 and rng.random() > 0.06:
            width = min(rng.uniform(1.5, 6), x1 - x)
            _lit(relief, box(x, y, x + width, y + 1.0), z, colour)
            x += width + 1


def show_messages(relief: Relief, rng: np.random.Generator, frame: Frame, z: float) -> None:
    """A conversation: bubbles left and right, perhaps a keyboard."""
    x0, y0, x1, y1 = frame
    accent = bright_colour(rng, value=0.8)
    _lit(relief, box(*frame), z, (236, 232, 224) if rng.random() < 0.6 else (28, 30, 34))
    _lit(relief, box(x0, y0, x1, y0 + 9), z, accent)
    has_keyboard = rng.random() < 0.4
    y, end = y0 + 12, y1 - (30 if has_keyboard else 6)
    while y < end - 6:
        height, width = rng.choice([6.0, 8.5, 11.0]), (x1 - x0) * rng.uniform(0.4, 0.75)
        is_mine = rng.random() < 0.5
        left = x1 - 2 - width if is_mine else x0 + 2
        bottom = min(y + height, end)
        _lit(relief, box(left, y, left + width, bottom, radius=2), z, (214, 244, 200) if is_mine else (250, 250, 250))
        _text(relief, rng, (left + 2, y + 1.5, left + width - 2, bottom - 1), z, (80, 80, 84))
        y += height + 2
    if has_keyboard:
        _keyboard(relief, (x0, end + 1, x1, y1), z)


def _keyboard(relief: Relief, frame: Frame, z: float) -> None:
    x0, y0, x1, y1 = frame
    _lit(relief, box(*frame), z, (206, 209, 216))
    row, key = (y1 - y0) / 4, (x1 - x0) / 10
    for r in range(4):
        for k in range(10 - r % 2):
            left, top = x0 + key * (k + 0.12 + (r % 2) * 0.5), y0 + row * (r + 0.15)
            _lit(relief, box(left, top, left + key * 0.76, top + row * 0.7, radius=0.5), z, (250, 250, 250))


def show_gallery(relief: Relief, rng: np.random.Generator, frame: Frame, z: float) -> None:
    """A wall of little pictures."""
    x0, y0, x1, y1 = frame
    _lit(relief, box(*frame), z, (250, 250, 250))
    step = (x1 - x0) / int(rng.integers(2, 4))
    for y in np.arange(y0 + 8, y1 - step, step):
        for x in np.arange(x0, x1 - step * 0.6, step):
            tile = (x + 0.5, y + 0.5, x + step - 0.5, y + step - 0.5)
            _lit(relief, box(*tile), z, bright_colour(rng, saturation=0.4, value=float(rng.uniform(0.4, 0.95))))
            _lit(relief, disc(x + step * rng.uniform(0.3, 0.7), y + step * 0.6, step * 0.25, n=12), z,
                 bright_colour(rng, saturation=0.5, value=0.6))


def show_page(relief: Relief, rng: np.random.Generator, frame: Frame, z: float) -> None:
    """A web page: a heading, a picture, text."""
    x0, y0, x1, y1 = frame
    _lit(relief, box(*frame), z, (248, 248, 246))
    _lit(relief, box(x0, y0, x1, y0 + 6), z, bright_colour(rng, value=0.6))
    _lit(relief, box(x0 + 3, y0 + 10, x1 - 3, y0 + 34), z, bright_colour(rng, saturation=0.4, value=0.7))
    _text(relief, rng, (x0 + 3, y0 + 38, x1 - 3, y1 - 4), z, (70, 70, 74))


def show_nothing(relief: Relief, rng: np.random.Generator, frame: Frame, z: float) -> None:
    """Switched off: a dark mirror with a pale reflection across."""
    x0, y0, x1, y1 = frame
    relief.face(box(*frame), z, (14, 15, 18), gloss=0.9)
    a, b = x0 + (x1 - x0) * rng.uniform(0, 0.6), x0 + (x1 - x0) * rng.uniform(0.7, 1.0)
    tone = int(rng.integers(30, 75))
    relief.face(outline((a, y0), (b, y0), (x0 + (b - x0) * 0.4, y1), (x0, y1), (x0, y0 + (y1 - y0) * 0.6)), z,
                (tone, tone, tone + 4), gloss=0.9)


SCREENS: tuple[Screen, ...] = (
    show_icons, show_clock, show_icons, show_messages, show_nothing, show_gallery, show_page, show_icons,
)
