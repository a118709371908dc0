"""How near the learning curve comes to the accuracy that twice as many labels really give.

    python -m benchmarks.learning_curve PHOTOGRAPHS --kept FOLDER [--part tuning|report] [--cuts 5]

PHOTOGRAPHS holds a folder a class. From a pool of labels one half is given: its curve foresees the accuracy with the
whole pool. The truth is that of a head which learnt from the whole pool, on images that are in neither. The images
are cut in two parts by their content: how the law is fitted was chosen on `tuning`, what docs/benchmarks.md reports
is `report`: the other photographs and other drawn features; `all` takes both parts and has larger pools. Embeddings
are made once and lie in --kept.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import print_machine, print_table
from core.embeddings.embedded import embed
from core.images.files import hash_file
from core.jobs import JobContext
from core.training.folds import assign_folds
from core.training.learning_curve import CurvePoint, draw_curve, fit_points, foresee
from core.training.logistic import fit_transfer
from core.types import ImageRef

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

PARTS = {"tuning": (0, 0), "report": (1, 100), "all": (None, 200)}
"""Which images by the last bit of their content hash, and the first seed of drawn features."""

POOLS = {"tuning": (60, 120, 240, 300), "report": (60, 120, 240, 300), "all": (400, 600)}
"""Labels a class in a pool of all classes."""

PAIRS, PAIR_POOL = ((0, 1), (2, 4), (1, 3), (0, 4), (2, 3)), 200


@dataclass(frozen=True, slots=True)
class Foresight:
    """One pool, the half of which was given.

    Attributes:
        before, truth: Accuracy with the half and with the whole pool on other images.
        foreseen, plain: Of the whole pool, with and without a floor of the errors.
        now: Of the half, by the same law.
        is_covered: Whether the truth lies in the interval of `foreseen`.
    """

    task: str
    before: float
    truth: float
    foreseen: float
    plain: float
    now: float
    is_covered: bool


def embed_part(folder: Path, kept: Path, bit: int | None) -> tuple[Floats, Ints]:
    """Embeddings with the means over the stages and labels of one part."""
    names = sorted(path.name for path in folder.iterdir() if path.is_dir())
    files = [path for name in names for path in sorted((folder / name).iterdir())]
    images = [ImageRef(at, path, hash_file(path)) for at, path in enumerate(files)]
    taken = tuple(image for image in images if bit is None or image.content_hash[-1] % 2 == bit)
    found = embed(taken, "efficientnet-lite0", kept, JobContext(), features="stages")
    rows = np.flatnonzero(found.rows >= 0)
    labels = np.array([names.index(taken[i].path.parent.name) for i in rows], np.int64)
    return found.store.read(found.rows[rows]), labels


def draw_features(seed: int) -> tuple[Floats, Ints]:
    """Three to seven overlapping classes, correlated and not negative."""
    rng, n_classes = np.random.default_rng(seed), 3 + seed % 5
    labels = np.arange(3000) % n_classes
    overlap = 0.5 + 0.1 * (seed % 4)
    hidden = overlap * rng.normal(size=(n_classes, 60))[labels] + rng.normal(size=(3000, 60))
    features = hidden @ rng.normal(size=(60, 400)) + 3 * rng.normal(size=(3000, 400))
    return np.maximum(features, 0).astype(np.float32), labels


def train_and_judge(features: Floats, labels: Ints, learnt: Ints, judged: Ints) -> float:
    """Accuracy on some images of a head that learnt from others."""
    n_classes = int(labels.max()) + 1
    folds = assign_folds(labels[learnt], np.arange(len(learnt)), n_folds=5, seed=0)
    fit = fit_transfer(features[learnt], labels[learnt], folds=folds, n_classes=n_classes, context=JobContext())
    return float((fit.head.probabilities(features[judged]).argmax(axis=1) == labels[judged]).mean())


def look_ahead(task: str, features: Floats, labels: Ints, per_class: int, seed: int) -> Foresight:
    """Foresee and measure one pool."""
    order, n_classes = np.random.default_rng(seed).permutation(len(labels)), int(labels.max()) + 1
    of_class = [order[labels[order] == label] for label in range(n_classes)]
    pool, half = (np.concatenate([rows[:n] for rows in of_class]) for n in (per_class, per_class // 2))
    others = np.setdiff1d(order, pool)
    points = draw_curve(features[half], labels[half], np.arange(len(half)), n_classes=n_classes, seed=seed,
                        context=JobContext())
    _, now, doubled = foresee(points, len(half))
    assert now is not None and doubled is not None
    truth = train_and_judge(features, labels, pool, others)
    return Foresight(
        task, train_and_judge(features, labels, half, others), truth, doubled.accuracy, _plain(points, len(pool)),
        now.accuracy, doubled.low <= truth <= doubled.high)


def _plain(points: tuple[CurvePoint, ...], n_labels: int) -> float:
    return 1 - fit_points(points, has_floor=False).error(n_labels)


def tasks(folder: Path, kept: Path, part: str, n_cuts: int) -> Iterator[Foresight]:
    """All pools of a part."""
    bit, first_seed = PARTS[part]
    features, labels = embed_part(folder, kept, bit)
    for seed in range(n_cuts):
        for per_class in POOLS[part]:
            yield look_ahead(f"{per_class // 2} → {per_class} a class", features, labels, per_class, seed)
        one, other = PAIRS[seed % len(PAIRS)]
        rows = np.flatnonzero((labels == one) | (labels == other))
        yield look_ahead(f"two classes, {PAIR_POOL // 2} → {PAIR_POOL}", features[rows],
                         (labels[rows] == other).astype(np.int64), PAIR_POOL, seed)
        drawn, drawn_labels = draw_features(first_seed + seed)
        yield look_ahead("drawn features", drawn, drawn_labels, (100, 200, 300)[seed % 3], seed)


def summary(name: str, found: list[Foresight]) -> list[object]:
    """A row: what was gained, mean absolute errors, and how often the interval holds the truth."""
    def error(attribute: str) -> float:
        return float(np.mean([abs(getattr(one, attribute) - one.truth) for one in found]))

    gain = [one.truth - one.before for one in found]
    foreseen = [one.foreseen - one.now for one in found]
    return [name, len(found), f"{np.mean(gain):.3f}", f"{error('now'):.3f}", f"{error('plain'):.3f}",
            f"{error('foreseen'):.3f}", f"{np.mean([one.foreseen - one.truth for one in found]):+.3f}",
            f"{np.mean(np.abs(np.subtract(foreseen, gain))):.3f}",
            f"{sum(one.is_covered for one in found)} of {len(found)}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs", type=Path)
    parser.add_argument("--kept", type=Path, required=True)
    parser.add_argument("--part", choices=PARTS, default="report")
    parser.add_argument("--cuts", type=int, default=5)
    asked = parser.parse_args()
    print_machine()
    found = list(tasks(asked.photographs, asked.kept, asked.part, asked.cuts))
    names = list(dict.fromkeys(one.task for one in found))
    print_table(
        ["labels given → all", "pools", "gain", "as now", "no floor", "error", "bias", "error of the gain",
         "covered"],
        [*(summary(name, [one for one in found if one.task == name]) for name in names), summary("all", found)])


if __name__ == "__main__":
    main()
