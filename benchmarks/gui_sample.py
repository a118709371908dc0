"""How long from “Open the sample project” to its images with their run; a part of `benchmarks.gui`.

The first time: images are copied, the project is made, its run taken over. The engine is warm, as it is some
seconds after the window was painted.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from pathlib import Path
from time import perf_counter

from PySide6.QtCore import QEventLoop, QTimer

from benchmarks.figures import Figure, hand_over
from gui.screenshots import Look, Stage, staged_window

N_RUNS, WARMING_MS, LIMIT_S = 5, 4_000, 3.0


def open_once(stage: Stage, data: Path) -> float:
    """Seconds until the project is shown."""
    os.environ["XDG_DATA_HOME"] = str(data)
    session, loop = stage.context.session, QEventLoop()
    shown = session.project_opened.connect(lambda: QTimer.singleShot(0, loop.quit))
    began = perf_counter()
    stage.window.sample_asked.emit()
    loop.exec()
    seconds = perf_counter() - began
    session.project_opened.disconnect(shown)
    assert session.run is not None, "it is trained already"
    session.close()
    return seconds


def main() -> None:
    with staged_window(Look()) as stage, tempfile.TemporaryDirectory() as place:
        stage.context.runner.warm()
        loop = QEventLoop()
        QTimer.singleShot(WARMING_MS, loop.quit)
        loop.exec()
        times = [open_once(stage, Path(place) / str(i)) for i in range(N_RUNS)]
    hand_over([Figure("sample project: first opening, with its run", statistics.median(times), limit=LIMIT_S,
                      unit="s")])


if __name__ == "__main__":
    main()
