"""How quick the grid is at a million images; a part of `benchmarks.gui`.

Offscreen, with tiles out of thin air and photographs drawn in memory, so that neither the
catalog nor the disk is measured. Frames are painted into a picture of the window's size, as
the raster engine of Qt's widgets does on every platform.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402
from PySide6.QtCore import QCoreApplication, QEvent, QSize  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from benchmarks.figures import Figure, hand_over, measure_act, percentile  # noqa: E402
from gui.garbage import GarbageInThisThread  # noqa: E402
from gui.widgets.grid_view import GridView  # noqa: E402
from gui.widgets.image_model import ImageModel  # noqa: E402
from gui.widgets.selection import ImageSelectionModel  # noqa: E402
from gui.widgets.thumbnails import ThumbnailCache  # noqa: E402
from gui.widgets.tile import Tile  # noqa: E402

N_IMAGES = 1_000_000
N_PICTURES = 64
N_FRAMES = 400
N_CACHED_PAGES = 6
WINDOWS = ((QSize(1400, 900), 144), (QSize(1400, 900), 64), (QSize(2560, 1440), 144))


class ThinAir:
    """Tiles of ids: three classes, a differing prediction on every seventh."""

    CLASSES = (("pistol", "#E69F00", "■"), ("smartphone", "#56B4E9", "◆"), ("flower", "#009E73", "●"))

    def tiles(self, ids: np.ndarray) -> list[Tile]:
        return [self._tile(i) for i in ids.tolist()]

    def _tile(self, i: int) -> Tile:
        label, color, sign = self.CLASSES[i % 3]
        says = self.CLASSES[(i + (i % 7 == 0)) % 3][0]
        return Tile(
            i, Path("/nowhere"), i.to_bytes(32, "big"), f"{i}.jpg", label=label, color=color, sign=sign,
            prediction=says, confidence=(i % 100) / 100, width=640, height=480,
        )


def draw_pictures() -> list[bytes]:
    """Noisy JPEG pictures of 256 × 192, as the thumbnail store keeps them."""
    rng = np.random.default_rng(0)
    pictures = []
    for _ in range(N_PICTURES):
        coarse = Image.fromarray(rng.integers(0, 255, (24, 32, 3), dtype=np.uint8))
        encoded = io.BytesIO()
        coarse.resize((256, 192)).save(encoded, "JPEG", quality=85)
        pictures.append(encoded.getvalue())
    return pictures


def settle(thumbnails: ThumbnailCache) -> None:
    """Let every thumbnail that is wanted arrive."""
    while True:
        QCoreApplication.processEvents()
        if not thumbnails.is_busy():
            return


def frames_of(grid: GridView, step_px: int, n_pages: int) -> list[tuple[float, float]]:
    """Milliseconds of each frame, by the clock and of this thread, scrolling up and down over some pages."""
    bar = grid.verticalScrollBar()
    span = n_pages * grid.viewport().height()

    def move(way: int) -> None:
        bar.setValue(min(way, 2 * span - way))
        QCoreApplication.processEvents()

    ways = [(frame + 1) * step_px % (2 * span) for frame in range(N_FRAMES)]
    return [measure_act(lambda way=way: move(way)) for way in ways]


def cache_pages(grid: GridView, thumbnails: ThumbnailCache) -> None:
    """Look at some pages until all their thumbnails are there, and come back to the top."""
    for page in reversed(range(N_CACHED_PAGES + 1)):
        grid.verticalScrollBar().setValue(page * grid.viewport().height())
        settle(thumbnails)


def measure(size: QSize, side_px: int) -> list[Figure]:
    pictures = draw_pictures()
    thumbnails = ThumbnailCache(lambda path, key: pictures[int.from_bytes(key, "big") % N_PICTURES])
    model = ImageModel(ThinAir().tiles)
    grid = GridView(model, ImageSelectionModel(model), thumbnails)
    grid.resize(size)
    grid.set_tile_side(side_px)
    grid.show()
    QCoreApplication.processEvents()
    model.set_ids(np.arange(N_IMAGES))
    found = [("first paint", *measure_act(grid.viewport().repaint), 50)]

    def jump() -> None:
        grid.scrollToBottom()
        grid.viewport().repaint()

    found.append(("jump to the end", *measure_act(jump), 50))
    settle(thumbnails)
    cache_pages(grid, thumbnails)
    where = f"grid of a million, {size.width()} × {size.height()}, tiles from {side_px} px: "
    figures = [Figure(where + what, wall, busy, limit) for what, wall, busy, limit in found]
    page = grid.viewport().height()
    for what, step in (("by wheel", 60), ("by pages", page)):
        words = f"{where}frame while scrolling {what}, thumbnails cached, p99"
        figures.append(percentile(words, frames_of(grid, step, N_CACHED_PAGES), 99, 16))
    thumbnails.close()
    grid.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return figures


def main() -> None:
    application = QApplication.instance() or QApplication([])
    assert application is not None
    GarbageInThisThread(application)  # as in the program, or a collection of all objects falls into one of the frames
    for size, side_px in WINDOWS:
        hand_over(measure(size, side_px))


if __name__ == "__main__":
    main()
