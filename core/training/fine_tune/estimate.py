"""How long a fine-tuning will take: a batch of each kind of work, timed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.engine.augment import build_augmenter
from core.engine.cut import CutPoint
from core.engine.tail import TailTrainer
from core.engine.trunk import Trunk
from core.training.settings import AugmentSettings

N_TRUNK_BATCHES = 8
N_STEPS = 3


@dataclass(frozen=True, slots=True)
class Speeds:
    """Seconds on this computer, now.

    Attributes:
        view: For the trunk to look at one picture.
        change: To change one picture at random.
        step: To learn from one picture.
        judge: For the tail to look at one picture.
    """

    view: float
    change: float
    step: float
    judge: float


def measure_speeds(
    trunk: Trunk, trainer: TailTrainer, cut: CutPoint, augment: AugmentSettings, *, side_px: int, n_classes: int,
    batch_size: int,
) -> Speeds:
    """Time one batch or a few of each; the trainer's network is left as it was."""
    view = _measure_trunk(trunk, side_px)
    step = _measure_steps(trainer, cut, n_classes, batch_size)
    # backward is about twice forward
    return Speeds(view, _measure_changes(augment, side_px), step, step / 3)


def _measure_trunk(trunk: Trunk, side_px: int) -> float:
    batch = np.zeros((trunk.batch_size, side_px, side_px, 3), np.uint8)

    def look(n_batches: int) -> None:
        for _ in trunk.embed_stream(batch for _ in range(n_batches)):
            pass

    look(1)
    return _seconds(lambda: look(N_TRUNK_BATCHES)) / (N_TRUNK_BATCHES * trunk.batch_size)


def _measure_changes(augment: AugmentSettings, side_px: int) -> float:
    augmenter, batch = build_augmenter(augment, 0), np.zeros((8, side_px, side_px, 3), np.float32)
    augmenter(batch, training=True)
    return _seconds(lambda: augmenter(batch, training=True)) / len(batch)


def _measure_steps(trainer: TailTrainer, cut: CutPoint, n_classes: int, batch_size: int) -> float:
    x = np.zeros((batch_size, *cut.shape), np.float32)
    y = np.full((batch_size, n_classes), 1 / n_classes, np.float32)
    with trainer.undone():
        trainer.train_on_batch(x, y)
        seconds = min(_seconds(lambda: trainer.train_on_batch(x, y)) for _ in range(N_STEPS))
    return seconds / batch_size


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
