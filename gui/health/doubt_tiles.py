"""Tiles that say of each image what the finding says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from gui.widgets.tile import Tile, TileSource


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is said of one image: in words, and the suggested class where there is one.

    No probability beside it: that of the run is in the inspector, and another number here would contradict it.
    """

    words: str
    suggested: str | None = None


class DoubtTiles:
    """A `TileSource` over another.

    Args:
        source: Knows the images.
    """

    def __init__(self, source: TileSource) -> None:
        self._source = source
        self._doubts: Mapping[int, Doubt] = {}

    def set_doubts(self, doubts: Mapping[int, Doubt]) -> None:
        """What to say, by image id."""
        self._doubts = doubts

    def find(self, image_id: int) -> Doubt | None:
        """What is said of an image."""
        return self._doubts.get(image_id)

    def tiles(self, ids: np.ndarray) -> list[Tile]:
        """See `TileSource`."""
        return [self._with_doubt(tile) for tile in self._source.tiles(ids)]

    def _with_doubt(self, tile: Tile) -> Tile:
        doubt = self._doubts.get(tile.id)
        if doubt is None:
            return tile
        if doubt.suggested is None:
            return replace(tile, doubt=doubt.words)
        return replace(tile, doubt=doubt.words, prediction=doubt.suggested, confidence=None)
