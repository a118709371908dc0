"""How near the expected accuracy on unlabelled images comes to the truth, over many shifts made on purpose.

Usage: python -m benchmarks.expected_accuracy FLOWERS GUNS --kept FOLDER [--part tuning|report] [--each]

FLOWERS and GUNS hold CLASS/ folders of photographs. The images are cut in two halves by their file names' hash: the
combination and the widening of `core.review.expected` were tuned on `tuning` (one half of FLOWERS, shifts and
backgrounds of their own), what docs/benchmarks.md reports is `report`: the other half, GUNS, other shifts, other
tasks, other drawings. Embeddings are made once and lie in --kept.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import print_machine, print_table
from benchmarks.shifted_images import (
    BACKGROUNDS, SET_ASIDE, TUNED_ON, Change, embed_drawings, embed_photographs,
)
from core.backbones.registry import find_backbone
from core.engine.network import open_network
from core.jobs import JobContext
from core.review.expected import Agreement, ExpectedAccuracy, expect_accuracy
from core.review.simple_models import measure_agreement
from core.training.folds import assign_folds
from core.training.logistic import fit_transfer

TEST_EACH = 80
"""Test images of a class that are embedded under each shift."""

TASKS = {
    "tuning": (("daisy dandelion rose sunflower tulip", 150), ("daisy dandelion rose sunflower tulip", 40),
               ("rose tulip", 150), ("daisy dandelion rose", 80), ("dandelion sunflower", 60)),
    "report": (("daisy dandelion rose sunflower tulip", 200), ("daisy dandelion rose sunflower tulip", 25),
               ("rose sunflower tulip", 100), ("daisy sunflower", 100), ("daisy rose", 30),
               ("pistol smartphone", 150), ("pistol smartphone", 20)),
}
"""Classes, and training images of each, by part."""

DRAWN = {"tuning": (("disc", "square", "triangle"), 60), "report": (("star", "ring", "cross", "triangle"), 60)}


@dataclass(frozen=True, slots=True)
class Scenario:
    """One model and one set of images that it was not trained on.

    Attributes:
        task, shift: What it is.
        labels, probabilities: Out of fold, (n_train,) and (n_train, n_classes).
        truth, said: Of the other images, (n_test,) and (n_test, n_classes).
        agreement: Of simple models on the embeddings.
    """

    task: str
    shift: str
    labels: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    truth: NDArray[np.int64]
    said: NDArray[np.float32]
    agreement: Agreement

    @property
    def family(self) -> str:
        """Kind of the shift, without its strength."""
        if self.task.startswith("drawn"):
            return "drawn, same background" if len(set(self.shift.split(" → "))) == 1 else "drawn, other background"
        return " ".join(word for word in self.shift.split() if not word.replace(".", "").isdigit())

    @property
    def accuracy(self) -> float:
        return float((self.said.argmax(axis=1) == self.truth).mean())


class Photographs:
    """Photographs of one part, embedded as they are asked for.

    Args:
        folder: With CLASS/ folders.
        half: 0 or 1.
    """

    def __init__(self, folder: Path, half: int, kept: Path) -> None:
        self._kept, self._network = kept, open_network(find_backbone("efficientnet-lite0"))
        self.paths: dict[str, list[Path]] = {}
        for place in sorted(p for p in folder.iterdir() if p.is_dir()):
            files = sorted(place.iterdir(), key=lambda p: _order(p.name))
            self.paths[place.name] = [p for p in files if _order(p.name)[0] % 2 == half]

    def train(self, name: str, n: int, seed: int) -> list[Path]:
        """Training images of a class: none that is tested on."""
        rng = np.random.default_rng(seed)
        return [self.paths[name][i] for i in TEST_EACH + rng.permutation(len(self.paths[name]) - TEST_EACH)[:n]]

    def vectors(self, name: str, paths: list[Path]) -> NDArray[np.float32]:
        """Embeddings of training images as they are."""
        everything = self.paths[name]
        place = {path: at for at, path in enumerate(everything)}
        found = embed_photographs(everything, "none", TUNED_ON["none"], self._kept, self._network)
        return found[[place[path] for path in paths]]

    def test(self, name: str, shift: str, change: Change) -> NDArray[np.float32]:
        """Embeddings of the test images of a class under a shift."""
        return embed_photographs(self.paths[name][:TEST_EACH], shift, change, self._kept, self._network)


def _order(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def fit(vectors: NDArray[np.float32], labels: NDArray[np.int64], tests: dict[str, tuple[NDArray, NDArray]],
        task: str) -> Iterator[Scenario]:
    """One model, and what it says of each set of images."""
    folds = assign_folds(labels, np.arange(len(labels)), n_folds=5, seed=0)
    found = fit_transfer(vectors, labels, folds=folds, n_classes=int(labels.max()) + 1, context=JobContext())
    for shift, (others, truth) in tests.items():
        said = found.head.probabilities(others)
        agreement = measure_agreement(vectors, labels, folds, others, predicted=found.probabilities.argmax(axis=1),
                                      predicted_others=said.argmax(axis=1))
        yield Scenario(task, shift, labels, found.probabilities, truth, said, agreement)


def photograph_scenarios(part: str, photos: Photographs, classes: list[str], n: int) -> Iterator[Scenario]:
    """Every shift of images, and of the balance of classes, for one task."""
    vectors = np.concatenate([photos.vectors(c, photos.train(c, n, 0)) for c in classes])
    labels = np.repeat(np.arange(len(classes)), [len(photos.train(c, n, 0)) for c in classes])
    shifts = TUNED_ON if part == "tuning" else {"none": TUNED_ON["none"], **SET_ASIDE}
    truth = np.repeat(np.arange(len(classes)), TEST_EACH)
    tests = {shift: (np.concatenate([photos.test(c, shift, change) for c in classes]), truth)
             for shift, change in shifts.items()}
    tests |= _unbalanced(part, *tests["none"])
    yield from fit(vectors, labels, tests, f"{'+'.join(classes)} {n}")


def _unbalanced(part: str, vectors: NDArray, truth: NDArray) -> dict[str, tuple[NDArray, NDArray]]:
    """The test images with other shares of the classes."""
    tests = {}
    for seed in range(2):
        rng = np.random.default_rng(seed + (10 if part == "report" else 0))
        shares = rng.dirichlet(np.full(int(truth.max()) + 1, 0.7))
        kept = rng.random(len(truth)) < (shares / shares.max())[truth]
        tests[f"balance {seed}"] = (vectors[kept], truth[kept])
    return tests


def cluster_scenarios(part: str, photos: Photographs, classes: list[str], n: int) -> Iterator[Scenario]:
    """Trained on one half of each class by clusters, judged on the other half."""
    for way in ("colour",) if part == "tuning" else ("colour", "embedding"):
        for flip in (0, 1):
            train, test, labels, truth = [], [], [], []
            for at, name in enumerate(classes):
                vectors = photos.vectors(name, photos.paths[name])
                side = (_clusters(_colours(photos.paths[name])) if way == "colour" else _clusters(vectors)) == flip
                train.append(vectors[side][:n])
                test.append(vectors[~side][:2 * TEST_EACH])
                labels += [at] * len(train[-1])
                truth += [at] * len(test[-1])
            tests = {f"{way} cluster {flip}": (np.concatenate(test), np.array(truth))}
            yield from fit(np.concatenate(train), np.array(labels), tests, f"{'+'.join(classes)} {n}")


def _colours(paths: list[Path]) -> NDArray[np.float32]:
    from PIL import Image

    return np.array([np.asarray(Image.open(p).convert("HSV").resize((3, 3))).ravel() for p in paths], np.float32)


def _clusters(vectors: NDArray[np.float32]) -> NDArray[np.int64]:
    """Two halves along the first principal axis."""
    centred = vectors - vectors.mean(axis=0)
    axis = np.linalg.svd(centred, full_matrices=False)[2][0]
    return np.asarray(centred @ axis > np.median(centred @ axis), np.int64)


def drawn_scenarios(part: str, photos: Photographs, kept: Path) -> Iterator[Scenario]:
    """Drawn shapes, trained on one kind of background and judged on each."""
    shapes, n = DRAWN[part]
    seed, paths = (1, 2) if part == "tuning" else (3, 4), next(iter(photos.paths.values()))
    starts = ("plain", "stripes") if part == "tuning" else ("gradient", "texture", "photograph")
    for start in starts:
        vectors, labels = embed_drawings(shapes, start, n, seed[0], paths, kept)
        tests = {f"{start} → {b}": embed_drawings(shapes, b, TEST_EACH, seed[1], paths, kept) for b in BACKGROUNDS}
        yield from fit(vectors, labels, tests, f"drawn {'+'.join(shapes)} {n}")


def all_scenarios(part: str, flowers: Path, guns: Path, kept: Path) -> Iterator[Scenario]:
    """Everything of a part, one after the other."""
    half = ("tuning", "report").index(part)
    garden = Photographs(flowers, half, kept)
    drawer = None if part == "tuning" else Photographs(guns, half, kept)
    for names, n in TASKS[part]:
        classes = names.split()
        photos = drawer if drawer is not None and classes[0] in drawer.paths else garden
        print(names, n, file=sys.stderr)
        yield from photograph_scenarios(part, photos, classes, n)
        yield from cluster_scenarios(part, photos, classes, n)
    yield from drawn_scenarios(part, garden, kept)


@dataclass(frozen=True, slots=True)
class Judged:
    """A scenario with what was expected of it."""

    scenario: Scenario
    expected: ExpectedAccuracy


def main() -> None:
    """Print a table by kinds of shift, and with --each a line a scenario."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("flowers", type=Path)
    parser.add_argument("guns", type=Path)
    parser.add_argument("--kept", type=Path, required=True)
    parser.add_argument("--part", choices=tuple(TASKS), default="report")
    parser.add_argument("--each", action="store_true")
    asked = parser.parse_args()
    asked.kept.mkdir(parents=True, exist_ok=True)
    print_machine()
    found = []
    for one in all_scenarios(asked.part, asked.flowers, asked.guns, asked.kept):
        expected = expect_accuracy(one.probabilities, one.labels, one.said, one.agreement)
        if expected is not None:
            found.append(Judged(one, expected))
    if asked.each:
        print_table(("task", "shift", "true", "cross-validated", "expected", "low", "high"), (
            (j.scenario.task, j.scenario.shift, j.scenario.accuracy, j.expected.judged_accuracy, j.expected.accuracy,
             *j.expected.interval) for j in found))
    print_table(
        ("shift", "n", "true", "error of the expected", "its 95 % interval covers", "its width",
         "error of cross-validation", "its interval covers", "said to be lower"),
        [_row(name, [j for j in found if name in (j.scenario.family, "all")])
         for name in (*dict.fromkeys(j.scenario.family for j in found), "all")])
    print_table(("estimate", "mean absolute error"), [
        (name, float(np.mean([abs(value - j.scenario.accuracy) for j in found
                              if (value := getattr(j.expected, name)) is not None])))
        for name in ("accuracy", "judged_accuracy", "confidence", "calibrated", "thresholded", "difference",
                     "transported", "agreement")])


def _row(name: str, found: list[Judged]) -> tuple[object, ...]:
    """Means over the scenarios of one kind."""
    truth = np.array([j.scenario.accuracy for j in found])
    low, high = np.array([j.expected.interval for j in found]).T
    cv_low, cv_high = np.array([j.expected.judged_interval for j in found]).T
    expected, judged = (np.array([getattr(j.expected, of) for j in found]) for of in ("accuracy", "judged_accuracy"))
    means = (
        truth, abs(expected - truth), (low <= truth) & (truth <= high), high - low, abs(judged - truth),
        (cv_low <= truth) & (truth <= cv_high), [j.expected.is_lower for j in found],
    )
    return name, len(found), *(float(np.mean(values)) for values in means)


if __name__ == "__main__":
    main()
