"""What all trainings by epochs share: settings of augmentation and epochs, figures of an epoch, reasons to stop.

Imports no engine library, so that the window can build its form and unpickle events.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.errors import InputError
from core.settings import setting
from core.text import Message


@dataclass(frozen=True, slots=True)
class AugmentSettings:
    """Random changes that each image undergoes anew in every epoch; 0 and False leave it as it is."""

    rotation_degrees: float = setting(0.0, low=0, high=180)
    width_shift: float = setting(0.0, low=0, high=1)
    height_shift: float = setting(0.0, low=0, high=1)
    shear: float = setting(0.0, low=0, high=1)
    zoom: float = setting(0.0, low=0, high=0.9)
    horizontal_flip: bool = setting(False)
    vertical_flip: bool = setting(False)
    fill_mode: str = setting("nearest", choices=("nearest", "reflect", "wrap", "constant"), is_advanced=True)
    brightness: float = setting(0.0, low=0, high=1)
    contrast: float = setting(0.0, low=0, high=0.9)
    erasing: float = setting(0.0, low=0, high=1)


AUGMENT_PRESETS: Mapping[str, AugmentSettings] = {
    "none": AugmentSettings(),
    "gentle": AugmentSettings(
        rotation_degrees=10, width_shift=0.05, height_shift=0.05, zoom=0.1, horizontal_flip=True,
    ),
    "report": AugmentSettings(
        rotation_degrees=30, width_shift=0.1, height_shift=0.1, shear=0.2, zoom=0.2, horizontal_flip=True,
    ),
    "strong": AugmentSettings(
        rotation_degrees=40, width_shift=0.2, height_shift=0.2, shear=0.3, zoom=0.3, horizontal_flip=True,
        fill_mode="reflect", brightness=0.25, contrast=0.3, erasing=0.4,
    ),
}
"""Settings by name; "report" is what the published work on pistols and smartphones used."""


def augment_preset(name: str) -> AugmentSettings:
    """The settings of that name.

    Raises:
        InputError: No preset has that name.
    """
    if name not in AUGMENT_PRESETS:
        raise InputError("training.no_such_augmentation", name=name, names=tuple(AUGMENT_PRESETS))
    return AUGMENT_PRESETS[name]


@dataclass(frozen=True, slots=True)
class EpochSettings:
    """How a network is trained epoch by epoch, whatever the network."""

    n_epochs: int = setting(40, low=1, high=10_000)
    batch_size: int = setting(32, low=1, high=1024, is_advanced=True)
    learning_rate: float = setting(1e-3, low=1e-7, high=1.0, is_advanced=True)
    warm_up_epochs: float = setting(0.0, low=0, high=100, is_advanced=True)
    schedule: str = setting("cosine", choices=("cosine", "plateau", "constant"), is_advanced=True)
    patience: int = setting(12, low=0, high=10_000, is_advanced=True)
    label_smoothing: float = setting(0.05, low=0, high=0.5, is_advanced=True)
    has_class_weights: bool = setting(True, is_advanced=True)
    seed: int = setting(0, low=0, high=2**32 - 1)


class StopReason(StrEnum):
    """Why a training by epochs ended."""

    COMPLETED = "completed"
    NO_IMPROVEMENT = "no improvement"
    STOPPED = "stopped by user"
    NOT_FINITE = "not finite"
    OUT_OF_MEMORY = "out of memory"

    @property
    def what_next(self) -> Message:
        """What to try next."""
        return Message(f"training.stop.{self.name.lower()}")

    @property
    def is_whole(self) -> bool:
        """Whether it ended by itself, with all that was to be had."""
        return self in (StopReason.COMPLETED, StopReason.NO_IMPROVEMENT)


NOTHING_TO_GAIN = Message("training.stop.nothing_to_gain")
"""What is said in the place of `what_next` where every judged image is right."""


def advise(note: Message, *, is_perfect: bool) -> Message:
    """The same note, but for advice to try more where there is nothing to gain.

    Args:
        note: Of a training.
        is_perfect: Whether every judged image is right.
    """
    is_vain = any(reason.is_whole and note == reason.what_next for reason in StopReason)
    return NOTHING_TO_GAIN if is_perfect and is_vain else note


@dataclass(frozen=True, slots=True)
class EpochFigures:
    """What one epoch came to; published as an event while training.

    Attributes:
        epoch: Counted from 1.
        n_epochs: At most.
        loss, accuracy: On the training images as augmented, during the epoch; accuracy 0 … 1.
        val_loss, val_accuracy: On the validation images after the epoch.
        learning_rate: At the end of the epoch.
        seconds: Duration of the epoch.
        seconds_left: Estimate for the epochs that are left, if none stops early.
        is_best: Whether its weights are the ones kept so far.
        fold: Number of the fold, from 1; 0 where there are none.
    """

    epoch: int
    n_epochs: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    learning_rate: float
    seconds: float
    seconds_left: float
    is_best: bool
    fold: int = 0
