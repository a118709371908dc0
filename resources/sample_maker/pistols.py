"""Pistols: semi-automatics, revolvers, long barrels, old flintlocks, and the hard ones.

Each is drawn muzzle to the left, about 100 units long, the origin near its middle.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from resources.sample_maker.relief import Colour, Relief, shade, vary
from resources.sample_maker.shapes import Points, box, capsule, curve, disc, outline, stroke

STEELS: tuple[Colour, ...] = (
    (38, 38, 41), (46, 48, 54), (58, 60, 66), (30, 30, 32), (150, 152, 156), (182, 184, 188), (112, 114, 120),
    (96, 92, 84),
)
GRIPS: tuple[Colour, ...] = (
    (34, 33, 33), (30, 30, 32), (104, 62, 34), (124, 76, 42), (82, 44, 26), (205, 196, 174), (90, 92, 74),
    (128, 108, 80),
)
TOYS: tuple[Colour, ...] = (
    (226, 120, 22), (44, 170, 70), (235, 200, 40), (40, 120, 210), (220, 50, 50), (230, 80, 160),
)


def _pick(rng: np.random.Generator, colours: tuple[Colour, ...], *, spread: int = 10) -> Colour:
    return vary(colours[int(rng.integers(len(colours)))], rng, spread=spread)


def _trigger(relief: Relief, x: float, y: float, size: float, metal: Colour) -> None:
    """Guard and trigger; (x, y) is where the guard leaves the frame in front."""
    guard = curve((x - 1, y - 1), (x + 1, y + size * 0.65), (x + size * 0.35, y + size * 0.98),
                  (x + size * 0.95, y + size * 0.95), (x + size * 1.25, y + size * 0.3), is_closed=False)
    relief.slab(stroke(guard, 2.3), -2.2, 2.2, metal, gloss=0.3)
    blade = curve((x + size * 0.68, y - 1), (x + size * 0.62, y + size * 0.3), (x + size * 0.48, y + size * 0.66),
                  is_closed=False)
    relief.slab(stroke(blade, np.linspace(2.6, 1.5, len(blade)).tolist()), -1, 1, shade(metal, 0.8), gloss=0.4)


def _checkering(relief: Relief, panel: Points, z: float, tone: Colour) -> None:
    """Fine diagonal lines within the bounding box of a grip panel, inset so that they stay on it."""
    for y in np.arange(panel[:, 1].min() + 3, panel[:, 1].max() - 4, 2.2).tolist():
        middle = panel[np.abs(panel[:, 1] - y) < 5]
        if len(middle) < 2:
            continue
        left, right = float(middle[:, 0].min()) + 2.5, float(middle[:, 0].max()) - 2.5
        if right > left:
            relief.face(stroke([(left, y), (right, y + 1.2)], 0.7), z, tone, gloss=0.1)


def draw_semi_automatic(relief: Relief, rng: np.random.Generator) -> None:
    """A pistol with a slide; proportions from pocket pistol to service pistol."""
    metal = _pick(rng, STEELS)
    frame = metal if rng.random() < 0.5 else _pick(rng, STEELS[:4])
    length, slide, lean = rng.uniform(74, 98), rng.uniform(12, 15.5), rng.uniform(5, 14)
    left, top = -length / 2, -26.0
    right, grip_x = length / 2, length / 2 - rng.uniform(27, 31)
    bottom = top + slide + rng.uniform(40, 50)
    _frame(relief, frame, (left + rng.uniform(0, 20), right, grip_x), (top + slide, bottom, lean))
    grip = _pick(rng, GRIPS) if rng.random() < 0.7 else shade(frame, 0.9)
    _grip_panel(relief, rng, grip, (grip_x, right), (top + slide + 7, bottom - 3, lean))
    _trigger(relief, grip_x - 19, top + slide + 5, rng.uniform(16, 18), frame)
    _slide(relief, rng, metal, (left, right, top, top + slide))


def _frame(
    relief: Relief, metal: Colour, across: tuple[float, float, float], down: tuple[float, float, float],
) -> None:
    (front, right, grip_x), (y, bottom, lean) = across, down
    relief.slab(outline((front, y - 1), (right + 1, y - 1), (right + 5, y + 2), (right, y + 7), (front + 2, y + 6)),
                -4.5, 4.5, metal, gloss=0.35)
    grip = curve((grip_x - 2, y + 2), (grip_x + lean * 0.35, y + 14), (grip_x + lean, bottom - 2),
                 (grip_x + lean + 1, bottom + 1), (right + lean - 2, bottom + 2), (right + lean - 1, bottom - 5),
                 (right + lean * 0.45 + 1, y + 20), (right - 2, y + 9), (right, y + 3))
    relief.slab(grip, -5.5, 5.0, metal, gloss=0.25)
    relief.slab(box(grip_x + lean - 2, bottom, right + lean, bottom + 3, radius=1), -4.8, 4.8, shade(metal, 0.8))


def _grip_panel(
    relief: Relief, rng: np.random.Generator, colour: Colour, across: tuple[float, float],
    down: tuple[float, float, float],
) -> None:
    (x0, x1), (top, bottom, lean) = across, down
    panel = curve((x0 + 3, top + 2), (x0 + 3 + lean * 0.4, top + 14), (x0 + 3 + lean, bottom - 2),
                  (x1 + lean - 4, bottom - 2), (x1 + lean * 0.5 - 3, top + 14), (x1 - 6, top + 2))
    relief.slab(panel, 5.0, 6.4, colour, gloss=0.25)
    if rng.random() < 0.7:
        _checkering(relief, panel, 6.1, shade(colour, 0.7))
    if rng.random() < 0.5:
        relief.face(disc((x0 + x1) / 2 + lean * 0.5, (top + bottom) / 2, 2.4), 6.8, (170, 160, 120), gloss=0.6)
    for x, y in ((x0 + 8, top + 6), (x0 + 8 + lean * 0.8, bottom - 7)):
        relief.face(disc(x + 2, y, 1.3, n=12), 6.9, shade(colour, 1.5), gloss=0.8)


def _slide(
    relief: Relief, rng: np.random.Generator, metal: Colour, edges: tuple[float, float, float, float],
) -> None:
    left, right, top, bottom = edges
    axis = (top + bottom) / 2 - 1
    relief.tube((left - rng.uniform(0, 4), axis), (left + 6, axis), 3.4, 3.4, metal)
    chin = rng.uniform(0, 4)
    body = outline((left + 1, top + 2), (left + 3, top), (right - 2, top), (right, top + 2), (right + 0.5, bottom),
                   (left + chin, bottom), (left, bottom - 3))
    relief.slab(body, -5, 4.4, metal, gloss=0.5)
    flat = outline((left + 2, top + 3.2), (right, top + 3.2), (right, bottom - 1), (left + chin + 1, bottom - 1))
    relief.slab(flat, 4.4, 5.4, shade(metal, 1.04), gloss=0.45)
    for x in np.arange(right - rng.uniform(12, 17), right - 2, 1.9):
        relief.face(stroke([(x, top + 3.5), (x - 1, bottom - 1.5)], 0.9), 4.6, shade(metal, 0.55))
    port = left + (right - left) * 0.42
    relief.face(outline((port, top + 0.6), (port + 17, top + 0.6), (port + 16, top + 6), (port + 1, top + 6)), 4.4,
                (168, 168, 166) if metal[0] < 90 else (70, 70, 72), gloss=0.6)
    relief.slab(box(left + 4, top - 2.4, left + 7, top), -0.8, 0.8, shade(metal, 0.8))
    relief.slab(box(right - 7, top - 2.8, right - 3, top), -3, 3, shade(metal, 0.8))
    relief.slab(curve((right - 1, top + 5), (right + 5, top + 2), (right + 4, top + 7), (right, bottom)), -1.6, 1.6,
                shade(metal, 0.85), gloss=0.4)
    lever = bottom + 3
    relief.slab(stroke([(port + 8, lever), (port + 22, lever - 1)], 2), 4.6, 6, shade(metal, 0.8), gloss=0.5)
    relief.face(disc(port + 4, lever + 1, 1.3, n=12), 5, shade(metal, 0.6), gloss=0.5)
    relief.face(stroke([(left + 22, bottom - 5), (left + 40, bottom - 5)], 1.3), 5.5, shade(metal, 0.72))


def draw_revolver(relief: Relief, rng: np.random.Generator, *, barrel: float | None = None) -> None:
    """A revolver; `barrel` is the barrel's length in units, by default 20 … 50."""
    metal = _pick(rng, STEELS)
    length = rng.uniform(20, 50) if barrel is None else barrel
    x, y, drum = -8 + length * 0.25, -16.0, rng.uniform(8.5, 10.5)
    _revolver_grip(relief, rng, metal, x + 26, y)
    _trigger(relief, x + 9, y + 12, 17, metal)
    relief.slab(curve((x - 2, y - 9), (x + 24, y - 10), (x + 34, y - 4), (x + 36, y + 10), (x + 26, y + 14),
                      (x - 1, y + 13), per_span=5), -4, 4, metal, gloss=0.45)
    relief.tube((x - length, y - 4), (x + 2, y - 4), 4.2, 4.4, metal, gloss=0.55)
    relief.slab(stroke([(x - length + 1, y - 8), (x, y - 8.5)], 1.8), -1.2, 1.2, shade(metal, 0.9), gloss=0.4)
    if rng.random() < 0.7:
        relief.tube((x - min(length * 0.8, 24), y + 3.5), (x, y + 3.5), 2.3, 2.6, shade(metal, 0.95), gloss=0.55)
    relief.slab(outline((x - length + 1, y - 8), (x - length + 8, y - 8), (x - length + 3, y - 12)), -0.8, 0.8, metal)
    _drum(relief, metal, x + 2, y + 2, drum)
    hammer = curve((x + 32, y - 2), (x + 34, y - 12), (x + 42, y - 15), (x + 40, y - 10), (x + 38, y + 4))
    relief.slab(hammer, -1.6, 1.6, shade(metal, 0.85), gloss=0.5)


