"""How quick the window is at a million images; a part of `benchmarks.gui`, given the catalog's folder.

The files of the images do not exist, so decoding is not measured; the catalog, the list, the panels and
painting are.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import psutil
from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtTest import QTest

from benchmarks.figures import Figure, hand_over, measure_act, percentile
from benchmarks.gui_catalog import N_IMAGES
from benchmarks.gui_lateness import LIMIT_MS, Heartbeat
from benchmarks.gui_window import WholeWindow
from gui.widgets.image_query import ImageQuery

N_KEYS, N_FRAMES, CALM_MS = 200, 300, 3000
LOOKS = {
    "a class": ImageQuery({"class_ids": (1,)}), "without label": ImageQuery({"split": "train", "is_labelled": False}),
    "training pictures": ImageQuery({"split": "train"}), "test pictures": ImageQuery({"split": "test"}),
    "a source": ImageQuery({"source_id": 2}),
    "mistakes, least believed first": ImageQuery({"is_mistake": True}, "loss", True),
    "cannot be read": ImageQuery({"status": "unreadable"}), "a text": ImageQuery({"text": "0012"}),
    "everything": ImageQuery(),
    "most unsure first": ImageQuery({"status": "ok"}, "uncertainty", True),
    "largest file first": ImageQuery({"status": "ok"}, "bytes", True),
}


class LibraryBench:
    """Figures of one window on the catalog of a million rows."""

    def __init__(self, folder: Path, settings: Path) -> None:
        self.folder, self.figures = folder, list[Figure]()
        self.whole = WholeWindow(settings)
        self.whole.context.thumbnails.ask = lambda *_: None  # type: ignore[method-assign]  # there are no files
        self.paint = self.whole.paint

    def run(self) -> list[Figure]:
        self._time("a project of a million images opens, until painted", self._open, 1000)
        QTest.qWait(CALM_MS)  # the counts of the left panel come when nothing happens
        self._time_views()
        for name, look in LOOKS.items():
            heart = Heartbeat()
            self._time(f"filter at a million: {name}", lambda look=look: self._look_at(look), 300)
            words = f"latest turn of the event loop at a million: {name}"
            self.figures.append(Figure(words, heart.late_ms, heart.busy_ms, LIMIT_MS))
        self.whole.browser.show_all()
        QTest.qWait(CALM_MS)
        self._time_keys()
        self._time("select all of a million", lambda: (self.whole.browser.grid.selectAll(), self.paint()))
        memory = psutil.Process().memory_full_info()
        self.figures.append(Figure("memory of the window's process at a million", memory.rss / 1e6, None, 400, "MB"))
        return self.figures

    def _time(self, what: str, act: Callable[[], object], limit: float | None = None) -> None:
        self.figures.append(Figure(what, *measure_act(act), limit))

    def _open(self) -> None:
        self.whole.window.open_asked.emit(self.folder)
        self._wait_for_list()

    def _look_at(self, look: ImageQuery) -> None:
        self.whole.browser.show_query(look)
        self._wait_for_list()

    def _wait_for_list(self) -> None:
        listing, loop = self.whole.browser.listing, QEventLoop()
        if listing.is_asking:
            listing.changed.connect(loop.quit)
            loop.exec()
            listing.changed.disconnect(loop.quit)
        self.paint()

    def _time_views(self) -> None:
        browser = self.whole.browser
        bar = browser.grid.verticalScrollBar()
        self._time("jump to the end, whole window", lambda: (bar.setValue(bar.maximum()), self.paint()), 50)
        bar.setValue(bar.maximum() // 2)
        self.paint()
        frames = [measure_act(lambda: (bar.setValue(bar.value() + 60), self.paint())) for _ in range(N_FRAMES)]
        self.figures.append(percentile("frame of the whole window while scrolling, p99", frames, 99))
        self._time("to the table", lambda: (browser.show_table(True), self.paint()))
        self._time("to the grid", lambda: (browser.show_table(False), self.paint()))

    def _time_keys(self) -> None:
        browser, keys = self.whole.browser, [Qt.Key.Key_3, Qt.Key.Key_4] * (N_KEYS // 2)
        browser.selection.set_current_row(N_IMAGES // 2)  # of another class: every key changes a label
        times = [measure_act(lambda key=key: QTest.keyClick(browser.grid, key)) for key in keys]
        self.figures.append(percentile("digit key until the label is on disk, median", times, 50, 10))
        self.figures.append(percentile("digit key until the label is on disk, p99", times, 99))


def main() -> None:
    with tempfile.TemporaryDirectory() as settings:
        bench = LibraryBench(Path(sys.argv[1]), Path(settings))
        hand_over(bench.run())
        bench.whole.end()


if __name__ == "__main__":
    main()
