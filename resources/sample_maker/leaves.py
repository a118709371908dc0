"""Fallen leaves: oaks with round lobes, maples with pointed ones, and of each kind those that look like the other.

Each stands upright, about 100 units high with its stalk, the origin near its middle. Colours come from one table:
autumn must not tell the class.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from resources.sample_maker.relief import Colour, Relief, shade, vary
from resources.sample_maker.shapes import Points, curve, disc, outline, stroke

BLADES: tuple[Colour, ...] = (
    (86, 128, 52), (118, 146, 60), (64, 100, 48), (196, 172, 54), (222, 186, 60), (214, 130, 44), (196, 84, 40),
    (168, 50, 40), (134, 84, 48), (112, 78, 52), (158, 118, 70),
)

Line = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Blade:
    """The flat part of a leaf.

    Attributes:
        edge: Closed outline, (n, 2) units.
        veins: Lines from the stalk outwards, the main ones first.
        foot: Where the stalk begins, (x, y) units.
    """

    edge: Points
    veins: tuple[Line, ...]
    foot: tuple[float, float]


def _grow(relief: Relief, rng: np.random.Generator, blade: Blade) -> None:
    """Stalk, blade with its bulge and its brown rim, veins and spots."""
    colour = vary(BLADES[int(rng.integers(len(BLADES)))], rng, spread=14)
    rim = shade(colour, rng.uniform(0.7, 1.1)) if rng.random() < 0.6 else (128, 88, 52)
    gloss, bulge = float(rng.uniform(0.02, 0.3)), float(rng.uniform(-4, 7))
    _stalk(relief, rng, blade.foot, shade(colour, 0.8))
    middle = np.asarray([0.0, blade.edge[:, 1].mean()])
    relief.slab(blade.edge, -1.2, 0.2, rim, gloss=gloss)
    steps = np.linspace(0.98, 0.2, 9)
    for i, inset in enumerate(steps):
        tone = tuple(int(a + (b - a) * min(1.0, (i + 1) / 3)) for a, b in zip(rim, colour, strict=True))
        red, green, blue = shade((tone[0], tone[1], tone[2]), float(rng.uniform(0.985, 1.015)))
        relief.face(middle + (blade.edge - middle) * inset, 0.2 + bulge * float(1 - inset), (red, green, blue),
                    gloss=gloss)
    _spots(relief, rng, blade, middle, bulge)
    vein = shade(colour, 1.28 if rng.random() < 0.75 else 0.7)
    for i, line in enumerate(blade.veins):
        width = 1.5 if i == 0 else float(rng.uniform(0.5, 0.9))
        points = np.asarray(line, dtype=np.float64)
        widths = np.linspace(width, width * 0.35, len(points)).tolist()
        relief.face(stroke(points, widths), 0.9 + max(bulge, 0) * 0.8, vein, gloss=gloss)


def _stalk(relief: Relief, rng: np.random.Generator, foot: tuple[float, float], colour: Colour) -> None:
    x, y = foot
    bend, length = rng.normal(0, 7), rng.uniform(12, 24)
    line = curve((x, y - 3), (x + bend * 0.3, y + length * 0.5), (x + bend, y + length), is_closed=False)
    relief.slab(stroke(line, np.linspace(1.5, 2.2, len(line)).tolist()), -0.8, 0.8, colour, gloss=0.2)


def _spots(relief: Relief, rng: np.random.Generator, blade: Blade, middle: Points, bulge: float) -> None:
    """Brown specks and a few holes eaten by insects, all of them inside the blade."""
    for _ in range(int(rng.integers(0, 14))):
        place = middle + (blade.edge[int(rng.integers(len(blade.edge)))] - middle) * rng.uniform(0.1, 0.72)
        radius = float(rng.exponential(0.7) + 0.3)
        tone = (96, 66, 42) if rng.random() < 0.8 else (38, 32, 26)
        spot = disc(float(place[0]), float(place[1]), min(radius, 3.0), radius_y=min(radius, 3.0) * 0.8, n=10)
        relief.face(spot, 0.4 + max(bulge, 0) * 0.5, vary(tone, rng), gloss=0.0)


def _feathered(
    rng: np.random.Generator, *, n_lobes: float, depth: float, width: float, is_pointed: bool = False,
) -> Blade:
    """A blade with lobes along a midrib; `depth` of its bays 0 … 1, `width` in units on each side."""
    along = np.linspace(0, 1, 90)
    sides, tips = [], []
    for side in (-1, 1):
        phase = rng.normal(0, 0.35)
        wave = 0.5 + 0.5 * np.cos(2 * np.pi * n_lobes * along + phase)
        wave = np.abs(2 * ((n_lobes * along + phase / 6.3) % 1) - 1) ** 1.3 if is_pointed else wave**0.6
        envelope = np.maximum(np.sin(np.pi * along**1.45), 0) ** 0.75 * (0.5 + 0.62 * along)
        wobble = 1 + 0.06 * np.interp(along, np.linspace(0, 1, 9), rng.normal(0, 1, 9))
        half = width * envelope * (1 - depth + depth * wave) * wobble + 0.6
        lift = (14 if is_pointed else 3) * wave * envelope  # lobes point forward
        sides.append(np.stack([side * half, 34 - 84 * along - lift], 1))
        peaks = [i for i in range(4, 86) if wave[i] >= wave[i - 1] and wave[i] > wave[i + 1] and half[i] > 8]
        tips += [(side * half[i] * 0.86, float(sides[-1][i, 1])) for i in peaks]
    edge = np.concatenate([sides[0], sides[1][::-1]])
    bow = float(rng.normal(0, 6))
    edge[:, 0] += bow * np.sin((34 - edge[:, 1]) / 84 * np.pi)
    ribs = [[(bow * 0.8, min(y + 13 + 0.25 * abs(x), 34.0)), (bow + x * 0.6, y + 5), (bow + x, y)] for x, y in tips]
    midrib = [(0.0, 34.0), (bow * 0.7, 12.0), (bow, -8.0), (bow * 0.7, -30.0), (0.0, -50.0)]
    return Blade(edge, (midrib, *ribs), (0.0, 33.0))


def _palmate(
    rng: np.random.Generator, *, bay: float, teeth: int, is_round: bool = False, spread: float = 1.0,
) -> Blade:
    """A blade like a hand with five lobes; `bay` is how near to the stalk the bays reach, 0.3 … 0.7."""
    foot, length = (0.0, 22.0), 62.0
    lobes = [(-112, 0.5), (-56, 0.86), (0, 1.08), (56, 0.86), (112, 0.5)]
    points, veins = [(0.0, 22.0)], []
    for k, (angle, reach) in enumerate(lobes):
        heading, reach = np.radians(angle * spread + rng.normal(0, 3)), reach * length * rng.uniform(0.93, 1.06)
        ahead = np.asarray([np.sin(heading), -np.cos(heading)])
        across = np.asarray([-ahead[1], ahead[0]])
        flanks = _flank(rng, reach, teeth=teeth, is_round=is_round)
        rising = [foot + ahead * a - across * b for a, b in flanks]
        falling = [foot + ahead * a + across * b for a, b in _flank(rng, reach, teeth=teeth, is_round=is_round)[::-1]]
        points += [(float(x), float(y)) for x, y in (*rising, foot + ahead * reach, *falling)]
        veins.append([foot, *((float(x), float(y)) for x, y in (foot + ahead * reach * r for r in (0.5, 0.93)))])
        if k < len(lobes) - 1:
            between = np.radians((angle + lobes[k + 1][0]) / 2 * spread + rng.normal(0, 3))
            near = length * bay * (0.75 if k in (0, 3) else 1.0) * rng.uniform(0.9, 1.1)
            points.append((foot[0] + near * float(np.sin(between)), foot[1] - near * float(np.cos(between))))
    veins.sort(key=lambda line: abs(line[-1][0]))
    edge = curve(*points) if is_round else _soften(outline(*points))
    return Blade(edge, tuple(veins), foot)


def _flank(rng: np.random.Generator, reach: float, *, teeth: int, is_round: bool) -> list[tuple[float, float]]:
    """One side of a lobe as (along, across) from its foot to its tip, without either."""
    if is_round:
        return [(reach * 0.72, reach * 0.2), (reach * 0.95, reach * 0.14)]
    flank = []
    for i in range(teeth):
        at = 0.58 + 0.3 * i / max(teeth, 1)
        wide = 0.24 - 0.13 * i / max(teeth, 1) + rng.normal(0, 0.015)
        flank += [(reach * (at + 0.05), reach * wide), (reach * (at + 0.09), reach * wide * 0.55)]
    return flank


def _soften(corners: Points) -> Points:
    """Sides that sag a little between the corners, as those of a blade do."""
    following = np.roll(corners, -1, axis=0)
    middle = corners.mean(0)
    half_way = (corners + following) / 2
    half_way += (middle - half_way) * 0.045
    return np.stack([corners, half_way], 1).reshape(-1, 2)


def draw_oak(relief: Relief, rng: np.random.Generator) -> None:
    """An English oak's leaf: round lobes along a midrib."""
    _grow(relief, rng, _feathered(rng, n_lobes=rng.uniform(3.6, 5.4), depth=rng.uniform(0.32, 0.55),
                                  width=rng.uniform(24, 33)))


