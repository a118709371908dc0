"""Images in an order of their own with a few words on each, as a grid shows them: similarity, contribution."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from core.project.project import Project
from core.text import Message
from gui.widgets.tile import Tile

Question = Callable[[Project], np.ndarray]


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """A list of images.

    Attributes:
        title: What they are, as it stands in the chip of the filter.
        order: By what they are ordered.
        ids: In their order, (n_images,) int64, each once.
        notes: What stands on the image of each, by id.
    """

    title: Message
    order: Message
    ids: np.ndarray
    notes: Mapping[int, Message]

    def is_of(self, image_ids: tuple[int, ...]) -> bool:
        """Whether a filter lets these images through and no others."""
        return image_ids == tuple(self.ids.tolist())

    def ordered(self, question: Question) -> Question:
        """The same question with its answer in this order."""

        def ask(project: Project) -> np.ndarray:
            return self.ids[np.isin(self.ids, question(project))]

        return ask


def with_notes(tiles: list[Tile], ranking: Ranking | None) -> list[Tile]:
    """The tiles with what stands on each."""
    if ranking is None:
        return tiles
    return [replace(tile, note=str(ranking.notes[tile.id])) if tile.id in ranking.notes else tile for tile in tiles]
