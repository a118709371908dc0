"""Asks for the thumbnails that a view needs, after the frame that missed them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from gui.widgets.image_model import ImageModel
from gui.widgets.thumbnails import ThumbnailCache, ThumbnailRequest
from gui.widgets.tile import Tile

AHEAD_AFTER_MS = 150
"""So long the view must rest before thumbnails out of sight are asked for."""


class ThumbnailAsker(QObject):
    """Keeps one view's questions to the cache up to date; what has scrolled away is no longer asked for.

    Args:
        model: The images of the view.
        thumbnails: Where they are asked for.
        visible_rows: The rows in sight.
        side_px: The size wanted, in device pixels.
        parent: The view.
    """

    def __init__(
        self, model: ImageModel, thumbnails: ThumbnailCache, *,
        visible_rows: Callable[[], range], side_px: Callable[[], int], parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._images, self._thumbnails = model, thumbnails
        self._visible_rows, self._side_px = visible_rows, side_px
        self._ask_timer = QTimer(self, singleShot=True, interval=0)
        self._ask_timer.timeout.connect(self._on_ask_timer_timeout)
        self._ahead_timer = QTimer(self, singleShot=True, interval=AHEAD_AFTER_MS)
        self._ahead_timer.timeout.connect(self._on_ahead_timer_timeout)

    def ask_soon(self) -> None:
        """Other images are in sight, or the same in another size."""
        self._ask_timer.start()

    def _on_ask_timer_timeout(self) -> None:
        """Ask for what is in sight, and for no more while it moves."""
        visible = self._visible_rows()
        self._ask(self._images.tiles(visible.start, visible.stop - 1))
        self._ahead_timer.start()

    def _on_ahead_timer_timeout(self) -> None:
        """Ask for what is in sight, then for one page below and one above."""
        visible = self._visible_rows()
        page = len(visible)
        below = self._images.tiles(visible.start, visible.stop + page - 1)
        self._ask(below + self._images.tiles(visible.start - page, visible.start - 1))

    def _ask(self, tiles: list[Tile]) -> None:
        side_px = self._side_px()
        readable = (tile for tile in tiles if tile.content_hash and not tile.is_unreadable)
        missing = (tile for tile in readable if self._thumbnails.is_missing(tile.content_hash, side_px))
        self._thumbnails.ask(self, [ThumbnailRequest(tile.content_hash, tile.path, side_px) for tile in missing])