def _drum(relief: Relief, metal: Colour, x: float, y: float, radius: float) -> None:
    """The cylinder, 19 units long, with flutes."""
    for angle in np.linspace(0, np.pi / 2, 8, endpoint=False):
        half = radius * float(np.cos(angle))
        relief.face(box(x, y - half, x + 19, y + half, radius=1.2), radius * float(np.sin(angle)), metal, gloss=0.6)
    for offset, width in ((-0.62, 1.7), (0.0, 3.2), (0.62, 1.7)):
        centre = y + offset * radius
        height = radius * float(np.sqrt(1 - offset**2)) - 1.6
        relief.face(capsule((x, centre), (x + 11, centre), width, width * 0.9), height, shade(metal, 0.72), gloss=0.6)
    for offset in (-0.5, 0.05, 0.55):
        relief.face(box(x + 15.5, y + offset * radius - 0.9, x + 17.6, y + offset * radius + 0.9), radius * 0.8,
                    shade(metal, 0.45))


def _revolver_grip(relief: Relief, rng: np.random.Generator, metal: Colour, x: float, y: float) -> None:
    drop, flare = rng.uniform(38, 47), rng.uniform(4, 9)
    grip = curve((x - 2, y + 8), (x + 3, y + 20), (x + 8, y + drop - 4), (x + 12, y + drop + 2),
                 (x + 22 + flare, y + drop - 1), (x + 22 + flare * 0.6, y + drop - 9), (x + 15, y + 16),
                 (x + 10, y + 2), (x + 4, y))
    relief.slab(grip, -4.5, 4, metal, gloss=0.4)
    wood = curve((x, y + 11), (x + 5, y + 22), (x + 10, y + drop - 4), (x + 13, y + drop),
                 (x + 20 + flare, y + drop - 2.4), (x + 19 + flare * 0.6, y + drop - 9), (x + 12.5, y + 17),
                 (x + 7, y + 9))
    colour = _pick(rng, GRIPS)
    for inset, z in ((1.0, 5.0), (0.93, 6.0), (0.8, 6.8), (0.6, 7.3)):
        middle = wood.mean(0)
        relief.face(middle + (wood - middle) * inset, z, colour, gloss=0.35)
    relief.face(disc(x + 9, y + 20, 1.6, n=14), 7.6, (190, 180, 150), gloss=0.8)


