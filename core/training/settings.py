"""The frozen values of training by epochs: settings that a form is built from, figures, reasons to stop.

Kept apart from the engine, so that the window can build its form and unpickle events
without paying for the engine's libraries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.errors import InputError
from core.images.recipe import Recipe
from core.settings import TransferSettings, describe, setting


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


NETWORKS = ("branches", "lenet", "vgg")


def _same_as(settings_class: type, name: str, *, default: Any = None) -> Any:
    """Declare a setting as another class does, with its default unless another is given."""
    info = next(i for i in describe(settings_class) if i.name == name)
    return setting(
        info.default if default is None else default, info.sentence, low=info.low, high=info.high,
        choices=info.choices, is_advanced=info.is_advanced,
    )


@dataclass(frozen=True, slots=True)
class ScratchSettings:
    """Settings of the strategy `scratch`, flat as the command line needs them.

    Attributes:
        own_augment: Changes of the user's own instead of the preset `augmentation`; only the window offers it.
    """

    network: str = setting(
        "branches", "The network: three averaged branches, LeNet (small, 1998), or a small VGG.", choices=NETWORKS,
    )
    width_px: int = _same_as(Recipe, "width_px")
    height_px: int = _same_as(Recipe, "height_px")
    # three cuts of 741 photographs of many shapes, "branches": 0.978 held back against 0.950 for "stretch"
    fit: str = _same_as(Recipe, "fit", default="pad")
    colour: str = _same_as(Recipe, "colour")
    noise_filter: str = _same_as(Recipe, "noise_filter")
    filter_strength: int = _same_as(Recipe, "filter_strength")
    augmentation: str = setting(
        "report", "How strongly pictures are changed at random in training.", choices=tuple(AUGMENT_PRESETS),
    )
    n_epochs: int = _same_as(EpochSettings, "n_epochs")
    batch_size: int = _same_as(EpochSettings, "batch_size")
    learning_rate: float = _same_as(EpochSettings, "learning_rate")
    schedule: str = _same_as(EpochSettings, "schedule")
    patience: int = _same_as(EpochSettings, "patience")
    label_smoothing: float = _same_as(EpochSettings, "label_smoothing")
    has_class_weights: bool = _same_as(EpochSettings, "has_class_weights")
    seed: int = _same_as(EpochSettings, "seed")
    validation_share: float = setting(
        0.12, "Share of the pictures that decide when to stop.", low=0.02, high=0.45, is_advanced=True,
    )
    held_back_share: float = setting(
        0.2, "Share of the pictures that the reported figure is measured on; never seen in training.",
        low=0.02, high=0.45, is_advanced=True,
    )
    n_folds: int = setting(
        0, "Train this many times so that every picture is judged once; 0 measures on the held-back share instead.",
        low=0, high=20, is_advanced=True,
    )
    twins: str = _same_as(TransferSettings, "twins")
    own_augment: AugmentSettings | None = None

    @property
    def recipe(self) -> Recipe:
        """How pictures are prepared."""
        return Recipe(**_share(self, Recipe))

    @property
    def epochs(self) -> EpochSettings:
        """How the network is trained."""
        return EpochSettings(**_share(self, EpochSettings))

    @property
    def augment(self) -> AugmentSettings:
        """How pictures are changed at random."""
        return self.own_augment or augment_preset(self.augmentation)


def _share(settings: ScratchSettings, part: type) -> dict[str, Any]:
    """The values that another settings class declares too."""
    return {info.name: getattr(settings, info.name) for info in describe(part)}


@dataclass(frozen=True, slots=True)
class FineTuneEffort:
    """What a fine-tuning does where nobody chose otherwise; see the settings of the same names."""

    n_blocks: int
    n_variants: int
    n_epochs: int
    learning_rate: float


FINE_TUNE_EFFORTS: Mapping[str, FineTuneEffort] = {
    "quick": FineTuneEffort(n_blocks=1, n_variants=4, n_epochs=5, learning_rate=6e-4),
    "good": FineTuneEffort(n_blocks=2, n_variants=8, n_epochs=10, learning_rate=6e-4),
    "best": FineTuneEffort(n_blocks=5, n_variants=12, n_epochs=16, learning_rate=6e-4),
}


@dataclass(frozen=True, slots=True)
class FineTuneSettings:
    """Settings of the strategy `fine-tune`, flat as the command line needs them; 0 leaves a choice to `effort`.

    Attributes:
        own_augment: Changes of the user's own instead of the preset `augmentation`; only the window offers it.
    """

    backbone: str = setting("efficientnet-lite0", "The pretrained network that is adapted.")
    effort: str = setting(
        "good", "How much is done: quick for a first look, good, or best if it may take long.",
        choices=tuple(FINE_TUNE_EFFORTS),
    )
    n_blocks: int = setting(
        0, "How many blocks at the network's end are adapted; 1000 for all of it, 0 as the effort says.",
        low=0, high=1000, is_advanced=True,
    )
    fit: str = _same_as(Recipe, "fit")
    augmentation: str = setting(
        "report", "How strongly pictures are changed at random in training.", choices=tuple(AUGMENT_PRESETS),
    )
    n_variants: int = setting(
        0, "How many views of each picture are learnt from, the plain one included; 0 as the effort says.",
        low=0, high=200, is_advanced=True,
    )
    n_epochs: int = setting(
        0, "How often the network sees every picture, at most; 0 as the effort says.", low=0, high=10_000,
    )
    batch_size: int = _same_as(EpochSettings, "batch_size")
    learning_rate: float = setting(
        0.0, "Size of the first steps of the head; 0 as the effort says.", low=0, high=1.0, is_advanced=True,
    )
    rate_decay: float = setting(
        0.7, "Each block further from the head learns with this share of the next one's steps.",
        low=0.05, high=1, is_advanced=True,
    )
    mixup: float = setting(
        0.4, "How strongly pairs of pictures are mixed in training, against learning by heart; 0 for never.",
        low=0, high=2, is_advanced=True,
    )
    schedule: str = _same_as(EpochSettings, "schedule")
    patience: int = setting(
        6, "Training ends after this many epochs without a better validation loss; 0 for never.",
        low=0, high=10_000, is_advanced=True,
    )
    label_smoothing: float = _same_as(EpochSettings, "label_smoothing", default=0.1)
    has_class_weights: bool = _same_as(EpochSettings, "has_class_weights")
    seed: int = _same_as(EpochSettings, "seed")
    validation_share: float = _same_as(ScratchSettings, "validation_share")
    held_back_share: float = _same_as(ScratchSettings, "held_back_share")
    n_folds: int = _same_as(ScratchSettings, "n_folds")
    twins: str = _same_as(TransferSettings, "twins")
    learns_from_all: bool = setting(
        True, "Whether a last training takes in the pictures that were held back, once they have given the figure.",
        is_advanced=True,
    )
    cache_gb: float = setting(
        2.0, "Most gigabytes that the views may take on the disk while training.", low=0.001, high=10_000,
        is_advanced=True,
    )
    keeps_cache: bool = setting(
        False, "Whether the views stay on the disk, so that the next training with them starts at once.",
        is_advanced=True,
    )
    start_from: str = setting(
        "", "Folder of an earlier fine-tuning, or its weights file, to go on from; empty for the published network.",
        is_advanced=True,
    )
    own_augment: AugmentSettings | None = None

    @property
    def chosen(self) -> FineTuneEffort:
        """Blocks, views, epochs and rate: the user's, or those of the effort."""
        base = FINE_TUNE_EFFORTS[self.effort]
        return FineTuneEffort(
            self.n_blocks or base.n_blocks, self.n_variants or base.n_variants, self.n_epochs or base.n_epochs,
            self.learning_rate or base.learning_rate,
        )

    @property
    def epochs(self) -> EpochSettings:
        """How the tail is trained."""
        return EpochSettings(
            n_epochs=self.chosen.n_epochs, batch_size=self.batch_size, learning_rate=self.chosen.learning_rate,
            schedule=self.schedule, patience=self.patience, label_smoothing=self.label_smoothing,
            has_class_weights=self.has_class_weights, seed=self.seed,
        )

    @property
    def augment(self) -> AugmentSettings:
        """How pictures are changed at random."""
        return self.own_augment or augment_preset(self.augmentation)


