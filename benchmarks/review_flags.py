"""Filters by flag and tag, their counts, and one flag more, in a catalog of a million rows; see `benchmarks.review`.

    python -m benchmarks.review flags

Half of the images are checked, one in a hundred has a star, one in a thousand a tag.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.gui_catalog import N_IMAGES, make_catalog
from benchmarks.measure import median
from core.project.project import Project
from core.project.queries import ImageFilter, count_images, image_ids
from core.project.tag_names import TAG
from core.project.tags import change_tags, count_tags, set_flag

FILTERS = {
    "everything": ImageFilter(), "checked (500,000)": ImageFilter(flags=("checked",)),
    "not checked": ImageFilter(without_flags=("checked",)), "star (10,000)": ImageFilter(flags=("star",)),
    "tag (1,000)": ImageFilter(tags=("blurry",)),
}


def main(arguments: Sequence[str]) -> None:
    """Make the catalog and print medians in milliseconds."""
    with tempfile.TemporaryDirectory(prefix="catalejo-flags-") as place:
        make_catalog(Path(place) / "p")
        with Project.open(Path(place) / "p") as project:
            set_flag(project, np.arange(1, N_IMAGES // 2 + 1), "checked")
            set_flag(project, np.arange(1, N_IMAGES + 1, 100), "star")
            change_tags(project, np.arange(3, N_IMAGES + 1, 1000), add=[(TAG, "Blurry")])
            for name, which in FILTERS.items():
                say(f"ids of {name}, by name", lambda: image_ids(project, which))
                say(f"number of {name}", lambda: count_images(project, which))
            say("numbers of all flags and tags", lambda: count_tags(project))
            say("one flag set and taken away, on disk", lambda: (
                set_flag(project, [777_777], "checked"), set_flag(project, [777_777], "checked", is_set=False)))


def say(what: str, act: Callable[[], object]) -> None:
    """Print the median of five."""
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        act()
        times.append((time.perf_counter() - begun) * 1000)
    print(f"{what}: {median(times):.1f} ms")
