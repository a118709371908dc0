"""A hand that holds a leaf by its stalk; drawn in two parts, behind the leaf and in front of it."""

from __future__ import annotations

import numpy as np

from resources.sample_maker.relief import Colour, Relief, shade, vary
from resources.sample_maker.shapes import curve, disc

SKINS: tuple[Colour, ...] = (
    (236, 190, 160), (222, 168, 134), (198, 140, 104), (150, 98, 68), (104, 66, 46), (240, 200, 178),
)
SLEEVES: tuple[Colour, ...] = ((50, 60, 90), (40, 40, 42), (120, 40, 44), (150, 150, 154), (70, 90, 70))


class Hand:
    """One hand below the leaf: a skin colour, perhaps a sleeve.

    Args:
        rng: Draws colours and small displacements.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._skin = vary(SKINS[int(rng.integers(len(SKINS)))], rng)
        self._sleeve = vary(SLEEVES[int(rng.integers(len(SLEEVES)))], rng)
        self._has_sleeve = bool(rng.random() < 0.6)
        self._jitter = rng.normal(0, 1.5, 4).tolist()

    def draw_behind(self, relief: Relief) -> None:
        """Forearm, palm and the forefinger that the stalk lies on."""
        relief.tube((16, 88), (60, 190), 14, 20, self._skin, z=-30, gloss=0.05)
        if self._has_sleeve:
            relief.tube((30, 122), (64, 200), 19, 24, self._sleeve, z=-30, gloss=0.0)
        palm = curve((-6, 62), (10, 54), (30, 62), (38, 84), (26, 104), (4, 100), (-8, 82))
        relief.slab(palm, -14, -5, self._skin)
        self._finger(relief, (22, 62), (-6 + self._jitter[0], 44), 5.2, z=-6)
        for i, y in enumerate((70, 79, 87)):
            self._finger(relief, (30, y + 2), (6 + 2 * i + self._jitter[i], y), 5.0, z=-2)

    def draw_front(self, relief: Relief) -> None:
        """The thumb."""
        self._finger(relief, (8, 84), (1 + self._jitter[3], 47), 6.2, z=4)

    def _finger(
        self, relief: Relief, knuckle: tuple[float, float], tip: tuple[float, float], radius: float, *, z: float,
    ) -> None:
        relief.tube(knuckle, tip, radius * 1.1, radius * 0.88, self._skin, z=z, gloss=0.12)
        nail = disc(tip[0], tip[1] + radius * 0.1, radius * 0.42, radius_y=radius * 0.5, n=14)
        relief.face(nail, z + radius * 0.75, shade(self._skin, 1.1), gloss=0.35)
