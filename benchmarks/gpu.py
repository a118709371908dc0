"""Embedding and fine-tuning on each device, each in a process of its own.

    python -m benchmarks.gpu FOLDER [--devices cpu gpu] [--images 1000]

FOLDER holds one folder a class. A device that this computer does not have is said and left out. Seconds are those of
the whole act, images read and network opened; the second column of each is the ratio to the first device.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.accuracy import draw_cut, read_folder, train_on_cut
from benchmarks.measure import print_machine, print_table
from core.devices import CHOICES, VARIABLE
from core.embeddings.embedded import embed
from core.errors import AppError
from core.jobs import JobContext

BACKBONE = "efficientnet-lite2"


def measure_here(folder: Path, n_images: int) -> dict[str, float]:
    """Seconds of each act on the device of the environment."""
    images, labels = read_folder(folder)
    n_classes = int(labels.max()) + 1
    per_class = max(n_images // n_classes, 10)
    train, test = draw_cut(labels, labels >= 0, per_class * 4 // 5, per_class // 5, seed=0)
    with tempfile.TemporaryDirectory() as place:
        started = time.perf_counter()
        embed(tuple(images[i] for i in [*train, *test]), BACKBONE, Path(place), JobContext(), features="stages")
        seconds = {"embed": time.perf_counter() - started}
    accuracy, _, seconds["fine-tune"] = train_on_cut("fine-tune", images, labels, train, test)
    return {**seconds, "accuracy": accuracy, "n": len(train) + len(test)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--devices", nargs="+", default=["cpu", "gpu"], choices=CHOICES)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--here", action="store_true", help="measure on the device of the environment, as JSON")
    asked = parser.parse_args()
    if asked.here:
        try:
            print(json.dumps(measure_here(asked.folder, asked.images)))
        except AppError as error:
            print(json.dumps({"missing": error.sentence}))
        return
    print_machine()
    rows, first = [], dict[str, float]()
    for device in asked.devices:
        command = [sys.executable, "-m", "benchmarks.gpu", str(asked.folder), "--here"]
        done = subprocess.run([*command, "--images", str(asked.images)], env={**os.environ, VARIABLE: device},
                              capture_output=True, text=True, check=True)
        found = json.loads(done.stdout.splitlines()[-1])
        if "missing" in found:
            print(f"{device}: {found['missing']}")
            continue
        first = first or found
        times = [f"{found[act]:.1f} s ({first[act] / found[act]:.1f} ×)" for act in ("embed", "fine-tune")]
        rows.append([device, *times, f"{found['accuracy']:.3f}"])
    print_table(["device", f"embed, {BACKBONE}", "fine-tune", "test accuracy"], rows)


if __name__ == "__main__":
    main()
