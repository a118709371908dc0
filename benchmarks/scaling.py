"""Cost an image of the whole job, from 1,000 to 20,000 drawn pictures.

    python -m benchmarks.scaling [--sizes 1000 5000 20000]

Half of the pictures are labelled, half are test pictures; each step is a fresh process.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.measure import catalejo, print_machine, print_table

HUES = ("red", "green", "blue")


def draw(folder: Path, n_images: int) -> None:
    """Blurred noise of three hues, 320×240 JPEG, half of them in class folders and half as test pictures."""
    rng = np.random.default_rng(0)
    for i in range(n_images):
        hue = i % len(HUES)
        small = rng.integers(0, 110, (15, 20, 3), dtype=np.uint8)
        small[:, :, hue] += np.uint8(60)
        place = folder / "train" / HUES[hue] if i % 2 else folder / "test"
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(small).resize((320, 240), Image.Resampling.BICUBIC).save(place / f"img{i}.jpg", quality=85)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 5000, 20000])
    sizes = parser.parse_args().sizes
    print_machine()
    rows = []
    for n in sizes:
        with tempfile.TemporaryDirectory() as name:
            work = Path(name)
            os.environ["CATALEJO_CACHE"] = str(work / "cache")
            draw(work, n)
            project = work / "p.catalejo"
            steps = [catalejo("new", project, "--from", work / "train", "--test", work / "test", "--json"),
                     catalejo("train", project, "--json"),
                     catalejo("submit", project, "--out", work / "s.csv", "--json")]
            seconds = [step.seconds for step in steps]
            rows.append([n, *seconds, 1000 * sum(seconds) / n, max(step.peak_mb for step in steps)])
    print_table(["images", "new s", "train s", "submit s", "ms an image", "peak MB"], rows)


if __name__ == "__main__":
    main()
