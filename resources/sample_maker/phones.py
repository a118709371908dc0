"""Telephones: slabs with a lit screen, backs with cameras, keypads, flip phones, and the hard ones.

Each stands upright, about 100 units high, the origin at its middle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from resources.sample_maker.relief import Colour, Relief, shade, vary
from resources.sample_maker.screens import SCREENS, Frame, bright_colour
from resources.sample_maker.shapes import box, curve, disc, stroke

SHELLS: tuple[Colour, ...] = (
    (28, 28, 30), (36, 37, 42), (22, 22, 24), (205, 207, 210), (232, 232, 230), (196, 176, 148), (196, 150, 150),
    (60, 72, 92), (120, 122, 126),
)


def _pick(rng: np.random.Generator, colours: tuple[Colour, ...]) -> Colour:
    return vary(colours[int(rng.integers(len(colours)))], rng, spread=8)


def _show(relief: Relief, rng: np.random.Generator, frame: Frame, z: float) -> None:
    """A screen's content; it is symmetric in place, and its text is never mirrored."""
    view = relief.view
    relief.view = replace(view, is_mirrored=False)
    SCREENS[int(rng.integers(len(SCREENS)))](relief, rng, frame, z)
    relief.view = view


def draw_slab(relief: Relief, rng: np.random.Generator) -> None:
    """The front of a smartphone."""
    shell, half = _pick(rng, SHELLS), rng.uniform(23, 27)
    glass = (16, 16, 18) if rng.random() < 0.75 else (238, 238, 236)
    is_old = rng.random() < 0.45
    radius = rng.uniform(4, 8)
    relief.slab(box(-half, -50, half, 50, radius=radius), -3, 2.4, shell, gloss=0.6, side=shade(shell, 0.85))
    relief.slab(box(-half + 0.9, -49.1, half - 0.9, 49.1, radius=radius - 0.6), 2.4, 3.2, glass, gloss=0.75)
    margin = 10.0 if is_old else rng.uniform(2.5, 4)
    frame = (-half + rng.uniform(2, 3), -50 + margin, half - rng.uniform(2, 3), 50 - margin)
    _show(relief, rng, frame, 3.2)
    _front_details(relief, glass, is_old=is_old)
    for y, height in ((-24, 8), (-12, 6)):
        relief.slab(box(half - 0.3, y, half + 0.8, y + height), -1, 1, shade(shell, 0.9))
    if rng.random() < 0.12:
        _crack(relief, rng, half)


def _front_details(relief: Relief, glass: Colour, *, is_old: bool) -> None:
    detail = shade(glass, 0.6) if glass[0] > 128 else (70, 70, 74)
    if is_old:
        relief.slab(box(-5, -46, 5, -45, radius=0.5), 3.2, 3.4, detail)
        relief.face(disc(-9, -45.5, 1.2, n=14), 3.4, (30, 34, 48), gloss=0.9)
        relief.face(disc(0, 45, 3.4), 2.8, shade(glass, 0.9), gloss=0.7)
        relief.face(disc(0, 45, 2.9), 3.0, glass, gloss=0.6)
    else:
        relief.face(disc(0, -44.5, 1.3, n=14), 3.3, (12, 12, 16), gloss=0.9)


def _crack(relief: Relief, rng: np.random.Generator, half: float) -> None:
    centre = rng.uniform((-half, -40), (half, 40))
    for angle in rng.uniform(0, 2 * np.pi, 8):
        steps = np.cumsum(rng.uniform(2, 8, 6))
        line = centre + np.stack([np.cos(angle) * steps, np.sin(angle) * steps], 1) + rng.normal(0, 1.2, (6, 2))
        line = np.clip(line, (-half + 1, -48), (half - 1, 48))
        relief.face(stroke(line, 0.35), 3.1, (225, 228, 230), gloss=0.9)


def draw_back(relief: Relief, rng: np.random.Generator) -> None:
    """The back of a smartphone: camera, mark, sometimes a coloured cover."""
    shell = _pick(rng, SHELLS) if rng.random() < 0.6 else bright_colour(rng, saturation=0.6, value=0.75)
    half = rng.uniform(23, 27)
    gloss = float(rng.choice([0.2, 0.5, 0.85]))
    relief.slab(box(-half, -50, half, 50, radius=rng.uniform(4, 8)), -3, 2, shade(shell, 0.85), gloss=0.5)
    relief.slab(box(-half + 0.8, -49.2, half - 0.8, 49.2, radius=5), 2, 3, shell, gloss=gloss)
    _cameras(relief, rng, half, shell)
    if rng.random() < 0.6:
        mark = shade(shell, 1.35 if shell[0] < 128 else 0.75)
        relief.face(disc(0, rng.uniform(-18, 5), 4.2), 3.02, mark, gloss=0.9)
    if rng.random() < 0.5:
        for i, y in enumerate((34, 37)):
            relief.face(box(-9 + 3 * i, y, 9 - 3 * i, y + 0.9), 3.02, shade(shell, 0.7))
    if rng.random() < 0.3:
        relief.face(disc(0, -26, 4), 2.4, shade(shell, 0.8), gloss=0.6)