def draw_long_revolver(relief: Relief, rng: np.random.Generator) -> None:
    """A revolver with a barrel much longer than its grip."""
    draw_revolver(relief, rng, barrel=float(rng.uniform(56, 74)))


def draw_target_pistol(relief: Relief, rng: np.random.Generator) -> None:
    """A thin long barrel on a slanted grip, in the manner of Luger and Ruger pistols."""
    metal, lean = _pick(rng, STEELS), rng.uniform(14, 20)
    y = -18.0
    relief.slab(outline((-8, y), (40, y - 1), (47, y + 3), (46, y + 10), (-6, y + 11)), -4.5, 4.5, metal, gloss=0.45)
    relief.tube((-54 + rng.uniform(0, 12), y + 2.5), (0, y + 3), 2.6, 4.6, metal, gloss=0.55)
    relief.slab(outline((-50, y - 0.5), (-44, y - 0.5), (-46, y - 4)), -0.7, 0.7, metal)
    grip = curve((16, y + 9), (18 + lean * 0.4, y + 24), (20 + lean, y + 50), (40 + lean, y + 50),
                 (38 + lean * 0.6, y + 30), (38, y + 14), (42, y + 8))
    relief.slab(grip, -5, 5, metal, gloss=0.35)
    panel = grip.mean(0) + (grip - grip.mean(0)) * 0.82
    colour = _pick(rng, GRIPS)
    relief.slab(panel, 5, 6.3, colour, gloss=0.25)
    _checkering(relief, panel, 6.1, shade(colour, 0.7))
    _trigger(relief, -1, y + 10, 17, metal)
    relief.tube((34, y + 1), (41, y + 1), 4.2, 4.2, shade(metal, 0.85), gloss=0.6)


