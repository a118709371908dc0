"""Every way to train, side by side: right answers on photographs held back, seconds, memory; as Markdown.

    python -m benchmarks.strategies FOLDER [--flowers FOLDER] [--only NAME …] [--seed 0]

FOLDER holds a folder of photographs for each class, or `train/` with such folders. A fifth of
each class is held back under neutral names before the project is made, so that no strategy
sees it; its own held-back or cross-validated figure stands beside. Each row is a fresh
process, `main.py train` and then `main.py predict`; memory is the larger of the two.

With --flowers, 200 photographs a class teach and 100 test, by `transfer` and by `fine-tune`.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import catalejo, print_machine, print_table
from core.training.registry import STRATEGIES

HEADERS = ("way", "held back here", "its own figure", "training, s", "peak memory, MB")
N_TEACHING, N_TESTING = 200, 100


@dataclass(frozen=True, slots=True)
class Way:
    """One row: what it is called, its strategy and settings as “name=value”."""

    title: str
    strategy: str
    settings: tuple[str, ...] = ()


WAYS = {
    "lenet": Way("scratch, LeNet 64×64, stretched, the report's changes", "scratch",
                 ("network=lenet", "fit=stretch", "augmentation=report")),
    "lenet-pad": Way("scratch, LeNet 64×64, padded", "scratch", ("network=lenet",)),
    "scratch": Way("scratch, as it comes", "scratch"),
    "zero-shot": Way("zero-shot, suggested map", "zero-shot"),
    "transfer": Way("transfer", "transfer"),
    "fine-tune": Way("fine-tune, as it comes", "fine-tune"),
}
FLOWER_WAYS = ("transfer", "fine-tune")


@dataclass(frozen=True, slots=True)
class Cut:
    """Photographs laid out for a project: `train/<class>/…`, `test/…`, and the class of each test file."""

    train: Path
    test: Path
    truth: dict[str, str]


def cut(folder: Path, work: Path, seed: int, counts: tuple[int, int] | None = None) -> Cut:
    """Lay out links to the photographs; a fifth of each class is held back, or `counts` (teaching, testing)."""
    source = folder / "train" if (folder / "train").is_dir() else folder
    train, test, truth = work / "train", work / "test", dict[str, str]()
    test.mkdir(parents=True)
    for class_folder in sorted(p for p in source.iterdir() if p.is_dir()):
        files = sorted(p for p in class_folder.iterdir() if p.is_file())
        random.Random(seed).shuffle(files)
        n_test = counts[1] if counts else len(files) // 5
        n_train = counts[0] if counts else len(files) - n_test
        (train / class_folder.name).mkdir(parents=True)
        for file in files[n_test:n_test + n_train]:
            os.symlink(file.resolve(), train / class_folder.name / file.name)
        for file in files[:n_test]:
            name = f"img{len(truth)}{file.suffix}"
            os.symlink(file.resolve(), test / name)
            truth[name] = class_folder.name
    return Cut(train, test, truth)


def measure_way(way: Way, laid_out: Cut, work: Path, seed: int) -> tuple[str, ...]:
    """One row of the table."""
    project, out = work / f"{way.strategy}-{len(list(work.iterdir()))}.catalejo", work / "answers.csv"
    catalejo("new", project, "--from", laid_out.train, "--test", laid_out.test, "--json")
    chosen = [part for setting in way.settings for part in ("--set", setting)]
    trained = catalejo("train", project, "--strategy", way.strategy, "--seed", seed, *chosen, "--json")
    asked = catalejo("predict", project, "--split", "test", "--out", out, "--json")
    facts = json.loads(trained.output)
    n_right = count_right(out, laid_out.truth)
    own = "–" if facts["accuracy"] is None else f"{facts['accuracy']:.4f} ({facts['accuracy_kind']})"
    return (way.title, f"{n_right / len(laid_out.truth):.4f} ({n_right} of {len(laid_out.truth)})", own,
            f"{trained.seconds:.1f}", f"{max(trained.peak_mb, asked.peak_mb):.0f}")


def count_right(file: Path, truth: dict[str, str]) -> int:
    """Answers that are right, of those in a table of predictions."""
    with file.open(newline="", encoding="utf-8") as source:
        return sum(truth[Path(row["path"]).name] == row["prediction"] for row in csv.DictReader(source))


def compare(names: Sequence[str], laid_out: Cut, work: Path, seed: int) -> None:
    """Print the table of some ways on the same photographs."""
    built_in = [WAYS[name] for name in names if WAYS[name].strategy in STRATEGIES]
    print_table(HEADERS, (measure_way(way, laid_out, work, seed) for way in built_in))  # each as it comes
    for name in names:
        if WAYS[name].strategy not in STRATEGIES:
            print(f"\nThe strategy “{WAYS[name].strategy}” is not built in yet; its row is left out.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--flowers", type=Path)
    parser.add_argument("--only", nargs="+", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    print_machine()
    with tempfile.TemporaryDirectory(prefix="catalejo-strategies-") as place:
        compare(chosen.only, cut(chosen.folder, Path(place) / "first", chosen.seed), Path(place), chosen.seed)
        if chosen.flowers:
            print(f"\n`{chosen.flowers.name}`, {N_TEACHING} a class to learn from, {N_TESTING} to test:\n")
            flowers = cut(chosen.flowers, Path(place) / "flowers", chosen.seed, (N_TEACHING, N_TESTING))
            compare([n for n in chosen.only if n in FLOWER_WAYS], flowers, Path(place), chosen.seed)


if __name__ == "__main__":
    main()
