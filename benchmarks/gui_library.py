"""How quick the Library is at a million images: `python -m benchmarks.gui_library [FOLDER]`.

Makes a catalog of a million rows with a run (kept in FOLDER for the next time, if one is given), opens
it in the whole window, offscreen, in a process of its own, and prints a table. The files of the
images do not exist, so decoding is not measured; the catalog, the list, the left panel and painting are.
"Busy" is time of the window's thread alone, which says more on a computer that does other things too.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter, thread_time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np  # noqa: E402
import psutil  # noqa: E402
from PySide6.QtCore import QSize, Qt  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from benchmarks.measure import print_machine, print_table  # noqa: E402
from core.project.classes import add_class  # noqa: E402
from core.project.project import Project  # noqa: E402
from core.project.runs import RunRow, record_run  # noqa: E402
from core.worker import EngineProcess  # noqa: E402
from gui.app import build_application  # noqa: E402
from gui.jobs import JobRunner  # noqa: E402
from gui.library import page as library_page  # noqa: E402
from gui.library.browser import ImageBrowser  # noqa: E402
from gui.library.in_sight import browser_in_sight  # noqa: E402
from gui.library.look import Look  # noqa: E402
from gui.library.side_panel import SidePanel  # noqa: E402
from gui.library.thumbnails import ThumbnailCache  # noqa: E402
from gui.main_window import MainWindow  # noqa: E402
from gui.pages import PageContext  # noqa: E402
from gui.preferences import Preferences  # noqa: E402
from gui.session import Session  # noqa: E402
from gui.session_jobs import SessionJobs  # noqa: E402

N_IMAGES, N_CLASSES, N_KEYS, N_FRAMES, SIZE = 1_000_000, 10, 200, 300, QSize(1440, 900)
RUN = "2026-01-01-001-transfer"
LOOKS = {
    "a class": Look({"class_ids": (1,)}), "without label": Look({"split": "train", "is_labelled": False}),
    "training pictures": Look({"split": "train"}), "test pictures": Look({"split": "test"}),
    "a source": Look({"source_id": 2}), "mistakes, least believed first": Look({"is_mistake": True}, "loss", True),
    "cannot be read": Look({"status": "unreadable"}), "a text": Look({"text": "0012"}), "everything": Look(),
    "most unsure first": Look({"status": "ok"}, "uncertainty", True),
    "largest file first": Look({"status": "ok"}, "bytes", True),
}


# ── the catalog ──────────────────────────────────────────────────────────────


def make_catalog(folder: Path) -> None:
    """Nine classes of training pictures, a third unlabelled, a tenth of test pictures, one run over all."""
    with Project.create(folder) as project:
        ids = [add_class(project, f"class {i}").id for i in range(N_CLASSES)]
        record_run(project, RunRow(RUN, "transfer", "efficientnet-lite0", 0, N_IMAGES))
        with project.catalog.transaction() as db:
            db.executemany("INSERT INTO source VALUES (?, ?, ?, '2026')",
                           [(1, b"/nowhere/train", "train"), (2, b"/nowhere/test", "test")])
            db.executemany(
                "INSERT INTO image(source_id, path, name, sort_key, bytes, mtime_ns, content_hash, format, width, "
                "height, mode, split, class_id, status, added_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, 'JPEG', 640, 480, 'RGB', ?, ?, 'ok', '2026')", _image_rows(ids))
            db.executemany("INSERT INTO prediction VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)", _prediction_rows(ids))


def _image_rows(class_ids: list[int]) -> Iterator[tuple[object, ...]]:
    for i in range(N_IMAGES):
        place = i * N_CLASSES // N_IMAGES
        is_test = place == N_CLASSES - 1
        name = f"class {place}/image {i:07d}.jpg"
        label = None if is_test or i % 3 == 0 else class_ids[place]
        content_hash = hashlib.sha256(name.encode()).digest()
        yield (2 if is_test else 1, name.encode(), name, name, 1000 + i * 7919 % 90_000, i, content_hash,
               "test" if is_test else "train", label)


def _prediction_rows(class_ids: list[int]) -> Iterator[tuple[object, ...]]:
    for i, p in enumerate(np.random.default_rng(0).random(N_IMAGES).tolist()):
        place = (i * N_CLASSES // N_IMAGES + (p < 0.01)) % N_CLASSES
        yield i + 1, i % 3 == 0, class_ids[place], p, p, 1 - p, p, 1 - p


# ── measuring ────────────────────────────────────────────────────────────────


class Stopwatch:
    """Rows of a table: what, how long, how long the window's thread was busy, in milliseconds."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, float, float, str]] = []

    def time(self, what: str, act: Callable[[], object], *, target: str = "") -> None:
        self._add(what, [_measure(act)], target, [100])

    def time_each(self, what: str, acts: list[Callable[[], object]], *, target: str = "") -> None:
        self._add(what, [_measure(act) for act in acts], target, [50, 99])

    def _add(self, what: str, times: list[tuple[float, float]], target: str, percents: list[int]) -> None:
        for percent in percents:
            words = what if percent == 100 else f"{what}, {'median' if percent == 50 else f'p{percent}'}"
            wall, busy = np.percentile(np.array(times), percent, axis=0).tolist()
            self.rows.append((words, wall, busy, target))


