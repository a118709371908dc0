"""How near the expected accuracy on unlabelled images comes to the truth, over many shifts made on purpose.

Usage: python -m benchmarks.expected_accuracy FLOWERS GUNS --kept FOLDER [--part tuning|report] [--each]

FLOWERS and GUNS hold CLASS/ folders of photographs. The images are cut in two halves by their file names' hash: the
combination and the widening of `core.review.expected` were tuned on `tuning` (one half of FLOWERS, shifts and
backgrounds of their own), what docs/benchmarks.md reports is `report`: the other half, GUNS, other shifts, other
tasks, other drawings. Embeddings are made once and lie in --kept.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.measure import print_machine, print_table
from benchmarks.shift_scenarios import PARTS, Scenario, all_scenarios
from core.review.expected import ExpectedAccuracy, expect_accuracy
from core.review.simple_models import ask_simple_models


@dataclass(frozen=True, slots=True)
class Judged:
    """A scenario with what was expected of it."""

    scenario: Scenario
    expected: ExpectedAccuracy


def judge(one: Scenario) -> Judged:
    """What is expected of a scenario."""
    second = ask_simple_models(
        one.known, one.labels, one.folds, one.others, predicted=one.probabilities.argmax(axis=1),
        predicted_others=one.said.argmax(axis=1), n_classes=one.said.shape[1])
    expected = expect_accuracy(one.probabilities, one.labels, one.said, second)
    assert expected is not None
    return Judged(one, expected)


def main() -> None:
    """Print a table by kinds of shift, and with --each a line a scenario."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("flowers", type=Path)
    parser.add_argument("guns", type=Path)
    parser.add_argument("--kept", type=Path, required=True)
    parser.add_argument("--part", choices=PARTS, default="report")
    parser.add_argument("--each", action="store_true")
    asked = parser.parse_args()
    asked.kept.mkdir(parents=True, exist_ok=True)
    print_machine()
    found = [judge(one) for one in all_scenarios(asked.part, asked.flowers, asked.guns, asked.kept)]
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
                     "transported", "second", "second_transported", "agreement", "neighbours", "moved", "grouped")])


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
