"""Tried before a training: how long it takes (the job `time-training`), and what the learning-rate finder is asked.

Nothing is tried before somebody asks for it: `say_times` knows what earlier ones on this computer came to.
Imports no engine library before something is tried.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.jobs import JobContext
from core.settings import check_settings
from core.text import Message
from core.training.job import TrainJob
from core.training.known_times import START_S, keep_seconds, known_seconds
from core.training.registry import strategy_of
from core.training.strategies.auto import SECONDS_PER_IMAGE, AutoSettings
from core.training.strategies.fine_tune import FINE_TUNE, FineTuneSettings
from core.training.strategies.scratch import ScratchSettings
from core.types import ImageRef, Skipped

N_WARM, N_TIMED = 2, 4
VALIDATION_COST = 0.35
"""What looking at an image costs beside learning from it."""

DECODE_S = 0.004
"""To decode an image once."""

QUICK_START_S, EMBED_S = 1.0, 0.008
"""To begin and to write a run of the strategy `auto`, and to embed an image with the cheapest features."""

ALL_CANDIDATES = 17
"""Time of all its candidates, as a multiple of that of the cheapest."""

STAGE = Message("jobs.timing")


@dataclass(frozen=True, slots=True)
class TimeTrainingInput:
    """Trainings that are to be timed.

    Attributes:
        candidates: Settings of each, `ScratchSettings` or `FineTuneSettings`.
        n_labels: Labelled images, at least 1.
        n_classes: At least 2.
        n_others: Images without a label, which are predicted at the end.
    """

    candidates: tuple[Any, ...]
    n_labels: int
    n_classes: int
    n_others: int = 0


@dataclass(frozen=True, slots=True)
class FindRateInput:
    """What steps are tried on.

    Attributes:
        labels: Index of the class of each, 0 … n_classes − 1.
        n_classes: At least 2.
        settings: Network, preparation, random changes, batch size, seed.
    """

    images: tuple[ImageRef, ...]
    labels: tuple[int, ...]
    n_classes: int
    settings: ScratchSettings


@dataclass(frozen=True, slots=True)
class RateCurve:
    """The loss by the size of the steps.

    Attributes:
        rates: Learning rates tried, rising.
        losses: Smoothed loss at each.
        steepest: Rate where the loss falls fastest.
        suggested: A tenth of the rate with the least loss, to one significant digit.
        skipped: Images that changed, are missing or cannot be decoded.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    steepest: float
    suggested: float
    skipped: tuple[Skipped, ...] = ()


def say_duration(seconds: float) -> Message:
    """“about 40 s”, “about 3 min”, “about 1.5 h”: as exact as an estimate can be."""
    if seconds < 55:
        return Message("training.about_seconds", n=max(5, 5 * round(seconds / 5)))
    if seconds < 55 * 60:
        return Message("training.about_minutes", n=max(1, round(seconds / 60)))
    return Message("training.about_hours", hours=seconds / 3600)


def time_training(inputs: TimeTrainingInput, context: JobContext) -> tuple[float, ...]:
    """Time a few steps of each candidate on made-up images of the real size.

    Returns:
        Seconds that each takes at most on this machine; less if it stops early.

    Raises:
        InputError: A setting is out of its range.
        WeightsError: The network of a fine-tuning is not on this computer.
    """
    seconds = []
    for at, settings in enumerate(inputs.candidates):
        context.progress(at, len(inputs.candidates), stage=STAGE, unit="trainings")
        check_settings(settings)
        seconds.append(strategy_of(settings).estimate_seconds(settings, inputs, context))
        if not strategy_of(settings).takes_seconds:
            keep_seconds(settings, n_labels=inputs.n_labels, n_others=inputs.n_others, seconds=seconds[-1])
    context.progress(len(inputs.candidates), len(inputs.candidates), stage=STAGE, unit="trainings")
    return tuple(seconds)


def say_times(inputs: TimeTrainingInput) -> tuple[float | None, ...]:
    """Seconds that each candidate takes at most, without trying anything; None where nobody knows yet."""
    def known(settings: Any) -> float | None:
        if isinstance(settings, AutoSettings):
            return estimate_auto(settings, inputs, JobContext())
        return known_seconds(settings, n_labels=inputs.n_labels, n_others=inputs.n_others)

    return tuple(map(known, inputs.candidates))


def estimate_auto(settings: AutoSettings, inputs: TimeTrainingInput, context: JobContext) -> float:
    """The time that is allowed, or what all candidates take if that is less; from usual speeds, nothing is tried."""
    n = inputs.n_labels + inputs.n_others
    quick = QUICK_START_S + n * EMBED_S
    return min(max(quick, settings.seconds or max(2 * quick, n * SECONDS_PER_IMAGE)), quick * ALL_CANDIDATES)


def estimate_fine_tune(settings: FineTuneSettings, inputs: TimeTrainingInput, context: JobContext) -> float:
    """What a fine-tuning announces of itself, and the reading of the images.

    Raises:
        WeightsError: The backbone is not on this computer.
    """
    from core.training.fine_tune.train import estimate_seconds

    asked = TrainJob(
        "", Path(), FINE_TUNE.name, settings, (), (0,) * inputs.n_labels + (-1,) * inputs.n_others,
        tuple(map(str, range(inputs.n_classes))), (), Path(),
    )
    found = estimate_seconds(asked, context.muted())
    return START_S + DECODE_S * (inputs.n_labels + inputs.n_others) + found.seconds


def estimate_scratch(settings: ScratchSettings, inputs: TimeTrainingInput, context: JobContext) -> float:
    """All epochs of all trainings that the settings ask for, from a few steps of the real network."""
    step_s = _time_step(settings, inputs.n_classes, context)
    held_back = 0.0 if settings.n_folds >= 2 else settings.held_back_share
    n_seen = inputs.n_labels * (1 - settings.validation_share - held_back)
    n_checked = inputs.n_labels * settings.validation_share
    epoch_s = step_s * (n_seen + VALIDATION_COST * n_checked) / settings.batch_size
    n_trainings = settings.n_folds + 1 if settings.n_folds >= 2 else 1
    return START_S + DECODE_S * inputs.n_labels + n_trainings * settings.n_epochs * epoch_s


def _time_step(settings: ScratchSettings, n_classes: int, context: JobContext) -> float:
    """Seconds that one step takes, the median of a few."""
    from core.engine.lr_finder import build_trainer, take_step

    recipe, random = settings.recipe, np.random.default_rng(0)
    shape = (recipe.height_px, recipe.width_px, recipe.n_channels)
    trainer = build_trainer(settings, n_classes)
    pixels = random.integers(0, 256, (settings.batch_size, *shape), dtype=np.uint8)
    labels = random.integers(0, n_classes, settings.batch_size)
    spent = []
    for _ in range(N_WARM + N_TIMED):
        context.check()
        started = time.perf_counter()
        take_step(trainer, pixels, labels, n_classes)
        spent.append(time.perf_counter() - started)
    return float(np.median(spent[N_WARM:]))
