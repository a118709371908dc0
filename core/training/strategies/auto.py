"""Automatic: the best features for a linear head that there is time for, chosen out of fold."""

from __future__ import annotations

from dataclasses import dataclass

from core.runs.record import CROSS_VALIDATION
from core.settings import same_as, setting
from core.training.registry import Strategy
from core.training.strategies.transfer import TransferSettings

SECONDS_PER_IMAGE = 0.03
"""Time for an image where nobody says otherwise: 30 s for 1,000."""


@dataclass(frozen=True, slots=True)
class AutoSettings:
    """Settings of the strategy `auto`.

    Attributes:
        seconds: Time for everything; 0 for twice the time of the quick answer, or 30 s for 1,000 images if that is
            more.
    """

    seconds: float = setting(0.0, low=0, high=86_400)
    seed: int = same_as(TransferSettings, "seed")
    n_folds: int = same_as(TransferSettings, "n_folds")
    n_repeats: int = same_as(TransferSettings, "n_repeats")
    groups: str = same_as(TransferSettings, "groups")
    group_table: str = same_as(TransferSettings, "group_table")
    class_weights: str = same_as(TransferSettings, "class_weights")


@dataclass(frozen=True, slots=True)
class QuickAnswer:
    """Published once a set of features has answered: from now on a training that is cancelled keeps a run.

    Attributes:
        accuracy: Of the cheapest features, out of fold, 0 … 1.
    """

    accuracy: float


QUICK_SECONDS, BEST_SECONDS = 0.1, 600.0
PRESETS = {"quick": {"seconds": QUICK_SECONDS}, "good": {"seconds": 0.0}, "best": {"seconds": BEST_SECONDS}}
"""Nothing but the quick answer; the rule; ten minutes."""

AUTO = Strategy(
    "auto", AutoSettings, "core.training.auto:train_auto", "core.training.auto:predict_auto",
    accuracy_kind=lambda settings: CROSS_VALIDATION, presets=PRESETS,
    estimator="core.training.trials:estimate_auto", takes_seconds=True,
)
