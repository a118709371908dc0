"""From two folders of photographs to a competition file: Catalejo against the plain Keras recipe.

    python -m benchmarks.whole_job FOLDER [--repeat 3]

FOLDER holds `train/<class>/…` and `test/…`. Each side runs in fresh processes: Catalejo as
the three commands a user types (`new`, `train`, `submit`), the recipe as
`benchmarks.plain_keras`. Accuracy is compared on photographs that neither side saw: a fifth
of the training photographs is held back and both ways are asked about it.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Measured, catalejo, measure, median, print_machine, print_table


def run_catalejo(work: Path, train: Path, test: Path) -> tuple[list[Measured], Path]:
    """The three commands; returns what each took, and the CSV of predictions."""
    project, out = work / "job.catalejo", work / "submission.csv"
    shutil.rmtree(project, ignore_errors=True)
    steps = [catalejo("new", project, "--from", train, "--test", test, "--json"),
             catalejo("train", project, "--json"),
             catalejo("submit", project, "--out", out, "--json")]
    return steps, project


def run_plain(work: Path, train: Path, test: Path) -> tuple[Measured, Path]:
    out = work / "plain.csv"
    return measure([sys.executable, "-m", "benchmarks.plain_keras", str(train), str(test), str(out)]), out


def hold_back(folder: Path, work: Path) -> tuple[Path, Path, dict[str, str]]:
    """A fifth of each class as test images under neutral names; the rest as training folder."""
    train, test, truth = work / "kept", work / "held-back", {}
    test.mkdir()
    for class_folder in sorted(p for p in folder.iterdir() if p.is_dir()):
        (train / class_folder.name).mkdir(parents=True)
        files = sorted(p for p in class_folder.iterdir() if p.is_file())
        random.Random(0).shuffle(files)
        for i, file in enumerate(files):
            if i % 5:
                os.symlink(file, train / class_folder.name / file.name)
            else:
                name = f"img{len(truth)}{file.suffix}"
                os.symlink(file, test / name)
                truth[name] = class_folder.name
    return train, test, truth


def count_right(file: Path, name_column: str, class_column: str, truth: dict[str, str]) -> int:
    with file.open(newline="") as source:
        return sum(truth[Path(row[name_column]).name] == row[class_column] for row in csv.DictReader(source))


def compare_accuracy(folder: Path, work: Path) -> tuple[int, int, int]:
    """Right answers of Catalejo and of the recipe on the held-back fifth, and its size."""
    train, test, truth = hold_back(folder / "train", work)
    _, project = run_catalejo(work, train, test)
    catalejo("predict", project, "--split", "test", "--out", work / "ours.csv", "--json")
    _, plain = run_plain(work, train, test)
    ours = count_right(work / "ours.csv", "path", "prediction", truth)
    return ours, count_right(plain, "ID", "class", truth), len(truth)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    folder = options.folder.resolve()
    print_machine()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        os.environ["CATALEJO_CACHE"] = str(work / "cache")
        cold, _ = run_catalejo(work, folder / "train", folder / "test")
        warm, again, plain = [], [], []
        for _ in range(options.repeat):
            steps, project = run_catalejo(work, folder / "train", folder / "test")
            warm.append(steps)
            again.append(catalejo("train", project, "--json"))
            plain.append(run_plain(work, folder / "train", folder / "test")[0])
        ours, theirs, n_held_back = compare_accuracy(folder, work)
    totals = [sum(step.seconds for step in steps) for steps in warm]
    base = median(run.seconds for run in plain)
    right = f"{ours} of {n_held_back}"
    print_table(
        ["way", "seconds (median)", "times faster", "peak MB of a process", "right on held-back photographs"],
        [["plain Keras recipe", base, 1.0, max(run.peak_mb for run in plain), f"{theirs} of {n_held_back}"],
         ["Catalejo, new + train + submit", median(totals), base / median(totals),
          max(step.peak_mb for steps in warm for step in steps), right],
         ["Catalejo, the very first time (network compiled)", sum(step.seconds for step in cold),
          base / sum(step.seconds for step in cold), max(step.peak_mb for step in cold), right],
         ["Catalejo, train again (embeddings present)", median(run.seconds for run in again),
          base / median(run.seconds for run in again), max(run.peak_mb for run in again), ""]],
    )
    names = ("new", "train", "submit")
    each = [f"{name} {median(steps[i].seconds for steps in warm):.2f}" for i, name in enumerate(names)]
    print("\nCatalejo's steps (median seconds): " + ", ".join(each))
    figures = json.loads(warm[-1][1].output)
    print(f"Out-of-fold accuracy {figures['accuracy']:.4f}, interval {figures['interval']}")


if __name__ == "__main__":
    main()
