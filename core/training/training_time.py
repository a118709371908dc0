"""The job `time-training`: how long trainings by epochs take here, from a few steps of the real networks."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from core.training.fine_tune.train import estimate_seconds
from core.training.fine_tune.open import FineTuneInput
from core.engine.lr_finder import build_trainer, take_step
from core.engine.warm_start import silent
from core.training.working_folder import UNLABELLED
from core.jobs import JobContext
from core.settings import check_settings
from core.text import Message
from core.training.settings import FineTuneSettings, ScratchSettings
from core.training.trial import TimeTrainingInput, TrainingTimes

N_WARM, N_TIMED = 2, 4
VALIDATION_COST = 0.35
"""What looking at a picture costs beside learning from it."""

DECODE_S, START_S = 0.004, 6.0
"""To decode a picture once, and to begin and to write the run."""

STAGE = Message("jobs.timing")


def time_training(inputs: TimeTrainingInput, context: JobContext) -> TrainingTimes:
    """Time a few steps of each candidate on made-up pictures of the real size.

    Raises:
        InputError: A setting is out of its range.
        WeightsError: The network of a fine-tuning is not on this computer.
        JobCancelled: The caller asked the job to end.
    """
    seconds = []
    for at, settings in enumerate(inputs.candidates):
        context.progress(at, len(inputs.candidates), stage=STAGE, unit="trainings")
        check_settings(settings)
        if isinstance(settings, ScratchSettings):
            seconds.append(_estimate(settings, inputs, _time_step(settings, inputs.n_classes, context)))
        else:
            seconds.append(_estimate_fine_tune(settings, inputs, context))
    context.progress(len(inputs.candidates), len(inputs.candidates), stage=STAGE, unit="trainings")
    return TrainingTimes(tuple(seconds))


def _estimate_fine_tune(settings: FineTuneSettings, inputs: TimeTrainingInput, context: JobContext) -> float:
    """What a fine-tuning announces of itself, and the reading of the pictures."""
    asked = FineTuneInput(
        "", Path(), (), (0,) * inputs.n_labels + (UNLABELLED,) * inputs.n_others,
        tuple(map(str, range(inputs.n_classes))), Path(), settings,
    )
    found = estimate_seconds(asked, silent(context))
    return START_S + DECODE_S * (inputs.n_labels + inputs.n_others) + found.seconds


def _time_step(settings: ScratchSettings, n_classes: int, context: JobContext) -> float:
    """Seconds that one step takes, the median of a few."""
    recipe, random = settings.recipe, np.random.default_rng(0)
    shape = (recipe.height_px, recipe.width_px, recipe.n_channels)
    trainer = build_trainer(settings, shape, n_classes)
    pixels = random.integers(0, 256, (settings.batch_size, *shape), dtype=np.uint8)
    labels = random.integers(0, n_classes, settings.batch_size)
    spent = []
    for _ in range(N_WARM + N_TIMED):
        context.check()
        started = time.perf_counter()
        take_step(trainer, pixels, labels, n_classes)
        spent.append(time.perf_counter() - started)
    return float(np.median(spent[N_WARM:]))


def _estimate(settings: ScratchSettings, inputs: TimeTrainingInput, step_s: float) -> float:
    """All epochs of all trainings that the settings ask for."""
    held_back = 0.0 if settings.n_folds >= 2 else settings.held_back_share
    n_seen = inputs.n_labels * (1 - settings.validation_share - held_back)
    n_checked = inputs.n_labels * settings.validation_share
    epoch_s = step_s * (n_seen + VALIDATION_COST * n_checked) / settings.batch_size
    n_trainings = settings.n_folds + 1 if settings.n_folds >= 2 else 1
    return START_S + DECODE_S * inputs.n_labels + n_trainings * settings.n_epochs * epoch_s
