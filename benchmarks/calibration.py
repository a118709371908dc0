"""Calibration, thresholds and out-of-distribution images on photographs that no model has seen; as Markdown.

    python -m benchmarks.calibration FOLDER OTHERS [--cuts 6] [--counts 500 1000 2000] [--store FOLDER]

FOLDER and OTHERS each hold a folder of photographs for each class. Every cut draws other photographs to learn from
and is judged on all the others, with the functions that `train` calls. “By chance” is what a perfectly calibrated
model with the same confidences would show in 15 bins on as many images: no error below it can be told from none.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.ensembles import Photographs, load
from benchmarks.measure import print_machine, print_table
from core.backbones.registry import DEFAULT, find_backbone
from core.jobs import JobContext
from core.review.calibrate import scale_folds, scale_rows
from core.review.coverage import CoverageCurve, draw_curve
from core.review.metrics import log_loss
from core.review.novelty import INSIDE, learn_novelty
from core.review.reliability import error_by_chance, measure_reliability
from core.training.folds import hash_groups, plan_folds
from core.training.logistic import TransferFit, fit_transfer
from core.training.strategies.transfer import TransferSettings

N_FOLDS = TransferSettings().n_folds
SURE = (0.8, 0.9, 0.95)
FIRST = 100
"""Number of the first cut; the width of the prior was chosen on the cuts 30 to 39."""

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cut:
    """One training and what it says of photographs that it has not seen.

    Attributes:
        labels, test_labels: Of what was learnt from, and of the test photographs.
        raw, test_raw: What is said of them without the temperature, out of fold and by the final model.
        test: The same with it.
    """

    fit: TransferFit
    labels: Ints
    test_labels: Ints
    raw: Floats
    test_raw: Floats
    test: Floats


def draw_cut(data: Photographs, n_learn: int, seed: int) -> Cut:
    """Learn from some photographs, as many of each class as there are in proportion, and judge the others."""
    order = np.random.default_rng(seed).permutation(len(data.labels))
    learn, test = order[:n_learn], order[n_learn:]
    vectors, labels, classes = data.vectors[DEFAULT], data.labels[learn], tuple(map(str, range(data.n_classes)))
    folds = plan_folds(labels, hash_groups([data.hashes[i] for i in learn]), classes=classes, n_folds=N_FOLDS,
                       seed=seed)
    fit = fit_transfer(vectors[learn], labels, folds=folds, n_classes=len(classes), context=JobContext(),
                       weighting=TransferSettings().class_weights)
    judged, said = folds >= 0, fit.head.probabilities(vectors[test])
    raw = scale_folds(fit.probabilities[judged], folds[judged], tuple(1 / t for t in fit.temperatures.folds))
    return Cut(fit, labels[judged], data.labels[test], raw, scale_rows(said, 1 / fit.temperatures.final), said)


def error_of(said: Floats, labels: Ints) -> float:
    """The expected calibration error."""
    return measure_reliability(said.max(axis=1), said.argmax(axis=1) == labels).error


def curve_of(said: Floats, labels: Ints) -> CoverageCurve:
    """Coverage and errors."""
    return draw_curve(said.max(axis=1), said.argmax(axis=1) == labels)


def out_of_fold(cut: Cut) -> Floats:
    """What is said of the judged photographs."""
    return cut.fit.probabilities[cut.fit.folds >= 0]


def say_calibration(name: str, n_learn: int, cuts: Sequence[Cut]) -> tuple[object, ...]:
    """A row of the table on calibration: means over the cuts, and the largest error after."""
    own = [[error_of(one.raw, one.labels), error_of(out_of_fold(one), one.labels),
            error_by_chance(out_of_fold(one).max(axis=1))] for one in cuts]
    test = [[error_of(one.test_raw, one.test_labels), error_of(one.test, one.test_labels),
             error_by_chance(one.test.max(axis=1))] for one in cuts]
    beyond = [max(after - chance, 0.0) for _, after, chance in test]
    temperatures = [one.fit.temperatures.final for one in cuts]
    losses = np.mean([[log_loss(one.test_raw, one.test_labels), log_loss(one.test, one.test_labels)] for one in cuts],
                     axis=0)
    return (
        name, n_learn, f"{np.mean([(one.test.argmax(axis=1) == one.test_labels).mean() for one in cuts]):.3f}",
        f"{np.mean(temperatures):.2f} ({min(temperatures):.2f}–{max(temperatures):.2f})", *_means(own), *_means(test),
        f"{np.mean(beyond):.3f} ({max(beyond):.3f})", f"{losses[0]:.4f}, {losses[1]:.4f}")


def _means(errors: list[list[float]]) -> list[str]:
    """Before, after, by chance."""
    before, after, chance = np.mean(errors, axis=0)
    return [f"{before:.3f}", f"{after:.3f}", f"{chance:.3f}"]


def say_thresholds(name: str, n_learn: int, cuts: Sequence[Cut]) -> Iterator[tuple[object, ...]]:
    """Rows of the table on thresholds: what is claimed out of fold, and what came of it."""
    for sure in SURE:
        claimed = [curve_of(out_of_fold(one), one.labels).at(sure) for one in cuts]
        true = [curve_of(one.test, one.test_labels).at(sure) for one in cuts]
        is_inside = [a.interval[0] <= b.error <= a.interval[1] for a, b in zip(claimed, true, strict=True)
                     if b.error is not None]
        yield (name, n_learn, f"{100 * sure:.0f} %", *(f"{100 * np.mean([one.coverage for one in found]):.1f} %"
               for found in (claimed, true)), *(f"{100 * np.mean([one.error or 0.0 for one in found]):.1f} %"
               for found in (claimed, true)), f"{sum(is_inside)} of {len(is_inside)}")


def say_strangers(data: Photographs, others: Photographs, n_cuts: int) -> Iterator[tuple[object, ...]]:
    """Rows of the table on out-of-distribution images: each class left out in turn, and photographs of others."""
    n = find_backbone(DEFAULT).n_features
    plain, foreign = data.vectors[DEFAULT][:, :n], others.vectors[DEFAULT][:, :n]
    for n_each in (40, 150):
        found: list[tuple[float, ...]] = []
        for seed in range(FIRST, FIRST + n_cuts):
            for left_out in range(data.n_classes):
                found.append(_meet_strangers(plain, data.labels, foreign, left_out, n_each, seed))
        mean, worst = np.mean(found, axis=0), np.max(found, axis=0)
        yield (n_each, f"{100 * mean[0]:.1f} % ({100 * worst[0]:.1f} %)", f"{mean[1]:.3f}", f"{100 * mean[2]:.1f} %",
               f"{mean[3]:.3f}", f"{100 * mean[4]:.1f} %")


def _meet_strangers(
    plain: Floats, labels: Ints, foreign: Floats, left_out: int, n_each: int, seed: int
) -> tuple[float, ...]:
    """False alarms; AUROC and share found of the class that was left out, and of the other photographs."""
    rng = np.random.default_rng(seed)
    places = [rng.permutation(np.flatnonzero(labels == at)) for at in range(int(labels.max()) + 1)]
    known = np.concatenate([rows[:n_each] for at, rows in enumerate(places) if at != left_out])
    test = np.concatenate([rows[n_each:n_each + 200] for at, rows in enumerate(places) if at != left_out])
    novelty = learn_novelty(plain[known], np.arange(len(known)) % N_FOLDS)
    ordinary = novelty.distances(plain[test])
    result = [float((ordinary > novelty.limit).mean())]
    for strangers in (plain[places[left_out]], foreign):
        far = novelty.distances(strangers)
        result += [_auroc(ordinary, far), float((far > novelty.limit).mean())]
    return tuple(result)


def _auroc(low: NDArray[np.float64], high: NDArray[np.float64]) -> float:
    """How often one of `high` lies above one of `low`."""
    ranks = np.argsort(np.argsort(np.concatenate([low, high]))) + 1.0
    return float((ranks[len(low):].sum() - len(high) * (len(high) + 1) / 2) / len(low) / len(high))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibration")
    parser.add_argument("folder", type=Path)
    parser.add_argument("others", type=Path)
    parser.add_argument("--cuts", type=int, default=6)
    parser.add_argument("--counts", type=int, nargs="+", default=(500, 1000, 2000))
    parser.add_argument("--store", type=Path, help="folder to keep the embeddings in for another call")
    given = parser.parse_args()
    print_machine()
    with tempfile.TemporaryDirectory() as aside:
        store = given.store or Path(aside)
        data, others = (load(folder, (DEFAULT,), store, TransferSettings().features)
                        for folder in (given.folder, given.others))
    drawn = [(name, n, [draw_cut(one, n, seed) for seed in range(FIRST, FIRST + given.cuts)])
             for name, one in ((given.folder.name, data), (given.others.name, others))
             for n in given.counts if n < len(one.labels) - 100]
    print_table(("photographs", "labels", "accuracy", "temperature", "ECE out of fold before", "after", "by chance",
                 "ECE on unseen before", "after", "by chance", "after, beyond chance (largest)",
                 "log loss before, after"),
                [say_calibration(*one) for one in drawn])
    print()
    print_table(("photographs", "labels", "threshold", "coverage claimed", "true", "error rate claimed", "true",
                 "true error rate in the interval"), [row for one in drawn for row in say_thresholds(*one)])
    print(f"\nLimit: {INSIDE:.0%} of the training images.\n")
    print_table(("images a class", "false alarms (largest)", "AUROC of a class left out", "found",
                 f"AUROC of {given.others.name}", "found"), list(say_strangers(data, others, given.cuts)))


if __name__ == "__main__":
    main()
