"""Thumbnails as pixmaps of the size in which they are drawn: decoded and scaled in threads, bounded in bytes.

A worker thread scales to the exact number of device pixels, so that painting is a plain copy: scaling while painting
costs more than all the rest of a frame. It does so with Pillow, which lets go of Python's lock; QImage holds it while
it decodes and scales, and the window waits.
"""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QWidget

from core.errors import ImageUnreadable
from core.images.reading import read_rgb
from core.images.thumbnails import ThumbnailStore, make_thumbnail
from core.text import Message
from gui.session import Session
from gui.widgets.image_model import ImageModel
from gui.widgets.background_query import NewestFirst
from gui.widgets.tile import Tile

MAX_BYTES = 256 * 1024 * 1024
N_THREADS = 2

SHARP_FROM_PX = 384
"""From this side on a stored thumbnail (256 pixels) looks soft, and the image itself is read."""

LoadThumbnail = Callable[[Path, bytes], bytes]
"""From path and content hash to an encoded thumbnail; raises `ImageUnreadable`."""


@dataclass(frozen=True, slots=True)
class ImageKey:
    """One state of one file in one size: another content at the same place is another image.

    Attributes:
        path: Where it lies.
        content_hash: What it must hold.
        side_px: Decoded to fit a square of so many device pixels, which a JPEG can do at an eighth of its size; 0
            for every pixel, which no thumbnail has.
    """

    path: Path
    content_hash: bytes
    side_px: int = 0


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A pixmap fitted into a square of `side_px` device pixels."""

    pixmap: QPixmap
    side_px: int

    @property
    def n_bytes(self) -> int:
        return self.pixmap.width() * self.pixmap.height() * 4


class ThumbnailCache(QObject):
    """The thumbnails that were lately in sight; lives in the GUI thread.

    Args:
        load: Where encoded thumbnails come from, see `load_stored`; called in worker threads.
        max_bytes: Upper bound of all pixmaps together; the longest unseen go first.
        n_threads: Worker threads, at least 1.

    Attributes:
        paused, is_busy: Of its threads.

    Signals:
        arrived(frozenset[bytes] content_hashes): these are there now, or are known to be unreadable.
    """

    arrived = Signal(object)

    def __init__(
        self, load: LoadThumbnail, *, max_bytes: int = MAX_BYTES, n_threads: int = N_THREADS,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._load = load
        self._max_bytes = max_bytes
        self._n_bytes = 0
        self._thumbnails: OrderedDict[bytes, Thumbnail] = OrderedDict()
        self._reasons: dict[bytes, Message] = {}
        self._threads = NewestFirst(self._read, self._on_results, name="thumbnails", n_threads=n_threads)
        self.paused, self.is_busy = self._threads.paused, self._threads.is_busy

    def get(self, content_hash: bytes) -> Thumbnail | None:
        """The thumbnail if it is there, perhaps of another size than now wanted; never decodes."""
        thumbnail = self._thumbnails.get(content_hash)
        if thumbnail is not None:
            self._thumbnails.move_to_end(content_hash)
        return thumbnail

    def reason(self, content_hash: bytes) -> str:
        """Why there is no thumbnail, in one sentence; "" if it is not known to be unreadable."""
        return str(self._reasons.get(content_hash, ""))

    def is_missing(self, content_hash: bytes, side_px: int) -> bool:
        """Whether a thumbnail of that size would have to be read."""
        if content_hash in self._reasons:
            return False
        thumbnail = self._thumbnails.get(content_hash)
        return thumbnail is None or thumbnail.side_px != side_px

    def ask(self, asker: object, requests: Iterable[ImageKey]) -> None:
        """Ask for what is missing; replaces what the same asker asked before and no thread has begun.

        Args:
            asker: Whoever shows them, such as a view.
            requests: The most wanted first; those that are there in that size cost nothing.
        """
        self._threads.ask(asker, [r for r in requests if self.is_missing(r.content_hash, r.side_px)])

    def set_max_bytes(self, max_bytes: int) -> None:
        """Another upper bound from now on; what is too much goes at once."""
        self._max_bytes = max_bytes
        self._shrink()

    def forget(self) -> None:
        """Read all images anew when they are next asked for."""
        self._thumbnails.clear()
        self._reasons.clear()
        self._n_bytes = 0

    def forget_reasons(self) -> None:
        """Look again at images that could not be read; their files may be others now."""
        self._reasons.clear()

    def close(self) -> None:
        """End the threads; must be called before the program ends."""
        self._threads.close()

    def _read(self, request: ImageKey) -> QImage | Message:
        """In a worker thread: the scaled image, or the reason why there is none."""
        try:
            return fit_image(self._read_image(request), request.side_px)
        except ImageUnreadable as error:
            return error.message

    def _read_image(self, request: ImageKey) -> Image.Image:
        """From the image itself where the thumbnail would look soft; if it is gone, the thumbnail must do."""
        if request.side_px >= SHARP_FROM_PX:
            try:
                return read_rgb(request.path, request.content_hash, side_px=request.side_px)
            except ImageUnreadable:
                pass
        return read_rgb(io.BytesIO(self._load(request.path, request.content_hash)), None)

    def _on_results(self, results: list[tuple[ImageKey, QImage | Message]]) -> None:
        for request, result in results:
            if isinstance(result, Message):
                self._reasons[request.content_hash] = result
            else:
                self._keep(request.content_hash, Thumbnail(QPixmap.fromImage(result), request.side_px))
        self.arrived.emit(frozenset(request.content_hash for request, _ in results))

    def _keep(self, content_hash: bytes, thumbnail: Thumbnail) -> None:
        self._drop(content_hash)
        self._thumbnails[content_hash] = thumbnail
        self._n_bytes += thumbnail.n_bytes
        self._shrink()

    def _shrink(self) -> None:
        while self._n_bytes > self._max_bytes:
            self._drop(next(iter(self._thumbnails)))

    def _drop(self, content_hash: bytes) -> None:
        thumbnail = self._thumbnails.pop(content_hash, None)
        if thumbnail is not None:
            self._n_bytes -= thumbnail.n_bytes


def load_stored(store: ThumbnailStore, path: Path, content_hash: bytes) -> bytes:
    """An encoded thumbnail from the project's store, made and kept where it lacks it."""
    data = store.get(content_hash)
    if data is None:
        data = make_thumbnail(path, content_hash=content_hash)
        store.put(content_hash, data)
    return data


