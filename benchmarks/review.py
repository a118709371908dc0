"""The numbers of reviewing mistakes, a part at a time, medians beside each other in one run.

    python -m benchmarks.review heat [IMAGES] [--images 30]
    python -m benchmarks.review cell [--images 100000] [--classes 10] [--tries 20]
    python -m benchmarks.review flags
    python -m benchmarks.review map [--images 10000] [--points 100000]
    python -m benchmarks.review report PROJECT [--repeats 3]
    python -m benchmarks.review similar [--rows 100000]
    python -m benchmarks.review contributions PROJECT [--images 1500] [--wrong 0.15] [--mistakes 150]
"""

from __future__ import annotations

import sys
from importlib import import_module

PARTS = {
    "heat": "benchmarks.review_heat",
    "cell": "benchmarks.review_cell",
    "flags": "benchmarks.review_flags",
    "map": "benchmarks.review_map",
    "report": "benchmarks.review_report",
    "similar": "benchmarks.review_similar",
    "contributions": "benchmarks.review_contributions",
}
"""Modules with `main(arguments)` by the name of the part."""


def main() -> None:
    name, arguments = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("", [])
    if name not in PARTS:
        sys.exit(f"{__doc__}\nParts: {', '.join(PARTS)}")
    import_module(PARTS[name]).main(arguments)


if __name__ == "__main__":
    main()
