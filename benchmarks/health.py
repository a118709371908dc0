"""Is the data sound: how long each part of the check takes on a folder of pictures.

Usage: python -m benchmarks.health FOLDER [--repeats 3]; FOLDER holds train/CLASS/ and test/. Embeddings and
out-of-fold probabilities are made up at their real size: a project has them after its first training.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.measure import median, print_machine, print_table
from core.images.fingerprint import hash_file
from core.jobs import JobContext
from core.review.balance import class_balance, judge_coverage
from core.review.cues import CueInput, measure_cues
from core.review.duplicates import DuplicateInput, find_duplicates
from core.review.label_errors import LabelErrorInput, find_label_errors
from core.review.leaks import find_leaks
from core.review.outliers import find_far, find_odd_files
from core.review.shortcuts import ShortcutInput, find_shortcuts
from core.types import ImageRef

N_FEATURES = 1_280
ENDINGS = {".jpg", ".jpeg", ".png"}


def main() -> None:
    """Measure every part on the pictures of a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    print_machine()
    with tempfile.TemporaryDirectory() as cache:
        parts = _parts(options.folder, Path(cache))
        rows = []
        for name, part in parts.items():
            seconds = []
            for _ in range(options.repeats):
                started = perf_counter()
                part()
                seconds.append(perf_counter() - started)
            rows.append((name, median(seconds)))
    rows.append(("sum without the cached reading", sum(s for name, s in rows if "again" not in name)))
    print_table(("part", "seconds (median)"), rows)


def _parts(folder: Path, cache: Path) -> dict[str, Callable[[], object]]:
    """The parts of the check, in the order in which a project runs them."""
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in ENDINGS)
    images = tuple(ImageRef(i, p, hash_file(p)) for i, p in enumerate(paths))
    is_test = np.array([p.parent.name == "test" for p in paths])
    classes = tuple(sorted({p.parent.name for p in paths if p.parent.name != "test"}))
    labels = np.array([-1 if t else classes.index(p.parent.name) for p, t in zip(paths, is_test, strict=True)])
    names, context = tuple(p.name for p in paths), JobContext()
    embeddings = _embeddings_alike(labels)
    measure_cues(CueInput(images, cache / "known.npz"), context)
    cues = measure_cues(CueInput(images, cache / "known.npz"), context)
    twins = DuplicateInput(tuple(i.content_hash for i in images), cues, labels, classes, embeddings)
    pairs = find_duplicates(twins, context).pairs
    known = labels >= 0
    sure = np.full((int(known.sum()), len(classes)), 0.1 / max(len(classes) - 1, 1), np.float32)
    sure[np.arange(len(sure)), labels[known]] = 0.9
    wrong = LabelErrorInput(sure, labels[known], classes, embeddings[known])
    return {
        "reading and measuring pictures": lambda: measure_cues(CueInput(images), context),
        "reading again, from the cache": lambda: measure_cues(CueInput(images, cache / "known.npz"), context),
        "duplicates": lambda: find_duplicates(twins, context), "leaks": lambda: find_leaks(pairs, is_test),
        "wrong labels": lambda: find_label_errors(wrong),
        "shortcuts": lambda: find_shortcuts(ShortcutInput(cues, names, labels, classes), context),
        "odd pictures": lambda: (find_far(embeddings, context), find_odd_files(cues, names)),
        "balance and coverage": lambda: (
            class_balance(labels, classes), judge_coverage(embeddings[known], embeddings[is_test], context)
        ),
    }


def _embeddings_alike(labels: np.ndarray) -> np.ndarray:
    """Random embeddings of the size of real ones: the cost does not depend on what is in them."""
    rng = np.random.default_rng(0)
    centres = rng.random((labels.max() + 2, N_FEATURES), np.float32)
    embeddings: np.ndarray = centres[labels] + rng.random((len(labels), N_FEATURES), np.float32)
    return embeddings


if __name__ == "__main__":
    main()