def fit_image(image: Image.Image, side_px: int) -> QImage:
    """The image fitted into a square, enlarged if it must be, in the format that paints fastest.

    Args:
        image: Of mode RGB.
        side_px: Of the square, ≥ 1.
    """
    scale = side_px / max(image.size)
    size = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
    return to_qimage(np.asarray(image.resize(size, Image.Resampling.BICUBIC)))


def to_qimage(pixels: np.ndarray) -> QImage:
    """(height, width, 3) uint8 RGB as an opaque Qt image with a memory of its own."""
    height, width, _ = pixels.shape
    words = np.full((height, width, 4), 255, dtype=np.uint8)
    words[:, :, :3] = pixels[:, :, ::-1]
    return QImage(words.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()


class ProjectThumbnails(QObject):
    """Owns the one `ThumbnailCache` of the window and changes its store with the project.

    Args:
        session: Whose project's thumbnails are shown.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._store: ThumbnailStore | None = None
        self.cache = ThumbnailCache(self._load, parent=self)
        session.project_changed.connect(self._on_session_project_changed)
        session.images_changed.connect(self.cache.forget_reasons)

    def close(self) -> None:
        """End the threads and let go of the file."""
        self.cache.close()
        self._drop_store()

    def _on_session_project_changed(self) -> None:
        self._drop_store()
        self.cache.forget()
        if self._session.is_open:
            self._store = ThumbnailStore(self._session.project.thumbnails_path)

    def _drop_store(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            store.close()

    def _load(self, path: Path, content_hash: bytes) -> bytes:
        """In a worker thread; the store may be closed meanwhile, which it survives."""
        store = self._store
        if store is None or not content_hash:
            return make_thumbnail(path)
        return load_stored(store, path, content_hash)


AHEAD_AFTER_MS = 150
"""So long the view must rest before thumbnails out of sight are asked for."""


class ThumbnailRequester(QObject):
    """Keeps one view's questions to the cache up to date; what has scrolled away is no longer asked for.

    Args:
        model: The images of the view.
        thumbnails: Where they are asked for.
        visible_rows: The rows in sight.
        side_px: The size wanted, in logical pixels.
        parent: The view.

    Signals:
        rested(): the view has not moved for a moment.
    """

    rested = Signal()

    def __init__(
        self, model: ImageModel, thumbnails: ThumbnailCache, *,
        visible_rows: Callable[[], range], side_px: Callable[[], int], parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._images, self._thumbnails, self._view = model, thumbnails, parent
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
        self.rested.emit()

    def _ask(self, tiles: list[Tile]) -> None:
        side_px = round(self._side_px() * self._view.devicePixelRatioF())
        self._thumbnails.ask(self, [
            ImageKey(tile.path, tile.content_hash, side_px)
            for tile in tiles if tile.content_hash and not tile.is_unreadable
        ])
