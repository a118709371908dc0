"""Training from scratch: a network of our own that has seen nothing but the project's images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.images.recipe import Recipe
from core.settings import describe, same_as, setting
from core.training.settings import AUGMENT_PRESETS, AugmentSettings, EpochSettings, augment_preset
from core.training.strategies.transfer import TransferSettings
from core.training.registry import Strategy, kind_by_folds


NETWORKS = ("branches", "lenet", "vgg")


@dataclass(frozen=True, slots=True)
class ScratchSettings:
    """Settings of the strategy `scratch`, flat as the command line needs them.

    Attributes:
        own_augment: Changes of the user's own instead of the preset `augmentation`; only the window offers it.
    """

    network: str = setting("branches", choices=NETWORKS)
    width_px: int = same_as(Recipe, "width_px")
    height_px: int = same_as(Recipe, "height_px")
    # three cuts of 741 photographs of many shapes, "branches": 0.978 held back against 0.950 for "stretch"
    fit: str = same_as(Recipe, "fit", default="pad")
    colour: str = same_as(Recipe, "colour")
    noise_filter: str = same_as(Recipe, "noise_filter")
    filter_strength: int = same_as(Recipe, "filter_strength")
    augmentation: str = setting("report", choices=tuple(AUGMENT_PRESETS))
    n_epochs: int = same_as(EpochSettings, "n_epochs")
    batch_size: int = same_as(EpochSettings, "batch_size")
    learning_rate: float = same_as(EpochSettings, "learning_rate")
    warm_up_epochs: float = same_as(EpochSettings, "warm_up_epochs")
    schedule: str = same_as(EpochSettings, "schedule")
    patience: int = same_as(EpochSettings, "patience")
    label_smoothing: float = same_as(EpochSettings, "label_smoothing")
    has_class_weights: bool = same_as(EpochSettings, "has_class_weights")
    seed: int = same_as(EpochSettings, "seed")
    validation_share: float = setting(0.12, low=0.02, high=0.45, is_advanced=True)
    held_back_share: float = setting(0.2, low=0.02, high=0.45, is_advanced=True)
    n_folds: int = setting(0, low=0, high=20, is_advanced=True)
    groups: str = same_as(TransferSettings, "groups")
    group_table: str = same_as(TransferSettings, "group_table")
    own_augment: AugmentSettings | None = None

    @property
    def recipe(self) -> Recipe:
        """How images are prepared."""
        return Recipe(**shared_values(self, Recipe))

    @property
    def epochs(self) -> EpochSettings:
        """How the network is trained."""
        return EpochSettings(**shared_values(self, EpochSettings))

    @property
    def augment(self) -> AugmentSettings:
        """How images are changed at random."""
        return self.own_augment or augment_preset(self.augmentation)


def shared_values(settings: object, part: type) -> dict[str, Any]:
    """The values that another settings class declares too."""
    return {info.name: getattr(settings, info.name) for info in describe(part)}


PRESETS: Mapping[str, Mapping[str, Any]] = {
    "quick": {"network": "lenet", "width_px": 64, "height_px": 64, "n_epochs": 15, "patience": 6},
    "good": {"network": "branches", "width_px": 64, "height_px": 64, "n_epochs": 40, "patience": 12},
    "best": {"network": "branches", "width_px": 96, "height_px": 96, "n_epochs": 80, "patience": 20},
}

SCRATCH = Strategy(
    "scratch", ScratchSettings, "core.training.scratch:train_scratch", "core.training.scratch:predict_scratch",
    accuracy_kind=kind_by_folds, presets=PRESETS, estimator="core.training.trials:estimate_scratch",
)
