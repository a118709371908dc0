"""How long the report of a run takes, and how large it becomes.

    python -m benchmarks.review report PROJECT [--repeats 3]

The report is written by the command `review` in a process of its own, as a web page and as a PDF. The project must
have a run; embeddings of its mistakes are made by the first report, which is not counted. Shared processors: compare
the time of the processor rather than that of the clock.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import Measured, catalejo, median, print_machine, print_table


def measure_reports(project: Path, repeats: int) -> list[tuple[str, ...]]:
    """A line for each kind of file."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for ending in ("html", "pdf"):
            out = Path(folder) / f"report.{ending}"
            runs = [catalejo("review", project, "--out", out, "--json") for _ in range(repeats + 1)][1:]
            rows.append((ending, *_figures(runs), f"{out.stat().st_size / 1e6:.1f}"))
    return rows


def _figures(runs: list[Measured]) -> tuple[str, str, str]:
    return (f"{median(run.seconds for run in runs):.1f}", f"{median(run.cpu_seconds for run in runs):.1f}",
            f"{median(run.peak_mb for run in runs):.0f}")


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(
        prog="benchmarks.review report", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args(arguments)
    print_machine()
    print_table(("file", "seconds", "processor seconds", "peak memory, MB", "size, MB"),
                measure_reports(asked.project, asked.repeats))
