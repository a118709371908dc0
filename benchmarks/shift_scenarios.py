"""Models and images that they were not trained on: photographs and drawings under shifts, series, other shares.

The images are cut in two halves by their file names' hash. `tuning` shares no image, no drawing and no shift with the
other two parts; `looked at` was reported once, after which the intervals were widened; `report` has shifts, tasks,
series, clusters and drawings of its own.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.shifted_images import (
    BACKGROUNDS, LOOKED_AT, SET_ASIDE, TUNED_ON, Change, embed_drawings, embed_photographs, embed_series,
)
from core.backbones.registry import find_backbone
from core.engine.network import open_network
from core.jobs import JobContext
from core.training.folds import assign_folds
from core.training.logistic import fit_transfer

MOST_TESTED, SHARE_TESTED = 160, 0.45
"""Test images of a class that are embedded under each shift, and the share of the class that they are at most."""

PARTS = "tuning", "looked at", "report"
TASKS = {
    "tuning": (("daisy dandelion rose sunflower tulip", 150), ("daisy dandelion rose sunflower tulip", 40),
               ("rose tulip", 150), ("daisy dandelion rose", 80), ("dandelion sunflower", 60)),
    "looked at": (("daisy dandelion rose sunflower tulip", 200), ("daisy dandelion rose sunflower tulip", 25),
                  ("rose sunflower tulip", 100), ("daisy sunflower", 100), ("daisy rose", 30),
                  ("pistol smartphone", 150), ("pistol smartphone", 20)),
    "report": (("daisy dandelion rose sunflower tulip", 100), ("daisy dandelion rose sunflower tulip", 30),
               ("dandelion tulip", 120), ("dandelion rose tulip", 60), ("rose sunflower", 25),
               ("pistol smartphone", 60), ("pistol smartphone", 30)),
}
"""Classes, and training images of each, by part."""

SERIES = {
    "tuning": (("daisy dandelion rose sunflower tulip", 10, 12), ("daisy dandelion rose sunflower tulip", 4, 25),
               ("rose tulip", 5, 15), ("dandelion daisy tulip", 25, 5)),
    "looked at": (("daisy dandelion rose sunflower tulip", 7, 15), ("rose sunflower tulip", 15, 8),
                  ("pistol smartphone", 4, 20), ("daisy sunflower", 3, 30)),
    "report": (("daisy dandelion rose sunflower tulip", 12, 10), ("daisy rose tulip", 6, 20),
               ("pistol smartphone", 8, 15), ("dandelion sunflower", 5, 20)),
}
"""Classes, originals of each that are learnt from, and nearly equal images made of each original."""

THINGS = {"tuning": ((30, 20), (80, 12), (12, 30)), "looked at": ((50, 16), (20, 25), (100, 8)),
          "report": ((40, 18), (25, 25), (90, 10))}
"""Classes that are one photograph each, learnt from a series and met elsewhere; images of each series."""

LETTERS = {"tuning": ("ABCDEFGHIJKLM", 30), "looked at": ("NOPQRSTUVWXYZ2345679", 25),
           "report": ("acegkmnqsuwyz", 40)}
"""Drawn letters, and training images of each."""

DRAWN = {"tuning": (("disc", "square", "triangle"), 60), "looked at": (("star", "ring", "cross", "triangle"), 60),
         "report": (("disc", "star", "cross", "square"), 80)}
SEEDS = {"tuning": 1, "looked at": 3, "report": 5}


@dataclass(frozen=True, slots=True)
class Scenario:
    """One model and one set of images that it was not trained on.

    Attributes:
        task, shift: What it is.
        labels, probabilities: Out of fold, (n_train,) and (n_train, n_classes).
        truth, said: Of the other images, (n_test,) and (n_test, n_classes).
        folds: Of the labelled images, (n_train,).
        known, others: Embeddings, (n_train, n_features) and (n_test, n_features).
    """

    task: str
    shift: str
    labels: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    truth: NDArray[np.int64]
    said: NDArray[np.float32]
    folds: NDArray[np.int64]
    known: NDArray[np.float32]
    others: NDArray[np.float32]

    @property
    def family(self) -> str:
        """Kind of the shift, without its strength."""
        if self.task.startswith("drawn"):
            return "drawn, same background" if len(set(self.shift.split(" → "))) == 1 else "drawn, other background"
        if self.task.startswith(("series", "things")):
            return self.task.split()[0]
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
        self.kept, self.network = kept, open_network(find_backbone("efficientnet-lite0"))
        self.paths: dict[str, list[Path]] = {}
        for place in sorted(p for p in folder.iterdir() if p.is_dir()):
            files = sorted(place.iterdir(), key=lambda p: _order(p.name))
            self.paths[place.name] = [p for p in files if _order(p.name)[0] % 2 == half]

    def train(self, name: str, n: int, seed: int) -> list[Path]:
        """Training images of a class: none that is tested on."""
        rng, tested = np.random.default_rng(seed), len(self.tested(name))
        return [self.paths[name][i] for i in tested + rng.permutation(len(self.paths[name]) - tested)[:n]]

    def tested(self, name: str) -> list[Path]:
        """Test images of a class."""
        return self.paths[name][:min(MOST_TESTED, int(SHARE_TESTED * len(self.paths[name])))]

    def vectors(self, name: str, paths: list[Path]) -> NDArray[np.float32]:
        """Embeddings of training images as they are."""
        everything = self.paths[name]
        place = {path: at for at, path in enumerate(everything)}
        found = embed_photographs(everything, "none", TUNED_ON["none"], self.kept, self.network)
        return found[[place[path] for path in paths]]

    def test(self, name: str, shift: str, change: Change) -> NDArray[np.float32]:
        """Embeddings of the test images of a class under a shift."""
        return embed_photographs(self.tested(name), shift, change, self.kept, self.network)

    def tests(self, classes: list[str], shift: str, change: Change) -> tuple[NDArray, NDArray]:
        """The test images of all classes under a shift, and their classes."""
        found = [self.test(name, shift, change) for name in classes]
        return np.concatenate(found), np.repeat(np.arange(len(classes)), [len(part) for part in found])


def shifts_of(part: str) -> dict[str, Change]:
    """The changes of a part, first none at all."""
    own = {"tuning": TUNED_ON, "looked at": LOOKED_AT, "report": SET_ASIDE}[part]
    return {"none": TUNED_ON["none"], **own}


def _order(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def fit(vectors: NDArray[np.float32], labels: NDArray[np.int64], tests: dict[str, tuple[NDArray, NDArray]],
        task: str) -> Iterator[Scenario]:
    """One model, and what it says of each set of images."""
    folds = assign_folds(labels, np.arange(len(labels)), n_folds=5, seed=0)
    found = fit_transfer(vectors, labels, folds=folds, n_classes=int(labels.max()) + 1, context=JobContext())
    for shift, (others, truth) in tests.items():
        yield Scenario(task, shift, labels, found.probabilities, truth, found.head.probabilities(others), folds,
                       vectors, others)


def photograph_scenarios(part: str, photos: Photographs, classes: list[str], n: int) -> Iterator[Scenario]:
    """Every shift of images, and of the balance of classes, for one task."""
    chosen = [photos.train(c, n, 7 if part == "report" else 0) for c in classes]
    vectors = np.concatenate([photos.vectors(c, paths) for c, paths in zip(classes, chosen, strict=True)])
    labels = np.repeat(np.arange(len(classes)), [len(paths) for paths in chosen])
    tests = {shift: photos.tests(classes, shift, change) for shift, change in shifts_of(part).items()}
    tests |= _unbalanced(part, *tests["none"])
    yield from fit(vectors, labels, tests, f"{'+'.join(classes)} {n}")


def _unbalanced(part: str, vectors: NDArray, truth: NDArray) -> dict[str, tuple[NDArray, NDArray]]:
    """The test images with other shares of the classes."""
    tests = {}
    for seed in range(2):
        rng = np.random.default_rng(seed + 10 * PARTS.index(part))
        shares = rng.dirichlet(np.full(int(truth.max()) + 1, 0.7))
        kept = rng.random(len(truth)) < (shares / shares.max())[truth]
        tests[f"balance {seed}"] = (vectors[kept], truth[kept])
    return tests


def cluster_scenarios(part: str, photos: Photographs, classes: list[str], n: int) -> Iterator[Scenario]:
    """Trained on one half of each class by clusters, judged on the other half."""
    axis = 1 if part == "report" else 0
    for way in ("colour",) if part == "tuning" else ("colour", "embedding"):
        for flip in (0, 1):
            train, test, labels, truth = [], [], [], []
            for at, name in enumerate(classes):
                vectors = photos.vectors(name, photos.paths[name])
                side = _clusters(_colours(photos.paths[name]) if way == "colour" else vectors, axis) == flip
                train.append(vectors[side][:n])
                test.append(vectors[~side][:MOST_TESTED])
                labels += [at] * len(train[-1])
                truth += [at] * len(test[-1])
            tests = {f"{way} cluster {flip}": (np.concatenate(test), np.array(truth))}
            yield from fit(np.concatenate(train), np.array(labels), tests, f"{'+'.join(classes)} {n}")


def _colours(paths: list[Path]) -> NDArray[np.float32]:
    from PIL import Image

    return np.array([np.asarray(Image.open(p).convert("HSV").resize((3, 3))).ravel() for p in paths], np.float32)


def _clusters(vectors: NDArray[np.float32], which: int) -> NDArray[np.int64]:
    """Two halves along a principal axis."""
    centred = vectors - vectors.mean(axis=0)
    axis = np.linalg.svd(centred, full_matrices=False)[2][which]
    return np.asarray(centred @ axis > np.median(centred @ axis), np.int64)


def series_scenarios(part: str, photos: Photographs, classes: list[str], n: int, m: int) -> Iterator[Scenario]:
    """Trained on series of nearly equal images that stand in several folds, judged on other photographs."""
    seed, plain = 8 if part == "report" else 1, TUNED_ON["none"]
    made = [embed_series(photos.train(c, n, seed), m, "none", plain, photos.kept, photos.network) for c in classes]
    labels = np.repeat(np.arange(len(classes)), [len(vectors) for vectors in made])
    shifts = dict(list(shifts_of(part).items())[:4])
    tests = {shift: photos.tests(classes, shift, change) for shift, change in shifts.items()}
    yield from fit(np.concatenate(made), labels, tests, f"series {'+'.join(classes)} {n}×{m}")


def thing_scenarios(part: str, photos: Photographs, n_things: int, m: int) -> Iterator[Scenario]:
    """Each class is one photograph: trained on a series of it, judged on a series of it under other circumstances."""
    names = sorted(photos.paths)
    first = 30 if part == "report" else 1
    things = [photos.paths[names[i % len(names)]][-first - i // len(names)] for i in range(n_things)]
    vectors = embed_series(things, m, "none", TUNED_ON["none"], photos.kept, photos.network)
    tests = {}
    for shift, change in list(shifts_of(part).items()):
        others = embed_series(things, 6, shift, change, photos.kept, photos.network, seed=1, strength=2.5)
        tests[shift] = others, np.repeat(np.arange(n_things), 6)
    yield from fit(vectors, np.repeat(np.arange(n_things), m), tests, f"things {n_things}×{m}")


def drawn_scenarios(part: str, photos: Photographs, kept: Path) -> Iterator[Scenario]:
    """Drawn shapes and letters, trained on one kind of background and judged on each."""
    seed, paths = (SEEDS[part], SEEDS[part] + 1), next(iter(photos.paths.values()))
    starts = ("plain", "stripes") if part == "tuning" else ("gradient", "texture", "photograph")
    for shapes, n in (DRAWN[part], (tuple(LETTERS[part][0]), LETTERS[part][1])):
        for start in starts:
            vectors, labels = embed_drawings(shapes, start, n, seed[0], paths, kept)
            tests = {f"{start} → {b}": embed_drawings(shapes, b, 400 // len(shapes), seed[1], paths, kept)
                     for b in BACKGROUNDS}
            yield from fit(vectors, labels, tests, f"drawn {'+'.join(shapes)} {n}")


def all_scenarios(part: str, flowers: Path, guns: Path, kept: Path) -> Iterator[Scenario]:
    """Everything of a part, one after the other."""
    half = min(PARTS.index(part), 1)
    garden = Photographs(flowers, half, kept)
    drawer = None if part == "tuning" else Photographs(guns, half, kept)
    for names, n in TASKS[part]:
        classes = names.split()
        photos = drawer if drawer is not None and classes[0] in drawer.paths else garden
        print(names, n, file=sys.stderr)
        yield from photograph_scenarios(part, photos, classes, n)
        yield from cluster_scenarios(part, photos, classes, n)
    for names, n, m in SERIES[part]:
        classes = names.split()
        photos = drawer if drawer is not None and classes[0] in drawer.paths else garden
        yield from series_scenarios(part, photos, classes, n, m)
    for n, m in THINGS[part]:
        yield from thing_scenarios(part, garden, n, m)
    yield from drawn_scenarios(part, garden, kept)
