"""How quick the grid is at a million images: `python -m benchmarks.gui_grid`.

Offscreen, with tiles out of thin air and photographs drawn in memory, so that neither the
catalog nor the disk is measured. Frames are painted into a picture of the window's size, as
the raster engine of Qt's widgets does on every platform.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, thread_time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np  # noqa: E402
import psutil  # noqa: E402
from PIL import Image  # noqa: E402
from PySide6.QtCore import QCoreApplication, QEvent, QSize  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from gui.library.grid_view import GridView  # noqa: E402
from gui.library.image_model import ImageModel  # noqa: E402
from gui.library.selection import ImageSelectionModel  # noqa: E402
from gui.library.thumbnails import ThumbnailCache  # noqa: E402
from gui.library.tile import Tile  # noqa: E402

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


def milliseconds(act: Callable[[], object]) -> float:
    started = perf_counter()
    act()
    return (perf_counter() - started) * 1000


def settle(thumbnails: ThumbnailCache) -> None:
    """Let every thumbnail that is wanted arrive."""
    while True:
        QCoreApplication.processEvents()
        if not thumbnails.is_busy():
            return


def frames_of(grid: GridView, step_px: int, n_pages: int) -> np.ndarray:
    """Milliseconds of each frame while scrolling up and down over some pages.

    Returns:
        (N_FRAMES, 2) float64: by the clock, and of the processor for the window's thread alone, which
        does not change with what else the computer does.
    """
    bar = grid.verticalScrollBar()
    span = n_pages * grid.viewport().height()
    seconds = []
    for frame in range(N_FRAMES):
        way = (frame + 1) * step_px % (2 * span)
        started, started_cpu = perf_counter(), thread_time()
        bar.setValue(min(way, 2 * span - way))
        QCoreApplication.processEvents()
        seconds.append((perf_counter() - started, thread_time() - started_cpu))
    return np.array(seconds) * 1000


def cache_pages(grid: GridView, thumbnails: ThumbnailCache) -> None:
    """Look at some pages until all their thumbnails are there, and come back to the top."""
    for page in reversed(range(N_CACHED_PAGES + 1)):
        grid.verticalScrollBar().setValue(page * grid.viewport().height())
        settle(thumbnails)


def measure(size: QSize, side_px: int) -> list[tuple[str, str]]:
    pictures = draw_pictures()
    thumbnails = ThumbnailCache(lambda path, key: pictures[int.from_bytes(key, "big") % N_PICTURES])
    model = ImageModel(ThinAir())
    selection = ImageSelectionModel(model)
    grid = GridView(model, selection, thumbnails)
    grid.resize(size)
    grid.set_tile_side(side_px)
    grid.show()
    QCoreApplication.processEvents()
    ids = np.arange(N_IMAGES)
    rows = [("ids of a million set", f"{milliseconds(lambda: model.set_ids(ids)):.1f} ms")]
    rows.append(("first paint", f"{milliseconds(grid.viewport().repaint):.1f} ms"))
    rows.append((f"tiles in sight ({grid.tile_side} px)", f"{len(grid.visible_rows())}"))

    def jump() -> None:
        grid.scrollToBottom()
        grid.viewport().repaint()

    rows.append(("jump to the end", f"{milliseconds(jump):.1f} ms"))
    settle(thumbnails)
    rows.append(("whole frame, thumbnails there", f"{milliseconds(grid.viewport().repaint):.1f} ms"))
    page = grid.viewport().height()
    cache_pages(grid, thumbnails)
    for name, step, n_pages in (
        ("by wheel, thumbnails there", 60, N_CACHED_PAGES), ("by pages, thumbnails there", page, N_CACHED_PAGES),
        ("by pages, thumbnails decoded on the way", page, N_FRAMES),
    ):
        (p50, cpu50), (p99, cpu99) = np.percentile(frames_of(grid, step, n_pages), [50, 99], axis=0)
        figures = f"{p50:.1f}, {p99:.1f} ms (processor {cpu50:.1f}, {cpu99:.1f} ms)"
        rows.append((f"frame while scrolling {name}: median, 99th percentile", figures))
    rows.append(("select all", f"{milliseconds(grid.selectAll):.1f} ms"))
    rows.append(("ids of the selection", f"{milliseconds(grid.selected_ids):.1f} ms"))
    rows.append(("another order, everything selected", f"{milliseconds(lambda: model.set_ids(ids[::-1])):.1f} ms"))
    rows.append(("thumbnails in memory", f"{thumbnails.n_bytes() / 1e6:.0f} MB"))
    rows.append(("memory of the process", f"{psutil.Process().memory_info().rss / 1e6:.0f} MB"))
    thumbnails.close()
    grid.deleteLater()
    return rows


def main() -> None:
    application = QApplication.instance() or QApplication([])
    assert application is not None
    print(f"Memory before anything is shown: {psutil.Process().memory_info().rss / 1e6:.0f} MB")
    for size, side_px in WINDOWS:
        print(f"\nGrid of {N_IMAGES:,} images, {size.width()} × {size.height()}, tiles from {side_px} px\n")
        print("| what | measured |\n|---|---|")
        for what, figure in measure(size, side_px):
            print(f"| {what} | {figure} |")
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


if __name__ == "__main__":
    main()
