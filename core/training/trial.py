"""What the engine is asked to try before a training: how long it takes, which steps suit; no engine library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from core.training.settings import FINE_TUNE_EFFORTS, FineTuneSettings, ScratchSettings
from core.types import ImageRef

SCRATCH_PRESETS: Mapping[str, Mapping[str, Any]] = {
    "quick": {"network": "lenet", "width_px": 64, "height_px": 64, "n_epochs": 15, "patience": 6},
    "good": {"network": "branches", "width_px": 64, "height_px": 64, "n_epochs": 40, "patience": 12},
    "best": {"network": "branches", "width_px": 96, "height_px": 96, "n_epochs": 80, "patience": 20},
}
FINE_TUNE_PRESETS: Mapping[str, Mapping[str, Any]] = {
    name: {"effort": name, "n_blocks": 0, "n_variants": 0, "n_epochs": 0, "learning_rate": 0.0}
    for name in FINE_TUNE_EFFORTS
}
PRESETS: Mapping[type, Mapping[str, Mapping[str, Any]]] = {
    ScratchSettings: SCRATCH_PRESETS, FineTuneSettings: FINE_TUNE_PRESETS,
}
"""What each preset sets, by the settings' class; every other setting stays as the user has it."""

Settings = TypeVar("Settings", bound=ScratchSettings | FineTuneSettings)


def apply_preset(settings: Settings, name: str) -> Settings:
    """The settings with those of a preset in place of their own.

    Raises:
        KeyError: No preset has that name (a fault of the program).
    """
    applied: Settings = replace(settings, **PRESETS[type(settings)][name])
    return applied


def preset_of(settings: ScratchSettings | FineTuneSettings) -> str:
    """Name of the preset that the settings are; empty where they are the user's own."""
    presets = PRESETS[type(settings)].items()
    return next((name for name, values in presets if replace(settings, **values) == settings), "")


def say_duration(seconds: float) -> str:
    """“about 40 s”, “about 3 min”, “about 1.5 h”: as exact as an estimate can be."""
    if seconds < 55:
        return f"about {max(5, 5 * round(seconds / 5))} s"
    if seconds < 55 * 60:
        return f"about {max(1, round(seconds / 60))} min"
    return f"about {seconds / 3600:.1f} h"


@dataclass(frozen=True, slots=True)
class TimeTrainingInput:
    """Trainings that are to be timed.

    Attributes:
        candidates: Settings of each, `ScratchSettings` or `FineTuneSettings`.
        n_labels: Labelled pictures, at least 1.
        n_classes: At least 2.
        n_others: Pictures without a label, which are predicted at the end.
    """

    candidates: tuple[Any, ...]
    n_labels: int
    n_classes: int
    n_others: int = 0


@dataclass(frozen=True, slots=True)
class TrainingTimes:
    """How long each candidate takes at most on this machine, in seconds; less if it stops early."""

    seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class FindRateInput:
    """What steps are tried on.

    Attributes:
        images: Labelled images.
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
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    steepest: float
    suggested: float
