"""Hands that hold things; drawn in two parts, behind the thing and in front of it."""

from __future__ import annotations

import numpy as np

from resources.sample_maker.relief import Colour, Relief, shade, vary
from resources.sample_maker.shapes import curve, disc

SKINS: tuple[Colour, ...] = (
    (236, 190, 160), (222, 168, 134), (198, 140, 104), (150, 98, 68), (104, 66, 46), (240, 200, 178),
)
SLEEVES: tuple[Colour, ...] = ((50, 60, 90), (40, 40, 42), (120, 40, 44), (150, 150, 154), (70, 90, 70))


class Hand:
    """One hand: a skin colour, and the thing's shape that it is to hold.

    Args:
        rng: Draws colours and small displacements.
        is_for_grip: True for a pistol's grip, False for an upright slab.
    """

    def __init__(self, rng: np.random.Generator, *, is_for_grip: bool) -> None:
        self._skin = vary(SKINS[int(rng.integers(len(SKINS)))], rng)
        self._sleeve = vary(SLEEVES[int(rng.integers(len(SLEEVES)))], rng)
        self._has_sleeve = bool(rng.random() < 0.6)
        self._jitter = rng.normal(0, 1.2, 8).tolist()
        self._is_for_grip = is_for_grip

    def draw_behind(self, relief: Relief) -> None:
        """Forearm and palm."""
        if self._is_for_grip:
            self._arm(relief, (50, 18), (170, 62))
            palm = curve((30, -8), (48, -10), (60, 6), (58, 26), (40, 32), (26, 20))
            relief.slab(palm, -10, -2, shade(self._skin, 0.95))
        else:
            self._arm(relief, (12, 48), (44, 170))
            palm = curve((-20, 10), (10, 2), (32, 8), (36, 40), (22, 62), (-8, 62), (-24, 40))
            relief.slab(palm, -14, -5, self._skin)

    def draw_front(self, relief: Relief) -> None:
        """Fingers and thumb."""
        if self._is_for_grip:
            for i, y in enumerate((2, 10.5, 18.5)):
                self._finger(relief, (49, y + 2), (21 + i * 2.5 + self._jitter[i], y + 3), 4.8)
            self._finger(relief, (47, -7), (16 + self._jitter[3], -9), 4.4)
            return
        for i, y in enumerate((-8, 4, 15.5, 26)):
            self._finger(relief, (33, y), (20.5 + self._jitter[i], y - 2), 5.4 - 0.3 * i)
        self._finger(relief, (-30, 40), (-15 + self._jitter[4], 12), 6.6)

    def _arm(self, relief: Relief, start: tuple[float, float], end: tuple[float, float]) -> None:
        relief.tube(start, end, 14, 20, self._skin, z=-30, gloss=0.05)
        if self._has_sleeve:
            middle = (start[0] * 0.7 + end[0] * 0.3, start[1] * 0.7 + end[1] * 0.3)
            relief.tube(middle, end, 19, 24, self._sleeve, z=-30, gloss=0.0)

    def _finger(self, relief: Relief, knuckle: tuple[float, float], tip: tuple[float, float], radius: float) -> None:
        relief.tube(knuckle, tip, radius * 1.1, radius * 0.88, self._skin, z=4, gloss=0.12)
        heading = 1 if tip[0] > knuckle[0] else -1
        relief.face(disc(tip[0] + heading * radius * 0.15, tip[1], radius * 0.5, radius_y=radius * 0.42, n=14),
                    4 + radius * 0.75, shade(self._skin, 1.1), gloss=0.35)
