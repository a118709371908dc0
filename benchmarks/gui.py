"""Every figure of the window in one table: `python -m benchmarks.gui [FOLDER]`.

Offscreen, each part in a process of its own. The catalog of a million rows is kept in FOLDER for the
next time, if one is given. Measure on a computer that does nothing else: the column of the window's
thread tells how much of a figure others caused.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import HEADER, Figure, take_over
from benchmarks.gui_catalog import make_catalog
from benchmarks.measure import HOME, print_machine, print_table

PARTS = ("start", "sample", "grid", "library", "lateness", "progress")


def figures_of(part: str, *arguments: str) -> list[Figure]:
    """Run one part; what goes wrong there ends the benchmark with its messages."""
    command = [sys.executable, "-m", f"benchmarks.gui_{part}", *arguments]
    ran = subprocess.run(command, cwd=HOME, stdout=subprocess.PIPE, text=True, check=True)
    return take_over(ran.stdout)


def measure_parts(parts: list[str], folder: Path) -> list[Figure]:
    """The figures of these parts, in their order."""
    found: list[Figure] = []
    for part in parts:
        if part == "library":
            if not (folder / "million.catalejo").exists():
                make_catalog(folder / "million.catalejo")
            found += figures_of(part, str(folder / "million.catalejo"))
        else:
            found += figures_of(part)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", nargs="?", type=Path, help="keeps the catalog of a million rows")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this one; may be given again")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        folder.mkdir(exist_ok=True)
        figures = measure_parts(asked.part or list(PARTS), folder)
    print_machine()
    print_table(HEADER, [figure.row() for figure in figures])


if __name__ == "__main__":
    main()
