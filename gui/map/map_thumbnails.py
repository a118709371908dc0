"""Thumbnails of points, in whatever size the pool has: the grid beside the map asks for the same ones in its own."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPixmap

from gui.session import Session
from gui.widgets.thumbnails import ImageKey, ThumbnailCache
from gui.widgets.tile import Tile, catalog_tiles

ASKED_SIDE_PX = 128
MOST_KEPT = 2_000


class MapThumbnails(QObject):
    """Tiles and thumbnails by image id.

    Signals:
        arrived(): some that were asked for are there.
    """

    arrived = Signal()

    def __init__(self, session: Session, cache: ThumbnailCache, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._cache = session, cache
        self._tiles: dict[int, Tile] = {}
        self._wanted: frozenset[bytes] = frozenset()
        cache.arrived.connect(self._on_cache_arrived)
        for changed in (session.labels_changed, session.classes_changed, session.run_chosen, session.images_changed,
                        session.project_changed):
            changed.connect(self._tiles.clear)

    def tile(self, image_id: int) -> Tile:
        """What is known of an image."""
        return self.tiles([image_id])[0]

    def tiles(self, ids: list[int]) -> list[Tile]:
        """One an id, in their order."""
        missing = [image_id for image_id in ids if image_id not in self._tiles]
        if len(self._tiles) + len(missing) > MOST_KEPT:
            self._tiles.clear()
            missing = ids
        if missing:
            found = catalog_tiles(self._session, np.array(missing, np.int64))
            self._tiles.update(zip(missing, found, strict=True))
        return [self._tiles[image_id] for image_id in ids]

    def pixmaps(self, ids: list[int]) -> dict[int, QPixmap]:
        """Those that are there, by image id; the others are asked for."""
        found, requests = dict[int, QPixmap](), list[ImageKey]()
        for image_id, tile in zip(ids, self.tiles(ids), strict=True):
            thumbnail = self._cache.get(tile.content_hash)
            if thumbnail is not None:
                found[image_id] = thumbnail.pixmap
            elif tile.content_hash and not tile.is_unreadable:
                requests.append(ImageKey(tile.path, tile.content_hash, ASKED_SIDE_PX))
        self._wanted = frozenset(request.content_hash for request in requests)
        self._cache.ask(self, requests)
        return found

    def _on_cache_arrived(self, contents: frozenset[bytes]) -> None:
        if contents & self._wanted:
            self.arrived.emit()
