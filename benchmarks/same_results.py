"""Whether two versions of the program train to the same bits: figures and predictions of each strategy, as Markdown.

    python -m benchmarks.same_results OTHER [--only transfer scratch] [--keep DIR]

OTHER is another checkout, such as a git worktree of the version before; it runs with the same Python. Both make a
project of the same drawn class folders and train each strategy with the same seed. Compared bit by bit are the
figures in `run.json`, what `predict` writes, and the prediction arrays of the run where both versions keep them in
the same format. Exit code 1 where anything differs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.measure import print_machine, print_table

HERE = Path(__file__).resolve().parents[1]
SEED = 3
WAYS: Mapping[str, Mapping[str, object]] = {
    "transfer": {},
    "transfer, 3 folds, balanced": {"n_folds": 3, "class_weights": "balanced"},
    "zero-shot": {},
    "scratch": {"network": "branches", "width_px": 32, "height_px": 32, "n_epochs": 4, "batch_size": 8},
    "scratch, 2 folds": {"network": "lenet", "width_px": 24, "height_px": 24, "n_epochs": 2, "n_folds": 2},
    "fine-tune": {"effort": "quick"},
    "fine-tune, 2 folds": {"effort": "quick", "n_epochs": 2, "n_variants": 2, "n_folds": 2},
}
"""What is trained: the strategy is what stands before the comma."""

FIGURES = ("strategy", "backbone", "seed", "classes", "n_train", "n_validation", "accuracy", "accuracy_kind",
           "interval", "log_loss", "per_class", "confusion")
COLOURS = {"pistol": (120, 60, 40), "knife": (60, 110, 60), "smartphone": (70, 60, 120)}
N_OF = {"pistol": 26, "knife": 18, "smartphone": 11}
N_NEW = 4


@dataclass(frozen=True, slots=True)
class Results:
    """What one version came to: figures of `run.json`, lines of `predict`, arrays of the run by name."""

    figures: Mapping[str, Any]
    lines: Sequence[str]
    arrays: Mapping[str, np.ndarray]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("other", type=Path)
    parser.add_argument("--only", nargs="+", choices=sorted({way.partition(",")[0] for way in WAYS}))
    parser.add_argument("--keep", type=Path, help="leave images and projects here")
    chosen = parser.parse_args()
    print_machine()
    with tempfile.TemporaryDirectory(prefix="catalejo-same-") as place:
        where = chosen.keep or Path(place)
        draw_folders(where)
        rows = list(compare(where, {"here": HERE, "other": chosen.other.resolve()}, chosen.only))
    print_table(("training", "figures", "lines of predict", "arrays of the run", "accuracy"), rows)
    return int(any(cell.startswith("DIFFERENT") for row in rows for cell in row))


def draw_folders(where: Path) -> None:
    """A folder for each class and one of test images: noisy shapes that are not easy to tell apart."""
    for at, (name, colour) in enumerate(COLOURS.items()):
        for i in range(N_OF[name] + N_NEW):
            folder = where / "train" / name if i < N_OF[name] else where / "test"
            folder.mkdir(parents=True, exist_ok=True)
            _draw(at, colour, 1000 * at + i).save(folder / f"{name}-{i:02}.png")


def compare(where: Path, homes: Mapping[str, Path], only: Sequence[str] | None) -> Iterator[tuple[str, ...]]:
    """One row a training."""
    for name, home in homes.items():
        _run(home, "new", where / f"{name}.catalejo", "--from", where / "train", "--test", where / "test")
    for way, settings in WAYS.items():
        strategy = way.partition(",")[0]
        if only is None or strategy in only:
            here, other = (_train(home, where / f"{name}.catalejo", strategy, settings)
                           for name, home in homes.items())
            yield (way, _judge_figures(here, other), _judge(here.lines == other.lines, len(here.lines)),
                   _judge_arrays(here, other), str(here.figures["accuracy"]))


def _train(home: Path, project: Path, strategy: str, settings: Mapping[str, object]) -> Results:
    chosen = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    trained = _run(home, "train", project, "--strategy", strategy, "--seed", SEED, *chosen)
    folder, table = project / "runs" / trained["run"], project.with_suffix(".csv")
    _run(home, "predict", project, "--run", trained["run"], "--out", table)
    record = json.loads((folder / "run.json").read_text("utf-8"))
    lines = sorted(table.read_text("utf-8").splitlines())
    table.unlink()
    return Results({name: record[name] for name in FIGURES}, lines, _arrays(folder))


def _run(home: Path, *arguments: object) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, home / "main.py", *map(str, arguments), "--json"], cwd=home, capture_output=True, text=True,
        env={**os.environ, "CATALEJO_NO_BOOTSTRAP": "1", "PYTHONHASHSEED": "0"},
    )
    if done.returncode:
        raise SystemExit(f"{home}: {' '.join(map(str, arguments))}\n{done.stderr}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _arrays(folder: Path) -> dict[str, np.ndarray]:
    """Ids, kinds and probabilities by name, in the way in which this version keeps them."""
    if (folder / "predictions.npz").is_file():
        with np.load(folder / "predictions.npz") as file:
            return dict(file)
    return {path.stem: np.load(path) for path in sorted(folder.rglob("*.npy"))}


def _judge_figures(here: Results, other: Results) -> str:
    differing = [name for name in FIGURES if here.figures[name] != other.figures[name]]
    return f"DIFFERENT: {', '.join(differing)}" if differing else "same"


def _judge_arrays(here: Results, other: Results) -> str:
    shared = here.arrays.keys() & other.arrays.keys()
    if not shared:
        return "not comparable"
    differing = [name for name in sorted(shared) if not np.array_equal(here.arrays[name], other.arrays[name])]
    return f"DIFFERENT: {', '.join(differing)}" if differing else f"same ({', '.join(sorted(shared))})"


def _judge(is_same: bool, n: int) -> str:
    return f"same ({n})" if is_same else "DIFFERENT"


def _draw(kind: int, colour: tuple[int, int, int], seed: int) -> Image.Image:
    """A shape of its class in about its colour under strong noise, 96 × 80."""
    random = np.random.default_rng(seed)
    image = Image.new("RGB", (96, 80), tuple(random.integers(60, 140, 3).tolist()))
    pen, (x, y) = ImageDraw.Draw(image), random.integers(8, 40, 2).tolist()
    shade = tuple(int(c) for c in np.clip(np.array(colour) + random.normal(0, 35, 3), 0, 255))
    box = (x, y, x + 36, y + 28)
    (pen.ellipse, pen.rectangle, lambda b, fill: pen.polygon([(b[0], b[3]), (b[2], b[3]), (b[0], b[1])], fill))[kind](
        box, fill=shade)
    noisy = np.asarray(image, np.float64) + random.normal(0, 40, (80, 96, 3))
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


if __name__ == "__main__":
    sys.exit(main())
