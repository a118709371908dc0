"""Fine-tuning: the last blocks of a pretrained backbone adapted to the project's images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.backbones.registry import DEFAULT
from core.images.recipe import Recipe
from core.settings import same_as, setting
from core.training.settings import AUGMENT_PRESETS, AugmentSettings, EpochSettings, augment_preset
from core.training.strategies.scratch import ScratchSettings, shared_values
from core.training.strategies.transfer import TransferSettings
from core.training.registry import Strategy, kind_by_folds


@dataclass(frozen=True, slots=True)
class FineTuneEffort:
    """What a fine-tuning does where nobody chose otherwise; see the settings of the same names."""

    n_blocks: int
    n_variants: int
    n_epochs: int
    learning_rate: float


FINE_TUNE_EFFORTS: Mapping[str, FineTuneEffort] = {
    "quick": FineTuneEffort(n_blocks=5, n_variants=6, n_epochs=6, learning_rate=1e-3),
    "good": FineTuneEffort(n_blocks=9, n_variants=12, n_epochs=10, learning_rate=1e-3),
    "best": FineTuneEffort(n_blocks=12, n_variants=24, n_epochs=24, learning_rate=1e-3),
}


@dataclass(frozen=True, slots=True)
class FineTuneSettings:
    """Settings of the strategy `fine-tune`, flat as the command line needs them; 0 leaves a choice to `effort`.

    Attributes:
        own_augment: Changes of the user's own instead of the preset `augmentation`; only the window offers it.
    """

    backbone: str = setting(DEFAULT)
    effort: str = setting("good", choices=tuple(FINE_TUNE_EFFORTS))
    n_blocks: int = setting(0, low=0, high=1000, is_advanced=True)
    side_px: int = setting(0, low=0, high=1024, is_advanced=True)
    fit: str = same_as(Recipe, "fit")
    augmentation: str = setting("report", choices=tuple(AUGMENT_PRESETS))
    n_variants: int = setting(0, low=0, high=200, is_advanced=True)
    n_epochs: int = setting(0, low=0, high=10_000)
    batch_size: int = same_as(EpochSettings, "batch_size")
    learning_rate: float = setting(0.0, low=0, high=1.0, is_advanced=True)
    rate_decay: float = setting(0.7, low=0.05, high=1, is_advanced=True)
    mixup: float = setting(0.2, low=0, high=2, is_advanced=True)
    warm_up_epochs: float = same_as(EpochSettings, "warm_up_epochs", default=1.0)
    schedule: str = same_as(EpochSettings, "schedule")
    patience: int = setting(6, low=0, high=10_000, is_advanced=True)
    label_smoothing: float = same_as(EpochSettings, "label_smoothing", default=0.1)
    has_class_weights: bool = same_as(EpochSettings, "has_class_weights")
    seed: int = same_as(EpochSettings, "seed")
    validation_share: float = same_as(ScratchSettings, "validation_share")
    held_back_share: float = same_as(ScratchSettings, "held_back_share")
    n_folds: int = same_as(ScratchSettings, "n_folds")
    groups: str = same_as(TransferSettings, "groups")
    group_table: str = same_as(TransferSettings, "group_table")
    learns_from_all: bool = setting(True, is_advanced=True)
    cache_gb: float = setting(2.0, low=0.001, high=10_000, is_advanced=True)
    keeps_cache: bool = setting(False, is_advanced=True)
    start_from: str = setting("", is_advanced=True)
    has_two_views: bool = setting(True, is_advanced=True)
    has_companion: bool = setting(True, is_advanced=True)
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
    def is_in_folds(self) -> bool:
        """Whether every image is judged once, instead of a part of them."""
        return self.n_folds >= 2

    @property
    def epochs(self) -> EpochSettings:
        """How the tail is trained."""
        own = EpochSettings(**shared_values(self, EpochSettings))
        return replace(own, n_epochs=self.chosen.n_epochs, learning_rate=self.chosen.learning_rate)

    @property
    def augment(self) -> AugmentSettings:
        """How images are changed at random."""
        return self.own_augment or augment_preset(self.augmentation)


@dataclass(frozen=True, slots=True)
class FineTuneEstimate:
    """What a fine-tuning will take; published before it begins to write or to train.

    Attributes:
        n_train: Images that the network learns from.
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


PRESETS = {
    name: {"effort": name, "n_blocks": 0, "n_variants": 0, "n_epochs": 0, "learning_rate": 0.0}
    for name in FINE_TUNE_EFFORTS
}

FINE_TUNE = Strategy(
    "fine-tune", FineTuneSettings, "core.training.fine_tune.train:train_fine_tune",
    "core.training.fine_tune.train:predict_fine_tune", accuracy_kind=kind_by_folds,
    starts_from_run=True, presets=PRESETS, estimator="core.training.trials:estimate_fine_tune",
)
