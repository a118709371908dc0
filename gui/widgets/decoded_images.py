"""Images decoded in the background for the large views, with smaller copies for every zoom.

Drawing twelve million pixels into a window takes longer than a frame and, at less than half size, flickers. So each
image comes with its halves, quarters … and is drawn from the smallest that is large enough.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image
from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QImage

from core.errors import ImageUnreadable
from core.images.reading import read_rgb
from core.text import Message
from gui.widgets.background_query import NewestFirst
from gui.widgets.thumbnails import ImageKey, fit_image, to_qimage
from gui.widgets.tile import Tile

MAX_BYTES = 512 * 1024 * 1024
SMALLEST_SIDE_PX = 256


@dataclass(frozen=True, slots=True)
class Pyramid:
    """An image and its copies at a half, a quarter … of its size; at least the image itself."""

    levels: tuple[QImage, ...]

    @property
    def size(self) -> QSize:
        return self.levels[0].size()

    @property
    def n_bytes(self) -> int:
        return sum(level.sizeInBytes() for level in self.levels)

    def level_for(self, scale: float) -> QImage:
        """The smallest copy that need not be enlarged to draw the image at `scale` (> 0)."""
        wanted = self.size.width() * scale
        return next((level for level in reversed(self.levels) if level.width() >= wanted), self.levels[0])


class DecodedImages(QObject):
    """Decoded images, the current one and those beside it; lives in the GUI thread.

    Args:
        max_bytes: Bound of all images together; the one asked for first stays whatever its size.

    Signals:
        arrived(ImageKey key): this image is there now, or is known to be unreadable.
    """

    arrived = Signal(object)

    def __init__(self, *, max_bytes: int = MAX_BYTES, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._max_bytes = max_bytes
        self._images: OrderedDict[ImageKey, Pyramid | Message] = OrderedDict()
        self._threads = NewestFirst(_read, self._on_results, name="loupe", n_threads=1)

    def ask(self, keys: Sequence[ImageKey]) -> None:
        """Decode what is missing, the first one first; forgets what was asked before and has not begun."""
        for key in reversed(keys):
            if key in self._images:
                self._images.move_to_end(key)
        self._threads.ask(self, [key for key in keys if key not in self._images])

    def forget(self) -> None:
        """Let go of what was decoded, and decode nothing that was asked for and has not begun."""
        self._threads.ask(self, [])
        self._images.clear()

    def forget_reasons(self) -> None:
        """Look again at images that could not be read; their files may be others now."""
        for key in [key for key, image in self._images.items() if isinstance(image, Message)]:
            del self._images[key]

    def get(self, key: ImageKey) -> Pyramid | None:
        image = self._images.get(key)
        return image if isinstance(image, Pyramid) else None

    def reason(self, key: ImageKey) -> str:
        """Why the image cannot be shown, "" if that is not known."""
        image = self._images.get(key)
        return str(image) if isinstance(image, Message) else ""

    def close(self) -> None:
        """End the thread and let go of the images."""
        self._threads.close()
        self._images.clear()

    def _on_results(self, results: list[tuple[ImageKey, Pyramid | Message]]) -> None:
        for key, image in results:
            self._images[key] = image
            self._shrink()
            self.arrived.emit(key)

    def _shrink(self) -> None:
        sizes = {k: p.n_bytes if isinstance(p, Pyramid) else 0 for k, p in self._images.items()}
        total = sum(sizes.values())
        for key in list(self._images)[:-1]:
            if total <= self._max_bytes:
                return
            total -= sizes[key]
            del self._images[key]


def key_of(tile: Tile) -> ImageKey:
    """The key of all pixels of an image."""
    return ImageKey(tile.path, tile.content_hash)


def build_pyramid(image: Image.Image) -> Pyramid:
    """The image, of mode RGB, with all its halves down to a side of 256 pixels."""
    levels = [to_qimage(np.asarray(image))]
    while max(image.size) >= 2 * SMALLEST_SIDE_PX:
        image = image.resize((max(image.width // 2, 1), max(image.height // 2, 1)), Image.Resampling.BOX)
        levels.append(to_qimage(np.asarray(image)))
    return Pyramid(tuple(levels))


def _read(key: ImageKey) -> Pyramid | Message:
    """In the worker thread: the image, or the reason why there is none."""
    try:
        image = read_rgb(key.path, key.content_hash, side_px=key.side_px or None)
        return Pyramid((fit_image(image, key.side_px),)) if key.side_px else build_pyramid(image)
    except ImageUnreadable as error:
        return error.message
