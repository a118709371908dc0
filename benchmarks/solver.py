"""Time of a linear head with its cross-validation on embeddings that are there, and its log loss out of fold.

    python -m benchmarks.solver [--before TREE] [--problems 741x2 2640x81 20000x10 5000x1000]

Problems are IMAGESxCLASSES of 1,280 drawn features (correlated, not negative, classes that overlap). With --before,
each is solved by that tree of the project, too, in a process of its own in turn with this one.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import print_machine, print_table

SOLVE = """
import json, sys, time
import numpy as np
from core.jobs import JobContext
from core.training.folds import assign_folds
from core.training.logistic import fit_transfer
n_images, n_classes = map(int, sys.argv[1].split("x"))
rng = np.random.default_rng(0)
labels = np.arange(n_images) % n_classes
hidden = rng.normal(size=(n_classes, 60))[labels] * 0.8 + rng.normal(size=(n_images, 60))
features = hidden @ rng.normal(size=(60, 1280)) + 3 * rng.normal(size=(n_images, 1280))
features = np.maximum(features, 0).astype(np.float32)
folds = assign_folds(labels, np.arange(n_images), n_folds=5, seed=0)
started = time.perf_counter()
fit = fit_transfer(features, labels, folds=folds, n_classes=n_classes, context=JobContext())
seconds = time.perf_counter() - started
chosen = fit.probabilities[np.arange(n_images), labels]
print(json.dumps([seconds, float(-np.log(np.maximum(chosen, 1e-12)).mean())]))
"""


def solve(tree: Path, problem: str) -> tuple[float, float]:
    """Seconds and log loss by a tree of the project."""
    command = [sys.executable, "-c", SOLVE, problem]
    done = subprocess.run(command, cwd=tree, stdout=subprocess.PIPE, text=True, check=True)
    seconds, loss = json.loads(done.stdout.splitlines()[-1])
    return seconds, loss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--problems", nargs="+", default=["741x2", "2640x81", "20000x10", "5000x1000"])
    asked = parser.parse_args()
    print_machine()
    rows = []
    for problem in asked.problems:
        before = solve(asked.before, problem) if asked.before else ("–", "–")
        seconds, loss = solve(Path.cwd(), problem)
        rows.append([problem.replace("x", " × "), *before, seconds, loss])
    print_table(["images × classes", "before, s", "log loss", "now, s", "log loss"], rows)


if __name__ == "__main__":
    main()
