"""Accuracy on images that nobody trained on: by the features that a linear head learns from, and by strategy.

    python -m benchmarks.accuracy FOLDER [--train 200] [--test 100] [--cuts 5] [--keep DIR] [--half 0|1]
    python -m benchmarks.accuracy FOLDER --strategies auto fine-tune "auto seconds=600" [--half 0|1]

FOLDER holds one folder a class. Each cut draws images of every class to learn from and others to test; byte-equal
copies count once. Seconds of features are those of a head with its cross-validation on embeddings that are there; the
cost of embeddings is given as network time against the final features. With --strategies the job that the program
itself runs trains on each cut, with nothing embedded before, and predicts the test images; seconds are those of all.
--half takes only images whose content hash begins with an even (0) or odd (1) byte, so that one half can be looked at
while something is made better and the other reported.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import print_machine, print_table
from core.embeddings.embedded import Embedded, embed, join
from core.jobs import JobContext
from core.runs.predictions import NEW, read_predictions
from core.settings import parse_settings
from core.training.folds import assign_folds
from core.training.job import TrainJob
from core.training.logistic import fit_transfer
from core.training.registry import find_strategy, make_settings
from core.training.write_run import UNLABELLED
from core.types import ImageRef

LITE0, LITE2 = "efficientnet-lite0", "efficientnet-lite2"
WAYS = (
    ("Lite0, final features", ((LITE0, "final"),), 1.0),
    ("Lite0, stages (transfer)", ((LITE0, "stages"),), 1.0),
    ("Lite0, two views", ((LITE0, "two views"),), 2.0),
    ("Lite2, stages", ((LITE2, "stages"),), 1.8),
    ("Lite2, two views", ((LITE2, "two views"),), 3.6),
    ("Lite0 + Lite2, two views", ((LITE0, "two views"), (LITE2, "two views")), 5.6),
)


def read_folder(folder: Path) -> tuple[tuple[ImageRef, ...], NDArray[np.int64]]:
    """All images with their classes; of copies the first."""
    images: dict[bytes, ImageRef] = {}
    labels: list[int] = []
    for number, sub in enumerate(sorted(path for path in folder.iterdir() if path.is_dir())):
        for path in sorted(sub.iterdir()):
            digest = hashlib.sha256(path.read_bytes()).digest()
            if digest not in images:
                images[digest] = ImageRef(len(images), path, digest)
                labels.append(number)
    return tuple(images.values()), np.array(labels)


def draw_cut(
    labels: NDArray[np.int64], usable: NDArray[np.bool_], n_train: int, n_test: int, seed: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows to learn from and rows to test."""
    rng = np.random.default_rng(seed)
    train, test = [], []
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero((labels == label) & usable))
        train.append(rows[:n_train])
        test.append(rows[n_train:n_train + n_test])
    return np.concatenate(train), np.concatenate(test)


def measure_cut(
    found: Embedded, labels: NDArray[np.int64], train: NDArray[np.int64], test: NDArray[np.int64], seed: int,
) -> tuple[float, float, float]:
    """Accuracy on the test rows, out of fold, and seconds of the fit."""
    started = time.perf_counter()
    folds = assign_folds(labels[train], np.arange(len(train)), n_folds=5, seed=seed)
    fit = fit_transfer(found.store.read(found.rows[train]), labels[train], folds=folds,
                       n_classes=int(labels.max()) + 1, context=JobContext())
    seconds = time.perf_counter() - started
    predicted = fit.head.probabilities(found.store.read(found.rows[test])).argmax(axis=1)
    out_of_fold = (fit.probabilities.argmax(axis=1) == labels[train]).mean()
    return float((predicted == labels[test]).mean()), float(out_of_fold), seconds


