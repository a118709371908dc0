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
app.JobRunner.warm = lambda runner: None
def on_painted():
    print("painted", time.process_time(), flush=True)
def furnished(*parts):
    from gui.furnish import furnish
    furnish(*parts)
    print("furnished", time.process_time(), flush=True)
    QTimer.singleShot(0, QApplication.instance().closeAllWindows)
app.run(on_painted=on_painted, furnish=furnished)
"""


def start_once(folder: Path) -> tuple[float, float, float, float]:
    """Start the window with settings, logs and compiled modules in `folder`.

    Returns:
        Seconds by the clock and of the processor to the first paint, then those until projects can be opened.
    """
    environment = {
        **os.environ, "PYTHONPATH": str(HOME), "HOME": str(folder), "QT_QPA_PLATFORM": "offscreen",
        "XDG_CONFIG_HOME": str(folder / "config"), "XDG_STATE_HOME": str(folder / "state"),
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", _WINDOW], env=environment, stdout=subprocess.PIPE) as window:
        assert window.stdout is not None
        seconds: list[float] = []
        for wanted in (b"painted", b"furnished"):
            words = window.stdout.readline().split()
            if words[:1] != [wanted]:
                raise RuntimeError("the window did not open")
            seconds += [time.perf_counter() - began, float(words[1])]
    return seconds[0], seconds[1], seconds[2], seconds[3]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        runs = [start_once(Path(folder)) for _ in range(N_RUNS + 1)][1:]  # the first one compiles the modules
    wall, busy, last, all_busy = (statistics.median(column) for column in zip(*runs, strict=True))
    hand_over([
        Figure("first window after the start of the process", wall, busy, 0.35, "s"),
        Figure("the same until a project can be opened", last, all_busy, 1, "s"),
    ])


if __name__ == "__main__":
    main()
