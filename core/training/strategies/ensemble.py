"""Ensemble: soft voting of several heads, each on the embeddings of a pretrained backbone of its own."""

from __future__ import annotations

from dataclasses import dataclass

from core.runs.record import CROSS_VALIDATION
from core.settings import same_as, setting
from core.training.registry import Strategy
from core.training.strategies.transfer import TransferSettings

WAYS = ("weights", "greedy", "equal")
"""How members are combined: weights fitted by log loss, greedy selection, or all alike."""


@dataclass(frozen=True, slots=True)
class EnsembleSettings:
    """Settings of the strategy `ensemble`.

    Attributes:
        members: Names of backbones with commas between them, two or more.
        voting: How the members are combined, one of `WAYS`.
    """

    members: str = setting("efficientnet-lite0, efficientnet-lite1, efficientnet-lite2")
    voting: str = setting("weights", choices=WAYS)
    seed: int = same_as(TransferSettings, "seed")
    n_folds: int = same_as(TransferSettings, "n_folds")
    n_repeats: int = same_as(TransferSettings, "n_repeats")
    groups: str = same_as(TransferSettings, "groups")
    group_table: str = same_as(TransferSettings, "group_table")
    features: str = same_as(TransferSettings, "features")
    class_weights: str = same_as(TransferSettings, "class_weights")

    @property
    def backbones(self) -> tuple[str, ...]:
        """The members, each once."""
        found = (name.strip() for name in self.members.split(","))
        return tuple(dict.fromkeys(name for name in found if name))


ENSEMBLE = Strategy(
    "ensemble", EnsembleSettings, "core.training.train_ensemble:train_ensemble",
    "core.training.train_ensemble:predict_ensemble", accuracy_kind=lambda settings: CROSS_VALIDATION,
    takes_seconds=True, counts="models",
)
