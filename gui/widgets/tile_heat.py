"""Heat maps in the tiles of a grid: thumbnails with the evidence for the predicted class over them."""

from __future__ import annotations

from collections import OrderedDict

from gui.widgets.heat_maps import Heat, HeatMaps
from gui.widgets.heat_painter import overlaid
from gui.widgets.thumbnails import Thumbnail
from gui.widgets.tile import Tile

MAX_KEPT = 300
"""More tiles than a screen has room for."""


class TileHeat:
    """Puts heat maps over thumbnails, and keeps those that were painted last.

    Args:
        heat: Where the maps come from; None for none.
    """

    def __init__(self, heat: HeatMaps | None) -> None:
        self._heat = heat
        self._kept: OrderedDict[bytes, tuple[int, Heat, Thumbnail]] = OrderedDict()

    @property
    def is_on(self) -> bool:
        return self._heat is not None and self._heat.is_in_tiles

    def over(self, tile: Tile, thumbnail: Thumbnail) -> Thumbnail:
        """The thumbnail with its heat map, where there is one and it is wanted; else the thumbnail itself."""
        found = self._heat.get(tile.id, tile.content_hash) if self._heat is not None and self.is_on else None
        if found is None:
            return thumbnail
        key = thumbnail.pixmap.cacheKey()
        kept = self._kept.get(tile.content_hash)
        if kept is None or kept[0] != key or kept[1] is not found:
            kept = key, found, Thumbnail(overlaid(thumbnail.pixmap, found.images[0]), thumbnail.side_px)
            self._kept[tile.content_hash] = kept
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(tile.content_hash)
        return kept[2]
