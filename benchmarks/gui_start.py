"""How long from the start of the process to the first painted window; a part of `benchmarks.gui`.

The whole window as the program opens it, with compiled modules as from the second start on; only the
engine, which starts afterwards, is left out.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure, hand_over
from benchmarks.measure import HOME

N_RUNS = 7

_WINDOW = """
import time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from gui import app
from gui.furnish import furnish
app.JobRunner.warm = lambda runner: None
def on_painted():
    print("painted", time.process_time(), flush=True)
    QTimer.singleShot(0, QApplication.instance().closeAllWindows)
app.run(on_painted=on_painted, furnish=furnish)
"""


def seconds_to_paint(folder: Path) -> tuple[float, float]:
    """Start the window once, with settings, logs and compiled modules in `folder`: clock and processor."""
    environment = {
        **os.environ, "PYTHONPATH": str(HOME), "HOME": str(folder), "QT_QPA_PLATFORM": "offscreen",
        "XDG_CONFIG_HOME": str(folder / "config"), "XDG_STATE_HOME": str(folder / "state"),
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", _WINDOW], env=environment, stdout=subprocess.PIPE) as window:
        assert window.stdout is not None
        words = window.stdout.readline().split()
        seconds = time.perf_counter() - began
    if not words or words[0] != b"painted":
        raise RuntimeError("the window did not open")
    return seconds, float(words[1])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        runs = [seconds_to_paint(Path(folder)) for _ in range(N_RUNS + 1)][1:]  # the first one compiles the modules
    wall, busy = (statistics.median(column) for column in zip(*runs, strict=True))
    hand_over([Figure("first window after the start of the process", wall, busy, 1, "s")])


if __name__ == "__main__":
    main()