def _measure(act: Callable[[], object]) -> tuple[float, float]:
    wall, busy = perf_counter(), thread_time()
    act()
    return (perf_counter() - wall) * 1000, (thread_time() - busy) * 1000


def _nothing(path: Path, content_hash: bytes) -> bytes:
    raise AssertionError("nothing is decoded here")


class Bench:
    """The window, as the program builds it but without engine and thumbnails."""

    def __init__(self, folder: Path, settings: Path) -> None:
        self.application = build_application()
        self.thumbnails = ThumbnailCache(_nothing)
        self.thumbnails.ask = lambda *_: None  # type: ignore[method-assign]  # the files do not exist
        self.folder, self.watch = folder, Stopwatch()
        self.preferences = Preferences(settings)
        self.runner = JobRunner(EngineProcess(warm_modules=()))
        self.window = MainWindow(self.preferences, self.runner)
        self.session = Session()
        context = PageContext(self.session, SessionJobs(self.session, self.runner), self.runner, self.preferences,
                              self.thumbnails, self.window)
        self.window.set_pages([library_page.build_page(context)])
        self.window.add_actions(library_page.page_actions(context))
        self.window.workbench.set_left_panel(SidePanel(context))
        self.window.resize(SIZE)
        self.window.show()
        self.paint()

    def paint(self) -> None:
        QApplication.processEvents()
        self.window.repaint()

    def open(self) -> None:
        self.session.open(self.folder)
        self.window.show_project(self.session.project_name)
        self.paint()

    @property
    def browser(self) -> ImageBrowser:
        browser = browser_in_sight(self.window)
        assert browser is not None
        return browser

    def run(self) -> None:
        watch = self.watch
        watch.time("open until painted", self.open, target="< 1000")
        QTest.qWait(2500)  # the counts of the left panel come when nothing happens
        self._time_views()
        for name, look in LOOKS.items():
            watch.time(f"filter: {name}", lambda look=look: self._look_at(look), target="< 300")
        self.browser.show_all()
        QTest.qWait(2500)
        self._time_keys()
        watch.time("select all", lambda: (self.browser.grid.selectAll(), self.paint()))

    def end(self) -> None:
        self.browser.end()
        self.thumbnails.close()
        self.window.close()
        self.session.close()

    def _look_at(self, look: Look) -> None:
        self.browser.look_at(look)
        self.paint()

    def _time_views(self) -> None:
        bar = self.browser.grid.verticalScrollBar()
        self.watch.time("jump to the end", lambda: (bar.setValue(bar.maximum()), self.paint()))
        bar.setValue(bar.maximum() // 2)
        self.paint()
        step = [lambda: (bar.setValue(bar.value() + 60), self.paint())] * N_FRAMES
        self.watch.time_each("frame while scrolling", step, target="< 16")
        self.watch.time("to the table", lambda: (self.browser.show_table(True), self.paint()))
        self.watch.time("to the grid", lambda: (self.browser.show_table(False), self.paint()))

    def _time_keys(self) -> None:
        grid, keys = self.browser.grid, [Qt.Key.Key_3, Qt.Key.Key_4] * (N_KEYS // 2)
        self.browser.selection.set_current_row(N_IMAGES // 2)  # of another class: every key changes a label
        press = [lambda key=key: QTest.keyClick(grid, key) for key in keys]
        self.watch.time_each("digit key until the label is on disk", press, target="< 10")
        press = [lambda key=key: (QTest.keyClick(grid, key), self.paint()) for key in keys]
        self.watch.time_each("the same until painted", press)


def measure_here(folder: Path) -> None:
    """In a process of its own, whose memory is that of the window."""
    with tempfile.TemporaryDirectory() as settings:
        bench = Bench(folder, Path(settings))
        bench.run()
        rss = psutil.Process().memory_full_info()
        print_table(("at a million images", "ms", "busy ms", "target"), bench.watch.rows)
        print(f"\nMemory: {rss.rss / 1e6:.0f} MB resident, {rss.uss / 1e6:.0f} MB of its own; target < 400 MB")
        bench.end()


def main() -> None:
    if len(sys.argv) > 2:
        measure_here(Path(sys.argv[2]))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else temporary) / "million.catalejo"
        if not folder.exists():
            make_catalog(folder)
        print_machine()
        sys.stdout.flush()
        sys.exit(subprocess.call([sys.executable, "-m", "benchmarks.gui_library", "--here", str(folder)]))


if __name__ == "__main__":
    main()