def train_on_cut(
    asked: str, images: tuple[ImageRef, ...], labels: NDArray[np.int64], train: NDArray[np.int64],
    test: NDArray[np.int64],
) -> tuple[float, float, float]:
    """Accuracy on the test rows, the one that the run claims, and seconds; `asked` is a strategy and its settings."""
    strategy, *chosen = asked.split()
    settings = make_settings(strategy, parse_settings(find_strategy(strategy).settings, chosen))
    rows, n_classes = [*train, *test], int(labels.max()) + 1
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        job = TrainJob(
            "run-1", folder / "runs" / "run-1", strategy, settings,
            tuple(replace(images[i], id=int(i)) for i in rows),
            (*labels[train].tolist(), *[UNLABELLED] * len(test)), tuple(f"class {i}" for i in range(n_classes)),
            tuple(range(n_classes)), folder / "embeddings")
        started = time.perf_counter()
        record = find_strategy(strategy).train(job, JobContext()).record
        seconds = time.perf_counter() - started
        found = read_predictions(job.folder)
        is_new = found.kinds == NEW
        said, ids = found.probabilities[is_new].argmax(axis=1), np.asarray(found.image_ids)[is_new]
    return float((said == labels[ids]).mean()), float(record.accuracy or 0), seconds


def compare_strategies(
    ways: list[str], images: tuple[ImageRef, ...], labels: NDArray[np.int64],
    cuts: list[tuple[NDArray[np.int64], NDArray[np.int64]]],
) -> None:
    """Print the table of strategies, each with its difference to the first on the same cuts."""
    rows, first = [], np.zeros(len(cuts))
    for way in ways:
        measured = np.array([train_on_cut(way, images, labels, *cut) for cut in cuts])
        first = measured[:, 0] if way == ways[0] else first
        gain = measured[:, 0] - first
        rows.append([
            way, f"{measured[:, 0].mean():.4f}", " ".join(f"{value:.3f}" for value in measured[:, 0]),
            f"{gain.mean():+.4f}", f"{measured[:, 1].mean():.4f}", f"{np.median(measured[:, 2]):.0f} s"])
        print(rows[-1], flush=True)
    print_table(["strategy", "test accuracy", "cuts", "against the first", "claimed", "median time"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--train", type=int, default=200)
    parser.add_argument("--test", type=int, default=100)
    parser.add_argument("--cuts", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="where embeddings stay for the next time")
    parser.add_argument("--half", type=int, choices=(0, 1), help="of the images, by their content")
    parser.add_argument("--strategies", nargs="+", help="strategies with settings, such as “auto seconds=600”")
    asked = parser.parse_args()
    images, labels = read_folder(asked.folder)
    if asked.half is not None:
        kept = [i for i, image in enumerate(images) if image.content_hash[0] % 2 == asked.half]
        images, labels = tuple(images[i] for i in kept), labels[kept]
    print_machine()
    if asked.strategies:
        usable = np.ones(len(images), bool)
        cuts = [draw_cut(labels, usable, asked.train, asked.test, seed) for seed in range(asked.cuts)]
        compare_strategies(asked.strategies, images, labels, cuts)
        return
    with tempfile.TemporaryDirectory() as scratch:
        place = asked.keep or Path(scratch)
        found = {name: join([embed(images, backbone, place, JobContext(), features=features)
                             for backbone, features in parts]) for name, parts, _ in WAYS}
        usable = np.all([one.rows >= 0 for one in found.values()], axis=0)
        cuts = [draw_cut(labels, usable, asked.train, asked.test, seed) for seed in range(asked.cuts)]
        rows = []
        for name, _, cost in WAYS:
            measured = np.array([measure_cut(found[name], labels, *cut, seed) for seed, cut in enumerate(cuts)])
            mean, spread = measured.mean(axis=0), measured[:, 0].std(ddof=1) / np.sqrt(len(cuts))
            rows.append([name, f"{cost:.1f}", f"{mean[0]:.4f} ± {spread:.4f}", f"{mean[1]:.4f}", f"{mean[2]:.2f} s"])
    print_table(["features", "network time", "test accuracy ± standard error", "out of fold", "head"], rows)


if __name__ == "__main__":
    main()
