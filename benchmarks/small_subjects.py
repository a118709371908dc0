"""Small subjects in large pictures: the whole image beside tiles that show it finer.

    python -m benchmarks.small_subjects FLOWERS [--per-class 60] [--side 900] [--subject 140]

Each picture is drawn: a photograph of a flower, shrunk to a part of the picture's side, somewhere on a background
that another photograph, blurred, gives. Five-fold cross-validation of a linear head; no flower is drawn twice.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from benchmarks.accuracy import LITE0, draw_cut, read_folder
from benchmarks.measure import print_machine, print_table
from core.embeddings.embedded import embed
from core.jobs import JobContext
from core.training.folds import assign_folds
from core.training.logistic import fit_transfer
from core.types import ImageRef

WAYS = ("stages", "two views", "six views", "tiles")


def draw(flower: Path, background: Path, side: int, subject: int, rng: np.random.Generator) -> Image.Image:
    """A small flower on a blurred background."""
    picture = Image.open(background).convert("RGB").resize((side, side)).filter(ImageFilter.GaussianBlur(side / 40))
    small = Image.open(flower).convert("RGB").resize((subject, subject))
    left, top = rng.integers(0, side - subject, 2).tolist()
    picture.paste(small, (left, top))
    return picture


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--per-class", type=int, default=60)
    parser.add_argument("--side", type=int, default=900)
    parser.add_argument("--subject", type=int, default=140)
    asked = parser.parse_args()
    images, labels = read_folder(asked.folder)
    rows, others = draw_cut(labels, labels >= 0, asked.per_class, asked.per_class, seed=0)
    rng, drawn = np.random.default_rng(0), list[ImageRef]()
    print_machine()
    with tempfile.TemporaryDirectory() as place:
        for at, (row, other) in enumerate(zip(rows, rng.permutation(others), strict=True)):
            path = Path(place) / f"{at}.jpg"
            draw(images[row].path, images[other].path, asked.side, asked.subject, rng).save(path, quality=92)
            drawn.append(ImageRef(at, path, hashlib.sha256(path.read_bytes()).digest()))
        folds, table = assign_folds(labels[rows], np.arange(len(rows)), n_folds=5, seed=0), []
        for way in WAYS:
            started = time.perf_counter()
            found = embed(tuple(drawn), LITE0, Path(place) / "embeddings", JobContext(), features=way)
            seconds = time.perf_counter() - started
            fit = fit_transfer(found.store.read(found.rows), labels[rows], folds=folds, context=JobContext(),
                               n_classes=int(labels.max()) + 1)
            right = fit.probabilities.argmax(axis=1) == labels[rows]
            table.append([way, f"{right.mean():.3f}", f"{seconds:.0f} s"])
    print_table(["features", "accuracy out of fold", "embedding beyond the ways before"], table)


if __name__ == "__main__":
    main()
