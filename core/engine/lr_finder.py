"""The job `find-learning-rate`: how large the first steps may be (L. N. Smith, "Cyclical Learning Rates", 2015).

Steps grow from one batch to the next while the loss is watched, on a network of its own that is
thrown away. Where the loss is least the steps are already too large to go on with: a tenth is advised.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from core.engine.augment import build_augmenter
from core.engine.epochs import WholeTrainer
from core.engine.scratch_nets import NetworkPlan
from core.training.labelled import prepare_images
from core.errors import TrainingDataError
from core.jobs import JobContext
from core.settings import check_settings
from core.text import Message
from core.training.strategies.scratch import ScratchSettings
from core.training.trials import FindRateInput, RateCurve
from core.types import Skipped

FIRST_RATE, LAST_RATE, N_STEPS = 1e-6, 1.0, 90
MAX_IMAGES = 512
SMOOTHING = 0.9
TOO_BAD = 3.0
"""The sweep ends once the smoothed loss is so many times the least one."""

STAGE = Message("jobs.finding_learning_rate")


def find_learning_rate(inputs: FindRateInput, context: JobContext) -> RateCurve:
    """Try rising learning rates on a few hundred images.

    Raises:
        InputError: A setting is out of its range.
        TrainingDataError: No image could be read, or the loss tells nothing.
    """
    check_settings(inputs.settings)
    pixels, labels, skipped = _prepare(inputs, context)
    trainer = build_trainer(inputs.settings, inputs.n_classes)
    rates = np.geomspace(FIRST_RATE, LAST_RATE, N_STEPS)
    random = np.random.default_rng(inputs.settings.seed)
    losses: list[float] = []
    smooth, least = 0.0, math.inf
    for step, rate in enumerate(rates):
        context.progress(step, N_STEPS, stage=STAGE, unit="steps")
        rows = random.choice(len(labels), min(inputs.settings.batch_size, len(labels)), replace=False)
        trainer.optimizer.learning_rate = rate
        loss = take_step(trainer, pixels[rows], labels[rows], inputs.n_classes)
        smooth = SMOOTHING * smooth + (1 - SMOOTHING) * loss
        corrected = smooth / (1 - SMOOTHING ** (step + 1))
        least = min(least, corrected)
        if not math.isfinite(corrected) or step > N_STEPS // 4 and corrected > TOO_BAD * least:
            break
        losses.append(corrected)
    context.progress(N_STEPS, N_STEPS, stage=STAGE, unit="steps")
    return replace(read_curve(rates[:len(losses)].tolist(), losses), skipped=skipped)


def read_curve(rates: Sequence[float], losses: Sequence[float]) -> RateCurve:
    """Where a curve falls fastest, and what it advises.

    Args:
        rates: Rising, as many as losses.
        losses: Smoothed, finite.

    Raises:
        TrainingDataError: Too few points to tell.
    """
    if len(losses) < 5:
        raise TrainingDataError("training.loss_grew")
    slopes = np.gradient(np.asarray(losses), np.log(np.asarray(rates)))
    lowest = int(np.argmin(losses))
    falling = int(np.argmin(slopes[:lowest + 1]))
    return RateCurve(tuple(rates), tuple(losses), float(rates[falling]), float(f"{rates[lowest] / 10:.0e}"))


def build_trainer(settings: ScratchSettings, n_classes: int) -> WholeTrainer:
    """A fresh network behind its random changes, as a training takes its steps."""
    net = NetworkPlan(settings.network, settings.recipe, ("",) * n_classes, settings.seed).build()
    return WholeTrainer(net, settings.epochs, build_augmenter(settings.augment, settings.seed))


def take_step(trainer: WholeTrainer, pixels: NDArray[np.uint8], labels: NDArray[np.int64], n_classes: int) -> float:
    """One batch; its loss before the step."""
    one_hot = np.eye(n_classes, dtype=np.float32)[labels]
    return float(trainer.train_on_batch(np.asarray(pixels, np.float32), one_hot)["loss"])


def _prepare(
    inputs: FindRateInput, context: JobContext,
) -> tuple[NDArray[np.uint8], NDArray[np.int64], tuple[Skipped, ...]]:
    order = np.random.default_rng(inputs.settings.seed).permutation(len(inputs.images))[:MAX_IMAGES]
    images = [inputs.images[i] for i in order]
    with TemporaryDirectory(prefix="catalejo-") as folder:
        pixels, kept, skipped = prepare_images(images, inputs.settings.recipe, folder=Path(folder), context=context)
    if not len(kept):
        raise TrainingDataError("training.no_labelled_image_readable")
    return pixels, np.asarray(inputs.labels, np.int64)[order][kept], skipped
