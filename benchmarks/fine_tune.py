"""One epoch of fine-tuning, ours beside plain Keras with the frozen trunk in the loop, as Markdown.

    python -m benchmarks.fine_tune FOLDER [--blocks 1 2 5] [--epochs 4]

FOLDER holds a folder of photographs for each class. Each row is a fresh process; both sides learn from
the same share of the pictures, adapt the same layers of EfficientNet-Lite0 in batches of 32, and change
pictures alike (turned, moved, enlarged, mirrored). Keras gets its pictures decoded and in memory, which
its guides only sometimes do. The first epoch of each is left out, for it also traces.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import measure, median, print_machine, print_table

BATCH_SIZE = 32
HEADERS = ("way", "blocks", "pictures", "s/epoch", "pictures/s", "times", "once before, s", "peak memory, MB")


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--blocks", type=int, nargs="+", default=[1, 2, 5])
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--way", choices=sorted(WAYS), help="measure this one here, and print JSON")
    chosen = parser.parse_args(arguments)
    if chosen.way:
        print(json.dumps(WAYS[chosen.way](chosen.folder, chosen.blocks[0], chosen.epochs)))
        return
    print_machine()
    print_table(HEADERS, [row for n in chosen.blocks for row in _rows(chosen.folder, n, chosen.epochs)])


def _rows(folder: Path, n_blocks: int, n_epochs: int) -> list[Sequence[object]]:
    rows, plain_speed = [], 0.0
    for way in ("keras", "ours"):
        found = measure([sys.executable, "-m", "benchmarks.fine_tune", str(folder), "--way", way,
                         "--blocks", str(n_blocks), "--epochs", str(n_epochs)])
        figures = json.loads(found.output.splitlines()[-1])
        speed = figures["n"] / figures["epoch"]
        plain_speed = plain_speed or speed
        rows.append((way, n_blocks, figures["n"], figures["epoch"], speed, speed / plain_speed, figures["before"],
                     round(found.peak_mb)))
    return rows


def _ours(folder: Path, n_blocks: int, n_epochs: int) -> dict[str, Any]:
    import hashlib

    from core.training.fine_tune.train import train_fine_tune
    from core.training.job import TrainJob
    from core.jobs import JobContext
    from core.training.settings import EpochFigures
    from core.training.strategies.fine_tune import FineTuneSettings
    from core.types import ImageRef

    started, events = time.perf_counter(), []

    def keep(event: object) -> None:
        events.append((time.perf_counter() - started, event))

    classes = sorted(p.name for p in folder.iterdir() if p.is_dir())
    labelled = [(path, k) for k, name in enumerate(classes) for path in sorted((folder / name).iterdir())]
    images = tuple(ImageRef(i, path, hashlib.sha256(path.read_bytes()).digest())
                   for i, (path, _) in enumerate(labelled))
    settings = FineTuneSettings(
        n_blocks=n_blocks, n_epochs=n_epochs, patience=0, batch_size=BATCH_SIZE, augmentation="gentle",
        learns_from_all=False,
    )
    with tempfile.TemporaryDirectory() as place:
        result = train_fine_tune(
            TrainJob("run", Path(place) / "run", "fine-tune", settings, images, tuple(k for _, k in labelled),
                     tuple(classes), tuple(range(len(classes))), Path(place) / "embeddings"),
            JobContext(on_publish=keep),
        )
    epochs = [(at, event) for at, event in events if isinstance(event, EpochFigures)]
    first_at, first = epochs[0]
    return {"n": result.record.n_train, "epoch": median(e.seconds for _, e in epochs[1:]),
            "before": first_at - first.seconds}


def _keras(folder: Path, n_blocks: int, n_epochs: int) -> dict[str, Any]:
    import keras

    from core.backbones.registry import find_backbone
    from core.backbones.weights import locate_weights
    from core.engine.network import build_backbone
    from core.engine.cut import choose_cut, find_blocks, layers_after
    from core.training.strategies.fine_tune import FineTuneSettings

    started = time.perf_counter()
    keras.utils.set_random_seed(0)
    settings, backbone = FineTuneSettings(), find_backbone("efficientnet-lite0")
    held_out = settings.validation_share + settings.held_back_share
    train = keras.utils.image_dataset_from_directory(
        folder, image_size=(backbone.side_px, backbone.side_px), batch_size=BATCH_SIZE, seed=0,
        validation_split=held_out, subset="training", verbose=False,
    )
    n, n_classes = len(train.file_paths), len(train.class_names)
    model = build_backbone(backbone, locate_weights(backbone))
    learning = {layer.name for layer in layers_after(model, choose_cut(model, find_blocks(model), n_blocks))}
    for layer in model.layers:
        layer.trainable = layer.name in learning and not isinstance(layer, keras.layers.BatchNormalization)
    layers = keras.layers
    change = keras.Sequential([
        layers.RandomFlip("horizontal"), layers.RandomRotation(10 / 360), layers.RandomTranslation(0.05, 0.05),
        layers.RandomZoom(0.1),
    ])
    whole = keras.Sequential([model, layers.Dense(n_classes, activation="softmax")])
    whole.compile(keras.optimizers.Adam(1e-4), "sparse_categorical_crossentropy", metrics=["accuracy"])
    ready = train.cache().map(lambda x, y: (change(x, training=True), y)).prefetch(2)
    clock = _Clock()
    before = time.perf_counter() - started
    whole.fit(ready, epochs=n_epochs, verbose=0, callbacks=[keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: clock.start(), on_epoch_end=lambda epoch, logs: clock.stop())])
    return {"n": n, "epoch": median(clock.laps[1:]), "before": before}


class _Clock:
    """Laps in seconds."""

    def __init__(self) -> None:
        self.laps: list[float] = []
        self._started = 0.0

    def start(self) -> None:
        self._started = time.perf_counter()

    def stop(self) -> None:
        self.laps.append(time.perf_counter() - self._started)


WAYS = {"keras": _keras, "ours": _ours}

if __name__ == "__main__":
    main(sys.argv[1:])
