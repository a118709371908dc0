"""`python3 -m tests`: make the environment, then check style, types and imports, and test.

    python3 -m tests                  everything but the long measurements (what CI runs)
    python3 -m tests --long           the kill harness and other long runs as well
    python3 -m tests --screen         the whole job in the window on an X server with a window manager (Xvfb, openbox)
    python3 -m tests --coverage       with branch coverage of core and gui, told at the end
    python3 -m tests tests/core -k x  arguments go to pytest, and only pytest runs
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from tests.x_screen import x_screen

HOME = Path(__file__).resolve().parent.parent
OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}
CHECKS = {
    "style": ["flake8", "main.py", "bootstrap.py", "core", "gui", "resources", "tests", "benchmarks"],
    "types": ["mypy"],
    "imports": ["importlinter"],
}
PYTEST = ["pytest", "-q", "--durations=10"]
ENGINE = [f"tests/core/{name}" for name in ("backbones", "embeddings", "engine", "imagenet", "training")]
WORKFLOW = [f"tests/core/{name}" for name in ("checks", "cli", "workflow")]
PARTS = {
    "core tests": ["tests", "--ignore=tests/gui", *(f"--ignore={folder}" for folder in (*ENGINE, *WORKFLOW))],
    "workflow tests": WORKFLOW,
    "engine tests": ENGINE,
    "window tests": ["tests/gui"],
}
"""Processes of their own, as in the program: the window's holds no TensorFlow, whose heap makes an event loop late,
before its last tests, those of the train page. They run at the same time, for none uses two processors for long."""


ON_SCREEN = ["tests/gui/test_whole_hour.py", "tests/gui/test_journey.py"]
"""What `--screen` runs."""


def run_all(tools: dict[str, list[str]], variables: Mapping[str, str] = OFFSCREEN) -> bool:
    """Run tools of the environment at the same time, and show what each said; true if none found anything wrong."""
    started = time.monotonic()
    with ExitStack() as stack:
        outputs = [stack.enter_context(TemporaryFile()) for _ in tools]
        running = [start(arguments, variables, None if i == 0 else output)
                   for i, (arguments, output) in enumerate(zip(tools.values(), outputs, strict=True))]
        codes = []
        for name, process, output in zip(tools, running, outputs, strict=True):
            print(f"── {name} ──", flush=True)  # the first one speaks while it runs, the others when they are done
            codes.append(process.wait())
            output.seek(0)
            shutil.copyfileobj(output, sys.stdout.buffer)
            verdict = "fine" if codes[-1] == 0 else f"failed ({codes[-1]})"
            print(f"{name}: {verdict} after {time.monotonic() - started:.0f} s", flush=True)
    return not any(codes)


def start(arguments: list[str], variables: Mapping[str, str], output: IO[bytes] | None) -> subprocess.Popen[bytes]:
    """Start one tool of the environment; what it says goes to a file, or to the terminal."""
    if arguments[0] == "importlinter":
        # by import: a script of the environment names its Python by a path that may have changed
        command = [sys.executable, "-c", "from importlinter import cli; cli.lint_imports_command()", "--no-cache"]
    else:
        command = [sys.executable, "-m", *arguments]
    return subprocess.Popen(
        command, cwd=HOME, env=os.environ | variables, stdout=output, stderr=output and subprocess.STDOUT)


def main(given: list[str]) -> int:
    is_long, is_measured = "--long" in given, "--coverage" in given
    rest = [argument for argument in given if argument not in ("--long", "--coverage", "--screen")]
    if "--screen" in given:
        with x_screen() as variables:
            return 0 if run_all({"tests": [*PYTEST, *(rest or ON_SCREEN)]}, variables) else 1
    selection = [] if is_long else ["-m", "not long"]
    if is_measured:
        (HOME / ".coverage").unlink(missing_ok=True)
        selection += ["--cov", "--cov-append", "--cov-report="]
    if rest:
        return 0 if run_all({"tests": [*PYTEST, *selection, *rest]}) else 1
    results = [run_all({name: arguments}) for name, arguments in CHECKS.items()]
    parts = {name: [*PYTEST, *selection, *where] for name, where in PARTS.items()}
    if is_measured:  # one after the other: they write to one file
        results += [run_all({name: arguments}) for name, arguments in parts.items()]
        run_all({"coverage": ["coverage", "report", "--sort=cover", "--skip-covered"]})
    else:
        results.append(run_all(parts))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.path.insert(0, str(HOME))
    import bootstrap

    bootstrap.ensure("test")
    sys.exit(main(sys.argv[1:]))
