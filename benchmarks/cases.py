"""Hard inputs: runs makers of odd folders and tables, types what they say, and compares what came of it.

    python -m benchmarks.cases FOLDER [--only 03,12] [--show]

A maker is a file `NN_name.py` that fills a folder; its first lines say what to type and what is expected.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.case_checks import CHECKS, Line, check_manners
from benchmarks.case_script import Transcript, play, split_docstring


def main() -> int:
    """Print the table; 1 if a line does not hold."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--only", default="", help="numbers, separated by commas")
    asked.add_argument("--show", action="store_true", help="print what every command said")
    options = asked.parse_args()
    only = set(filter(None, options.only.split(",")))
    makers = [m for m in sorted(options.folder.resolve().glob("[0-9][0-9]_*.py")) if not only or m.name[:2] in only]
    n_wrong = sum([_run(maker, is_shown=options.show) for maker in makers])
    print(f"\n{len(makers)} makers, {n_wrong} lines do not hold.")
    return 1 if n_wrong or not makers else 0


def _run(maker: Path, *, is_shown: bool) -> int:
    """Run one maker and print its lines; returns how many do not hold."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="catalejo-case-") as place:
        transcript = play(maker, Path(place))
        check = CHECKS.get(maker.name[:2])
        lines = [*(check(transcript) if check else ()), *check_manners(transcript)]
    print(f"\n{maker.stem} ({len(transcript.steps)} commands, {time.monotonic() - started:.0f} s)")
    if check is None:
        print(f"  no check of its own; expected: {split_docstring(maker)[1]}")
    for line in lines:
        _print(line)
    if is_shown or check is None:
        _show(transcript)
    return sum(not line.holds for line in lines)


def _print(line: Line) -> None:
    print(f"  {'holds   ' if line.holds else 'DOES NOT'}  {line.expected}  |  got: {line.got}")


def _show(transcript: Transcript) -> None:
    for step in transcript.steps:
        print(f"    $ {' '.join(step.words)}  → {step.code}")
        for text in step.said.splitlines():
            print(f"        {text}")


if __name__ == "__main__":
    import bootstrap

    bootstrap.ensure()
    sys.exit(main())
