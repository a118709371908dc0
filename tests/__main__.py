"""`python3 -m tests`: make the environment, then check style, types and imports, and test.

    python3 -m tests                  everything but the long measurements (what CI runs)
    python3 -m tests --long           the kill harness and other long runs as well
    python3 -m tests tests/core -k x  arguments go to pytest, and only pytest runs
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
CHECKS = {
    "style": ["flake8", "main.py", "bootstrap.py", "core", "gui", "resources", "tests", "benchmarks"],
    "types": ["mypy"],
    "imports": ["importlinter"],
}
PYTEST = ["pytest", "-q", "--durations=10"]
PARTS = {
    "core tests": ["tests", "--ignore=tests/gui"],
    "window tests": ["tests/gui"],
}
"""Two processes, as in the program: the window's holds no TensorFlow, whose heap makes an event loop late,
before its last tests, those of the train page."""


def run(name: str, arguments: list[str]) -> bool:
    """Run one tool of the environment; true if it found nothing wrong."""
    print(f"── {name} ──", flush=True)
    if arguments[0] == "importlinter":
        # by import: a script of the environment names its Python by a path that may have changed
        command = [sys.executable, "-c", "from importlinter import cli; cli.lint_imports_command()", "--no-cache"]
    else:
        command = [sys.executable, "-m", *arguments]
    started = time.monotonic()
    code = subprocess.call(command, cwd=HOME, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"})
    verdict = "fine" if code == 0 else f"failed ({code})"
    print(f"{name}: {verdict} in {time.monotonic() - started:.0f} s", flush=True)
    return code == 0


def main(given: list[str]) -> int:
    is_long = "--long" in given
    rest = [argument for argument in given if argument != "--long"]
    selection = [] if is_long else ["-m", "not long"]
    if rest:
        return 0 if run("tests", [*PYTEST, *selection, *rest]) else 1
    results = [run(name, arguments) for name, arguments in CHECKS.items()]
    results += [run(name, [*PYTEST, *selection, *where]) for name, where in PARTS.items()]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.path.insert(0, str(HOME))
    import bootstrap

    bootstrap.ensure("test")
    sys.exit(main(sys.argv[1:]))
