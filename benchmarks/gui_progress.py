"""How soon a fine-tuning shows that it moves; a part of `benchmarks.gui`.

From the key that trains to the first stage that is told and to the first bar that knows its end, in the whole
window with the real engine, whose process is warm as it is some seconds after a start.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import perf_counter

from PySide6.QtCore import QEventLoop, QTimer

from benchmarks.figures import Figure, hand_over
from benchmarks.gui_lateness import draw_pictures
from benchmarks.gui_window import WholeWindow
from core.jobs import Progress
from core.training.strategies.fine_tune import FineTuneSettings
from gui.app import WARM_MODULES
from gui.jobs import Job

N_PICTURES, WARM_MS, LIMIT_S = 300, 8_000, 5.0


def measure(folder: Path) -> list[Figure]:
    draw_pictures(folder / "pictures", N_PICTURES)
    whole = WholeWindow(folder / "settings", warm_modules=WARM_MODULES)
    whole.runner.warm()
    jobs = whole.context.jobs
    jobs.new_project(folder / "drawn.catalejo", folder / "pictures")
    while whole.runner.current is not None:
        _wait(50)
    _wait(WARM_MS)
    began = perf_counter()
    seen: dict[str, float] = {}
    job = jobs.train("fine-tune", FineTuneSettings())
    loop = QEventLoop()

    def hear(progress: Progress) -> None:
        seen.setdefault("told", perf_counter() - began)
        if progress.total:
            seen.setdefault("counted", perf_counter() - began)
            loop.quit()

    job.progressed.connect(hear)
    loop.exec()
    _end(job)
    whole.end()
    return [
        Figure("a fine-tuning tells what it does, after the key", seen["told"], seen["told"], LIMIT_S, "s"),
        Figure("its bar knows an end, after the key", seen["counted"], seen["counted"], LIMIT_S, "s"),
    ]


def _end(job: Job) -> None:
    loop = QEventLoop()
    job.finished.connect(loop.quit)
    job.cancel()
    loop.exec()


def _wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        hand_over(measure(Path(folder)))


if __name__ == "__main__":
    main()