def _cameras(relief: Relief, rng: np.random.Generator, half: float, shell: Colour) -> None:
    n_lenses = int(rng.integers(1, 4))
    x, y = -half + 9, -40.0
    island = box(x - 6, y - 6, x + (6 if n_lenses < 3 else 16), y + (6 if n_lenses == 1 else 18), radius=4)
    relief.slab(island, 3, 4, shade(shell, 0.9), gloss=0.7)
    for dx, dy in ((0, 0), (0, 11), (10, 5.5))[:n_lenses]:
        relief.slab(disc(x + dx, y + dy, 4.4), 4, 5, (40, 40, 44), gloss=0.8)
        relief.face(disc(x + dx, y + dy, 3.3), 4.6, (10, 12, 20), gloss=0.95)
        relief.face(disc(x + dx - 0.8, y + dy - 0.8, 0.9, n=10), 4.7, (110, 120, 160), gloss=0.9)
    relief.face(disc(x + 9, y - 1, 1.7, n=14), 4.2, (240, 232, 200), gloss=0.8)


def _keys(relief: Relief, frame: Frame, z: float, colour: Colour, *, shape: tuple[int, int] = (3, 4)) -> None:
    """A field of raised keys with a pale sign on each; `shape` is (columns, rows)."""
    x0, y0, x1, y1 = frame
    width, height = (x1 - x0) / shape[0], (y1 - y0) / shape[1]
    for row in range(shape[1]):
        for column in range(shape[0]):
            left, top = x0 + width * (column + 0.1), y0 + height * (row + 0.13)
            key = box(left, top, left + width * 0.8, top + height * 0.74, radius=1.6)
            relief.slab(key, z, z + 1.4, colour, gloss=0.35)
            sign = shade(colour, 0.4) if colour[0] > 128 else (225, 225, 220)
            for a, b, c, d in ((0.3, 0.25, 0.44, 0.55), (0.5, 0.35, 0.66, 0.45)):
                mark = box(left + width * a, top + height * b, left + width * c, top + height * d)
                relief.face(mark, z + 1.4, sign)


def draw_keypad(relief: Relief, rng: np.random.Generator) -> None:
    """An older telephone: a small screen above, keys below."""
    shell, half = _pick(rng, SHELLS), rng.uniform(19, 24)
    body = curve((-half, -44), (-half * 0.6, -50), (half * 0.6, -50), (half, -44), (half * 0.97, 0), (half * 0.9, 44),
                 (half * 0.5, 50), (-half * 0.5, 50), (-half * 0.9, 44), (-half * 0.97, 0))
    relief.slab(body, -6, 4, shell, gloss=0.4)
    relief.slab(box(-half + 3, -44, half - 3, -8, radius=3), 4, 4.6, (18, 19, 22), gloss=0.8)
    frame = (-half + 5, -40, half - 5, -12)
    if rng.random() < 0.5:
        relief.face(box(*frame), 4.6, (150, 176, 110), gloss=0.4, glow=0.5)
        relief.face(box(frame[0] + 3, -34, 4, -31), 4.6, (40, 50, 30), glow=0.4)
        relief.face(box(frame[0] + 3, -26, 8, -24), 4.6, (40, 50, 30), glow=0.4)
    else:
        _show(relief, rng, frame, 4.6)
    relief.slab(disc(0, 0, 6, radius_y=5), 4, 5.6, shade(shell, 1.2), gloss=0.7)
    for x in (-half * 0.6, half * 0.6):
        relief.slab(box(x - 4, -3, x + 4, 2, radius=1.5), 4, 5.2, shade(shell, 0.85), gloss=0.5)
    _keys(relief, (-half + 3, 8, half - 3, 45), 4, shade(shell, 1.25 if shell[0] < 128 else 0.9))


