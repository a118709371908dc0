"""Whole pictures for the loupe, decoded in the background, with smaller copies for every zoom.

Drawing twelve million pixels into a window takes longer than a frame and, at less than
half size, flickers. So each picture comes with its halves, quarters … and is drawn from the
smallest that is large enough.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QImage

from core.errors import ImageUnreadable
from core.images.reading import read_rgb
from core.text import Message
from gui.widgets.newest_first import NewestFirst
from gui.widgets.thumbnails import to_qimage
from gui.widgets.tile import Tile

MAX_BYTES = 512 * 1024 * 1024
SMALLEST_SIDE_PX = 256


@dataclass(frozen=True, slots=True)
class ImageKey:
    """One state of one file: another content at the same place is another picture."""

    path: Path
    content_hash: bytes


@dataclass(frozen=True, slots=True)
class Pyramid:
    """A picture and its copies at a half, a quarter … of its size; at least the picture itself."""

    levels: tuple[QImage, ...]

    @property
    def size(self) -> QSize:
        return self.levels[0].size()

    @property
    def n_bytes(self) -> int:
        return sum(level.sizeInBytes() for level in self.levels)

    def level_for(self, scale: float) -> QImage:
        """The smallest copy that need not be enlarged to draw the picture at `scale` (> 0)."""
        wanted = self.size.width() * scale
        return next((level for level in reversed(self.levels) if level.width() >= wanted), self.levels[0])


class FullImages(QObject):
    """Decoded pictures, the current one and those beside it; lives in the GUI thread.

    Args:
        max_bytes: Bound of all pictures together; the one asked for first stays whatever its size.

    Signals:
        arrived(ImageKey key): this picture is there now, or is known to be unreadable.
    """

    arrived = Signal(object)

    def __init__(self, *, max_bytes: int = MAX_BYTES, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._max_bytes = max_bytes
        self._pictures: OrderedDict[ImageKey, Pyramid | Message] = OrderedDict()
        self._threads = NewestFirst(_read, self._on_results, name="loupe", n_threads=1)

    def ask(self, keys: Sequence[ImageKey]) -> None:
        """Decode what is missing, the first one first; forgets what was asked before and has not begun."""
        for key in reversed(keys):
            if key in self._pictures:
                self._pictures.move_to_end(key)
        self._threads.ask(self, [key for key in keys if key not in self._pictures])

    def forget_reasons(self) -> None:
        """Look again at pictures that could not be read; their files may be others now."""
        for key in [key for key, picture in self._pictures.items() if isinstance(picture, Message)]:
            del self._pictures[key]

    def get(self, key: ImageKey) -> Pyramid | None:
        picture = self._pictures.get(key)
        return picture if isinstance(picture, Pyramid) else None

    def reason(self, key: ImageKey) -> str:
        """Why the picture cannot be shown, "" if that is not known."""
        picture = self._pictures.get(key)
        return str(picture) if isinstance(picture, Message) else ""

    def close(self) -> None:
        """End the thread and let go of the pictures."""
        self._threads.close()
        self._pictures.clear()

    def _on_results(self, results: list[tuple[ImageKey, Pyramid | Message]]) -> None:
        for key, picture in results:
            self._pictures[key] = picture
            self._shrink()
            self.arrived.emit(key)

    def _shrink(self) -> None:
        sizes = {k: p.n_bytes if isinstance(p, Pyramid) else 0 for k, p in self._pictures.items()}
        total = sum(sizes.values())
        for key in list(self._pictures)[:-1]:
            if total <= self._max_bytes:
                return
            total -= sizes[key]
            del self._pictures[key]


def key_of(tile: Tile) -> ImageKey:
    return ImageKey(tile.path, tile.content_hash)


def build_pyramid(image: Image.Image) -> Pyramid:
    """The image, of mode RGB, with all its halves down to a side of 256 pixels."""
    levels = [to_qimage(np.asarray(image))]
    while max(image.size) >= 2 * SMALLEST_SIDE_PX:
        image = image.resize((max(image.width // 2, 1), max(image.height // 2, 1)), Image.Resampling.BOX)
        levels.append(to_qimage(np.asarray(image)))
    return Pyramid(tuple(levels))


def _read(key: ImageKey) -> Pyramid | Message:
    """In the worker thread: the picture, or the reason why there is none."""
    try:
        return build_pyramid(read_rgb(key.path, key.content_hash))
    except ImageUnreadable as error:
        return error.message