def draw_flintlock(relief: Relief, rng: np.random.Generator) -> None:
    """An old pistol: iron barrel on a curved wooden stock."""
    wood, metal = _pick(rng, GRIPS[2:5]), _pick(rng, STEELS[4:])
    stock = curve((-44, -8), (10, -9), (28, -8), (40, 2), (50, 22), (54, 30), (46, 33), (36, 20), (24, 6), (4, 1),
                  (-40, -2))
    relief.slab(stock, -4, 4, wood, gloss=0.35)
    relief.tube((-54, -10), (14, -10), 3.0, 4.2, metal, gloss=0.55, z=1)
    relief.tube((46, 30), (52, 30), 5, 5, (176, 140, 70), gloss=0.7)
    relief.slab(box(4, -8, 26, 0, radius=3), 4, 5.2, metal, gloss=0.5)
    relief.slab(curve((16, -6), (22, -20), (15, -24), (13, -20), (18, -17), (11, -5)), 3, 5, metal, gloss=0.5)
    relief.slab(outline((4, -8), (7, -18), (9, -17), (8, -7)), 3, 5, metal, gloss=0.5)
    _trigger(relief, 4, 1, 13, (176, 140, 70))


def draw_toy(relief: Relief, rng: np.random.Generator) -> None:
    """Look-alike: a bright plastic water pistol with a tank."""
    body, other = _pick(rng, TOYS), _pick(rng, TOYS)
    y = -20.0
    shell = curve((-38, y + 2), (-10, y - 3), (30, y - 4), (44, y + 4), (46, y + 26), (50, y + 52), (30, y + 54),
                  (22, y + 22), (-10, y + 17), (-38, y + 13))
    relief.slab(shell, -7, 7, body, gloss=0.6)
    relief.tube((-50, y + 7), (-36, y + 7), 3.5, 5.5, other, gloss=0.6)
    relief.tube((-4, y - 9), (26, y - 9), 8, 8, shade(other, 1.2), gloss=0.7, z=2)
    _trigger(relief, 4, y + 17, 16, other)
    relief.slab(box(-14, y + 3, 22, y + 9, radius=3), 7, 8, other, gloss=0.6)
    for x in (30.0, 33.0, 36.0, 39.0):
        relief.face(stroke([(x, y + 2), (x + 2, y + 14)], 1.2), 7.2, shade(body, 0.7))