def draw_white_oak(relief: Relief, rng: np.random.Generator) -> None:
    """A white oak's leaf: deep bays between long round lobes."""
    _grow(relief, rng, _feathered(rng, n_lobes=rng.uniform(3.2, 4.2), depth=rng.uniform(0.58, 0.72),
                                  width=rng.uniform(30, 40)))


def draw_maple(relief: Relief, rng: np.random.Generator) -> None:
    """A Norway maple's leaf: five pointed lobes with teeth."""
    _grow(relief, rng, _palmate(rng, bay=rng.uniform(0.46, 0.58), teeth=int(rng.integers(1, 3)),
                                spread=rng.uniform(0.92, 1.05)))


def draw_japanese_maple(relief: Relief, rng: np.random.Generator) -> None:
    """A Japanese maple's leaf: narrow lobes, cut nearly to the stalk."""
    _grow(relief, rng, _palmate(rng, bay=rng.uniform(0.26, 0.36), teeth=1, spread=rng.uniform(0.95, 1.1)))


def draw_red_oak(relief: Relief, rng: np.random.Generator) -> None:
    """Look-alike: a red oak's leaf, whose lobes end in points as a maple's do."""
    _grow(relief, rng, _feathered(rng, n_lobes=rng.uniform(2.6, 3.4), depth=rng.uniform(0.6, 0.75),
                                  width=rng.uniform(36, 46), is_pointed=True))


def draw_field_maple(relief: Relief, rng: np.random.Generator) -> None:
    """Look-alike: a field maple's leaf, whose lobes are round as an oak's are."""
    _grow(relief, rng, _palmate(rng, bay=rng.uniform(0.42, 0.56), teeth=0, is_round=True,
                                spread=rng.uniform(0.7, 0.85)))


LEAVES: dict[str, tuple[Callable[[Relief, np.random.Generator], None], ...]] = {
    "maple": (draw_maple, draw_maple, draw_japanese_maple, draw_maple),
    "oak": (draw_oak, draw_white_oak, draw_oak, draw_oak),
}
LOOK_ALIKES: dict[str, tuple[Callable[[Relief, np.random.Generator], None], ...]] = {
    "maple": (draw_field_maple,), "oak": (draw_red_oak,),
}
