"""How well are wrong labels found: labels flipped on purpose, and how many of the first as many suspects are flips.

Usage: python -m benchmarks.label_errors FOLDER [--each 300] [--draws 10] [--share 0.05]; FOLDER holds CLASS/
folders. In each draw so many pictures a class are chosen, 5 % of their labels flipped to any other class, a run is
trained on them and asked for its doubts; and once more with no label flipped, where each suspect is one too many.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from time import process_time

import numpy as np

from benchmarks.measure import print_machine, print_table
from core.training.logistic import fit_transfer
from core.images.files import hash_file
from core.jobs import JobContext
from core.training.folds import assign_folds
from core.checks.cues import measure_cues
from core.checks.inputs import DescribeInput
from core.checks.label_issue_ranking import RankedLabels, colour_shares, rank_label_issues
from core.tasks import run_here
from core.types import ImageRef

BACKBONE = "efficientnet-lite0"


def main() -> None:
    """Print one row a draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--each", type=int, default=300)
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--share", type=float, default=0.05)
    asked = parser.parse_args()
    print_machine()
    paths = sorted(p for p in asked.folder.glob("*/*") if p.suffix.lower() in {".jpg", ".jpeg", ".png"})
    classes = tuple(sorted({p.parent.name for p in paths}))
    truth = np.array([classes.index(p.parent.name) for p in paths])
    images = tuple(ImageRef(i, p, hash_file(p)) for i, p in enumerate(paths))
    with tempfile.TemporaryDirectory() as folder:
        vectors = run_here("describe", DescribeInput(images, BACKBONE, Path(folder)), JobContext()).vectors
    cues = measure_cues(images, JobContext())
    colours, rows = colour_shares(cues.grey, cues.chroma), []
    for draw in range(asked.draws):
        rng = np.random.default_rng(draw)
        chosen = _choose(truth, len(classes), asked.each, rng)
        labels, flips = _flip(truth[chosen], len(classes), asked.share, rng)
        started = process_time()
        found = _doubts(vectors[chosen], labels, classes, colours[chosen])
        seconds = process_time() - started
        sound = _doubts(vectors[chosen], truth[chosen], classes, colours[chosen])
        hits = np.isin([s.row for s in found.issues[:len(flips)]], flips)
        rows.append((draw, len(chosen), len(flips), hits.sum() / max(len(flips), 1), len(found.issues),
                     found.wrong.low, found.wrong.high, len(sound.issues), sound.wrong.high, seconds))
    rows.append(("mean", *(float(np.mean([row[i] for row in rows])) for i in range(1, 10))))
    header = ("draw", "labels", "flips", "found", "listed", "low", "high", "listed of none", "high of none", "CPU s")
    print_table(header, rows)


def _choose(truth: np.ndarray, n_classes: int, n_each: int, rng: np.random.Generator) -> np.ndarray:
    rows = [np.flatnonzero(truth == k) for k in range(n_classes)]
    return np.sort(np.concatenate([rng.choice(r, min(n_each, len(r)), replace=False) for r in rows]))


def _flip(
    truth: np.ndarray, n_classes: int, share: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    flips, labels = rng.choice(len(truth), round(share * len(truth)), replace=False), truth.copy()
    labels[flips] = (truth[flips] + rng.integers(1, n_classes, len(flips))) % n_classes
    return labels, flips


def _doubts(vectors: np.ndarray, labels: np.ndarray, classes: tuple[str, ...], colours: np.ndarray) -> RankedLabels:
    folds = assign_folds(labels, np.arange(len(labels)), n_folds=5, seed=0)
    run = fit_transfer(vectors, labels, folds=folds, n_classes=len(classes), context=JobContext())
    return rank_label_issues(run.probabilities, labels, embeddings=vectors, colours=colours)


if __name__ == "__main__":
    main()