def draw_from_above(relief: Relief, rng: np.random.Generator) -> None:
    """Look-alike: a pistol seen from above, hardly more than a dark bar with sights."""
    metal = _pick(rng, STEELS[:4])
    half = rng.uniform(9, 12)
    grip = curve((22, -half - 3), (44, -half - 2), (47, 0), (44, half + 2), (22, half + 3))
    relief.slab(grip, -12, -4, (34, 33, 33))
    relief.slab(box(-48, -half, 44, half, radius=2.5), -6, 5, metal, gloss=0.55)
    relief.slab(box(-46, -half * 0.55, 42, half * 0.55), 5, 6, shade(metal, 1.08), gloss=0.55)
    relief.slab(box(-8, -half * 0.6, 9, half * 0.95, radius=1), 6, 6.2, (120, 120, 118), gloss=0.6)
    relief.slab(box(-43, -1.3, -38, 1.3), 6, 8, (20, 20, 20))
    relief.slab(box(36, -half * 0.6, 40, -1.8), 6, 8.5, (20, 20, 20))
    relief.slab(box(36, 1.8, 40, half * 0.6), 6, 8.5, (20, 20, 20))
    for x in (26.0, 28.0, 30.0, 32.0, 34.0):
        relief.face(box(x, -half, x + 0.9, -half * 0.6), 4.5, shade(metal, 0.5))
        relief.face(box(x, half * 0.6, x + 0.9, half), 4.5, shade(metal, 0.5))


def draw_folding(relief: Relief, rng: np.random.Generator) -> None:
    """Look-alike: a folded pocket pistol, a flat box of the size of a telephone."""
    metal = _pick(rng, STEELS)
    half = rng.uniform(19, 25)
    relief.slab(box(-46, -half, 46, half, radius=5), -6, 6, metal, gloss=0.45)
    relief.slab(box(-44, -half + 2, 6, -half + 17, radius=2), 6, 7, shade(metal, 0.85), gloss=0.5)
    relief.face(box(-46, -half + 5, -41, -half + 13, radius=2), 7.4, (12, 12, 12), gloss=0.1)
    grip = box(-36, half - 17, 42, half - 2, radius=4)
    relief.slab(grip, 6, 7.5, _pick(rng, GRIPS), gloss=0.25)
    _checkering(relief, grip, 7.2, (24, 24, 24))
    relief.face(disc(30, -half + 10, 5), 6.6, shade(metal, 0.6), gloss=0.5)
    trigger = curve((12, -half + 8), (14, 0), (20, 3), is_closed=False)
    relief.slab(stroke(trigger, 2.4), 6, 8, shade(metal, 0.7), gloss=0.5)


PISTOLS: tuple[Callable[[Relief, np.random.Generator], None], ...] = (
    draw_semi_automatic, draw_semi_automatic, draw_revolver, draw_semi_automatic, draw_long_revolver, draw_revolver,
    draw_target_pistol, draw_semi_automatic, draw_flintlock,
)
HARD_PISTOLS: tuple[Callable[[Relief, np.random.Generator], None], ...] = (
    draw_toy, draw_from_above, draw_folding,
)
