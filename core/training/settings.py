"""What all trainings by epochs share: settings of augmentation and epochs, figures of an epoch, reasons to stop.

Imports no engine library, so that the window can build its form and unpickle events.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.errors import InputError
from core.settings import setting


@dataclass(frozen=True, slots=True)
class AugmentSettings:
    """Random changes that each picture undergoes anew in every epoch; 0 and False leave it as it is."""

    rotation_degrees: float = setting(0.0, "Turned by up to this many degrees either way.", low=0, high=180)
    width_shift: float = setting(0.0, "Moved sideways by up to this share of the width.", low=0, high=1)
    height_shift: float = setting(0.0, "Moved up or down by up to this share of the height.", low=0, high=1)
    shear: float = setting(0.0, "Slanted by up to this share of the side.", low=0, high=1)
    zoom: float = setting(0.0, "Enlarged or shrunk by up to this share.", low=0, high=0.9)
    horizontal_flip: bool = setting(False, "Mirrored left to right, every second time.")
    vertical_flip: bool = setting(False, "Mirrored top to bottom, every second time.")
    fill_mode: str = setting(
        "nearest", "What fills the corners that come free: the nearest pixel, a mirror image, the other side, black.",
        choices=("nearest", "reflect", "wrap", "constant"), is_advanced=True,
    )
    brightness: float = setting(0.0, "Made lighter or darker by up to this share.", low=0, high=1)
    contrast: float = setting(0.0, "Contrast raised or lowered by up to this share.", low=0, high=0.9)
    erasing: float = setting(0.0, "Chance that a grey box covers a part of the picture.", low=0, high=1)


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
        raise InputError(f"There is no augmentation “{name}”.", f"Choose one of: {', '.join(AUGMENT_PRESETS)}.")
    return AUGMENT_PRESETS[name]


@dataclass(frozen=True, slots=True)
class EpochSettings:
    """How a network is trained epoch by epoch, whatever the network."""

    n_epochs: int = setting(40, "How often the network sees every picture, at most.", low=1, high=10_000)
    batch_size: int = setting(32, "How many pictures are learnt from at once.", low=1, high=1024, is_advanced=True)
    learning_rate: float = setting(1e-3, "Size of the first steps.", low=1e-7, high=1.0, is_advanced=True)
    schedule: str = setting(
        "cosine", "How the steps get smaller: along a cosine, when the figures stall (plateau), or not at all.",
        choices=("cosine", "plateau", "constant"), is_advanced=True,
    )
    patience: int = setting(
        12, "Training ends after this many epochs without a better validation loss; 0 for never.",
        low=0, high=10_000, is_advanced=True,
    )
    label_smoothing: float = setting(
        0.05, "How much the labels are doubted, which makes the network less sure of itself.",
        low=0, high=0.5, is_advanced=True,
    )
    has_class_weights: bool = setting(
        True, "Whether small classes count as much as large ones.", is_advanced=True,
    )
    seed: int = setting(0, "Start of the random numbers; the same seed gives the same result.", low=0, high=2**32 - 1)


class StopReason(StrEnum):
    """Why a training by epochs ended; each has a sentence of what to try next."""

    COMPLETED = "completed"
    NO_IMPROVEMENT = "no improvement"
    STOPPED = "stopped by user"
    NOT_FINITE = "not finite"
    OUT_OF_MEMORY = "out of memory"

    @property
    def what_next(self) -> str:
        """One sentence for the user."""
        return _WHAT_NEXT[self]


_WHAT_NEXT = {
    StopReason.COMPLETED: "If the validation loss was still falling at the end, try more epochs.",
    StopReason.NO_IMPROVEMENT: "It learnt what it could: try more labels, more augmentation or another network.",
    StopReason.STOPPED: "The best epoch so far was kept; train again with the same settings to go further.",
    StopReason.NOT_FINITE: "The steps were too large: try a learning rate ten times smaller.",
    StopReason.OUT_OF_MEMORY: "Try a smaller batch, smaller pictures or a smaller network.",
}


@dataclass(frozen=True, slots=True)
class EpochFigures:
    """What one epoch came to; published as an event while training.

    Attributes:
        epoch: Counted from 1.
        n_epochs: At most.
        loss, accuracy: On the training pictures as augmented, during the epoch; accuracy 0 … 1.
        val_loss, val_accuracy: On the validation pictures after the epoch.
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