def draw_flip(relief: Relief, rng: np.random.Generator) -> None:
    """An opened flip phone, its lid leaning back."""
    shell, half = _pick(rng, SHELLS), rng.uniform(18, 22)
    flat = relief.view
    relief.slab(box(-half, 2, half, 50, radius=7), -4, 4, shell, gloss=0.5)
    relief.slab(disc(0, 10, 5), 4, 5.4, shade(shell, 1.15), gloss=0.7)
    _keys(relief, (-half + 2.5, 17, half - 2.5, 47), 4, shade(shell, 1.2 if shell[0] < 128 else 0.88), shape=(3, 4))
    relief.view = replace(flat, pitch=flat.pitch + float(rng.uniform(8, 24)))
    relief.slab(box(-half, -48, half, 1, radius=7), -2, 3, shell, gloss=0.5)
    relief.slab(box(-half + 3, -43, half - 3, -5, radius=2), 3, 3.4, (16, 16, 18), gloss=0.8)
    _show(relief, rng, (-half + 5, -41, half - 5, -8), 3.4)
    relief.view = flat
    relief.tube((-half * 0.8, 1.5), (half * 0.8, 1.5), 3.6, 3.6, shade(shell, 0.9), gloss=0.6)


def draw_remote_like(relief: Relief, rng: np.random.Generator) -> None:
    """Look-alike: a long thin cordless telephone full of buttons, with a stub of an aerial."""
    shell, half = _pick(rng, SHELLS[:4]), rng.uniform(11, 14)
    relief.tube((half - 4, -62), (half - 4, -44), 2.4, 3, (24, 24, 26), gloss=0.3)
    relief.slab(curve((-half, -46), (0, -51), (half, -46), (half * 0.9, 0), (half, 46), (0, 51), (-half, 46),
                      (-half * 0.9, 0)), -6, 5, shell, gloss=0.35)
    relief.face(box(-half + 3, -40, half - 3, -24, radius=1), 5.2, (120, 140, 100), gloss=0.5, glow=0.3)
    _keys(relief, (-half + 2, -18, half - 2, 40), 5, shade(shell, 1.5), shape=(3, 6))


def draw_pistol_case(relief: Relief, rng: np.random.Generator) -> None:
    """Look-alike: a telephone in a cover of the shape of a pistol."""
    shell = _pick(rng, SHELLS[:3]) if rng.random() < 0.6 else bright_colour(rng, value=0.8)
    relief.view = replace(relief.view, roll=relief.view.roll + 90)
    cover = curve((-52, -26), (-50, -28), (48, -28), (52, -22), (52, -4), (58, 14), (62, 44), (36, 46), (30, 10),
                  (14, 4), (-50, 0), per_span=5)
    relief.slab(cover, -4, 2, shell, gloss=0.3)
    relief.slab(stroke(curve((2, 2), (4, 16), (14, 19), (28, 16), is_closed=False), 3), -3, 2, shell, gloss=0.3)
    relief.slab(box(-49, -25, 49, 22, radius=5), 0, 3, (24, 24, 26), gloss=0.7)
    _show(relief, rng, (-41, -22, 41, 19), 3.1)
    relief.face(disc(45, -1.5, 2.6), 3.2, (60, 60, 64), gloss=0.7)


def draw_handle(relief: Relief, rng: np.random.Generator) -> None:
    """Look-alike: a telephone lying on a pistol-shaped handle for filming."""
    relief.view = replace(relief.view, roll=relief.view.roll + float(rng.choice([90.0, 70.0])))
    grip = _pick(rng, SHELLS[:3])
    relief.slab(curve((12, 8), (16, 24), (20, 48), (38, 48), (36, 24), (34, 8)), -6, 6, grip, gloss=0.25)
    relief.slab(stroke(curve((-4, 10), (-1, 22), (8, 24), (15, 20), is_closed=False), 2.6), -2, 2, grip)
    relief.slab(box(-30, 4, 38, 11, radius=2), -5, 7, shade(grip, 1.2), gloss=0.3)
    draw_thin(relief, rng)


def draw_thin(relief: Relief, rng: np.random.Generator) -> None:
    """Look-alike: a smartphone seen almost from its edge."""
    shell = _pick(rng, SHELLS)
    half = rng.uniform(6, 9)
    relief.slab(box(-50, -half, 50, half, radius=3.5), -3, 4, shell, gloss=0.6)
    relief.slab(box(-49, -half + 1, 49, half - 5, radius=2), 4, 4.4, (14, 14, 16), gloss=0.9)
    for x, width in ((-20.0, 12.0), (-4.0, 6.0)):
        relief.slab(box(x, half - 3.4, x + width, half - 1.4, radius=0.8), 4, 4.8, shade(shell, 0.75), gloss=0.6)
    for x in np.arange(24, 42, 2.5).tolist():
        relief.face(disc(x, half - 2.4, 0.7, n=8), 4.4, (8, 8, 8))


PHONES: tuple[Callable[[Relief, np.random.Generator], None], ...] = (
    draw_slab, draw_slab, draw_back, draw_slab, draw_keypad, draw_slab, draw_flip, draw_back, draw_slab,
)
HARD_PHONES: tuple[Callable[[Relief, np.random.Generator], None], ...] = (
    draw_remote_like, draw_pistol_case, draw_handle, draw_thin,
)
