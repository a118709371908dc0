"""How late the window's event loop ever is while the engine works; a part of `benchmarks.gui`.

In the whole window: pictures are drawn, imported, embedded and trained on by the real engine, while a
timer of the window's thread measures the gaps between its turns and another one scrolls the grid and
moves the selection. A figure is the longest gap beyond the timer's own; beside it stands the most that
the window's thread worked between two turns.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, thread_time

import numpy as np
from PIL import Image
from PySide6.QtCore import QEventLoop, Qt, QTimer

from benchmarks.figures import Figure, hand_over
from benchmarks.gui_window import WholeWindow
from core.training.strategies.transfer import TransferSettings
from gui.app import WARM_MODULES
from gui.jobs import Job

TICK_MS, BROWSE_MS, LIMIT_MS = 5, 40, 50
N_PICTURES, N_CLASSES, SIZE = 1_500, 3, (256, 192)


def draw_pictures(folder: Path, n_pictures: int) -> None:
    """Coloured noise, a folder for each class."""
    rng = np.random.default_rng(0)
    for i in range(n_pictures):
        kind = i % N_CLASSES
        coarse = rng.integers(0, 156, (12, 16, 3), dtype=np.uint8)
        coarse[:, :, kind] += 100
        path = folder / f"class {kind}" / f"image {i:06d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(coarse).resize(SIZE).save(path, quality=85)


class Heartbeat:
    """A timer that remembers its worst gap, and the most work between two turns, in milliseconds."""

    def __init__(self) -> None:
        self._timer = QTimer(interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()
        self.reset()

    def reset(self) -> None:
        self.late_ms = self.busy_ms = 0.0
        self._last = perf_counter(), thread_time()

    def _beat(self) -> None:
        wall, busy = perf_counter(), thread_time()
        self.late_ms = max(self.late_ms, (wall - self._last[0]) * 1000 - TICK_MS)
        self.busy_ms = max(self.busy_ms, (busy - self._last[1]) * 1000)
        self._last = wall, busy


class LatenessBench:
    """A window whose heart is listened to."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.figures = folder, list[Figure]()
        self.whole = WholeWindow(folder / "settings", warm_modules=WARM_MODULES)
        self.heart = Heartbeat()
        self._browse = QTimer(interval=BROWSE_MS)
        self._browse.timeout.connect(self._on_browse_timeout)

    def run(self) -> list[Figure]:
        jobs, runner = self.whole.context.jobs, self.whole.runner
        with self._listen("while the engine starts"):
            runner.warm()
            _wait(2000)
        with self._listen("while an import is scanned and recorded"):
            jobs.new_project(self.folder / "drawn.catalejo", self.folder / "pictures")
            self._finish(runner.current)
        self._browse.start()
        with self._listen("browsing, while pictures are embedded and a training runs"):
            self._finish(jobs.train("transfer", TransferSettings()))
        with self._listen("browsing, while a second training runs"):
            self._finish(jobs.train("transfer", TransferSettings(seed=1)))
        return self.figures

    @contextmanager
    def _listen(self, what: str) -> Iterator[None]:
        self.heart.reset()
        yield
        _wait(1000)  # what comes after the job counts too
        late, busy = self.heart.late_ms, self.heart.busy_ms
        words = f"latest turn of the event loop {what} ({N_PICTURES:,} pictures)"
        self.figures.append(Figure(words, late, busy, LIMIT_MS))

    def _finish(self, job: Job | None) -> None:
        assert job is not None
        loop, failures = QEventLoop(), list[object]()
        job.failed.connect(failures.append)
        job.finished.connect(loop.quit)
        loop.exec()
        if failures:
            sys.exit(f"the job “{job.title}” failed: {failures[0]}")

    def _on_browse_timeout(self) -> None:
        browser = self.whole.browser
        bar = browser.grid.verticalScrollBar()
        bar.setValue(0 if bar.value() >= bar.maximum() else bar.value() + 80)
        browser.selection.set_current_row((browser.selection.currentIndex().row() + 1) % browser.model.rowCount())


def _wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        draw_pictures(folder / "pictures", N_PICTURES)
        bench = LatenessBench(folder)
        hand_over(bench.run())
        bench.whole.end()


if __name__ == "__main__":
    main()
