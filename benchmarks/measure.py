"""Run a command as a fresh process and measure it; print tables as Markdown."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

HOME = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Measured:
    """One finished process.

    Attributes:
        seconds: Wall-clock time from start to end.
        cpu_seconds: User and system time of the process and its children.
        peak_mb: Largest resident size of the process, 10^6 bytes (its children count each by itself).
        output: What it wrote to stdout.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float
    output: str


def measure(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Measured:
    """Run `command` in the project's folder; a failure ends the benchmark with its messages."""
    started = perf_counter()
    process = subprocess.Popen(
        command, cwd=HOME, env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"} | dict(environment or {}),
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6, output)


def catalejo(*arguments: object, environment: Mapping[str, str] | None = None) -> Measured:
    """Run one of the program's own commands with the interpreter of the environment."""
    return measure([sys.executable, "main.py", *map(str, arguments)], environment)


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A Markdown table; floats with three significant digits."""
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(f"{cell:.3g}" if isinstance(cell, float) else str(cell) for cell in row) + " |")


def print_machine() -> None:
    """What the numbers were measured on, without naming the computer."""
    print(f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}\n")