@dataclass(frozen=True, slots=True)
class FineTuneEstimate:
    """What a fine-tuning will take; published before it begins to write or to train.

    Attributes:
        n_train: Pictures that the network learns from.
        n_variants: Views of each, the plain one included.
        cache_bytes: What the views take on the disk.
        trunk_seconds: To look at every view once, from one batch that was timed.
        epoch_seconds: One epoch, from steps that were timed.
        seconds: All of it, if no epoch is saved by stopping early.
    """

    n_train: int
    n_variants: int
    cache_bytes: int
    trunk_seconds: float
    epoch_seconds: float
    seconds: float


@dataclass(frozen=True, slots=True)
class ZeroShotSettings:
    """Settings of the strategy `zero-shot`.

    Attributes:
        own_map: For each class the ImageNet classes (0 … 999) that stand for it, instead of the suggested map.
    """

    backbone: str = setting("efficientnet-lite0", "The pretrained network whose own classes are read.")
    least_nearness: float = setting(
        0.6, "How near a thing must be to a class to stand for it; 1 takes only kinds of it.", low=0.3, high=1,
        is_advanced=True,
    )
    seed: int = setting(0, "Nothing here is random; every seed gives the same result.", low=0, high=2**32 - 1,
                        is_advanced=True)
    own_map: Mapping[str, tuple[int, ...]] | None = None


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
